"""The registers of a desk: what is in each part, in which order, page by page; what a search finds."""
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from portal.exchange import registers
from portal.exchange.models import Copy, Document
from portal.exchange.registers import INCOMING, OUTGOING, Desk
from portal.kit import clock
from portal.kit.db import session
from portal.people import queries as people
from portal.people.permissions import Place
from portal.web.government import words
from tests import make
from tests.exchange import documents as made


def desk(key: str = "H17") -> Desk:
    return Desk(Place(make.agency(key).id))


def year() -> int:
    return clock.today().year


def came(tab: str, where: Desk | None = None, person_id: int = 0, **kw: Any) -> list[int]:
    return [one.id for one in registers.incoming(where or desk(), tab, person_id=person_id, year=year(), **kw).rows]


def went(tab: str, where: Desk | None = None) -> list[int]:
    return [one.id for one in registers.outgoing(where or desk("H26"), tab, year=year()).rows]


def copy(*codes: str, **kw: Any) -> Copy:
    document = made.document(**kw)
    for code in codes:
        made.happened(document.copies[0], code)
    return document.copies[0]


def test_what_came_is_new_until_it_is_registered_refused_or_given_back(app: Flask) -> None:
    new, arrived = copy(), copy("01")
    copy("01", "02"), copy("01", "13", "15")
    made.registered(copy("01"))
    assert came("new") == [arrived.id, new.id]


def test_the_register_has_its_numbers_from_the_last_to_the_first(app: Flask) -> None:
    first, third, second = (made.registered(copy("01"), number) for number in (1, 3, 2))
    old = made.registered(copy("01"), 9)
    old.in_year = year() - 1
    session.commit()
    assert came("register") == [third.id, second.id, first.id]
    assert [one.id for one in registers.incoming(desk(), "register", person_id=0, year=year() - 1).rows] == [old.id]


@pytest.mark.parametrize("tab", [
    "new", "register", "due", "answered", "recall", "sent", "drafts", "awaited", "recalls"])
