"""One name for a document and a participant, whatever a message wrote."""
from datetime import date

import pytest

from portal.exchange import identity
from portal.exchange.edxml.message import DocumentId


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


def test_an_id_of_another_form_is_its_senders_own() -> None:
    assert identity.key(DocumentId("số 12"), "H99.01") != identity.key(DocumentId("số 12"), "H99.02")
