"""What the Government asked of agencies, and what happened to each task."""
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    event,
    false,
    text,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.kit import clock
from portal.kit.db import Base, one_of
from portal.kit.text import fold
from portal.oversight.standing import Code, Standing, State
from portal.people.models import Agency

DEADLINES = ("fixed", "recurring", "condition", "none")
PERIODS = ("month", "quarter", "year")
NOW = date(9999, 12, 31)
#: How long what a probe saw is believed: three nights, so that one that failed takes nothing back.
FRESH = timedelta(days=3)
OPEN = text("done_on IS NULL")
#: As one expression, which no other index answers to: by its parts SQLite would go through all open tasks.
WAITING = text("(done_on IS NULL AND (claimed_at IS NOT NULL OR proposed_at IS NOT NULL OR asked_until IS NOT NULL))"
               " IS TRUE")


def _of_public(name: str, only: str, *columns: str) -> Index:
    """An index of public tasks alone. What a condition must say is not the same on both databases."""
    return Index(name, *columns, postgresql_where=text("public AND " + only.format(lead="lead")),
                 sqlite_where=text("public = 1 AND " + only.format(lead="lead = 1")))


def _folded(context: Any) -> str:
    said = context.get_current_parameters()
    return fold(" ".join(said.get(name) or "" for name in ("number", "article", "words")))


class Directive(Base):
    """A task as a decision or a resolution words it: number, day, article, text.

    `deadline`: a fixed day (`due_on`), one that comes again (`every`), a condition in words, or none.
    `condition_met_on`: the day on which the condition came about; `condition_due_on`: the deadline by it. `probe`,
    `wanted`: a condition that the portal can measure by itself (oversight.probes) and what it must reach.
    `folded`: number, article and words as they are searched.
    `document_id`: the document of the exchange that carried it. `parent_id`: of a part of a larger task.
    `letter`: a reminder through the exchange that was begun and not noted yet: {"document", "tasks"}, their numbers.
    `confidence`: as of figures.
    """

    __tablename__ = "oversight_directive"
    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(60))
    issuer: Mapped[str] = mapped_column(String(200))
    issued_on: Mapped[date | None]
    article: Mapped[str] = mapped_column(String(80), default="")
    words: Mapped[str] = mapped_column(Text)
    product: Mapped[str] = mapped_column(Text, default="")
    deadline: Mapped[str] = mapped_column(String(10))
    due_on: Mapped[date | None]
    every: Mapped[str | None] = mapped_column(String(8))
    condition: Mapped[str] = mapped_column(Text, default="")
    condition_met_on: Mapped[date | None]
    condition_due_on: Mapped[date | None]
    probe: Mapped[str | None] = mapped_column(String(40))
    wanted: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    document_id: Mapped[int | None] = mapped_column(ForeignKey("exchange_document.id"), index=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("oversight_directive.id"), index=True)
    letter: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    public: Mapped[bool] = mapped_column(default=True, server_default=true())
    source: Mapped[str] = mapped_column(String(300), default="")
    confidence: Mapped[str] = mapped_column(String(1), default="H", server_default="H")
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    folded: Mapped[str] = mapped_column(Text, default=_folded, server_default="")
    assignments: Mapped[list["Assignment"]] = relationship(order_by="Assignment.id", back_populates="directive")
    __table_args__ = (
        Index("ix_oversight_directive_public", "id", sqlite_where=text("public = 1"), postgresql_where=text("public")),
        Index("ix_oversight_directive_number", "number", "id"),
        CheckConstraint(one_of("deadline", DEADLINES), name="deadline"),
        CheckConstraint("(deadline = 'fixed') = (due_on IS NOT NULL AND every IS NULL)", name="due"),
        CheckConstraint("(deadline = 'recurring') = (every IS NOT NULL)", name="every"),
        CheckConstraint("(condition_met_on IS NULL) = (condition_due_on IS NULL)"
                        " AND (condition_met_on IS NULL OR deadline = 'condition')", name="condition"),
    )


