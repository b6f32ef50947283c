"""Every edXML file of the samples is read as their manifest.csv asks, in the library and on the command line."""
import hashlib
import json
from datetime import date
from pathlib import Path

import pytest

from portal.cli.exchange import group
from portal.exchange.edxml.deviations import NAMES
from portal.exchange.edxml.message import Business, DocumentMessage, Refused, Signature, StatusMessage
from portal.exchange.edxml.reading import read
from portal.exchange.edxml.refusals import REASONS
from tests.exchange.edxml.letters import file, letter, manifest, reference

pytestmark = pytest.mark.once
SAMPLES = Path(__file__).parent / "samples"
PDF_SHA256 = "61ba8c11779bef673acbca47518b04cd79279a11bc08c8d6e84600561b07a5c2"
FILES = ["01_orderA_letter_zip", "02_orderB_xlink_plain", "03_status_03_received", "04_status_05_then_same",
         "05_recall_bussiness_1", "06_reply_with_dossier_code"]
KEYS = ["kind", "document_id", "from", "to", "business", "replaces", "status_code", "status_at", "response_for",
        "subject", "number", "notation", "attachments", "signature", "deviations"]


@pytest.fixture
def sample(tmp_path):
    def sample(name):
        with (SAMPLES / f"{name}.edxml").open("rb") as source:
            return read(source, tmp_path)

    return sample


@pytest.fixture
def said(app):
    def said(name, ending="edxml"):
        result = app.test_cli_runner().invoke(group, ["read", str(SAMPLES / f"{name}.{ending}")])
        return result.exit_code, result.stdout, result.stderr

    return said


def test_order_a_is_unzipped_named_by_the_message_and_its_stub_of_a_signature_is_never_valid(sample, tmp_path):
    message = sample("01_orderA_letter_zip")
    assert isinstance(message, DocumentMessage)
    [file] = message.attachments
    assert (file.name, file.size, file.sha256, file.zipped) == ("cv.pdf", 153, PDF_SHA256, True)
    assert hashlib.sha256(file.path.read_bytes()).hexdigest() == PDF_SHA256
    assert [each.name for each in tmp_path.iterdir()] == [file.path.name], "what was unpacked is alone left"
    assert message.seen.signature is Signature.not_verifiable
    assert (message.seen.dialect, message.to_places) == ("vnpt", ("Như trên", "Lưu: VT"))
    assert message.due == date(2026, 11, 16)


def test_order_b_has_the_old_code_as_sent_a_plain_file_and_no_signature(sample):
    message = sample("02_orderB_xlink_plain")
    assert (message.sender.id, message.document_id.organ) == ("000.00.01.H99", "000.00.01.H99")
    assert message.document_id.day == date(2026, 11, 3)
    assert [(file.name, file.sha256, file.zipped) for file in message.attachments] == [("bc.pdf", PDF_SHA256, False)]
    assert (message.seen.signature, message.seen.dialect) == (Signature.none, "csharp")
    assert (message.type.name, message.type.detail) == ("Báo cáo", "0")
    assert "organ_old" in message.seen.deviations


@pytest.mark.parametrize(("name", "code"), [("03_status_03_received", "03"), ("04_status_05_then_same", "05")])
def test_a_status_in_the_normal_envelope_says_what_of_which_document(sample, name, code):
    message = sample(name)
    assert isinstance(message, StatusMessage)
    assert (message.code, message.older, message.seen.signature) == (code, False, Signature.none)
    [about] = message.about
    assert (about.organ, about.code.number, about.document_id.code) == ("H99.01", "120", "120/CV-STN")
    assert message.seen.deviations == ()


def test_a_recall_carries_the_id_of_what_it_recalls(sample):
    message = sample("05_recall_bussiness_1")
    assert message.business.type is Business.recall
    assert message.business.document_id == message.document_id
    assert (message.business.reason, message.business.receivers[0].organ) == ("Gửi nhầm", "H99.02")


def test_an_answer_names_what_it_answers_and_the_dossier(sample):
    message = sample("06_reply_with_dossier_code")
    assert message.other.reference_codes == ("H99-261101-0007",)
    [about] = message.response_for
    assert (about.organ, about.document_id.said, about.day) == ("G99", "G99,2026/10/30,77/BM-VP", date(2026, 10, 30))


