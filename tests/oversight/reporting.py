"""A small template of reports, as the tests of periods need it."""
from datetime import date
from typing import Any

from sqlalchemy import select

from portal.kit.db import session
from portal.oversight import publishing
from portal.oversight.models import Report, ReportPeriod, ReportTemplate
from portal.oversight.reports import opening
from tests import make

DEFINITION: dict[str, Any] = {
    "form": {"title": {"vi": "Báo cáo thử", "en": "Trial report"}, "sample": True, "steps": [
        {"key": "figures", "title": {"vi": "Số liệu", "en": "Figures"}, "fields": [
            {"key": "services", "kind": "number", "required": True, "min": 0,
             "label": {"vi": "Số dịch vụ công trực tuyến", "en": "Online services"}},
            {"key": "level_3", "kind": "number", "label": {"vi": "Trong đó mức độ 3", "en": "At level 3"},
             "required": True, "min": 0},
            {"key": "words", "kind": "long_text", "required": False,
             "label": {"vi": "Khó khăn", "en": "Difficulties"}}]}]},
    "figures": [{"field": "services", "theme": "services", "unit": "services",
                 "words": {"vi": "Số dịch vụ công trực tuyến", "en": "Online services"}}],
    "checks": [], "due": {"day": 23, "month": "last"}}


def template(key: str = "test36a", version: int = 1, every: str = "quarter", owes: str = "all",
             **definition: Any) -> ReportTemplate:
    """A stored version."""
    said = DEFINITION | definition
    made = ReportTemplate(key=key, version=version, every=every, owes=owes, definition=said,
                          title={"vi": "Báo cáo thử", "en": "Trial report"}, digest=publishing.digest(said))
    session.add(made)
    session.flush()
    return made


def opened(period: str = "2026-Q4", *, by: Any = None, **kw: Any) -> ReportPeriod:
    """A period of a fresh template, for whoever owes it."""
    return opening.open_period(kw.pop("of", None) or template(), period, by=by, **kw)


def report(period: ReportPeriod, agency: str) -> Report:
    """The report of one agency."""
    return session.scalars(select(Report).where(Report.period_id == period.id,
                                                Report.agency_id == make.agency(agency).id)).one()


DUE = date(2026, 12, 23)
