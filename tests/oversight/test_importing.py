"""Tasks from a spreadsheet: explained by cell, given all at once or not at all, and once."""
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from io import BytesIO
from threading import Barrier
from typing import Any

import openpyxl
import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.kit import clock
from portal.kit.db import session, transaction
from portal.oversight import importing, recounting, tasks
from portal.oversight.import_rows import HEADINGS
from portal.oversight.importing import NotClean
from portal.oversight.models import Assignment, Directive, DirectiveImport
from portal.people.models import Person
from tests import make

HEADS = [one.words["vi"] for one in HEADINGS]
KEYS = [one.key for one in HEADINGS]
LINE = {"mark": 1, "number": "36a/NQ-CP", "issuer": "Chính phủ", "issued_on": date(2015, 10, 14), "article": "khoản 2",
        "words": "Kết nối phần mềm", "leads": "Đà Nẵng; G01", "others": "H26", "deadline": date(2027, 1, 31)}


def book(*lines: dict[str, Any], change: Callable[[Any], Any] = lambda book: None) -> bytes:
    made = openpyxl.Workbook()
    made.active.append(HEADS)
    for line in lines:
        made.active.append([line.get(key) for key in KEYS])
    change(made)
    out = BytesIO()
    made.save(out)
    return out.getvalue()


def kept(*lines: dict[str, Any], by: Any = None, **kw: Any) -> DirectiveImport:
    found = importing.read(book(*lines, **kw), ".xlsx", importing.known(clock.today()))
    by = by or make.staff("overseer")
    with transaction():
        return importing.keep("nhiem-vu.xlsx", found, by)


def said(found: DirectiveImport) -> list[tuple[str, str]]:
    return [(cell, reason) for cell, reason, _facts, stops in found.problems if stops]


def test_a_line_becomes_a_task_at_each_agency(app: Flask) -> None:
    overseer = make.staff("overseer")
    found = kept(LINE, LINE | {"mark": 2, "words": "Báo cáo", "deadline": "hằng quý", "others": None},
                 LINE | {"mark": 3, "words": "Bước đầu", "deadline": "Điều kiện: có hướng dẫn", "parent": "1",
                         "public": "không", "probe": "services_at_level (level=4; share=90)"}, by=overseer)
    assert said(found) == [] and importing.is_clean(found) and session.scalar(select(func.count(Directive.id))) == 0
    with transaction():
        importing.load(found.id, overseer)
    first, second, third = importing.given(found)
    assert {(one.agency.key, one.lead, one.due_on) for one in first.assignments} == {
        ("H17", True, LINE["deadline"]), ("G01", True, LINE["deadline"]), ("H26", False, LINE["deadline"])}
    assert (second.every, second.assignments[0].period[4:6]) == ("quarter", "-Q")
    assert (third.parent_id, third.condition, third.public, third.wanted) == (
        first.id, "có hướng dẫn", False, {"level": 4, "share": 90})
    assert recounting.miscounted() == []


@pytest.mark.parametrize(("line", "problem"), [
    ({"number": None}, ("B2", "missing")), ({"words": "x" * 4001}, ("F2", "too_long")),
    ({"issued_on": "14/10/15"}, ("D2", "short_year")), ({"issued_on": "10/14/2015"}, ("D2", "month_first")),
    ({"issued_on": date(2099, 1, 1), "deadline": "không"}, ("D2", "issued_later")),
    ({"deadline": "sớm"}, ("J2", "no_deadline")), ({"deadline": None}, ("J2", "missing")),
    ({"deadline": date(2015, 1, 1)}, ("J2", "due_before_issued")), ({"deadline": "điều kiện:"}, ("J2", "no_deadline")),
    ({"deadline": 12}, ("J2", "no_deadline")), ({"deadline": "=A1"}, ("J2", "formula")),
    ({"leads": "Bộ Không Có"}, ("H2", "unknown_agency")), ({"leads": "Đà Nẳngg"}, ("H2", "unknown_agency_near")),
    ({"leads": None}, ("H2", "missing")), ({"others": "Tỉnh Quảng Nam"}, ("I2", "former_agency")),
    ({"probe": "trời đẹp"}, ("K2", "unknown_probe")), ({"probe": "services_at_level (level=9)"}, ("K2", "probe_wants")),
    ({"public": "chắc"}, ("M2", "no_truth")), ({"parent": "99/NQ-CP"}, ("2", "no_parent"))])
def test_what_is_wrong_is_said_of_its_cell(app: Flask, line: dict[str, Any], problem: tuple[str, str]) -> None:
    if problem[1] == "former_agency":
        make.save(type(make.agency())(key="QNM", name="Tỉnh Quảng Nam", kind="province", valid_to=date(2025, 6, 30)))
    assert said(kept(LINE | line)) == [problem]


