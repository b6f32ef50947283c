"""Which paper has which number and title: Circulars 01/2018/TT-VPCP and 03/2025/TT-VPCP."""
from datetime import date

import pytest

from portal.law import papers
from portal.law.papers import PaperKind

OLD, NEW = date(2025, 9, 14), date(2025, 9, 15)


@pytest.mark.parametrize(("kind", "old", "new"), [
    ("receipt", "01", "01"), ("supplement", "02", "02"), ("refusal", "03", "03"), ("extension", "04", "04"),
    ("stop", None, "05"), ("control", "05", "06"), ("register", "06", "07")])
def test_the_number_of_a_paper_on_its_day(kind: str, old: str | None, new: str) -> None:
    before, after = papers.form_at(kind, OLD), papers.form_at(kind, NEW)
    assert (before.number if before else None) == old
    assert after is not None and after.number == new


def test_05_is_the_stop_notice_now_and_was_the_control_slip() -> None:
    by_number = [{form.number: form.title for form in edition.forms} for edition in papers.EDITIONS]
    assert [titles["05"] for titles in by_number] == [
        "Phiếu kiểm soát quá trình giải quyết hồ sơ", "Thông báo dừng giải quyết hồ sơ"]


def test_the_edition_of_a_day() -> None:
    assert (papers.at(OLD).key, papers.at(NEW).key) == ("tt-01-2018", "tt-03-2025")
    assert papers.at(date(2017, 1, 1)) is papers.TT_01_2018
    assert papers.at(NEW).name == "Thông tư 03/2025/TT-VPCP"


def test_every_kind_has_a_name_and_stands_in_the_newest_edition() -> None:
    assert set(papers.WORDS) == set(PaperKind)
    assert [form.number for form in papers.TT_03_2025.forms] == [f"0{n}" for n in range(1, 8)]
    assert {form.kind for form in papers.TT_03_2025.forms} == set(PaperKind)


def test_a_paper_keeps_its_edition() -> None:
    assert papers.by_key("tt-01-2018").form("control") != papers.at(NEW).form("control")
    with pytest.raises(KeyError):
        papers.by_key("tt-09-2026")
