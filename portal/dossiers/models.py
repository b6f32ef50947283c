from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    event,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.catalogue.cases import chosen
from portal.catalogue.models import Service, ServiceVersion
from portal.dossiers.states import OPEN as OPEN_STATES
from portal.dossiers.states import State
from portal.files.models import Owner
from portal.kit import clock
from portal.kit.db import Base
from portal.law.limits import Limit
from portal.people.models import Agency, Person, Unit

STATES = ", ".join(repr(str(s)) for s in State)
UNANSWERED = text("answer_until IS NOT NULL AND answered_at IS NULL AND replaced_at IS NULL AND taken_back_at IS NULL")
ANSWERED, STRANDED = text("queue_rank = 0"), text("stranded_at IS NOT NULL")
OPEN = text(f"state IN ({', '.join(repr(str(s)) for s in OPEN_STATES)})")


class Dossier(Base):
    """One application with its papers, from draft to returned result.

    `code` is NULL while it is a draft; `unit_id` may be then, while nobody has chosen one. `version` is for
    compare-and-swap: a lost race is refused, never a lost write. `queue_at` orders the officers' queue: the due
    moment, or before there is one the moment by which it should be looked at (8 working hours after submission).
    `submit_key` comes from the form and makes a double submit one dossier. `applicant_name`, `holder_name`,
    `representative_name`: who handed it in, whose case it is, who acts for that one, as they were called then;
    `applicant` is the account. `names_key`: by what the first two are found (kit.text.name_key).

    `typed`: what was typed and is no answer (yet), by step: the names and values as they were posted.

    `rule_set` names the law's rules by which its times are counted (law.rule_sets): of the day on which it was handed
    in, then of that on which it was received; `calendar_edition` names the days by which `due_at` was counted. `due_at`
    is the date by the decree, `index_due_at` the one by which Decision 766/QĐ-TTg judges it, `missed_due_at` the first
    that had passed when something moved it. `carried_at`: it is older than dated rules, and keeps what was promised.
    `asked_again`: papers were asked for beyond what the rules allow, for a reason of the head of the unit.

    `queue_rank` comes before `queue_at` in the queue (ranks.py): what an applicant answered and nobody looked at yet,
    then what waits for the office, then what waits for others. `stranded_at`: since when nobody can act on it, as the
    night found. `result_on_paper`: the applicant has the result as a thing; there need be no file of it.
    """

    __tablename__ = "dossier"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str | None] = mapped_column(String(40), unique=True)
    state: Mapped[str] = mapped_column(String(16))
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"))
    version_id: Mapped[int] = mapped_column(ForeignKey("service_version.id"))
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    applicant_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    applicant_name: Mapped[str | None] = mapped_column(String(200))
    holder_name: Mapped[str | None] = mapped_column(String(200))
    representative_name: Mapped[str | None] = mapped_column(String(200))
    holder_folded: Mapped[str | None] = mapped_column(String(200))
    names_key: Mapped[str | None] = mapped_column(String(420))
    answers: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    typed: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    submit_key: Mapped[str] = mapped_column(String(32), unique=True)
    channel: Mapped[str] = mapped_column(String(10), default="online", server_default="online")
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    changed_at: Mapped[datetime] = mapped_column(default=clock.now)
    submitted_at: Mapped[datetime | None]
    received_at: Mapped[datetime | None]
    rule_set: Mapped[str | None] = mapped_column(String(16))
    calendar_edition: Mapped[str | None] = mapped_column(String(16))
    due_at: Mapped[datetime | None]
    index_due_at: Mapped[datetime | None]
    missed_due_at: Mapped[datetime | None]
    carried_at: Mapped[datetime | None]
    asked_again: Mapped[bool] = mapped_column(default=False, server_default=false())
    queue_rank: Mapped[int] = mapped_column(SmallInteger, default=1, server_default="1")
    queue_at: Mapped[datetime] = mapped_column(default=clock.now)
    stopped_at: Mapped[datetime | None]
    stranded_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    returned_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(String(10))
    result_on_paper: Mapped[bool] = mapped_column(default=False, server_default=false())
    version: Mapped[int] = mapped_column()
    service: Mapped[Service] = relationship()
    terms: Mapped[ServiceVersion] = relationship()
    agency: Mapped[Agency] = relationship()
    unit: Mapped[Unit | None] = relationship()
    applicant: Mapped[Person] = relationship(foreign_keys=applicant_id)
    officer: Mapped[Person | None] = relationship(foreign_keys=officer_id)
    events: Mapped[list["Event"]] = relationship(order_by="Event.id", back_populates="dossier")
    requests: Mapped[list["SupplementRequest"]] = relationship(order_by="SupplementRequest.id",
                                                               back_populates="dossier")
    due_changes: Mapped[list["DueChange"]] = relationship(order_by="DueChange.id", back_populates="dossier")
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  SQLAlchemy reads it so

    @property
    def owner(self) -> Owner:
        """As stored files and papers name whom they belong to."""
        return Owner("dossier", self.id)

    @property
    def handed_in_by(self) -> str:
        """The name of who handed it in, as it was then."""
        return self.applicant_name or self.applicant.name

    @property
    def case(self) -> str:
        """The key of the case that the answers name, "" where the form does not ask."""
        return chosen(self.terms.limit_cases, self.answers)

    @property
    def fee_case(self) -> str:
        """The case among those that cost something of their own: fees are those of the day, whatever the terms."""
        return chosen(self.service.version.limit_cases, self.answers)

    @property
    def limit(self) -> Limit:
        """The time that the law allows for this case."""
        return self.terms.limit_for(self.case)

    __table_args__ = (
        CheckConstraint(f"state IN ({STATES})", name="state"),
        CheckConstraint("(state = 'draft') = (code IS NULL)", name="code"),
        CheckConstraint("outcome IS NULL OR outcome IN ('granted', 'denied')", name="outcome"),
        CheckConstraint("(state = 'waiting') = (stopped_at IS NOT NULL)", name="stopped"),
        Index("ix_dossier_agency_queue", "agency_id", "queue_rank", "queue_at", "id", sqlite_where=OPEN,
              postgresql_where=OPEN),
        Index("ix_dossier_unit_queue", "unit_id", "queue_rank", "queue_at", "id", sqlite_where=OPEN,
              postgresql_where=OPEN),
        Index("ix_dossier_officer_queue", "officer_id", "queue_rank", "queue_at", "id", sqlite_where=OPEN,
              postgresql_where=OPEN),
        Index("ix_dossier_answered", "agency_id", "unit_id", "officer_id", sqlite_where=ANSWERED,
              postgresql_where=ANSWERED),
        Index("ix_dossier_stranded", "agency_id", "id", sqlite_where=STRANDED, postgresql_where=STRANDED),
        Index("ix_dossier_unit", "unit_id", "state", "officer_id"),
        Index("ix_dossier_agency", "agency_id", "state", "officer_id"),
        Index("ix_dossier_applicant", "applicant_id", "id"),
        Index("ix_dossier_received", "agency_id", "received_at", "id"),
    )


