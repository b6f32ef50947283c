"""Mail that is silent, drips or is refused, while the portal's own worker is at work."""
import time
from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import func, select

from portal import worker
from portal.kit import clock, jobs
from portal.kit.db import session, transaction
from portal.kit.jobs import Job, Lane
from portal.notices import actions as notices
from portal.notices.models import Message
from portal.people.models import Person
from tests.faults.faults import Row
from tests.post_office import Manner, PostOffice

LETTERS = 3
QUICK_S = 5.0  # in which what is quick is done, whatever mail does
HELD_S = 21.5  # no longer may a letter be tried for


def rows(app: Flask, name: str) -> list[Row]:
    """A row for each manner of the mail server."""
    return [_row(app, name, manner) for manner in (Manner.silent, Manner.drips, Manner.refuses, Manner.busy)]


def _row(app: Flask, name: str, manner: Manner) -> Row:
    row = Row(name, f"mail server {manner.value} ({LETTERS} letters)")
    with PostOffice(manner) as office, app.app_context():
        app.config["SMTP_URL"], app.config["MAIL_WITHOUT_TLS"] = office.url, True
        messages = _write()
        began = time.monotonic()
        worker.run_one(app, (Lane.outside,))
        row.seen.append(f"one letter held the lane for {time.monotonic() - began:.1f} s")
        row.need(time.monotonic() - began < HELD_S, "a letter held its lane for too long")
        with transaction():
            jobs.put("kit.throttle.forget_old")
        began = time.monotonic()
        worker.run_all(app, (Lane.quick,))
        row.need(time.monotonic() - began < QUICK_S, "quick work waited")
        if manner in (Manner.refuses, Manner.busy):
            worker.run_all(app, (Lane.outside,))
        _judge(row, manner, messages)
        with transaction():  # the next manner has letters of its own
            for job in session.scalars(select(Job).where(Job.done_at.is_(None), Job.name == "notices.deliver")):
                job.done_at = clock.now()
    return row


def _write() -> list[int]:
    with transaction():
        people = [Person(name="Người Nhận Thư", email=f"nhan.{time.monotonic_ns()}.{n}@noi.vn", password_hash="")
                  for n in range(LETTERS)]
        session.add_all(people)
        session.flush()
        return [notices.tell(person.id, "password_changed", "/account").id for person in people]


def _judge(row: Row, manner: Manner, messages: list[int]) -> None:
    session.rollback()
    given_up = session.scalar(select(func.count()).where(
        Message.id.in_(messages), Message.undeliverable_at.is_not(None)))
    again: Any = session.scalars(select(Job.due_at).where(
        Job.name == "notices.deliver", Job.done_at.is_(None), Job.dead_at.is_(None))).all()
    told = session.scalar(select(func.count()).select_from(Message).where(
        Message.id > max(messages), Message.channel == "portal"))
    row.seen.append(f"{given_up} given up, {len(again)} tried again later, {told} people told in the portal")
    if manner == Manner.refuses:
        row.need((given_up, told) == (LETTERS, LETTERS), "a refusal for good was not final, or nobody was told")
    else:
        row.need(not given_up and len(again) == LETTERS, "a letter was given up at once")
        row.need(all(at < clock.now() + timedelta(minutes=1) for at in again), "it is not tried again soon")
