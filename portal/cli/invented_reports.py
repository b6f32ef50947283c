"""Reports that agencies owed for the last three quarters, and their plans, for the demonstration: invented figures that
add up, told through the real verbs at their own moments. Nobody's."""
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import Any

from portal.cli import invented
from portal.files import actions as files
from portal.kit import clock
from portal.oversight import plans
from portal.oversight.models import Report, ReportPeriod
from portal.oversight.periods import before, days_of, period_of
from portal.oversight.reports import actions, deliveries, opening, versions
from portal.people.models import Agency, AgencyKind, Person

PROGRAMME, QUARTERLY, DOSSIERS = "36a/NQ-CP", "nq36a_quarter", "tt09_07a"
TITLE = "Kế hoạch hành động thực hiện Nghị quyết 36a/NQ-CP về Chính phủ điện tử"
SENT_BACK = "Số liệu dịch vụ công chưa khớp danh mục đã được giao, đề nghị rà soát."
COMMENTS = {"services_deployed": "Danh mục được giao ghi khác số này.", "results_text": "Nêu rõ kết quả trong kỳ."}
NOTE = "Hai báo cáo lấy số liệu ở hai thời điểm khác nhau; đã đối chiếu với Sở liên quan."
HOW_MANY_DOSSIERS = 6  # agencies that report on dossiers too; the first tells another number in both reports


@dataclass(frozen=True)
class Cast:
    """`drafters`, `leaders`: by agency; for the others `somebody` speaks."""

    overseer: Person
    drafters: Mapping[int, Person]
    leaders: Mapping[int, Person]
    somebody: Person

    def of(self, held: Mapping[int, Person], agency: Agency) -> Person:
        return held.get(agency.id, self.somebody)


#: How reports end in quarters that are over, and how many of a hundred: of the last but one, of the last.
LOTS = ("approved", "late", "submitted", "none")
OF_HUNDRED = ((78, 14, 0, 8), (66, 16, 8, 10))


