"""Which papers the verbs issue: numbered by the unit's book, frozen with the act, drawn afterwards and once."""
import pytest

from portal.dossiers import actions, queries
from portal.kit import files
from portal.kit.db import session
from portal.kit.i18n import speaking
from portal.papers import queries as issued
from portal.papers.facts import from_plain
from portal.people.models import Person
from portal.people.permissions import Place
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


def renamed(person: Person) -> None:
    person.name = "Tên Đổi Sau"
    session.commit()


def test_a_paper_says_what_was_so_when_the_act_happened() -> None:
    dossier = make.dossier("received", service=make.service("1.000894"))  # a marriage: the form asks for no applicant
    before = dossier.applicant_name
    renamed(dossier.applicant)
    [paper] = issued.of(dossier.owner)
    make.done("papers.draw", paper_id=paper.id)
    assert issued.of(dossier.owner)[0].facts["applicant_name"] == before


def test_who_is_renamed_after_handing_in_stands_on_the_receipt_as_before() -> None:
    dossier = make.dossier("checking", service=make.service("1.000894"))
    before = dossier.applicant.name
    renamed(dossier.applicant)
    actions.accept(dossier, by=dossier.officer)
    [paper] = issued.of(dossier.owner)
    assert paper.facts["applicant_name"] == before == dossier.handed_in_by
    assert paper.facts["identity_number"] == "" and paper.facts["address"] == "", "those are the bride's or the groom's"
    assert paper.facts["holder_name"] == dossier.answers["bride_name"] != before
    assert paper.facts["holder_number"][-3:] == dossier.answers["bride_id"][-3:]


def test_an_officer_who_is_renamed_stays_in_what_happened_under_the_old_name() -> None:
    dossier = make.dossier("waiting")
    officer, before = dossier.officer, dossier.officer.name
    renamed(officer)
    assert {event.who for event in dossier.events if event.by_id == officer.id} == {before}
    assert [request.who for request in dossier.requests] == [before]
    for paper in issued.of(dossier.owner):
        session.delete(paper)
    make.done("dossiers.issue_missing", dossier_id=dossier.id)
    assert {paper.facts["officer_name"] for paper in issued.of(dossier.owner)} == {before}


@pytest.mark.parametrize("typed", ["y ƀlŏ", "Y Blo kpa", "yblo", "h hen nie", "H'HEN", "h’hen niê"])
def test_a_dossier_is_found_by_holder_or_applicant_however_the_name_is_typed(typed: str) -> None:
    dossier = make.draft()
    actions.save(dossier, {"child_name": "Y Ƀlŏ Kpă", "applicant_name": "H’Hen Niê"}, by=dossier.applicant)
    actions.submit(dossier, by=dossier.applicant)
    session.commit()
    assert queries.find_at(Place(dossier.agency_id), typed) == [dossier]


def test_a_reworded_request_leaves_the_paper_of_before_void_and_names_it() -> None:
    dossier = make.dossier("waiting")
    actions.amend(dossier, by=dossier.officer, **make.ARGUMENTS["amend"])
    old, new = (paper for paper in issued.of(dossier.owner) if paper.kind == "supplement")
    assert (old.void_as, new.void_as) == ("replaced", None) and old.void_at
    assert old.number in new.facts["replaces"]
    actions.take_back(dossier, by=dossier.officer)
    assert new.void_as == "taken_back"


def test_lines_of_a_reason_stay_and_a_typed_dash_is_not_numbered_again() -> None:
    dossier = make.dossier("checking")
    actions.refuse(dossier, by=dossier.officer, reason="Thiếu:\n- giấy chứng sinh\n– tờ khai\n\nKhông thuộc thẩm quyền")
    facts = from_plain(issued.of(dossier.owner)[0].facts)
    assert facts.numbered == ["1. Thiếu:", "- giấy chứng sinh", "– tờ khai", "2. Không thuộc thẩm quyền"]
    other = make.dossier("checking")
    actions.ask(other, by=other.officer, items=[("other", "Giấy chứng sinh", "- mờ\n- thiếu trang")])
    asked = from_plain(issued.of(other.owner)[0].facts)
    assert asked.numbered == ["1. Giấy chứng sinh:\n- mờ\n- thiếu trang"]


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