@pytest.mark.parametrize("name", FILES)
def test_the_command_prints_one_object_with_exactly_these_keys(said, name):
    code, out, err = said(name)
    assert (code, err) == (0, "")
    assert list(json.loads(out)) == KEYS


def test_the_command_says_a_document(said):
    assert json.loads(said("06_reply_with_dossier_code")[1]) == {
        "kind": "document", "document_id": {"organ": "H99.01", "date": "2026-11-05", "code": "131/CV-STN"},
        "from": "H99.01", "to": ["G99"], "business": "new", "replaces": [], "status_code": None, "status_at": None,
        "response_for": [{"organ": "G99", "code": "77/BM-VP",
                          "document_id": {"organ": "G99", "date": "2026-10-30", "code": "77/BM-VP"},
                          "date": "2026-10-30"}],
        "subject": "Trả lời lấy ý kiến hồ sơ", "number": "131", "notation": "CV-STN",
        "attachments": [{"name": "cv.pdf", "size": 153, "sha256": PDF_SHA256}], "signature": "not-verifiable",
        "deviations": ["document_id_differs", "signature_stub", "signature_sha1"]}


def test_the_command_says_a_status(said):
    assert json.loads(said("03_status_03_received")[1]) == {
        "kind": "status", "document_id": None, "from": "H99.02", "to": [], "business": None, "replaces": [],
        "status_code": "03", "status_at": "2026-11-02T09:10:00",
        "response_for": [{"organ": "H99.01", "code": "120/CV-STN",
                          "document_id": {"organ": "H99.01", "date": "2026-11-02", "code": "120/CV-STN"},
                          "date": "2026-11-02"}],
        "subject": None, "number": None, "notation": None, "attachments": [], "signature": "none", "deviations": []}


@pytest.mark.parametrize("name", ["07_sdk_headers_send", "08_sdk_received_list"])
def test_what_is_no_edxml_is_refused_in_words(said, name):
    code, out, err = said(name, "json")
    assert (code, out) == (1, "")
    assert err.startswith("Đây không phải edXML")


def test_a_file_that_is_not_there_is_refused_in_words(app, tmp_path):
    result = app.test_cli_runner().invoke(group, ["read", str(tmp_path / "none.edxml")])
    assert (result.exit_code, result.stdout) == (1, "")
    assert "none.edxml" in result.stderr


@pytest.mark.parametrize(("content", "reason"), [
    (b"", "empty"), (b"<!DOCTYPE a><edXML/>", "doctype"), (b"<edXML>", "cut"), (b"\xff\xfe<", "encoding"),
    ("<\u202e/>".encode(), "malformed"), (b"<edXML>" * 40, "depth"), (b"\0" * 100, "not_edxml"),
    (letter(files=file(b"x", "a\u202e.pdf").replace("eA==", "eA")), "base64_cut"),
    (letter(body=manifest(reference("\u202ea\t.pdf"))), "attachment_missing")])
def test_what_is_refused_prints_its_reason_alone(app, tmp_path, content, reason):
    path = tmp_path / "message.edxml"
    path.write_bytes(content)
    result = app.test_cli_runner().invoke(group, ["read", str(path)])
    assert (result.exit_code, result.stdout) == (1, "")
    assert f"[{reason}" in result.stderr and result.stderr.count("\n") == 1
    assert result.stderr.strip().isprintable()
    assert isinstance(result.exception, SystemExit)


def test_a_refused_message_leaves_no_file_behind(tmp_path):
    cut = (SAMPLES / "01_orderA_letter_zip.edxml").read_bytes()[:-40]
    (tmp_path / "cut").write_bytes(cut)
    folder = tmp_path / "folder"
    folder.mkdir()
    with (tmp_path / "cut").open("rb") as source, pytest.raises(Refused) as refused:
        read(source, folder)
    assert refused.value.reason == "cut"
    assert list(folder.iterdir()) == []


def test_every_reason_and_every_deviation_has_words():
    assert all(REASONS.values()) and all(NAMES.values())
    assert max(map(len, NAMES)) <= 40, "as long as the table of deviations keeps"