class Act:
    """Somebody's act: who did it, under the name of that day."""

    by_name: Mapped[str | None] = mapped_column(String(200))

    @property
    def who(self) -> str | None:
        """The name then; of rows that an earlier release wrote meanwhile, the name now. None: nobody, a clock."""
        by: Person | None = getattr(self, "by", None)
        return self.by_name or (by.name if by else None)


class Event(Act, Base):
    """What happened, once, for ever. `note` is the officer's or the applicant's own words: not public. `flagged`: done
    beyond what the rules allow, for the reason in the note. Into whose hands it went, where it changed them: a
    colleague's (`to_id`) or those of a unit (`to_unit_id`), called as they were then (`to_name`)."""

    __tablename__ = "event"
    id: Mapped[int] = mapped_column(primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"), index=True)
    step: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime] = mapped_column(default=clock.now)
    note: Mapped[str | None] = mapped_column(Text)
    due_at: Mapped[datetime | None]
    flagged: Mapped[bool] = mapped_column(default=False, server_default=false())
    to_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    to_unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    to_name: Mapped[str | None] = mapped_column(String(200))
    dossier: Mapped[Dossier] = relationship(back_populates="events")
    by: Mapped[Person | None] = relationship(foreign_keys=by_id)


class SupplementRequest(Act, Base):
    """One round of asking as it was worded at `written_at`: its items are answered together.

    A request is amended by writing its next `edition`; the one before is `replaced_at` then, and stays as it was, with
    its paper. `asked_at` is when the round began, and the clock stopped. `answer_until`: the moment from which silence
    ends the dossier, as the applicant was told at `told_at`; None where the rules know no such end.
    """

    __tablename__ = "supplement_request"
    id: Mapped[int] = mapped_column(primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"))
    round: Mapped[int]
    edition: Mapped[int] = mapped_column(default=1, server_default="1")
    asked_at: Mapped[datetime] = mapped_column(default=clock.now)
    written_at: Mapped[datetime] = mapped_column(default=clock.now)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    answer_until: Mapped[datetime | None]
    told_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
    replaced_at: Mapped[datetime | None]
    taken_back_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    reply: Mapped[str | None] = mapped_column(Text)
    dossier: Mapped[Dossier] = relationship(back_populates="requests")
    by: Mapped[Person | None] = relationship()
    items: Mapped[list["SupplementItem"]] = relationship(order_by="SupplementItem.id")
    __table_args__ = (UniqueConstraint("dossier_id", "round", "edition"),
                      Index("ix_supplement_request_open", "answer_until", sqlite_where=UNANSWERED,
                            postgresql_where=UNANSWERED))


class DueChange(Act, Base):
    """A due date that was set anew: the old one stays beside the new, with the reason.

    `edition`: of the calendar whose corrected days moved it, `old_edition` of the one by which the old date was
    counted. `note`: the office's words for an extension.
    """

    __tablename__ = "due_change"
    id: Mapped[int] = mapped_column(primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"), index=True)
    old_at: Mapped[datetime]
    new_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(12))
    edition: Mapped[str | None] = mapped_column(String(16))
    old_edition: Mapped[str | None] = mapped_column(String(16))
    note: Mapped[str | None] = mapped_column(Text)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime] = mapped_column(default=clock.now)
    dossier: Mapped[Dossier] = relationship(back_populates="due_changes")
    by: Mapped[Person | None] = relationship()
    __table_args__ = (CheckConstraint("reason IN ('extension', 'supplement', 'calendar')", name="reason"),
                      CheckConstraint("(reason = 'calendar') = (edition IS NOT NULL)", name="edition"))


