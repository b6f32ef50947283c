"""The dossiers behind every lost point."""
from typing import Any

from portal.oversight.score import population, queries
from portal.oversight.score.judging import Lost
from portal.people.permissions import Place
from tests import make
from tests.oversight.score.lived import DAY, PERIOD, lived, pushed, told

OF = population.span(PERIOD, make.OCTOBER + 50 * DAY)


def here(unit: Any = None) -> Place:
    return Place(make.agency().id, unit.id if unit else None)


def test_late_dossiers_are_listed_with_why_and_by_how_many_days(app: Any) -> None:
    lived(("accept", 0.1), ("decide", 0.2))
    late, open_ = lived(("accept", 0.1), ("decide", 20)), lived(("accept", 0.11))
    rows = queries.lost(here(), "progress", OF).rows
    assert [(row.code, row.why) for row in rows] == [(late.code, Lost.late), (open_.code, Lost.unfinished_late)]
    assert rows[0].days == (make.OCTOBER + 20 * DAY).date().toordinal() - late.due_at.date().toordinal()  # type: ignore[union-attr]


def test_each_indicator_lists_its_own(app: Any) -> None:
    paper, full = lived(("accept", 0.1), ("decide", 0.2)), lived(("accept", 0.1), ("decide", 0.2), file=True)
    counter = lived(("accept", 0.1), ("decide", 0.2), file=True)
    counter.channel = "counter"
    found = {key: {row.code: row.why for row in queries.lost(here(), key, OF).rows} for key in (
        "dossiers_online", "electronic_result", "digitised")}
    assert found["dossiers_online"] == {paper.code: Lost.no_result_file, counter.code: Lost.counter}
    assert found["electronic_result"] == {paper.code: Lost.no_result_file}
    assert full.code not in found["digitised"] and found["digitised"][paper.code] == Lost.no_result_file


def test_a_unit_has_its_own_list_and_pages_follow_each_other(app: Any) -> None:
    unit = make.department()
    theirs = lived(("accept", 0.1), ("decide", 20), unit=unit)
    codes = [lived(("accept", 0.1 + n / 100), ("decide", 20)).code for n in range(5)]
    assert [row.code for row in queries.lost(here(unit), "progress", OF).rows] == [theirs.code]
    seen, after = [], None
    while True:
        page = queries.lost(here(), "progress", OF, after, size=2)
        seen += [row.code for row in page.rows]
        if page.next is None:
            break
        after = queries.after(page.next)
    assert seen == [theirs.code, *codes] and queries.after("x~1") is None and queries.after("2026-10-05~1") is None


def test_late_dossiers_of_agencies_systems_are_listed_too(app: Any) -> None:
    due = (make.OCTOBER + 3 * DAY).isoformat()
    pushed(told(1, 2, 0, due_at=due), told(1, 9, 2), told(2, 2, 0, due_at=due), told(2, 9, 6), told(3, 2, 0),
           told(3, 9, 25), told(4, 2, 0), told(4, 9, 0.1))
    rows = queries.lost_elsewhere(make.agency().id, OF).rows
    assert [(row.code[-4:], row.why, row.id) for row in rows] == [("0002", Lost.late, None), ("0003", Lost.late, None)]
    assert rows[0].days == 3 and rows[1].days > 0
    assert len(queries.lost_elsewhere(make.agency().id, OF, size=1).rows) == 1


def test_services_that_nobody_used_are_listed(app: Any) -> None:
    all_ = queries.idle_services(make.agency().id, "services_used", OF, size=100).rows
    lived(("accept", 0.1))
    rest = queries.idle_services(make.agency().id, "services_used", OF, size=100).rows
    assert len(all_) - len(rest) == 1 and "1.001193" in {row.code for row in all_} - {row.code for row in rest}
    offline = queries.idle_services(make.agency().id, "services_online", OF, size=100).rows
    assert not {row.code for row in offline} & {row.code for row in all_}
