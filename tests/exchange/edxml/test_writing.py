"""What is written is what is read back: in each peer's dialect, on what that dialect carries."""
import hashlib
import subprocess
import sys
import zipfile
from base64 import b64decode
from dataclasses import replace
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from portal.exchange.edxml import carrying, reading, shapes, writing
from portal.exchange.edxml.message import (
    Attachment,
    Business,
    BusinessInfo,
    Code,
    DocumentId,
    DocumentMessage,
    DocumentType,
    Message,
    Organ,
    OtherInfo,
    ReceiverChange,
    Replacement,
    ResponseFor,
    Seen,
    Signature,
    Signer,
    Staff,
    StatusMessage,
    TraceHeader,
)
from portal.exchange.edxml.profiles import CSHARP, GATEWAY, PROFILES, VNPT, Profile
from portal.exchange.identity import key
from portal.kit.clock import VN
from tests.exchange.edxml.signing import signer

SAMPLES = sorted((Path(__file__).parent / "samples").glob("*.edxml"))
EVERY_PROFILE = pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)


def written(message: Message, profile: Profile) -> bytes:
    out = BytesIO()
    writing.write(message, profile, out)
    return out.getvalue()


def read(said: bytes, folder: Path, **more: Any) -> Message:
    folder.mkdir(exist_ok=True)
    return reading.read(BytesIO(said), folder, **more)


def comparable(message: Message) -> Message:
    """Without what says where files lie."""
    if not isinstance(message, DocumentMessage):
        return message
    return replace(message, attachments=tuple(replace(one, path=Path()) for one in message.attachments))


def canonical(said: bytes) -> bytes:
    return etree.tostring(etree.fromstring(said), method="c14n", exclusive=True)


def file(folder: Path, content: bytes = b"content", name: str = "a.txt", **more: Any) -> Attachment:
    path = folder / hashlib.sha256(content).hexdigest()
    path.write_bytes(content)
    return Attachment(name, len(content), hashlib.sha256(content).hexdigest(), path, **more)


def letter(**more: Any) -> DocumentMessage:
    """A document that says everything that can be said."""
    id_ = DocumentId("H99.01,2026/11/02,120/CV-STN", "H99.01", date(2026, 11, 2), "120/CV-STN")
    staff = Staff("Văn thư", "1", "Cán Bộ Thử", "7", "cb@mau.example", "0000000002")
    said: dict[str, Any] = {
        "document_id": id_, "code": Code("120", "CV-STN"), "place": "Mẫu", "day": date(2026, 11, 2),
        "type": DocumentType("1", "0", "Công văn"), "subject": "V/v thử <gửi> & nhận", "content": "Dòng 1\nDòng 2",
        "signer": Signer("KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH", "Người Ký Thử"), "due": date(2026, 11, 16),
        "to_places": ("Như trên", "Lưu: VT"),
        "other": OtherInfo("1", "Nội bộ", "NVA", "1", "2", "true", ("77/BM-VP",), ("H99-261101-0007",), ("Danh sách",)),
        "response_for": (ResponseFor("G99", Code("77", "BM-VP"), DocumentId(
            "G99,2026/10/30,77/BM-VP", "G99", date(2026, 10, 30), "77/BM-VP"), date(2026, 10, 30)),),
        "steering": "1", "response_for_task": "NV-1", "application": "1",
        "trace": (TraceHeader("H99.01", datetime(2026, 11, 2, 8, tzinfo=VN), staff=staff),),
        "business": BusinessInfo(Business.replacing, "Gửi nhầm", replace(id_, said="H99.01,2026/11/01,119/CV-STN",
                                                                         code="119/CV-STN", day=date(2026, 11, 1)),
                                 "1", "1", "1", (ReceiverChange("H99.02", "2"),),
                                 (Replacement(id_, ("H99.02",)),), (staff, replace(staff, name="Người thứ hai")))}
    return DocumentMessage(Organ("H99.01", "Sở Thử", "UBND", "Số 1", "a@mau.example", "01", "02", "mau.example"),
                           (Organ("H99.02", "Sở Nhận"), Organ("G99")), **(said | more))


