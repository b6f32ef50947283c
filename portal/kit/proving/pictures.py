"""Pictures: read whole, and kept without what does not draw them: where it was taken, comments, what hangs behind.

A JPEG or PNG that has nothing of the kind is kept byte for byte. One that lies on its side is turned as its camera
says; HEIC becomes JPEG, because few of the machines that officers have can show it.
"""
import re
from io import BytesIO
from typing import Any

from portal.kit.proving import archives
from portal.kit.proving.verdict import JPEG, PNG, Bad, Good, begins_as_another

MOST_PIXELS = 64_000_000  # telephones make up to 50 million
QUALITIES = (90, 80, 65)  # of a converted picture; one too large at each is made smaller
UPRIGHT, ORIENTATION = 1, 0x0112
_JPEG_SIGN, _PNG_SIGN = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"
_HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
_SCAN_END = re.compile(rb"\xff+[^\x00\xff\xd0-\xd7]")
_DRAWING = {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"pHYs", b"sBIT", b"bKGD"}


def is_picture(content: bytes) -> bool:
    """Whether the bytes begin as one of the kinds of pictures that are taken."""
    return content.startswith((_JPEG_SIGN, _PNG_SIGN)) or _is_heif(content)


def _is_heif(content: bytes) -> bool:
    return content[4:8] == b"ftyp" and content[8:12] in _HEIF_BRANDS


def judge(content: bytes, most: int) -> Good:
    """What it is, and its bytes as they are kept, at most `most` of them. Raises Bad: picture, damaged, archive,
    mismatch."""
    if b"%PDF-" in content[:1024]:
        raise Bad("archive")
    if archives.hangs_in(content):
        raise Bad("archive")
    if _is_heif(content):
        return Good(JPEG, ".jpg", _converted(content, most))
    is_jpeg = content.startswith(_JPEG_SIGN)
    media_type, ending, plain = (JPEG, ".jpg", _plain_jpeg) if is_jpeg else (PNG, ".png", _plain_png)
    picture = _read(content, media_type)
    kept = _turned(picture, media_type) if _lies(picture) else plain(content)
    return Good(media_type, ending, None if kept == content else kept)


def prove_size(content: bytes) -> None:
    """That a picture which lies in another file has no more pixels than may be shown. Raises Bad."""
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = None
    try:
        with Image.open(BytesIO(content), formats=["JPEG", "PNG"]) as picture:
            size = picture.size
    except Exception:  # what cannot be read is not shown either
        return
    _prove_pixels(size)


def _prove_pixels(size: tuple[int, int]) -> None:
    if size[0] * size[1] > MOST_PIXELS:
        raise Bad("picture")


def _read(content: bytes, media_type: str) -> Any:
    """The picture, decoded to its last line."""
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = None  # ours holds, and is told otherwise
    try:
        picture = Image.open(BytesIO(content), formats=["JPEG"] if media_type == JPEG else ["PNG"])
        _prove_pixels(picture.size)
        picture.load()
    except (Bad, MemoryError):
        raise
    except Exception:  # a decoder raises whatever the damage made it stumble over
        raise Bad("damaged") from None
    return picture


def _lies(picture: Any) -> bool:
    try:
        return picture.getexif().get(ORIENTATION, UPRIGHT) in range(2, 9)
    except Exception:  # damaged facts about a whole picture: they are left out anyway
        return False


def _turned(picture: Any, media_type: str) -> bytes:
    from PIL import ImageOps

    upright = ImageOps.exif_transpose(picture)
    return _written(upright, "JPEG" if media_type == JPEG else "PNG", picture.info.get("icc_profile"), 92)


def _written(picture: Any, kind: str, profile: bytes | None, quality: int) -> bytes:
    out = BytesIO()
    more: dict[str, Any] = {"quality": quality} if kind == "JPEG" else {}
    picture.info.pop("exif", None)
    picture.save(out, kind, icc_profile=profile, exif=b"", **more)
    return out.getvalue()


def _converted(content: bytes, most: int) -> bytes:
    """A HEIC as JPEG. The decoder has turned it already."""
    import pillow_heif
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = None
    pillow_heif.register_heif_opener(thumbnails=False)
    try:
        picture = Image.open(BytesIO(content), formats=["HEIF"])
        _prove_pixels(picture.size)
        profile = picture.info.get("icc_profile")
        flat = picture.convert("RGB")
    except (Bad, MemoryError):
        raise
    except Exception:
        raise Bad("damaged") from None
    for quality in QUALITIES:
        if len(made := _written(flat, "JPEG", profile, quality)) <= most:
            return made
    while len(made) > most:
        flat.thumbnail((flat.width // 2 or 1, flat.height // 2 or 1))
        made = _written(flat, "JPEG", profile, QUALITIES[0])
    return made


def _plain_jpeg(content: bytes) -> bytes:
    """Its segments that draw it, with its colours' profile. Raises Bad."""
    kept, at = [content[:2]], 2
    while True:
        while content[at:at + 2] == b"\xff\xff":
            at += 1
        if content[at:at + 1] != b"\xff" or at + 2 > len(content):
            raise Bad("damaged")
        marker = content[at + 1]
        if marker == 0xD9:
            _prove_tail(content[at + 2:])
            return b"".join([*kept, b"\xff\xd9"])
        if marker == 0x01 or 0xD0 <= marker <= 0xD7:
            at += 2
            continue
        end = at + 2 + int.from_bytes(content[at + 2:at + 4], "big")
        segment = content[at:end]
        if _draws(marker, segment):
            kept.append(segment)
        at = end
        if marker == 0xDA:
            found = _SCAN_END.search(content, at)
            after = found.end() - 2 if found else len(content)
            kept.append(content[at:after])
            if found is None:  # its decoder needed no end
                return b"".join([*kept, b"\xff\xd9"])
            at = after


def _draws(marker: int, segment: bytes) -> bool:
    if marker == 0xE2:
        return segment[4:16] == b"ICC_PROFILE\0"
    return marker in (0xE0, 0xEE) or not (marker == 0xFE or 0xE0 <= marker <= 0xEF)


def _plain_png(content: bytes) -> bytes:
    """Its chunks that draw it. Raises Bad."""
    kept, at = [content[:8]], 8
    while True:
        kind, size = content[at + 4:at + 8], int.from_bytes(content[at:at + 4], "big")
        chunk = content[at:at + 12 + size]
        if len(chunk) != 12 + size:
            raise Bad("damaged")
        if kind in _DRAWING:
            kept.append(chunk)
        at += len(chunk)
        if kind == b"IEND":
            _prove_tail(content[at:])
            return b"".join(kept)


def _prove_tail(tail: bytes) -> None:
    """What a telephone hangs behind a picture (a moving one, its settings) is left out; a second file is refused."""
    if begins_as_another(tail.lstrip(b"\0 \r\n\t")) and not tail.startswith(_JPEG_SIGN):
        raise Bad("archive")
