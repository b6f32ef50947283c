"""Invented tasks of the Government in the demonstration: given to agencies of today, reported, confirmed, late, asked
more time for; told through the real verbs, in the order of time."""
import random
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from flask import current_app

from portal.exchange import queries as exchange
from portal.exchange.models import Way
from portal.kit import clock, jobs
from portal.kit.clock import day_of
from portal.notices import actions as notices
from portal.oversight import reminding, tasks
from portal.people import queries as people
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
#: Whose own list tells everything that can come next.
SHOWN = ("H17", "H26", "G15")
REPORT = "Đã hoàn thành, có báo cáo kèm theo."
CONFIRM = "Đối chiếu báo cáo và kết quả trên hệ thống, đạt yêu cầu."


def load(dice: random.Random, agencies: Sequence[Agency], overseer: Person, speakers: dict[int, Person],
         now: datetime) -> None:
    """Give the tasks and tell what became of them. `speakers`: by agency, who reports for it; for the others somebody
    of the first speaks."""
    somebody = next(iter(speakers.values()))
    _let_office_write(now)
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
        if one.probe:
            jobs.put("oversight.look_at", unique=str(made[0].directive_id), directive_id=made[0].directive_id)
    _tell_stories({one.key: one for one in agencies}, overseer, speakers, now)
    for person in (overseer, *speakers.values()):
        notices.read_all(person)
    yesterday = now - timedelta(days=1)
    with clock.pretend(yesterday):
        for agency in (one for one in agencies if one.key in SHOWN):
            reminding.remind_agency(agency.id, day_of(yesterday), current_app.config["TASK_REMINDERS"])


def _let_office_write(now: datetime) -> None:
    """The Government Office works on the pages of this portal from now on, so that reminders can go from it."""
    office = people.agency_by_key(reminding.OFFICE)
    for one in exchange.participants_of(office.id) if office else ():
        one.way, one.last_seen_at = Way.pages, now


def _tell_stories(at: Mapping[str, Agency], overseer: Person, speakers: Mapping[int, Person], now: datetime) -> None:
    """One task with parts, two that wait for a condition, one that is measured by a figure, one by a page; what is sent
    back, and what is due within days."""
    some = [at[key] for key in SHOWN if key in at]

    def give(given: int, leads: Sequence[Agency], **kw: Any) -> list[Any]:
        with clock.pretend(now + timedelta(days=given)):
            facts = {"number": "71/NQ-CP", "issuer": "Chính phủ", "issued_on": day_of(now + timedelta(days=-150)),
                     "source": "Nhiệm vụ hư cấu", "deadline": "fixed"} | kw
            return tasks.give(tasks.new_directive(**facts), leads, by=overseer)

    def due(days: int) -> date:
        return day_of(now + timedelta(days=days))

    whole = give(-60, some, words="Hoàn thành số hóa hồ sơ thủ tục hành chính còn hiệu lực ở cấp xã", due_on=due(40))
    parts = [give(-58, some, words=words, due_on=due(days), parent_id=whole[0].directive_id) for words, days in (
        ("Rà soát, lập danh mục hồ sơ phải số hóa", -20), ("Tập huấn cán bộ số hóa cấp xã", -3),
        ("Nghiệm thu dữ liệu số hóa", 30))]
    for part in (*parts[0], *parts[1][1:]):
        with clock.pretend(now - timedelta(days=25)):
            tasks.verify(part, overseer, CONFIRM)
    with clock.pretend(now - timedelta(days=9)):
        tasks.verify(parts[2][-1], overseer, CONFIRM)  # all of that agency's parts: the whole is proposed
    give(-30, some, words="Ban hành quy chế nội bộ về sử dụng dữ liệu định danh", deadline="condition",
         condition="Khi Nghị định thay thế về định danh và xác thực điện tử có hiệu lực")
    came = give(-45, some, words="Chuyển sang biểu mẫu điện tử mới của thủ tục hộ tịch", deadline="condition",
                condition="Khi Bộ Tư pháp công bố biểu mẫu mới")
    with clock.pretend(now - timedelta(days=6)):
        tasks.condition_met(came[0].directive, overseer, due(-7), due(12), "Quyết định công bố của Bộ Tư pháp.")
    figure = give(-40, some, words="Đưa ít nhất 80% dịch vụ công lên mức toàn trình hoặc một phần", due_on=due(5),
                  probe="figure_reaches", wanted={"figure": "measure:services_level_3", "part": "share", "least": "80"})
    jobs.put("oversight.look_at", unique=str(figure[0].directive_id), directive_id=figure[0].directive_id)
    give(-40, some, words="Bảo đảm trang giới thiệu dịch vụ công truy cập được liên tục", deadline="none",
         probe="page_answers", wanted={"address": "https://dichvucong.gov.vn/"})
    back = give(-35, some, words="Công khai địa chỉ tiếp nhận phản ánh của người dân", due_on=due(8))
    for task in back[:1]:
        speaker = speakers.get(task.agency_id)
        if speaker is not None:
            with clock.pretend(now - timedelta(days=4)):
                tasks.claim(task, speaker, REPORT)
            with clock.pretend(now - timedelta(days=2)):
                tasks.send_back(task, overseer, "Địa chỉ nêu trong báo cáo chưa truy cập được.")


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