def status(**more: Any) -> StatusMessage:
    said = {"at": datetime(2026, 11, 2, 9, 10, tzinfo=VN), "description": "Đã tiếp nhận",
            "staff": Staff("Văn thư", name="Cán Bộ Thử"), "receivers": (Organ("H99.01"),)}
    return StatusMessage(Organ("H99.02", "Sở Nhận"), letter().response_for, "03", **(said | more))


@EVERY_PROFILE
def test_what_is_written_is_read_back_on_all_that_the_profile_carries(profile: Profile, tmp_path: Path) -> None:
    message = letter(attachments=(file(tmp_path, name="cv.pdf", content_type="application/pdf", description="Tệp 1"),
                                  file(tmp_path, b"", "Phụ lục.docx")))
    back = read(written(message, profile), tmp_path / "in")
    assert comparable(back) == comparable(carrying.carried(message, profile))
    assert isinstance(back, DocumentMessage)
    assert [one.path.read_bytes() for one in back.attachments] == [b"content", b""]
    assert back.seen.dialect == profile.name


@EVERY_PROFILE
def test_a_status_is_read_back(profile: Profile, tmp_path: Path) -> None:
    back = read(written(status(), profile), tmp_path)
    assert back == carrying.carried(status(), profile)
    assert isinstance(back, StatusMessage)
    assert back.older is profile.status_older
    assert (back.code, back.at, back.about) == ("03", status().at, status().about) or profile is GATEWAY


def test_the_profile_of_most_agencies_carries_everything_but_who_passed_it_on() -> None:
    assert [one.field for one in writing.left_out(letter(), VNPT)] == ["TraceHeader/StaffInfo"]
    assert [one.field for one in writing.left_out(status(), VNPT)] == ["receivers"]


def test_what_each_profile_cannot_carry_is_said_before_sending() -> None:
    lost = {one.field: one.lost for one in writing.left_out(letter(), CSHARP)}
    assert lost["ReferenceCodes"] == "H99-261101-0007"
    assert lost["ReplacementInfoList"] == "H99.01,2026/11/02,120/CV-STN, H99.02"
    assert lost["Bussiness/DocumentId"] == "H99.01,2026/11/01,119/CV-STN"
    assert {"DocumentType", "DueDate", "ResponseFor"}.isdisjoint(lost)
    lost = {one.field: one.lost for one in writing.left_out(letter(), GATEWAY)}
    assert lost["DocumentType"] == "1, 0, Công văn"
    assert lost["DueDate"] == "16/11/2026"
    assert {"SignerInfo", "ResponseFor", "BussinessDocReason", "StaffInfo"} <= set(lost)


def zipped(*names: str) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, name)
    return out.getvalue()


def test_an_attached_archive_is_told_before_sending(tmp_path: Path) -> None:
    """Packed or not, another reader takes a zip for the packing of a file; a Word file is one too, and passes."""
    def told(content: bytes, profile: Profile) -> list[str]:
        message = letter(attachments=(file(tmp_path, content, "tep"),))
        return [one.lost for one in writing.left_out(message, profile) if one.field == "archive"]

    assert {name: told(zipped("a.txt"), one) for name, one in PROFILES.items()} == {
        name: ["tep"] for name in PROFILES}
    rar = b"Rar!\x1a\x07\x00 and so on"
    assert {name: told(rar, one) for name, one in PROFILES.items()} == {"vnpt": ["tep"], "csharp": [], "gateway": []}
    for profile in PROFILES.values():
        word = zipped("[Content_Types].xml", "word/document.xml")
        assert told(word, profile) == told(b"plain", profile) == []
        back = read(written(letter(attachments=(file(tmp_path, word, "thư.docx"),)), profile), tmp_path / profile.name)
        assert isinstance(back, DocumentMessage) and back.attachments[0].path.read_bytes() == word


