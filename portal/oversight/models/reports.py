"""Reports that agencies owe: their templates, the periods that were opened, each agency's report and what happened to
it; and the plans that agencies issued."""
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, event, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.files.models import Owner
from portal.kit import clock
from portal.kit.db import Base, one_of
from portal.oversight.reporting import NAMED, OWES, ReportCode, ReportState
from portal.people.models import Agency

HELD = "withdrawn_at IS NULL"


class ReportTemplate(Base):
    """A version of what a report asks (see oversight.reports.templates for `definition`). A version that was used never
    changes: another one follows it. `owes`: all, central, provinces. `digest`: of the definition."""

    __tablename__ = "oversight_template"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(40))
    version: Mapped[int]
    title: Mapped[dict[str, str]] = mapped_column(JSON)
    every: Mapped[str] = mapped_column(String(8))
    owes: Mapped[str] = mapped_column(String(10))
    definition: Mapped[dict[str, Any]] = mapped_column(JSON)
    digest: Mapped[str] = mapped_column(String(64))
    source: Mapped[str] = mapped_column(String(300), default="")
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    __table_args__ = (UniqueConstraint("key", "version"), CheckConstraint(one_of("owes", OWES), name="owes"))


class ReportPeriod(Base):
    """A period of one template that was opened ("2026-Q4"), with the days that it speaks of and the day on which its
    reports are due. `owes`: who was asked when it was opened: all, central, provinces, or agencies that were named.
    `goes_on`: the portal opens the period after it by itself, when that begins."""

    __tablename__ = "oversight_report_period"
    id: Mapped[int] = mapped_column(primary_key=True)
    template_id: Mapped[int] = mapped_column(ForeignKey("oversight_template.id"))
    template_key: Mapped[str] = mapped_column(String(40))
    period: Mapped[str] = mapped_column(String(8))
    first_day: Mapped[date]
    last_day: Mapped[date]
    due_on: Mapped[date]
    owes: Mapped[str] = mapped_column(String(10), default=NAMED)
    goes_on: Mapped[bool] = mapped_column(default=False, server_default=false())
    opened_at: Mapped[datetime] = mapped_column(default=clock.now)
    opened_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    template: Mapped[ReportTemplate] = relationship()
    __table_args__ = (UniqueConstraint("template_key", "period"),
                      Index("ix_oversight_report_period_due", "due_on", "id"),
                      CheckConstraint(one_of("owes", (*OWES, NAMED)), name="owes"))


class Report(Base):
    """What one agency owes for one period.

    `answers`: as the form keeps them; `typed`: what is not right yet, by step and person. `known`: by field what the
    portal knew when it was filled in: {"value", "measure", "source", "at", "facts"}. `reasons`: by field why something
    else was answered. `notes`: by key of a finding what is to be said about its warning. `approved_at`: the last time.
    What its events make of it is in `state`; who changed which field stands in them.
    """

    __tablename__ = "oversight_report"
    id: Mapped[int] = mapped_column(primary_key=True)
    period_id: Mapped[int] = mapped_column(ForeignKey("oversight_report_period.id"))
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    state: Mapped[str] = mapped_column(String(10), default=ReportState.owed)
    answers: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    typed: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    known: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    reasons: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    notes: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    document_id: Mapped[int | None] = mapped_column(ForeignKey("exchange_document.id"), index=True)
    submitted_at: Mapped[datetime | None]
    approved_at: Mapped[datetime | None]
    changed_at: Mapped[datetime] = mapped_column(default=clock.now)
    version: Mapped[int] = mapped_column()
    period: Mapped[ReportPeriod] = relationship()
    agency: Mapped[Agency] = relationship()
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  SQLAlchemy reads it so
    __table_args__ = (
        UniqueConstraint("period_id", "agency_id"),
        Index("ix_oversight_report_agency", "agency_id", "state", "id"),
        CheckConstraint(one_of("state", ReportState), name="state"),
    )


class ReportEvent(Base):
    """What happened to a report, once, for ever. `changes`: by field [before, after]. `facts`: the comments by field of
    who returned it; the answers, reasons and notes as they were submitted or approved."""

    __tablename__ = "oversight_report_event"
    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("oversight_report.id"), index=True)
    code: Mapped[str] = mapped_column(String(12))
    at: Mapped[datetime] = mapped_column(default=clock.now)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    by_name: Mapped[str | None] = mapped_column(String(200))
    reason: Mapped[str | None] = mapped_column(Text)
    changes: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    __table_args__ = (CheckConstraint(one_of("code", ReportCode), name="code"),)


class ActionPlan(Base):
    """A plan that an agency issued for a programme ("36a/NQ-CP"), with the document that is the plan: one of the
    exchange, or a file (Owner("plan", id)). That it was issued is public; `public`: everybody may open its file too.
    One that was withdrawn keeps its row, and may be registered anew."""

    __tablename__ = "oversight_plan"
    id: Mapped[int] = mapped_column(primary_key=True)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    programme: Mapped[str] = mapped_column(String(60))
    number: Mapped[str] = mapped_column(String(60))
    issued_on: Mapped[date]
    title: Mapped[str] = mapped_column(String(500))
    document_id: Mapped[int | None] = mapped_column(ForeignKey("exchange_document.id"), index=True)
    public: Mapped[bool] = mapped_column(default=False, server_default=false())
    registered_at: Mapped[datetime] = mapped_column(default=clock.now)
    registered_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    withdrawn_why: Mapped[str | None] = mapped_column(Text)
    agency: Mapped[Agency] = relationship()
    __table_args__ = (Index("uq_oversight_plan_held", "agency_id", "programme", "number", "issued_on", unique=True,
                            sqlite_where=text(HELD), postgresql_where=text(HELD)),
                      Index("ix_oversight_plan_agency", "agency_id", "issued_on", "id"),
                      Index("ix_oversight_plan_programme", "programme", "issued_on", "id"))

    @property
    def owner(self) -> Owner:
        """Its file."""
        return Owner("plan", self.id)


class ReportsNeverForget(Exception):
    """Somebody tried to rewrite what happened to a report."""


@event.listens_for(ReportEvent, "before_update")
@event.listens_for(ReportEvent, "before_delete")
def _refuse(*_args: Any) -> None:
    raise ReportsNeverForget("what happened to a report is written once, for ever")