def test_days_beside_one_that_names_the_month_first_are_not_clear(app: Flask) -> None:
    found = kept(LINE | {"issued_on": "10/14/2015"}, LINE | {"mark": 2, "words": "Khác", "issued_on": "10/11/2015"},
                 LINE | {"mark": 3, "words": "Nữa", "public": True})
    assert said(found) == [("D2", "month_first"), ("D3", "either_day")]


def test_every_problem_has_its_words(app: Flask) -> None:
    for reason, words in importing.WORDS.items():
        assert words, reason


def test_shifted_cells_are_one_problem_of_their_line(app: Flask) -> None:
    def shift(book: Any) -> None:
        for place in range(len(KEYS), 1, -1):
            book.active.cell(2, place + 1, book.active.cell(2, place).value)
            book.active.cell(2, place, None)

    found = kept(LINE, change=shift)
    assert said(found) == [("2", "shifted")] and found.problems[0][2] == {"way": "right"}


@pytest.mark.parametrize(("change", "problem"), [
    (lambda book: book.active.merge_cells("H2:H3"), ("H2", "merged")),
    (lambda book: book.active.row_dimensions.__getitem__(3).__setattr__("hidden", True), ("3", "hidden_row")),
    (lambda book: book.active.column_dimensions.__getitem__("G").__setattr__("hidden", True), ("G1", "hidden_column")),
    (lambda book: book.active.__setitem__("P3", "lạc"), ("P3", "no_heading"))])
def test_what_makes_the_whole_table_doubtful_stops_it(app: Flask, change: Any, problem: tuple[str, str]) -> None:
    found = kept(LINE, LINE | {"mark": 2, "words": "Khác"}, change=change)
    assert problem in said(found) and not importing.is_clean(found)
    overseer = make.staff("overseer")
    with pytest.raises(NotClean), transaction():
        importing.load(found.id, overseer)
    assert session.scalar(select(func.count(Directive.id))) == 0


def test_a_task_that_is_there_twice_or_was_given_before_is_said(app: Flask) -> None:
    assert said(kept(LINE, LINE)) == [("F3", "doubled"), ("A3", "mark_doubled")]
    with transaction():
        tasks.give(tasks.new_directive(number="36a/NQ-CP", issuer="Chính phủ",
                                       article="Khoản 2", words="kết nối  phần mềm", deadline="none"),
                   [make.agency()], by=None)
    assert said(kept(LINE)) == [("2", "given_already")]


def test_what_changed_since_it_was_read_stops_it(app: Flask) -> None:
    overseer = make.staff("overseer")
    one, other = kept(LINE, by=overseer), kept(LINE, LINE | {"mark": 2, "words": "Khác"}, by=overseer)
    assert importing.is_clean(one) and importing.is_clean(other)
    with transaction():
        importing.load(one.id, overseer)
    with pytest.raises(NotClean) as found, transaction():
        importing.load(other.id, overseer)
    assert [(each.cell, each.reason) for each in found.value.problems] == [("2", "given_already")]
    assert session.scalar(select(func.count(Directive.id))) == 1, "of the second nothing was given"


@pytest.mark.real_commits
def test_two_who_say_yes_at_once_give_it_once(town: Flask) -> None:
    with town.app_context():
        overseer = make.staff("overseer").id
        ids = [kept(LINE, LINE | {"mark": 2, "words": "Khác"}, by=session.get(Person, overseer)).id for _ in range(2)]
    ready = Barrier(3, timeout=30)

    def yes(import_id: int) -> str:
        with town.app_context():
            ready.wait()
            try:
                with transaction():
                    importing.load(import_id, session.get_one(Person, overseer))
            except NotClean:
                return "refused"
            return "given"

    with ThreadPoolExecutor(3) as all_:
        answers = sorted(one.result() for one in [all_.submit(yes, id_) for id_ in (ids[0], ids[0], ids[1])])
    with town.app_context():
        assert session.scalar(select(func.count(Directive.id))) == 2
        assert session.scalar(select(func.count(Assignment.id))) == 6 and recounting.miscounted() == []
    assert answers in (["given", "given", "refused"], ["given", "refused", "refused"])


def test_nobody_s_yes_is_waited_for_longer_than_a_month(app: Flask) -> None:
    found = kept(LINE)
    importing.forget(clock.now())
    assert importing.find(found.id)
    importing.forget(clock.now() + importing.UNLOADED * 2)
    session.expire_all()
    assert importing.find(found.id) is None
