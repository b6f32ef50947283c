"""Reading a body that is too large to hold: piece by piece, bounded before, while and after it is unpacked, with the
digest of what came over the wire. Sizes in bytes. Every refusal is a Problem."""
import hashlib
import zlib
from collections.abc import Iterator, Sequence
from typing import IO, Any, NoReturn, cast

from flask import request
from werkzeug.exceptions import RequestEntityTooLarge

from portal.api.problems import Problem
from portal.kit.i18n import _

CHUNK = 256 * 1024
MB = 1024 * 1024


class Incoming:
    """The request's body as a file that is read once. `most`: of it, unpacked and as it came."""

    def __init__(self, types: Sequence[str], most: int) -> None:
        self.most = most
        self._wire = hashlib.sha256()
        packed = self._check_headers(types)
        request.max_content_length = most + CHUNK  # this door's own limit; what goes beyond it is told by us
        self._coming = self._unpacked() if packed else self._sent()
        self._left = b""

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes, b"" at the end; everything there is where no size is given."""
        if size < 0:
            return self._left + b"".join(self._coming)
        while not self._left:
            piece = next(self._coming, None)
            if piece is None:
                return b""
            self._left = piece
        given, self._left = self._left[:size], self._left[size:]
        return given

    def as_file(self) -> IO[bytes]:
        """The same, for those who ask for a file."""
        return cast("IO[bytes]", self)

    @property
    def wire_sha256(self) -> bytes:
        """Of the bytes that came over the wire; all of them, once all was read."""
        return self._wire.digest()

    def _check_headers(self, types: Sequence[str]) -> bool:
        if request.mimetype not in types:
            raise Problem("xml_type", _("Send Content-Type: application/xml, and the file as it is."),
                          field="Content-Type")
        coding = request.headers.get("Content-Encoding", "").strip().lower()
        if coding not in ("", "identity", "gzip"):
            raise Problem("content_encoding", _("Send Content-Encoding: gzip, or none."), field="Content-Encoding")
        if (request.content_length or 0) > self.most:
            self._too_large()
        return coding == "gzip"

    def _too_large(self) -> NoReturn:
        raise Problem("too_large", _("The limit is %(n)s MB. Send the files in several messages.", n=self.most // MB))

    def _sent(self) -> Iterator[bytes]:
        size = 0
        try:
            while chunk := request.stream.read(CHUNK):
                size += len(chunk)
                if size > self.most:
                    self._too_large()
                self._wire.update(chunk)
                yield chunk
        except RequestEntityTooLarge:
            self._too_large()

    def _unpacked(self) -> Iterator[bytes]:
        """The content of one gzip member; a bomb is refused before it fills the disk."""
        inflate: Any = zlib.decompressobj(wbits=31)
        size = 0
        try:
            for chunk in self._sent():
                if inflate.eof:
                    raise Problem("broken_gzip", _("Something follows the compressed content."))
                waiting = chunk
                while waiting:
                    piece = inflate.decompress(waiting, CHUNK)
                    waiting = inflate.unconsumed_tail
                    size += len(piece)
                    if size > self.most:
                        self._too_large()
                    yield piece
                    if inflate.unused_data:
                        raise Problem("broken_gzip", _("Something follows the compressed content."))
        except zlib.error:
            raise Problem("broken_gzip", _("Content-Encoding says gzip, but the body cannot be unpacked.")) from None
        if not inflate.eof:
            raise Problem("broken_gzip", _("The compressed body ends too early."))
