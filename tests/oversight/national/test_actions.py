"""Drafting by several, publishing with what was seen, correcting with a reason."""
import threading
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from portal.kit import clock
from portal.kit.db import session, transaction
from portal.kit.jobs import Job
from portal.oversight import actions as oversight
from portal.oversight import publishing
from portal.oversight.models import NationalDraft, PublishedFigure
from portal.oversight.national import actions, building, queries
from portal.people.models import Person
from tests import make
from tests.oversight.national.test_building import Q1, history  # noqa: F401  a fixture

EMPTY = actions.base("")


def paragraphs(day: date = Q1) -> dict[str, str]:
    session.expire_all()
    draft = queries.draft(day)
    assert draft is not None
    return draft.paragraphs


def test_two_drafters_keep_both_sections(history: None) -> None:  # noqa: F811
    lan, minh = make.staff("overseer"), make.staff("overseer")
    actions.begin(Q1, by=lan)
    every = dict.fromkeys(("plans", "tasks"), EMPTY)
    assert actions.save(Q1, {"plans": "Của Lan", "tasks": ""}, every, by=lan) == []
    assert actions.save(Q1, {"plans": "", "tasks": "Của Minh"}, every, by=minh) == []
    assert paragraphs() == {"plans": "Của Lan", "tasks": "Của Minh"}
    draft = queries.draft(Q1)
    assert draft is not None and draft.seen["plans"]["by"] == lan.name and draft.changed_by_name == minh.name


def test_a_section_that_both_changed_is_shown_to_the_second_and_nothing_is_lost(history: None) -> None:  # noqa: F811
    lan, minh = make.staff("overseer"), make.staff("overseer")
    actions.begin(Q1, by=lan)
    actions.save(Q1, {"plans": "Của Lan"}, {"plans": EMPTY}, by=lan)
    [clash] = actions.save(Q1, {"plans": "Của Minh", "tasks": "Mới"}, {"plans": EMPTY, "tasks": EMPTY}, by=minh)
    assert clash == ("plans", "Của Lan", "Của Minh", lan.name)
    assert paragraphs() == {"plans": "Của Lan", "tasks": "Mới"}, "what does not clash is kept"
    assert actions.save(Q1, {"plans": "Của cả hai"}, {"plans": actions.base("Của Lan")}, by=minh) == []
    assert paragraphs()["plans"] == "Của cả hai"


def test_the_same_words_twice_are_no_clash_and_an_unknown_section_is_none(history: None) -> None:  # noqa: F811
    overseer = make.staff("overseer")
    actions.begin(Q1, by=overseer)
    actions.save(Q1, {"plans": "Như nhau"}, {"plans": EMPTY}, by=overseer)
    assert actions.save(Q1, {"plans": " Như nhau\r\n", "no such": "x"}, {"plans": EMPTY}, by=overseer) == []
    assert paragraphs() == {"plans": "Như nhau"}


def test_beginning_twice_keeps_what_is_there(history: None) -> None:  # noqa: F811
    overseer = make.staff("overseer")
    actions.begin(Q1, by=overseer)
    actions.save(Q1, {"plans": "Đã viết"}, {"plans": EMPTY}, by=overseer)
    actions.begin(Q1, by=overseer)
    assert paragraphs() == {"plans": "Đã viết"}
    with pytest.raises(building.NotYet):
        actions.begin(clock.today() + timedelta(days=1), by=overseer)


def test_publishing_freezes_and_puts_the_drawing_off(history: None) -> None:  # noqa: F811
    overseer = make.staff("overseer")
    actions.begin(Q1, by=overseer)
    made = actions.publish(Q1, by=overseer, seen=publishing.digest(building.build(Q1)))
    [job] = session.scalars(select(Job).where(Job.name == "oversight.national.draw"))
    assert job.args == {"publication_id": made.id} and made.edition == 1
    session.execute(PublishedFigure.__table__.delete())
    session.commit()
    assert made.content["figures"] and made.digest == publishing.digest(made.content), "it needs its sources no more"


def test_what_was_not_seen_is_not_published(history: None) -> None:  # noqa: F811
    overseer = make.staff("overseer")
    actions.begin(Q1, by=overseer)
    seen = publishing.digest(building.build(Q1))
    make.save(PublishedFigure(indicator="agencies_connected", group="central", on=Q1, value="25", as_published="25/30",
                              denominator=30, source="Báo cáo khác", confidence="H"))
    with pytest.raises(actions.Changed):
        actions.publish(Q1, by=overseer, seen=seen)


def test_a_correction_has_a_reason_and_leaves_the_first_as_it_was(history: None) -> None:  # noqa: F811
    overseer = make.staff("overseer")
    actions.begin(Q1, by=overseer)
    first = actions.publish(Q1, by=overseer)
    actions.save(Q1, {"plans": "Sửa lại"}, {"plans": EMPTY}, by=overseer)
    with pytest.raises(publishing.NeedsReason):
        actions.publish(Q1, by=overseer)
    second = actions.publish(Q1, by=overseer, reason="Thiếu một đoạn.")
    assert [one.edition for one in queries.editions(Q1)] == [2, 1] and second.reason == "Thiếu một đoạn."
    assert "Sửa lại" not in queries.file_of(first).decode() and queries.edition(Q1, 1) is first
    with pytest.raises(publishing.AsBefore):
        actions.publish(Q1, by=overseer, reason="Lần nữa")


def test_the_open_data_name_the_office_and_no_person(history: None) -> None:  # noqa: F811
    overseer = make.staff("overseer", name="Trần Thị Bí Mật")
    actions.begin(Q1, by=overseer)
    actions.save(Q1, {"plans": "Đoạn"}, {"plans": EMPTY}, by=overseer)
    actions.publish(Q1, by=overseer)
    found = queries.edition(Q1)
    assert found is not None
    text = queries.file_of(found).decode()
    assert "Văn phòng Chính phủ" in text and overseer.name not in text


@pytest.mark.real_commits
def test_two_who_save_at_the_same_moment_lose_nothing(town: Flask) -> None:
    with town.app_context():
        with transaction():
            oversight.load_history()
        ids = [make.staff("overseer").id for _n in range(2)]
        with transaction():
            actions.begin(Q1, by=session.get_one(Person, ids[0]))
        session.close()
    gate = threading.Barrier(2)

    def saving(section: str, by_id: int) -> Callable[[], None]:
        def run() -> None:
            with town.app_context():
                gate.wait()
                for n in range(5):
                    with transaction():
                        draft = queries.draft(Q1)
                        assert draft is not None
                        known = {section: actions.base(draft.paragraphs.get(section, ""))}
                        actions.save(Q1, {section: f"Đoạn {n}"}, known, by=session.get_one(Person, by_id))
                session.close()
        return run
    threads = [threading.Thread(target=saving(section, by_id)) for section, by_id in zip(
        ("plans", "tasks"), ids, strict=True)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    with town.app_context():
        draft: Any = session.scalar(select(NationalDraft))
        assert draft.paragraphs == {"plans": "Đoạn 4", "tasks": "Đoạn 4"}
        session.close()