def test_a_page_goes_on_after_the_last_line_of_the_one_before(app: Flask, tab: str) -> None:
    for number in range(1, 6):
        one = copy("01", *{"answered": ["answered"], "recall": ["13"], "recalls": ["13"]}.get(tab, ()),
                   due_on=made.day(-number // 2))
        if tab == "register":
            made.registered(one, number)
        if tab == "drafts":
            made.document(state="draft")

    def page(size: int, after: str = "") -> registers.Page:
        if tab in INCOMING:
            return registers.incoming(desk(), tab, person_id=0, year=year(), size=size, after=after)
        return registers.outgoing(desk("H26"), tab, year=year(), size=size, after=after)

    whole, seen, here = [one.id for one in page(50).rows], list[int](), page(2)
    while True:
        seen += [one.id for one in here.rows]
        if here.next is None:
            break
        here = page(2, here.next)
    assert len(whole) == 5 and seen == whole


@pytest.mark.parametrize("after", ["", "x", "1", "1~", "~1", "1~2~3", "9" * 30 + "~1", "2026-01-01T00:00:00~1"])
def test_a_place_that_is_none_is_the_first_page(app: Flask, after: str) -> None:
    one = made.registered(copy("01"), 1)
    assert came("register", after=after) == [one.id]


def test_what_is_late_or_due_soon_has_the_latest_first_and_no_answer(app: Flask) -> None:
    soon, late, far = (copy("01", due_on=made.day(days)) for days in (2, -4, 9))
    answered = copy("01", "answered", due_on=made.day(-9))
    done = copy("01", "03", "06", due_on=made.day(-9))
    assert came("due") == [late.id, soon.id]
    assert came("answered") == [answered.id] and {far.id, done.id} & set(came("due")) == set()


@pytest.mark.parametrize("needless", [{"recall": "agreed"}, {"replaced_at": clock.now()}, {"removed_at": clock.now()}])
def test_no_answer_is_late_that_nobody_needs_any_more(app: Flask, needless: dict[str, Any]) -> None:
    late = copy("01", due_on=made.day(-4))
    assert came("due") == [late.id]
    for name, value in needless.items():
        setattr(late, name, value)
    session.commit()
    assert came("due") == [] and went("awaited") == [] and words.due(late) is None
    assert registers.tallies([late.document_id]).get(late.document_id, registers.Tally(*[0] * 9)).late == 0


def test_a_recall_that_is_asked_for_waits_until_it_is_answered(app: Flask) -> None:
    asked = copy("01", "13")
    copy("01", "13", "16"), copy("01")
    assert came("recall") == [asked.id]


def test_my_work_is_what_was_given_to_me_and_is_not_done(app: Flask) -> None:
    officer = make.officer()
    mine, done, _other = (made.registered(copy("01")) for _n in range(3))
    for one in (mine, done):
        one.assignee_id = officer.id
        made.happened(one, "04")
    made.happened(done, "06")
    assert came("mine", person_id=officer.id) == [mine.id]


def test_a_unit_has_what_came_for_it_and_what_was_given_to_it(app: Flask) -> None:
    unit = make.commune()
    own = made.document(receivers=(made.participant("H17.99", unit=unit),)).copies[0]
    given = made.registered(copy("01"))
    given.assigned_unit_id = unit.id
    made.happened(given, "04")
    there = Desk(Place(unit.agency_id, unit.id))
    assert came("new", there) == [own.id] and came("given", there) == [given.id]
    assert set(came("new")) == {own.id}, "the agency as a whole sees that of its units"


def test_the_central_unit_has_what_came_for_the_agency_itself(app: Flask) -> None:
    unit = make.commune()
    made.document(receivers=(made.participant("H17.99", unit=unit),))
    whole = copy("01")
    central = people.central_unit(make.agency("H17").id)
    assert came("new", Desk(Place(central.agency_id, central.id), central=True)) == [whole.id]


def test_what_went_is_draft_sent_awaited_or_asked_back(app: Flask) -> None:
    draft, plain = made.document(state="draft"), made.document()
    awaited, answered = made.document(due_on=made.day(-1)), made.document(due_on=made.day(-1))
    made.happened(answered.copies[0], "answered")
    asked_back = made.document()
    made.happened(asked_back.copies[0], "13")
    assert went("drafts") == [draft.id] and went("awaited") == [awaited.id] and went("recalls") == [asked_back.id]
    assert set(went("sent")) == {plain.id, awaited.id, answered.id, asked_back.id}


def test_a_tally_counts_each_receiver_that_was_not_taken_out(app: Flask) -> None:
    document = made.document(receivers=tuple(made.participant(code) for code in ("H17", "H29", "G01", "G15")),
                             due_on=made.day(-1))
    first, second, third, out = document.copies
    made.happened(first, "answered")
    made.happened(second, "02")
    made.happened(third, "01")
    out.removed_at = clock.now()
    session.commit()
    tally = registers.tallies([document.id])[document.id]
    assert (tally.receivers, tally.arrived, tally.refused, tally.answered, tally.late) == (3, 1, 1, 1, 1)


@pytest.mark.parametrize("typed", ["to giac", "TỔ GIÁC", "77/cv-stn", "77/CV-STN", "77", "lào cai đường", "g01"])
def test_a_document_is_found_by_number_notation_subject_and_sender_without_marks(app: Flask, typed: str) -> None:
    sender = made.participant("G01", name="Bộ Lào Cai g01")
    found = made.document(sender, number="77", notation="CV-STN", subject="Giải quyết tố giác về đường sá")
    made.document()
    assert [one.document_id for one in registers.find_incoming(desk(), typed).rows] == [found.id]
    assert [one.id for one in registers.find_outgoing(desk("G01"), typed).rows] == [found.id]


def test_a_bare_number_is_also_that_of_the_register(app: Flask) -> None:
    one = made.registered(copy("01", number="5000"), 812)
    assert [found.id for found in registers.find_incoming(desk(), "812").rows] == [one.id]
    assert registers.find_incoming(desk(), "81").rows == []


def test_another_desks_documents_are_not_found(app: Flask) -> None:
    copy(subject="Bí mật của nơi khác")
    assert registers.find_incoming(desk("H29"), "bi mat").rows == []
    assert registers.find_outgoing(desk("H29"), "bi mat").rows == []


def test_a_search_stops_somewhere_says_so_and_goes_on_from_there(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    old = copy(subject="Văn bản cũ cần tìm")
    for _n in range(3):
        copy()
    monkeypatch.setattr(registers, "LOOKED_THROUGH", 2)
    first = registers.find_incoming(desk(), "can tim")
    assert first.rows == [] and first.until
    second = registers.find_incoming(desk(), "can tim", before=first.until)
    assert [one.id for one in second.rows] == [old.id]


def test_marks_of_a_pattern_are_letters_like_any(app: Flask) -> None:
    copy(subject="Không có gì")
    assert registers.find_incoming(desk(), "%").rows == registers.find_incoming(desk(), "_").rows == []


MANY = """
INSERT INTO exchange_document (state, sender_id, agency_id, key, number, notation, type_name, subject, content,
  search_key, place, signer_name, signer_position, signer_competence, priority, steering, due_on, reference_codes,
  about, edition, receivers, created_at, sent_at, version)
SELECT 'sent', :sender, :agency, 'k' || n, n::text, 'CV', '', 'x', '', 'x', '', '', '', '', 0, '',
  CASE WHEN n % 10 = 0 THEN current_date + (n % 400)::int - 300 END, '[]', '[]', 1, '[]', now(),
  now() - n * interval '1 minute', 1 FROM generate_series(1, 20000) n"""
COPIES = """
INSERT INTO exchange_copy (document_id, receiver_id, agency_id, state, state_at, known_by, sure, recall, sent_at,
  due_on, in_unit_id, in_year, in_number, answered_at, version)
SELECT id, :receiver, :agency, CASE WHEN id % 50 = 0 THEN 'arrived' ELSE 'registered' END, sent_at, 'entered', 100,
  CASE WHEN id % 997 = 0 THEN 'asked' END, sent_at, due_on,
  CASE WHEN id % 50 > 0 THEN CAST(:unit AS integer) END, CASE WHEN id % 50 > 0 THEN :year END,
  CASE WHEN id % 50 > 0 THEN id END, CASE WHEN id % 20 = 0 THEN now() END, 1 FROM exchange_document"""

LONG = ("in new", "in register", "in due", "in answered", "out sent")  # the others are few: they may be sorted


@pytest.mark.postgresql
def test_each_part_of_a_large_register_is_read_through_an_index(app: Flask) -> None:
    """No part is sorted or read from end to end: what is shown costs what is shown."""
    sender, receiver, officer = made.participant("H26"), made.participant("H17"), make.officer()
    unit = people.central_unit(receiver.agency_id or 0)
    session.execute(text(MANY), {"sender": sender.id, "agency": sender.agency_id})
    session.execute(text(COPIES), {"receiver": receiver.id, "agency": receiver.agency_id, "unit": unit.id,
                                   "year": year()})
    session.execute(text("ANALYZE exchange_document"))
    session.execute(text("ANALYZE exchange_copy"))
    here, there = desk(), desk("H26")
    plans = {f"in {name}": plan(part, registers._copies().where(*part.where(here, officer.id, year())))
             for name, part in INCOMING.items() if name != registers.GIVEN}
    plans |= {f"out {name}": plan(part, select(Document.id).where(*part.where(there, officer.id, year())))
              for name, part in OUTGOING.items()}
    assert set(plans) > set(LONG)
    for name, told in plans.items():
        for table in ("exchange_copy", "exchange_document"):
            assert f"Seq Scan on {table}" not in told, (name, told)
        if name in LONG:
            assert "Sort" not in told, (name, told)


def plan(part: registers.Part, query: Any) -> str:
    """How the first page of a part is read."""
    ordered = query.order_by(*(column.desc() if part.falling else column for column in part.order)).limit(51)
    compiled = ordered.compile(session.connection(), compile_kwargs={"literal_binds": True})
    return "\n".join(session.scalars(text(f"EXPLAIN {str(compiled).replace(':', chr(92) + ':')}")))


def test_what_is_one_year_long_is_one_year_in_viet_nam(app: Flask) -> None:
    begins, ends = registers._bounds(2026)
    assert begins.isoformat() == "2026-01-01T00:00:00+07:00" and ends - begins == timedelta(days=365)