@EVERY_PROFILE
def test_nothing_is_left_out_of_what_came_in_that_dialect(profile: Profile, tmp_path: Path) -> None:
    back = read(written(letter(), profile), tmp_path)
    assert writing.left_out(back, profile) == []


@EVERY_PROFILE
@pytest.mark.parametrize("business", Business)
def test_what_a_document_does_is_carried_by_every_profile(profile: Profile, business: Business, tmp_path: Path) -> None:
    back = read(written(letter(business=BusinessInfo(business)), profile), tmp_path)
    assert isinstance(back, DocumentMessage)
    assert back.business.type is business


@EVERY_PROFILE
@pytest.mark.parametrize("said", ["c56a4180-65aa-42ec-a945-5fd21dec0538", "H99.01,2026/11/02,120/CV-STN",
                                  "H99.01,2026-11-02,120/CV-STN", "120-CV-STN"])
def test_an_id_names_the_same_document_in_every_profile(profile: Profile, said: str, tmp_path: Path) -> None:
    id_ = shapes.document_id(said)[0]
    assert id_
    back = read(written(letter(document_id=id_), profile), tmp_path)
    assert isinstance(back, DocumentMessage) and back.document_id
    assert key(back.document_id, "H99.01") == key(id_, "H99.01")


@EVERY_PROFILE
@pytest.mark.parametrize("sample", SAMPLES, ids=lambda one: one.name[:2])
def test_every_sample_goes_round(profile: Profile, sample: Path, tmp_path: Path) -> None:
    """Written, read and written again it is the same, byte for byte."""
    message = unsigned(read(sample.read_bytes(), tmp_path / "sample"))
    once = written(message, profile)
    back = read(once, tmp_path / "again")
    assert canonical(written(back, profile)) == canonical(once)
    assert written(message, profile) == once


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda one: one.name[:2])
def test_a_sample_is_written_in_its_own_dialect_as_it_came(sample: Path, tmp_path: Path) -> None:
    """But for its signature, and for how tightly its files are zipped."""
    message = unsigned(read(sample.read_bytes(), tmp_path))
    profile = PROFILES[message.seen.dialect]
    assert plain(written(message, profile), profile) == plain(sample.read_bytes(), profile)


def plain(said: bytes, profile: Profile) -> bytes:
    root = etree.fromstring(said)
    for signature in root.findall(".//{*}Signature"):
        parent = signature.getparent()
        assert parent is not None
        parent.remove(signature)
    for content in root.iter("{*}ContentTransferEncoded"):
        if profile.zipped:
            content.text = repr(zipfile.ZipFile(BytesIO(b64decode(content.text or ""))).namelist())
    etree.cleanup_namespaces(root)
    return etree.tostring(root, method="c14n", exclusive=True)


def unsigned(message: Message) -> Message:
    return replace(message, seen=replace(message.seen, signature=Signature.none))


@pytest.mark.parametrize("state", [one for one in Signature if one is not Signature.none])
@EVERY_PROFILE
def test_what_was_signed_is_never_written_anew(profile: Profile, state: Signature) -> None:
    message = letter(seen=Seen(signature=state))
    out = BytesIO()
    assert writing.must_pass_on(message)
    with pytest.raises(writing.SignedAlready):
        writing.write(message, profile, out)
    assert out.getvalue() == b""
    assert not writing.must_pass_on(letter())


@EVERY_PROFILE
def test_what_we_sign_is_valid_at_who_pinned_us(profile: Profile, tmp_path: Path) -> None:
    message, out = letter(attachments=(file(tmp_path),)), BytesIO()
    writing.write(message, profile, out, signer=signer())
    back = read(out.getvalue(), tmp_path / "in", certificates=lambda _organ: [signer().certificate_pem])
    assert (back.seen.signature, back.seen.signed_by) == (Signature.valid, "CN=So Thu nghiem")
    assert comparable(back) == comparable(carrying.carried(message, profile))


