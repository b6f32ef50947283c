"""What proves who sent a document and who got it, as one file to take away; and the keys to check it with."""
from collections.abc import Collection
from io import BytesIO
from tempfile import TemporaryFile
from typing import IO

from flask import Response, abort, make_response, send_file

from portal.exchange import bundles
from portal.exchange.models import Copy, Document
from portal.web.government import bp, words
from portal.web.government.entering import COPY, DOCUMENT, copy_for, document_for
from portal.web.guard import anyone

MOST_IN_MEMORY = 4 << 20  # bytes; a larger one lies on the disk until it is sent


@bp.get(f"{DOCUMENT}/bundle")
@document_for("document.read")
def document_bundle(document: Document) -> Response:
    """Of an own document: what went to every receiver, and what became of it there."""
    return _bundle(document)


@bp.get(f"{COPY}/bundle")
@copy_for("document.read")
def copy_bundle(copy: Copy) -> Response:
    """Of a document that came: what came to this desk and was answered; of other receivers nothing."""
    return _bundle(copy.document, [copy.receiver_id])


@bp.get("/exchange/bundle-keys")
@anyone
def bundle_keys() -> Response:
    """The public keys that bundles are signed with, a line each, the one in force first."""
    answer = make_response("".join(f"{key}\n" for key in bundles.public_keys()))
    answer.mimetype = "text/plain"
    return answer


def _bundle(document: Document, receivers: Collection[int] | None = None) -> Response:
    if document.state != "sent":
        abort(404)
    content: IO[bytes] = TemporaryFile()  # noqa: SIM115  closed with the response
    bundles.write(document, content, receivers=receivers)
    small = content.tell() <= MOST_IN_MEMORY
    content.seek(0)
    if small:
        with content:
            content = BytesIO(content.read())
    answer = send_file(content, mimetype="application/zip", as_attachment=True, max_age=0,
                       download_name=words.file_of(document, "zip"))
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer
