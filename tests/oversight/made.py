"""Makers of reports: a period of a shipped template with the report of one agency."""
from typing import Any

from sqlalchemy import select

from portal.kit.db import session
from portal.oversight.models import Report, ReportPeriod, ReportTemplate
from portal.oversight.periods import days_of
from portal.oversight.reports import versions
from portal.oversight.reports.templates import read
from tests import make


def template(key: str = "tt09_07a") -> ReportTemplate:
    """The newest version of a shipped template, loaded where it is not there yet."""
    if versions.newest(key) is None:
        versions.load_shipped()
    found = versions.newest(key)
    assert found is not None
    return found


def period(key: str = "tt09_07a", name: str = "2026-Q4") -> ReportPeriod:
    """A period of a template, opened once."""
    asked = template(key)
    found = session.scalar(select(ReportPeriod).where(ReportPeriod.template_key == key, ReportPeriod.period == name))
    if found is None:
        first, last = days_of(name)
        made = {"owes": asked.owes} if "owes" in ReportPeriod.__table__.columns else {}
        found = ReportPeriod(template_id=asked.id, template_key=key, period=name, first_day=first, last_day=last,
                             due_on=read(asked.definition).due_by(name), **made)
        session.add(found)
        session.flush()
    return found


def report(key: str = "tt09_07a", name: str = "2026-Q4", at: str = "H17", **kw: Any) -> Report:
    """A report that an agency owes; the one that is there, where journeys share a database."""
    of = {"period_id": period(key, name).id, "agency_id": make.agency(at).id}
    made = session.scalar(select(Report).filter_by(**of)) or Report(**of)
    for part, value in kw.items():
        setattr(made, part, value)
    session.add(made)
    session.commit()
    return made


def row(sector: str = "Hộ tịch", **kw: int) -> dict[str, Any]:
    """A row of form 07a that adds up; other numbers by column."""
    return {"sector": sector, "received": 100, "online_full": 40, "online_part": 20, "by_post": 5, "in_person": 25,
            "carried_over": 10, "settled": 80, "settled_early": 50, "settled_in_time": 28, "settled_late": 2,
            "pending": 20, "pending_in_time": 19, "pending_late": 1, "received_in_period": 90} | kw


def answers_07a(*rows: dict[str, Any], **kw: Any) -> dict[str, Any]:
    """Answers to form 07a whose totals are those of their rows."""
    every = rows or (row(),)
    return {"total_received": sum(one["received_in_period"] for one in every),
            "total_settled": sum(one["settled"] for one in every),
            "total_settled_late": sum(one["settled_late"] for one in every),
            "total_settled_in_time": sum(one["settled_early"] + one["settled_in_time"] for one in every),
            "total_pending": sum(one["pending"] for one in every), "dossiers": list(every)} | kw
