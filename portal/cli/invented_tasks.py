"""Invented tasks of the Government in the demonstration: given to agencies of today, reported, confirmed, late, asked
more time for; told through the real verbs, in the order of time."""
import random
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from portal.kit import clock
from portal.kit.clock import day_of
from portal.oversight import tasks
from portal.people.models import Agency, AgencyKind, Person


class Task(NamedTuple):
    """`given`, `due`: days from today. `done`: of a hundred agencies, so many are confirmed; `reported`: so many more
    have said so."""

    number: str
    words: str
    given: int
    due: int | None
    group: str
    done: int
    reported: int
    probe: str | None = None


TASKS = (
    Task("184/NQ-CP", "Kết nối hệ thống quản lý văn bản với trục liên thông văn bản quốc gia", -220, -40, "all", 70, 10,
         "connected"),
    Task("184/NQ-CP", "Công khai tiến độ giải quyết hồ sơ thủ tục hành chính trên Cổng", -220, 25, "all", 45, 15,
         "publishing"),
    Task("71/NQ-CP", "Rà soát, cắt giảm thành phần hồ sơ đã có trong cơ sở dữ liệu quốc gia", -150, 60, "all", 30, 10),
    Task("201/CĐ-TTg", "Bố trí đủ thiết bị số hóa tại bộ phận một cửa cấp xã", -90, -10, "provinces", 60, 20),
    Task("201/CĐ-TTg", "Báo cáo nhu cầu kinh phí số hóa kết quả giải quyết còn hiệu lực", -60, None, "central", 40, 0),
)
REPORT = "Đã hoàn thành, có báo cáo kèm theo."
CONFIRM = "Đối chiếu báo cáo và kết quả trên hệ thống, đạt yêu cầu."


def load(dice: random.Random, agencies: Sequence[Agency], overseer: Person, speakers: dict[int, Person],
         now: datetime) -> None:
    """Give the tasks and tell what became of them. `speakers`: by agency, who reports for it; for the others somebody
    of the first speaks."""
    somebody = next(iter(speakers.values()))
    for one in TASKS:
        chosen = [agency for agency in agencies if one.group == "all"
                  or (agency.kind == AgencyKind.province) == (one.group == "provinces")]
        given_at = now + timedelta(days=one.given)
        with clock.pretend(given_at):
            made = tasks.give(tasks.new_directive(
                number=one.number, issuer="Chính phủ" if "NQ" in one.number else "Thủ tướng Chính phủ",
                issued_on=day_of(given_at), words=one.words, probe=one.probe, source="Nhiệm vụ hư cấu",
                deadline="none" if one.due is None else "fixed", due_on=_due(one, now)), chosen, by=overseer)
        for task in made:
            _tell(dice, one, task, overseer, speakers.get(task.agency_id, somebody), given_at, now)


def _due(one: Task, now: datetime) -> date | None:
    return day_of(now + timedelta(days=one.due)) if one.due is not None else None


def _tell(dice: random.Random, one: Task, task: Any, overseer: Person, speaker: Person, given_at: datetime,
          now: datetime) -> None:
    lot = dice.randrange(100)
    said_at = given_at + (now - given_at) * dice.uniform(0.3, 0.9)
    if lot < one.done + one.reported:
        with clock.pretend(said_at):
            tasks.claim(task, speaker, REPORT)
    if lot < one.done:
        with clock.pretend(said_at + (now - said_at) * 0.4):
            tasks.verify(task, overseer, CONFIRM)
    elif lot > 94 and one.due is not None:
        until = day_of(now + timedelta(days=max(one.due, 0) + 30))
        with clock.pretend(now - timedelta(days=2)):
            tasks.ask_for_time(task, speaker, until, "Chờ bố trí kinh phí.")