def load(dice: random.Random, agencies: Sequence[Agency], cast: Cast, now: datetime) -> None:
    """Two quarters that are over and the one that runs. Who has a desk to look round at (`drafters`) delivered before,
    and finds the report of this quarter untouched."""
    versions.load_shipped()
    _plans(dice, agencies, cast, now)
    running = period_of(clock.day_of(now), "quarter")
    told = {one.id: _first(dice, one) for one in agencies}
    for age, period in enumerate((before(before(running)), before(running), running)):
        opened = _open(QUARTERLY, period, None, cast, goes_on=period == running)
        beside = _dossiers(dice, agencies, cast, now, period, told) if age == 1 else {}
        made = {one.agency_id: one for one in deliveries.reports_of(opened)}
        for place, agency in enumerate(agencies):
            told[agency.id] = _next(dice, told[agency.id]) if age else told[agency.id]
            report = made.get(agency.id)
            if report is None or period == running:
                continue
            lot = "approved" if agency.id in cast.drafters else _lot(dice, age)
            said = told[agency.id] | ({"dossiers_received": beside[agency.id]} if agency.id in beside else {})
            _tell(dice, report, opened, said, "returned" if age and place == len(agencies) // 2 else lot, cast, now)


def _open(key: str, period: str, named: list[Agency] | None, cast: Cast, *, goes_on: bool = False) -> ReportPeriod:
    template = deliveries.template(key)
    assert template is not None
    with clock.pretend(datetime.combine(days_of(period)[0], time(8), clock.VN)):
        return opening.open_period(template, period, agencies=named, by=cast.overseer, goes_on=goes_on)


def _lot(dice: random.Random, age: int) -> str:
    return dice.choices(LOTS, OF_HUNDRED[age])[0]


def _tell(dice: random.Random, report: Report, period: ReportPeriod, said: Mapping[str, Any], lot: str, cast: Cast,
          now: datetime) -> None:
    """A report's life; what would lie in the time to come does not happen."""
    days = dice.randint(1, 16) if lot == "late" else -dice.randint(0, 6)
    at = datetime.combine(period.due_on + timedelta(days=days), time(dice.randint(8, 16), dice.randint(0, 59)),
                          clock.VN)
    if lot == "none" or at > now:
        return
    agency = report.agency
    with clock.pretend(at):
        actions.save(report, said, {}, cast.of(cast.drafters, agency))
        try:
            actions.submit(report, cast.of(cast.leaders, agency))
        except actions.Incomplete as lacks:  # warnings, which want a note
            actions.note(report, {one.key: NOTE for one in lacks.findings}, cast.of(cast.drafters, agency))
            actions.submit(report, cast.of(cast.leaders, agency))
    decided = at + timedelta(days=dice.randint(1, 6), hours=dice.randint(0, 4))
    if lot == "submitted" or decided > now:
        return
    with clock.pretend(decided):
        if lot == "returned":
            actions.send_back(report, cast.overseer, SENT_BACK, COMMENTS)
        else:
            actions.approve(report, cast.overseer)


def _first(dice: random.Random, agency: Agency) -> dict[str, Any]:
    """What an agency reports at first."""
    province = agency.kind == AgencyKind.province
    units = dice.randint(14, 22) if province else dice.randint(8, 30)
    assigned, own = (44, dice.randint(0, 12)) if province else (dice.randint(3, 12), dice.randint(0, 5))
    tasks, procedures = dice.randint(8, 15), dice.randint(900, 1500) if province else dice.randint(60, 400)
    return _whole(dice, {
        "has_plan": True, "plan_number": f"{dice.randint(10, 900)}/{'KH-UBND' if province else 'KH'}",
        "plan_date": "2026-01-15", "connected": True, "publishing": True, "units_total": units,
        "units_publishing_of": units, "units_connected": units - dice.randint(0, 4),
        "units_publishing": units - dice.randint(0, 6), "procedures_total": procedures,
        "services_assigned": assigned, "services_level_3": dice.randint(assigned // 3, assigned * 2 // 3),
        "services_level_4": dice.randint(0, assigned // 5), "own_level_3": own, "own_level_4": own // 4,
        "tasks_assigned": tasks, "tasks_done": dice.randint(tasks // 4, tasks // 2), "tasks_open_late": 0,
        "procedures_published": procedures * dice.randint(55, 98) // 100,
        "dossiers_received": dice.randint(9_000, 60_000) if province else dice.randint(200, 6_000)})


def _next(dice: random.Random, told: Mapping[str, Any]) -> dict[str, Any]:
    """What it reports a quarter later: a little further, never back."""
    room = told["services_assigned"] - told["services_deployed"]
    more, tasks = dice.randint(0, min(room, 5)), told["tasks_assigned"] - told["tasks_done"]
    return _whole(dice, {**told, "services_level_3": told["services_level_3"] + more,
                         "tasks_done": told["tasks_done"] + dice.randint(0, min(tasks, 3)),
                         "dossiers_received": told["dossiers_received"] * dice.randint(85, 125) // 100})


def _whole(dice: random.Random, told: dict[str, Any]) -> dict[str, Any]:
    """With what follows from the rest."""
    deployed, own = told["services_level_3"] + told["services_level_4"], told["own_level_3"] + told["own_level_4"]
    left, sent = told["tasks_assigned"] - told["tasks_done"], dice.randint(900, 9_000)
    late = min(left, dice.choice((0, 0, 0, 1, 2)))
    return told | {
        "services_deployed": deployed, "own_services": own, "services_online_all": deployed + own,
        "tasks_open_late": late, "tasks_open_in_time": left - late, "documents_sent": sent,
        "documents_electronic": sent * dice.randint(70, 99) // 100,
        "dossiers_online": told["dossiers_received"] * dice.randint(20, 80) // 100,
        "results_text": f"Trong kỳ có {deployed} dịch vụ công đã triển khai; {told['tasks_done']} nhiệm vụ đã hoàn "
                        "thành.", "difficulties": "Kinh phí bố trí chưa kịp thời.", "proposals": ""}


# reports on dossiers, so that two of the same quarter can be held against each other

def _dossiers(dice: random.Random, agencies: Sequence[Agency], cast: Cast, now: datetime, period: str,
              told: Mapping[int, Mapping[str, Any]]) -> dict[int, int]:
    """By agency the dossiers that it will tell in the other report: as told here, but for the first."""
    chosen = [one for one in agencies if one.id in cast.drafters][:1] + [
        one for one in agencies if one.id not in cast.drafters and one.kind == AgencyKind.province]
    chosen = chosen[:HOW_MANY_DOSSIERS]
    opened = _open(DOSSIERS, period, chosen, cast)
    made = {one.agency_id: one for one in deliveries.reports_of(opened)}
    for agency in chosen:
        _tell(dice, made[agency.id], opened, _by_sector(dice, told[agency.id]["dossiers_received"]), "approved", cast,
              now)
    return {one.id: told[one.id]["dossiers_received"] + (12 if not place else 0) for place, one in enumerate(chosen)}


def _by_sector(dice: random.Random, received: int) -> dict[str, Any]:
    first = received * dice.randint(40, 60) // 100
    rows = [_sector(dice, "Hộ tịch", first), _sector(dice, "Đất đai", received - first)]
    settled, late = sum(row["settled"] for row in rows), sum(row["settled_late"] for row in rows)
    return {"dossiers": rows, "total_received": received, "total_settled": settled, "total_settled_late": late,
            "total_settled_in_time": settled - late, "total_pending": sum(row["pending"] for row in rows)}


def _sector(dice: random.Random, name: str, received: int) -> dict[str, Any]:
    carried = received // 12
    full, part, post = (received * dice.randint(5, 30) // 100 for _n in range(3))
    settled, pending = received + carried - (rest := received // 10), rest
    late, early = settled // 40, settled * dice.randint(30, 60) // 100
    return {"sector": name, "received": received + carried, "online_full": full, "online_part": part, "by_post": post,
            "in_person": received - full - part - post, "carried_over": carried, "settled": settled,
            "settled_early": early, "settled_in_time": settled - early - late, "settled_late": late,
            "pending": pending, "pending_in_time": pending - pending // 20, "pending_late": pending // 20,
            "received_in_period": received}


def _plans(dice: random.Random, agencies: Sequence[Agency], cast: Cast, now: datetime) -> None:
    """Most agencies registered a plan this year; one took another back."""
    for agency in agencies:
        if dice.random() < 0.22 and agency.id not in cast.drafters:
            continue
        issued = clock.day_of(now) - timedelta(days=dice.randint(120, 330))
        _register(agency, f"{dice.randint(10, 900)}/KH-{'UBND' if agency.kind == AgencyKind.province else 'BCĐ'}",
                  issued, cast)


def _register(agency: Agency, number: str, issued: date, cast: Cast) -> None:
    with clock.pretend(datetime.combine(issued + timedelta(days=3), time(9), clock.VN)):
        plans.register(agency, PROGRAMME, number, issued, TITLE, by=cast.of(cast.drafters, agency), public=True,
                       proven=files.prove(BytesIO(invented.paper("Kế hoạch hành động")), "ke-hoach.pdf"))