def test_files_are_zipped_for_those_who_expect_it_and_plain_for_the_others(tmp_path: Path) -> None:
    message = letter(attachments=(file(tmp_path, b"one file", "Phụ lục: 1.txt"),))
    contents = {name: b64decode(etree.fromstring(written(message, profile)).findtext(
        ".//{*}ContentTransferEncoded") or "") for name, profile in PROFILES.items()}
    assert contents["csharp"] == contents["gateway"] == b"one file"
    with zipfile.ZipFile(BytesIO(contents["vnpt"])) as archive:
        [member] = archive.infolist()
        assert archive.read(member) == b"one file"
        assert not member.flag_bits & 0x8, "sizes stand before the bytes, which old readers need"


def test_a_file_that_shrinks_to_next_to_nothing_is_not_taken_for_a_bomb(tmp_path: Path) -> None:
    empty_scan = bytes(3 * 1024 * 1024)
    back = read(written(letter(attachments=(file(tmp_path, empty_scan, "quét.bmp"),)), VNPT), tmp_path / "in")
    assert isinstance(back, DocumentMessage)
    assert back.attachments[0].path.read_bytes() == empty_scan and back.attachments[0].zipped


@EVERY_PROFILE
@pytest.mark.parametrize("change", [{"size": 3}, {"sha256": "0" * 64}])
def test_a_file_that_is_not_the_one_described_is_not_sent(profile: Profile, change: dict[str, Any],
                                                          tmp_path: Path) -> None:
    wrong = replace(file(tmp_path), **change)
    with pytest.raises(ValueError, match="not the one"):
        written(letter(attachments=(wrong,)), profile)


@EVERY_PROFILE
def test_two_files_of_one_id_are_told_apart(profile: Profile, tmp_path: Path) -> None:
    message = letter(attachments=(file(tmp_path, b"1", "a.txt", content_id="cid:x"),
                                  file(tmp_path, b"2", "a.txt", content_id="CID:X")))
    back = read(written(message, profile), tmp_path / "in")
    assert isinstance(back, DocumentMessage)
    assert [one.path.read_bytes() for one in back.attachments] == [b"1", b"2"]


def test_a_moment_is_written_in_the_time_of_vietnam(tmp_path: Path) -> None:
    message = letter(trace=(TraceHeader("H99.01", datetime(2026, 11, 1, 23, 30, 5, 999, tzinfo=UTC)),))
    assert b">2026/11/02 06:30:05<" in written(message, VNPT)


SAID = st.text(st.characters(codec="utf-8", exclude_characters=";,|"), max_size=20)
IDS = st.text("ABCHG0123456789.", min_size=1, max_size=8)
DAYS = st.dates(date(1900, 1, 1), date(2199, 12, 31))
STAFF = st.builds(Staff, SAID, SAID, SAID, SAID, SAID, SAID)
CODES = st.builds(Code, SAID, SAID)
LISTS = st.lists(st.text(max_size=12), max_size=3).map(tuple)
DOCUMENT_IDS = st.one_of(
    st.uuids().map(lambda one: DocumentId(str(one), uuid=str(one))),
    st.builds(lambda organ, day, code: DocumentId("", organ, day, code), IDS, DAYS,
              st.text("0123456789/-ABCĐ,", min_size=1).filter(lambda said: said.strip())),
    SAID.map(lambda said: DocumentId(said, code=said)))
MOMENTS = st.none() | st.datetimes(datetime(1980, 1, 1), datetime(2150, 1, 1), timezones=st.just(UTC))
ORGANS = st.builds(Organ, IDS, SAID, SAID, SAID, SAID, SAID, SAID, SAID)
ABOUTS = st.builds(ResponseFor, SAID, CODES, st.none() | DOCUMENT_IDS, st.none() | DAYS)
BUSINESS = st.builds(
    BusinessInfo, st.sampled_from(Business), SAID, st.none() | DOCUMENT_IDS, SAID, SAID, SAID,
    st.lists(st.builds(ReceiverChange, SAID, SAID), max_size=2).map(tuple),
    st.lists(st.builds(Replacement, DOCUMENT_IDS, st.lists(SAID, max_size=2).map(tuple)), max_size=2).map(tuple),
    st.lists(STAFF, max_size=2).map(tuple))
