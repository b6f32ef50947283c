"""Which papers the verbs issue: numbered by the unit's book, frozen with the act, drawn afterwards and once."""
import pytest

from portal.dossiers import actions, queries
from portal.kit import files
from portal.kit.db import session
from portal.kit.i18n import speaking
from portal.papers import queries as issued
from tests import make
from tests.dossiers.test_actions import jobs_of

pytestmark = pytest.mark.usefixtures("app")


def test_accepting_issues_the_receipt_and_it_is_drawn_once_in_both_sizes() -> None:
    dossier = make.dossier("received")
    [paper] = issued.of(dossier.owner)
    assert (paper.kind, paper.sheets) == ("receipt", []), "numbered and frozen, not yet drawn"
    assert {"paper_id": paper.id} in jobs_of("papers.draw")
    make.done("papers.draw", paper_id=paper.id)
    drawn = {sheet.size_name: files.where(sheet.file.blob).read_bytes() for sheet in issued.of(dossier.owner)[0].sheets}
    assert set(drawn) == {"A4", "A5"} and all(content.startswith(b"%PDF-") for content in drawn.values())
    make.done("papers.draw", paper_id=paper.id)
    again = {sheet.size_name: files.where(sheet.file.blob).read_bytes() for sheet in issued.of(dossier.owner)[0].sheets}
    assert again == drawn


def test_a_paper_says_what_was_so_when_the_act_happened() -> None:
    dossier = make.dossier("received")
    before = dossier.applicant.name
    dossier.applicant.name = "Tên Đổi Sau"
    session.commit()
    [paper] = issued.of(dossier.owner)
    make.done("papers.draw", paper_id=paper.id)
    assert issued.of(dossier.owner)[0].facts["applicant_name"] == before


def test_papers_are_numbered_by_unit_kind_and_year_without_a_gap() -> None:
    dossiers = [make.dossier(state) for state in ("received", "not_received", "received", "waiting")]
    numbers = {(paper.kind, paper.number) for dossier in dossiers for paper in issued.of(dossier.owner)}
    assert numbers == {("receipt", "0001/BPTNTKQ"), ("receipt", "0002/BPTNTKQ"), ("receipt", "0003/BPTNTKQ"),
                       ("refusal", "0001/BPTNTKQ"), ("supplement", "0001/BPTNTKQ")}
    elsewhere = make.dossier("received", service=make.service(at="H26"))
    assert issued.of(elsewhere.owner)[0].number == "0001/BPTNTKQ"


def test_an_act_that_is_undone_leaves_no_gap_in_the_book() -> None:
    dossier = make.dossier("checking")
    actions.accept(dossier, by=dossier.officer)
    session.rollback()
    session.refresh(dossier)
    actions.accept(dossier, by=dossier.officer)
    session.commit()
    assert [paper.number for paper in issued.of(dossier.owner)] == ["0001/BPTNTKQ"]


def test_an_officer_who_reads_english_issues_a_vietnamese_paper() -> None:
    dossier = make.dossier("checking")
    with speaking("en"):
        actions.accept(dossier, by=dossier.officer)
    assert "ngày" in issued.of(dossier.owner)[0].facts["limit_text"]


def test_what_an_earlier_release_left_without_its_paper_gets_it() -> None:
    dossier = make.dossier("waiting")
    for paper in issued.of(dossier.owner):
        session.delete(paper)
    session.commit()
    assert dossier.id in queries.without_paper(500)
    make.done("dossiers.issue_missing", dossier_id=dossier.id)
    assert {paper.kind for paper in issued.of(dossier.owner)} == {"receipt", "supplement"}
    assert dossier.id not in queries.without_paper(500)


def test_refusing_always_issues_its_paper_with_the_reason() -> None:
    [paper] = issued.of(make.dossier("not_received").owner)
    assert (paper.kind, paper.facts["reasons"]) == ("refusal", ["Không thuộc thẩm quyền"])


def test_asking_issues_a_paper_for_each_round() -> None:
    paper = next(p for p in issued.of(make.dossier("waiting").owner) if p.kind == "supplement")
    assert paper.occasion == 1 and paper.facts["items"] == ["Giấy chứng sinh: Bản chụp mờ, không đọc được"]