class Assignment(Base):
    """A task at one agency, for one `period` where it comes again ("2026-Q3"). What its events make of it
    (oversight.standing) is written with each of them. `lead`: answers for it; the others co-operate.

    `probe_passed`, `probed_at`: what the portal saw last; NULL where it could not look. `returned_at`: sent back or
    opened again, and nothing said since. `public`: as its directive is, for lists that everybody reads; what a
    release that knows no such column gives is not, until it is looked at (oversight.recounting).
    """

    __tablename__ = "oversight_assignment"
    id: Mapped[int] = mapped_column(primary_key=True)
    directive_id: Mapped[int] = mapped_column(ForeignKey("oversight_directive.id"))
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    lead: Mapped[bool] = mapped_column(default=True, server_default=true())
    period: Mapped[str] = mapped_column(String(8), default="", server_default="")
    due_on: Mapped[date | None]
    claimed_at: Mapped[datetime | None]
    proposed_at: Mapped[datetime | None]
    verified_at: Mapped[datetime | None]
    done_on: Mapped[date | None]
    asked_until: Mapped[date | None]
    reminded_at: Mapped[datetime | None]
    returned_at: Mapped[datetime | None]
    probe_passed: Mapped[bool | None]
    probed_at: Mapped[datetime | None]
    public: Mapped[bool] = mapped_column(default=True, server_default=false())
    assigned_at: Mapped[datetime] = mapped_column(default=clock.now)
    version: Mapped[int] = mapped_column()
    directive: Mapped[Directive] = relationship(back_populates="assignments")
    agency: Mapped[Agency] = relationship()
    events: Mapped[list["OversightEvent"]] = relationship(order_by="OversightEvent.id", back_populates="assignment")
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  SQLAlchemy reads it so

    @property
    def _stands(self) -> Standing:
        return Standing(due_on=self.due_on, done_on=self.done_on)

    def state(self, today: date) -> State:
        """How it stands on a day, by its columns."""
        return self._stands.state(today)

    def days_late(self, today: date) -> int:
        """Calendar days after the due day."""
        return self._stands.days_late(today)

    def sees(self, now: datetime) -> bool | None:
        """What its probe says now. None: it never could look, or has not looked for so long that it says nothing."""
        return self.probe_passed if self.probed_at and now - self.probed_at <= FRESH else None

    __table_args__ = (
        UniqueConstraint("directive_id", "agency_id", "period"),
        Index("ix_oversight_assignment_agency", "agency_id", "done_on", "due_on", "id"),
        Index("ix_oversight_assignment_period", "directive_id", "period", "id"),
        Index("ix_oversight_assignment_done", "agency_id", "done_on", "id"),
        Index("ix_oversight_assignment_open", "due_on", "id", sqlite_where=OPEN, postgresql_where=OPEN),
        _of_public("ix_oversight_assignment_public_open", "done_on IS NULL", "agency_id", "due_on", "id"),
        _of_public("ix_oversight_assignment_public_done", "done_on IS NOT NULL", "agency_id", "done_on", "id"),
        _of_public("ix_oversight_assignment_counted", "done_on IS NULL AND {lead}", "agency_id", "due_on"),
        Index("ix_oversight_assignment_waiting", "id", sqlite_where=WAITING, postgresql_where=WAITING),
    )


class OversightEvent(Base):
    """What happened to a task, once, for ever. `machine`: concluded by the portal and nobody's word. `facts`: what it
    saw, or what the agency gave as evidence."""

    __tablename__ = "oversight_event"
    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("oversight_assignment.id"), index=True)
    code: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime] = mapped_column(default=clock.now)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    by_name: Mapped[str | None] = mapped_column(String(200))
    machine: Mapped[bool]
    reason: Mapped[str | None] = mapped_column(Text)
    due_on: Mapped[date | None]
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    assignment: Mapped[Assignment] = relationship(back_populates="events")
    __table_args__ = (CheckConstraint(one_of("code", Code), name="code"),)


class TaskTally(Base):
    """How many public tasks an agency answers for, and how they stood at the beginning of `day`, the first of a
    quarter; NOW: as they stand. Moved with every event, in its transaction (oversight.tallies). Where a quarter has no
    row nothing moved in it: the next row says how it stood.

    `late`: of those open, those that were due before `late_as_of`; what fell due since is counted when it is read.
    `middle_due`: the due day of the one in the middle of those."""

    __tablename__ = "oversight_tally"
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    given: Mapped[int] = mapped_column(default=0, server_default="0")
    done_in_time: Mapped[int] = mapped_column(default=0, server_default="0")
    done_late: Mapped[int] = mapped_column(default=0, server_default="0")
    claimed: Mapped[int] = mapped_column(default=0, server_default="0")
    late: Mapped[int] = mapped_column(default=0, server_default="0")
    late_as_of: Mapped[date]
    middle_due: Mapped[date | None]


class DirectiveImport(Base):
    """A spreadsheet of tasks that was read and waits for a person's yes. `rows`: as they were written and as they will
    be given (oversight.import_rows); `problems`: by cell, [cell, reason, facts, whether it stops]. Nothing is given
    before `loaded_at`, and then all at once: `given`, the directives by their numbers here."""

    __tablename__ = "oversight_import"
    id: Mapped[int] = mapped_column(primary_key=True)
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime] = mapped_column(default=clock.now)
    name: Mapped[str] = mapped_column(String(160))
    sha256: Mapped[str] = mapped_column(String(64))
    rows: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    problems: Mapped[list[list[Any]]] = mapped_column(JSON, default=list)
    loaded_at: Mapped[datetime | None]
    loaded_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    given: Mapped[list[int]] = mapped_column(JSON, default=list)


class ProbeReading(Base):
    """What a probe saw on one day (in Vietnam). `passed` NULL: it could not look, and `facts` say why."""

    __tablename__ = "oversight_probe_reading"
    assignment_id: Mapped[int] = mapped_column(ForeignKey("oversight_assignment.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    passed: Mapped[bool | None]
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class EventsNeverChange(Exception):
    """Somebody tried to rewrite what happened."""


@event.listens_for(OversightEvent, "before_update")
@event.listens_for(OversightEvent, "before_delete")
def _refuse(*_args: Any) -> None:
    raise EventsNeverChange("what happened to a task is written once, for ever")
