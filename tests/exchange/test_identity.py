"""One name for a document and a participant, whatever a message wrote."""
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from portal.exchange import identity
from portal.exchange.edxml.message import (
    Attachment,
    Business,
    BusinessInfo,
    Code,
    DocumentId,
    DocumentMessage,
    Organ,
    ResponseFor,
    Seen,
    Staff,
    TraceHeader,
)


@pytest.mark.parametrize(("said", "meant"), [
    ("H99.01", "H99.01"), ("000.00.01.H99", "H99.01"), ("000.00.00.G22", "G22"), ("g22", "G22"),
    (" H17.05.02 ", "H17.05.02"), ("000.02.05.H17", "H17.05.02"), ("so-thu-nghiem", "SO-THU-NGHIEM")])
def test_old_and_new_agency_ids_are_one(said: str, meant: str) -> None:
    assert identity.organ(said) == meant


def test_a_document_has_one_name_in_both_spellings_of_its_organ() -> None:
    day = date(2026, 11, 3)
    old = DocumentId("000.00.01.H99,2026/11/03,35/BC-STN", "000.00.01.H99", day, "35/BC-STN")
    new = DocumentId("H99.01,2026-11-03,35/bc-stn", "H99.01", day, "35/bc-stn")
    assert identity.key(old, "H99.01") == identity.key(new, "000.00.01.H99") == "H99.01,2026-11-03,35/BC-STN"


@pytest.mark.parametrize("said", ["123-CV/TƯ", "123-CV/TU\u031b", "123–cv / tư", " 123-CV /TƯ", "123\u2011CV/Tư",
                                  "123-CV\u200b/TƯ\ufeff"])
def test_letters_dashes_and_blanks_make_no_other_document(said: str) -> None:
    assert identity.numbered("h99 .01", date(2026, 11, 3), said) == "H99.01,2026-11-03,123-CV/TƯ"


def test_two_long_ids_that_differ_at_their_end_are_two() -> None:
    one, two = (identity.key(DocumentId(f"{'x' * 300}{n}"), "H99.01") for n in (1, 2))
    assert one != two and len(one) == len(two) == identity.LONGEST


def test_an_id_of_another_form_is_its_senders_own() -> None:
    assert identity.key(DocumentId("số 12"), "H99.01") != identity.key(DocumentId("số 12"), "H99.02")


SAID = DocumentMessage(
    Organ("H99.01", "Sở"), (Organ("H98", "Tỉnh"),), DocumentId("H99.01,2026/11/03,35/BC-STN", "H99.01",
                                                               date(2026, 11, 3), "35/BC-STN"),
    Code("35", "BC-STN"), day=date(2026, 11, 3), subject="Báo cáo",
    attachments=(Attachment("a.pdf", 3, "aa", Path("a")), Attachment("b.pdf", 3, "bb", Path("b"))))


@pytest.mark.parametrize("changed", [
    {"receivers": (Organ("H97"),)}, {"trace": (TraceHeader("H99.01"),)}, {"seen": Seen("vnpt", ("prefix",))},
    {"sender": Organ("000.00.01.H99", "Sở")}, {"subject": "Ba\u0301o ca\u0301o"},
    {"document_id": DocumentId("000.00.01.H99,2026-11-03,35/BC-STN", "000.00.01.H99", date(2026, 11, 3), "35/BC-STN")},
    {"attachments": (Attachment("b.pdf", 3, "bb", Path("x"), zipped=True), Attachment("a.pdf", 3, "aa", Path("y")))},
    {"business": BusinessInfo(staff=(Staff(name="Ai đó"),))}])
def test_the_way_and_the_wrapping_of_a_message_make_it_no_other(changed: dict[str, Any]) -> None:
    assert identity.payload_sha256(replace(SAID, **changed)) == identity.payload_sha256(SAID)


@pytest.mark.parametrize("changed", [
    {"subject": "Báo cáo khác"}, {"day": date(2026, 11, 4)}, {"due": date(2026, 12, 1)}, {"sender": Organ("H99.02")},
    {"business": BusinessInfo(Business.recall, document_id=SAID.document_id)},
    {"business": BusinessInfo(Business.recall)},
    {"response_for": (ResponseFor("H98", Code("1", "CV")),)}, {"attachments": SAID.attachments[:1]},
    {"attachments": (SAID.attachments[0], replace(SAID.attachments[1], sha256="cc"))},
    {"attachments": (SAID.attachments[0], replace(SAID.attachments[1], name="c.pdf"))}])
def test_whatever_a_message_says_makes_it_another(changed: dict[str, Any]) -> None:
    assert identity.payload_sha256(replace(SAID, **changed)) != identity.payload_sha256(SAID)


def test_a_recall_goes_by_the_id_of_what_it_recalls() -> None:
    own = DocumentId("H99.01,2026/11/09,40/TB-STN", "H99.01", date(2026, 11, 9), "40/TB-STN")
    recall = replace(SAID, document_id=own, business=BusinessInfo(Business.recall, document_id=SAID.document_id))
    assert identity.key_of(recall) == identity.key_of(SAID) == "H99.01,2026-11-03,35/BC-STN"


def test_without_an_id_a_document_goes_by_its_number_and_day_and_else_by_what_it_says() -> None:
    nameless = replace(SAID, document_id=None)
    assert identity.key_of(nameless) == identity.key_of(SAID)
    bare = replace(nameless, code=Code())
    assert identity.key_of(bare) != identity.key_of(replace(bare, subject="Khác"))


def test_what_a_status_is_about_is_known_by_the_id_or_by_the_number_and_day() -> None:
    about = ResponseFor("000.00.01.H99", Code("35", "BC-STN"), None, date(2026, 11, 3))
    assert identity.about_key(about) == identity.key_of(SAID)
    assert identity.about_key(replace(about, document_id=SAID.document_id)) == identity.key_of(SAID)
    assert identity.about_key(replace(about, day=None)) is None
