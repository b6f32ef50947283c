"""Which document somebody means: candidates ranked with reasons, and what a choice teaches."""
from datetime import date

import pytest

from portal.exchange import matching
from portal.exchange.matching import About, Candidate

DAY = date(2026, 11, 3)
ABOUT = About(organ="H99.01", number="120", notation="CV-STN", day=DAY)


def candidate(document_id: int, **kw: object) -> Candidate:
    return Candidate(**{"document_id": document_id, "organ": "H99.01", "number": "120", "notation": "CV-STN",
                        "day": DAY, "subject": "Về việc cung cấp số liệu", "went_to": True} | kw)  # type: ignore[arg-type]


def test_the_likeliest_comes_first_and_says_why() -> None:
    found = matching.rank(ABOUT, "", [candidate(1, number="121", day=date(2026, 10, 1)), candidate(2),
                                      candidate(3, notation="CV/STN ")])
    assert [one.document_id for one in found][:2] == [3, 2], "written another way, a notation is the same one"
    assert found[0].percent == found[1].percent > found[2].percent
    assert found[0].reasons[:2] == ("same number", "same notation")


def test_nothing_is_certain_that_a_person_is_asked_about() -> None:
    assert matching.rank(ABOUT, "", [candidate(1)])[0].percent == 99


@pytest.mark.parametrize(("meant", "reason"), [
    ({"number": "102"}, "a number like it"), ({"number": "0120"}, "same number"),
    ({"day": date(2026, 11, 5)}, "a day near it"), ({"day": date(2026, 3, 11)}, "day and month swapped"),
    ({"organ": "H99.01.02"}, "an agency above or below it"), ({"notation": "CV-STNMT"}, "a notation like it")])
def test_what_people_get_wrong_is_still_near(meant: dict[str, object], reason: str) -> None:
    found = matching.rank(ABOUT, "", [candidate(1, **meant)])
    assert reason in found[0].reasons and found[0].percent >= 60


def test_a_subject_decides_between_documents_of_one_number() -> None:
    alike = [candidate(1, subject="Mời họp giao ban"), candidate(2, subject="V/v cung cấp số liệu hộ nghèo")]
    found = matching.rank(About(number="120"), "Trả lời về việc cung cấp số liệu hộ nghèo", alike)
    assert [one.document_id for one in found] == [2, 1] and "a subject like it" in found[0].reasons


def test_what_has_nothing_in_common_is_not_proposed() -> None:
    other = candidate(1, organ="G01", number="7", notation="TB-VP", day=date(2025, 1, 1), went_to=False)
    assert matching.rank(ABOUT, "", [other]) == []


@pytest.mark.parametrize("text", [
    "Trả lời Công văn số 120/CV-STN ngày 03/11/2026 của Sở Thí nghiệm",
    "Phúc đáp văn bản số: 120 / CV-STN ngày 3-11-2026"])
def test_a_letter_cites_what_it_answers(text: str) -> None:
    assert [(one.number, one.notation, one.day) for one in matching.cited(text)] == [("120", "CV-STN", DAY)]


@pytest.mark.parametrize("text", ["Báo cáo tháng 10", "Trả lời về việc số 3/11", "Quyết định số 45/QĐ-UBND", ""])
def test_a_letter_that_answers_nothing_cites_nothing(text: str) -> None:
    assert matching.cited(text) == []


def test_a_choice_teaches_more_than_the_one_document() -> None:
    said = About(organ="STTTT-HP", number="120", notation="CV/STN", day=DAY, said="STTTT-HP,2026/11/03,120/CV/STN")
    learned = matching.lessons(said, "H99.01,2026-11-03,120/CV-STN", "H99.01", "CV-STN")
    assert matching.known_key(said, learned) == "H99.01,2026-11-03,120/CV-STN"
    other = About(organ="stttt-hp", number="121", notation="cv/stn", day=DAY)
    assert matching.understood(other, learned).key == "H99.01,2026-11-03,121/CV-STN"


def test_a_notation_that_is_another_one_is_not_learned_as_the_same() -> None:
    learned = matching.lessons(About("H99.01", "120", "TB-VP", DAY), "k", "H99.01", "CV-STN")
    assert matching.lesson("notation", "TB-VP") not in learned


@pytest.mark.parametrize("broken", [{}, {"day": "not a day"}, {"organ": None, "day": 7, "document_id": None}])
def test_what_is_kept_badly_is_read_all_the_same(broken: dict[str, object]) -> None:
    assert matching.read(broken).day is None and matching.read(broken).by_number is None