OTHERS = st.builds(OtherInfo, SAID, SAID, SAID, SAID, SAID, SAID, LISTS, LISTS, LISTS)
TRACES = st.lists(st.builds(TraceHeader, SAID, MOMENTS, st.none() | st.tuples(SAID, SAID), st.none() | STAFF),
                  max_size=3).map(tuple)
LETTERS = st.builds(
    DocumentMessage, ORGANS, st.lists(ORGANS, max_size=3).map(tuple), st.none() | DOCUMENT_IDS, CODES, SAID,
    st.none() | DAYS, st.builds(DocumentType, SAID, SAID, SAID), SAID, SAID, st.builds(Signer, SAID, SAID, SAID),
    st.none() | DAYS, LISTS, OTHERS, st.lists(ABOUTS, max_size=2).map(tuple), SAID, SAID, SAID, TRACES, BUSINESS)
FILES = st.lists(st.tuples(st.text(max_size=20), st.binary(max_size=40).filter(
    lambda content: not content.startswith((b"PK", b"%PDF-", b"\x89PNG")))),
                 max_size=3)
STATUSES = st.builds(StatusMessage, ORGANS, st.lists(ABOUTS.filter(lambda one: carrying.text(one.code.number)),
                                                     min_size=1, max_size=2).map(tuple),
                     st.sampled_from(["01", "02", "03", "13"]), MOMENTS, st.just(()), SAID, STAFF)


@EVERY_PROFILE
@given(message=LETTERS, files=FILES)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_any_document_goes_round(profile: Profile, message: DocumentMessage, files: list[tuple[str, bytes]],
                                 tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("any")
    message = replace(message, attachments=tuple(file(folder, content, name) for name, content in files))
    once = written(message, profile)
    back = read(once, folder / "in")
    assert comparable(back) == comparable(carrying.carried(message, profile))
    assert written(back, profile) == once


@EVERY_PROFILE
@given(message=STATUSES)
@settings(max_examples=60, deadline=None)
def test_any_status_goes_round(profile: Profile, message: StatusMessage,
                               tmp_path_factory: pytest.TempPathFactory) -> None:
    once = written(message, profile)
    back = read(once, tmp_path_factory.mktemp("any"))
    assert back == carrying.carried(message, profile)
    assert written(back, profile) == once


MEASURED = """
import hashlib, re, sys
from pathlib import Path
from portal.exchange.edxml import writing
from portal.exchange.edxml.message import Attachment, DocumentMessage, Organ
from portal.exchange.edxml.profiles import PROFILES
peak = lambda: int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
def send(path):
    size, digest = path.stat().st_size, hashlib.file_digest(path.open("rb"), "sha256").hexdigest()
    message = DocumentMessage(Organ("H99"), (), attachments=(Attachment("a.bin", size, digest, path),))
    for profile in PROFILES.values():
        with open("/dev/null", "wb") as out:
            writing.write(message, profile, out)
send(Path(sys.argv[1]))
before = peak()
send(Path(sys.argv[2]))
print((peak() - before) // 1024)
"""


def test_a_file_of_50_mb_is_written_in_flat_memory(tmp_path: Path) -> None:
    small, big = tmp_path / "small", tmp_path / "big"
    small.write_bytes(b"x" * 1000)
    big.write_bytes(bytes(range(256)) * (50 * 1024 * 1024 // 256))
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", MEASURED, str(small), str(big)], capture_output=True,
                          text=True, check=True)
    assert int(done.stdout) <= 10, f"{done.stdout} MiB"
