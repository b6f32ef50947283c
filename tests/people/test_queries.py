from sqlalchemy import event

from portal.people import queries
from tests import make


def test_the_search_forgives_tones_and_capitals_and_looks_in_agency_names(app):
    an = make.officer("H17", name="Đặng Văn Ẩn")
    make.officer("H26", name="Trần Thị Bình")
    assert [one.id for one in queries.staff("dang an")] == [an.id]
    assert [one.id for one in queries.staff("ĐÀ NẴNG")] == [an.id]
    assert [one.name for one in queries.staff("h26")] == ["Trần Thị Bình"]
    assert queries.staff("dang binh") == []


def test_citizens_are_not_staff(app):
    make.citizen(name="Đặng Văn Ẩn")
    assert queries.staff("dang") == []


def test_pages_follow_each_other_without_gap_or_repeat(app):
    made = {make.officer().id for _ in range(7)}
    seen, before = [], None
    while page := queries.staff(before=before, limit=3):
        seen += [one.id for one in page]
        before = page[-1].id
    assert seen == sorted(seen, reverse=True)
    assert made <= set(seen)
    assert len(seen) == len(set(seen))


def test_the_list_takes_two_questions_however_long_it_is(app):
    for _ in range(3):
        make.officer()
    asked = []
    engine = app.extensions["engine"]
    event.listen(engine, "before_cursor_execute", lambda *a: asked.append(a[2]))
    queries.staff()
    assert len([q for q in asked if q.startswith("SELECT")]) == 2


def test_the_register_names_predecessors(app):
    lines = queries.agency_register()
    assert any(line.agency.key == "H17" and line.agency.valid_to is None for line in lines)
    ended = [line.agency.valid_to is not None for line in lines]
    assert ended == sorted(ended)