class SupplementItem(Base):
    """One thing to supply, and why. `key`: a paper or a field of the form, or "other"."""

    __tablename__ = "supplement_item"
    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("supplement_request.id"), index=True)
    key: Mapped[str] = mapped_column(String(80))
    label: Mapped[str] = mapped_column(String(300))
    reason: Mapped[str] = mapped_column(Text)


class DossierNumber(Base):
    """The last number given, for an agency and a day. It rolls back with its dossier: hence no gaps."""

    __tablename__ = "dossier_number"
    agency_code: Mapped[str] = mapped_column(String(20), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    n: Mapped[int]


class Look(Base):
    """That one of the staff looked: at the dossier's page, at a file, at a paper (`thing_id`), at a step,
    or said why they would look.

    Who it was stands as it was then. Without foreign keys, as the log of security events: the page waits for no other
    row's lock. `reason`: a name of looks.REASONS, where it was not of the own queue; `note`: their words for it.
    """

    __tablename__ = "look"
    id: Mapped[int] = mapped_column(primary_key=True)
    dossier_id: Mapped[int]
    person_id: Mapped[int]
    at: Mapped[datetime] = mapped_column(default=clock.now)
    what: Mapped[str] = mapped_column(String(8))
    thing_id: Mapped[int | None]
    by_name: Mapped[str] = mapped_column(String(200))
    role: Mapped[str | None] = mapped_column(String(24))
    agency_id: Mapped[int | None]
    unit_id: Mapped[int | None]
    reason: Mapped[str | None] = mapped_column(String(12))
    note: Mapped[str | None] = mapped_column(String(300))
    __table_args__ = (CheckConstraint("what IN ('dossier', 'file', 'paper', 'step', 'reason')", name="what"),
                      Index("ix_look_dossier", "dossier_id", "person_id"), Index("ix_look_person", "person_id", "at"))


class EventsNeverChange(Exception):
    """Somebody tried to rewrite what happened."""


@event.listens_for(Event, "before_update")
@event.listens_for(Event, "before_delete")
@event.listens_for(Look, "before_update")
@event.listens_for(Look, "before_delete")
def _refuse(*_args: Any) -> None:
    raise EventsNeverChange("an event is written once, for ever")
