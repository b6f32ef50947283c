"""A picture is what its bytes draw; what tells where it was taken is not kept."""
from io import BytesIO
from pathlib import Path

import pillow_heif
import pytest
from PIL import Image

from portal.kit import proving
from portal.kit.proving.verdict import Bad
from tests.kit.proving.made import flood, packed, pdf, picture, taken_in_hanoi

pytestmark = pytest.mark.once
LYING = 6  # of a camera held upright: to be turned by a quarter


def kept(folder: Path, content: bytes, ending: str, most: int = 10_000_000) -> tuple[proving.Proof, bytes]:
    place, out = folder / "file", folder / "out"
    place.write_bytes(content)
    out.unlink(missing_ok=True)
    proof = proving.prove(place, ending, out=out, most=most)
    return proof, out.read_bytes() if proof.changed else content


def refused(folder: Path, content: bytes, ending: str) -> str:
    with pytest.raises(Bad) as bad:
        kept(folder, content, ending)
    return bad.value.reason


@pytest.mark.parametrize(("kind", "ending", "media_type"), [
    ("JPEG", ".jpg", "image/jpeg"), ("JPEG", ".jfif", "image/jpeg"), ("PNG", ".png", "image/png"),
    ("PNG", ".jpg", "image/png"), ("JPEG", ".heic", "image/jpeg")])
def test_a_plain_picture_is_kept_as_it_came_under_what_it_is(tmp_path: Path, kind: str, ending: str,
                                                             media_type: str) -> None:
    proof, content = kept(tmp_path, picture(kind), ending)
    assert (proof.media_type, proof.changed) == (media_type, False) and content == picture(kind)


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_where_it_was_taken_is_left_out_and_it_stands_upright(tmp_path: Path, kind: str) -> None:
    sent = picture(kind, exif=taken_in_hanoi(LYING))
    proof, content = kept(tmp_path, sent, ".jpg")
    made = Image.open(BytesIO(content))
    assert proof.changed and b"Maker of cameras" in sent and b"Maker of cameras" not in content
    assert made.size == (12, 24) and not made.getexif()
    red, _green, blue = made.getpixel((6, 3))
    assert red > 200 > 50 > blue, "what was left is now above"


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_of_an_upright_one_no_dot_changes(tmp_path: Path, kind: str) -> None:
    _proof, content = kept(tmp_path, picture(kind, exif=taken_in_hanoi(1)), ".png")
    assert Image.open(BytesIO(content)).tobytes() == Image.open(BytesIO(picture(kind))).tobytes()
    assert not Image.open(BytesIO(content)).getexif()


def test_heic_becomes_jpeg(tmp_path: Path) -> None:
    proof, content = kept(tmp_path, picture("HEIF", exif=taken_in_hanoi(1)), ".heic")
    made = Image.open(BytesIO(content))
    assert (proof.media_type, proof.ending, made.format, made.size) == ("image/jpeg", ".jpg", "JPEG", (24, 12))
    assert not made.getexif() and b"Maker" not in content


def test_a_converted_one_is_never_larger_than_may_be_kept(tmp_path: Path) -> None:
    noise, out = Image.effect_noise((300, 150), 90).convert("RGB"), BytesIO()
    pillow_heif.from_pillow(noise).save(out, quality=60)
    _proof, content = kept(tmp_path, out.getvalue(), ".heic", most=4_000)
    assert len(content) <= 4_000


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_what_a_telephone_hangs_behind_is_left_out(tmp_path: Path, kind: str) -> None:
    _proof, content = kept(tmp_path, picture(kind) + b"\0\0\1\x0a\x0e\0\0\0Image_UTC_DataSEFH" + bytes(90), ".jpg")
    assert content == picture(kind)


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize("more", [packed({"a.txt": b"x"}), b"MZ\x90" + bytes(99), b"<script>1</script>", b"\n<?php 1",
                                  pdf(), b"Rar!\x1a\x07" + bytes(99)],
                         ids=["zip", "exe", "script", "php", "pdf", "rar"])
def test_a_second_file_behind_it_is_refused(tmp_path: Path, kind: str, more: bytes) -> None:
    assert refused(tmp_path, picture(kind) + more, ".jpg") == "archive"


def test_a_script_among_its_comments_is_left_out(tmp_path: Path) -> None:
    sent = picture("JPEG", comment=b"*/=1;alert(1)/* <?php system(1);")
    assert b"php" not in kept(tmp_path, sent, ".jpg")[1] and b"php" in sent


def test_a_pdf_that_is_a_picture_too_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path, picture("JPEG", comment=pdf()[:400]), ".jpg") == "archive"


@pytest.mark.parametrize(("content", "reason"), [
    (flood(), "picture"), (picture("JPEG")[:-60], "damaged"), (picture("PNG")[:-30], "damaged"),
    (picture("HEIF")[:-40], "damaged"), (picture("GIF"), "mismatch"), (b"<svg xmlns='x'/>", "mismatch"),
    (pdf(), "mismatch")], ids=["flood", "cut JPEG", "cut PNG", "cut HEIC", "GIF", "SVG", "PDF"])
def test_floods_damage_and_other_things_are_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    assert refused(tmp_path, content, ".png") == reason
