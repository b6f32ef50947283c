from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.catalogue.cases import Case, limit_of
from portal.catalogue.cases import read as read_cases
from portal.catalogue.openings import ONLINE_FROM_LEVEL
from portal.catalogue.rates import read as read_rates
from portal.kit import clock
from portal.kit.db import Base
from portal.law.fees import Rate
from portal.law.limits import Limit, LimitUnit
from portal.law.rule_sets import SpecialTimes
from portal.people.models import Agency


class Sector(Base):
    __tablename__ = "sector"
    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(120), unique=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)


class Procedure(Base):
    """An administrative procedure of the nation, as its record on the national portal has it.

    `papers`, `channels`, `legal_base` are lists of the record's own items; `detailed` says whether the
    record was read whole or only its line in the index.
    """

    __tablename__ = "procedure"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(Text)
    sector_id: Mapped[int] = mapped_column(ForeignKey("sector.id"), index=True)
    government_levels: Mapped[list[str]] = mapped_column(JSON)
    issuing_agency_id: Mapped[int | None] = mapped_column(ForeignKey("agency.id"))
    issuing_name: Mapped[str] = mapped_column(String(200))
    decision: Mapped[str | None] = mapped_column(String(120))
    for_citizens: Mapped[bool]
    for_businesses: Mapped[bool]
    online: Mapped[bool]
    detailed: Mapped[bool]
    result: Mapped[str | None] = mapped_column(Text)
    result_codes: Mapped[list[str]] = mapped_column(JSON)
    papers: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    legal_base: Mapped[list[str]] = mapped_column(JSON)
    channels: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    source: Mapped[str] = mapped_column(String(500))
    sector: Mapped[Sector] = relationship()


class Form(Base):
    """An application form as data. Never changed: a new number replaces it for new dossiers."""

    __tablename__ = "form"
    id: Mapped[int] = mapped_column(primary_key=True)
    procedure_id: Mapped[int] = mapped_column(ForeignKey("procedure.id"))
    number: Mapped[int]
    definition: Mapped[dict[str, Any]] = mapped_column(JSON)
    sample: Mapped[bool]
    __table_args__ = (UniqueConstraint("procedure_id", "number"),)


class ServiceVersion(Base):
    """The terms on which a procedure is offered online; shared by services and never changed.

    The limit is the longest of its `cases` (`catalogue.cases`); `rates` are what it costs (`catalogue.rates`);
    `special_times` are the fields of law.rule_sets.SpecialTimes that a special law sets for the procedure.
    A dossier keeps the version that it was accepted under, so a change of terms moves no old deadline.
    """

    __tablename__ = "service_version"
    id: Mapped[int] = mapped_column(primary_key=True)
    procedure_id: Mapped[int] = mapped_column(ForeignKey("procedure.id"))
    number: Mapped[int]
    level: Mapped[int]
    level_derived: Mapped[bool]
    service_class: Mapped[str] = mapped_column(String(12))
    limit_amount: Mapped[int | None]
    limit_unit: Mapped[str] = mapped_column(String(12))
    limit_assumed: Mapped[bool] = mapped_column(server_default=text("false"))
    channels: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    cases: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list, server_default="[]")
    rates: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list, server_default="[]")
    special_times: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    form_id: Mapped[int | None] = mapped_column(ForeignKey("form.id"))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    form: Mapped[Form | None] = relationship()
    procedure: Mapped[Procedure] = relationship()

    @property
    def limit(self) -> Limit:
        """The time that the law allows."""
        return Limit(self.limit_amount, LimitUnit(self.limit_unit), self.limit_assumed)

    @property
    def limit_cases(self) -> tuple[Case, ...]:
        """The cases that the law tells apart, none where one limit and one fee hold for all."""
        return read_cases(self.cases)

    @property
    def fee_rates(self) -> tuple[Rate, ...]:
        """What it costs."""
        return read_rates(self.rates)

    @property
    def main_channel(self) -> str:
        """The way of filing that is shown first."""
        return "online" if self.level >= ONLINE_FROM_LEVEL else "counter"

    @property
    def special(self) -> SpecialTimes | None:
        """The times of a special law in place of the one-stop regulation's own."""
        return SpecialTimes(**self.special_times) if self.special_times else None

    def limit_for(self, case: str) -> Limit:
        """The time that the law allows for this case, "" for one that is not known. Raises UnknownCase."""
        return limit_of(self.limit_cases, case, self.limit)

    __table_args__ = (
        UniqueConstraint("procedure_id", "number"),
        CheckConstraint("level BETWEEN 1 AND 4", name="level"),
        CheckConstraint("limit_amount IS NULL OR limit_amount >= 0", name="limit"),
    )


class Service(Base):
    """What one agency offers for a procedure."""

    __tablename__ = "service"
    id: Mapped[int] = mapped_column(primary_key=True)
    procedure_id: Mapped[int] = mapped_column(ForeignKey("procedure.id"))
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    version_id: Mapped[int] = mapped_column(ForeignKey("service_version.id"))
    basis: Mapped[str] = mapped_column(String(16))
    opens_on: Mapped[date | None]
    closes_on: Mapped[date | None]
    popularity: Mapped[int] = mapped_column(default=0, server_default="0")
    procedure: Mapped[Procedure] = relationship()
    agency: Mapped[Agency] = relationship()
    version: Mapped[ServiceVersion] = relationship()
    __table_args__ = (
        UniqueConstraint("agency_id", "procedure_id"),
        Index("ix_service_procedure", "procedure_id"),
        CheckConstraint("basis IN ('assigned', 'own_initiative')", name="basis"),
    )


class Competence(Base):
    """Which unit of an agency deals with a procedure, or with every procedure of a sector. A commune is competent for
    what is carried out at its level, without a row; what nobody is competent for goes to the central unit.
    """

    __tablename__ = "competence"
    id: Mapped[int] = mapped_column(primary_key=True)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    unit_id: Mapped[int] = mapped_column(index=True)
    sector_id: Mapped[int | None] = mapped_column(ForeignKey("sector.id"))
    procedure_id: Mapped[int | None] = mapped_column(ForeignKey("procedure.id"))
    sector: Mapped[Sector | None] = relationship()
    procedure: Mapped[Procedure | None] = relationship()
    __table_args__ = (
        ForeignKeyConstraint(["agency_id", "unit_id"], ["unit.agency_id", "unit.id"], name="fk_competence_unit"),
        UniqueConstraint("agency_id", "sector_id", name="uq_competence_sector"),
        UniqueConstraint("agency_id", "procedure_id", name="uq_competence_procedure"),
        CheckConstraint("(sector_id IS NULL) <> (procedure_id IS NULL)", name="one"),
    )


class Holiday(Base):
    """A day off, or (`make_up`) a day of a weekend that is worked instead; `provisional` until a notice confirms it."""

    __tablename__ = "holiday"
    day: Mapped[date] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(10))
    provisional: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    source: Mapped[str | None] = mapped_column(String(300))
    __table_args__ = (CheckConstraint("kind IN ('holiday', 'in_lieu', 'swapped', 'make_up')", name="kind"),)


class CalendarEdition(Base):
    """The days of the calendar as they were from `made_at` on, so that an old due date can still be explained.

    `key` is the name that the days give themselves (`law.calendar.edition_of`); the newest row is in use. `days`
    are lists of day, kind, name, provisional.
    """

    __tablename__ = "calendar_edition"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(16), index=True)
    made_at: Mapped[datetime] = mapped_column(default=clock.now)
    days: Mapped[list[tuple[str, str, str, bool]]] = mapped_column(JSON)


class LoadedFact(Base):
    """What a release loaded: the digest of its content. A row with another content now was edited here."""

    __tablename__ = "loaded_fact"
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    key: Mapped[str] = mapped_column(String(120), primary_key=True)
    digest: Mapped[str] = mapped_column(String(16))
    edited: Mapped[bool] = mapped_column(default=False, server_default=text("false"))


class CatalogueLoad(Base):
    """One loading of a release's facts: `digest` of all that they are made from, and by kind what came of it."""

    __tablename__ = "catalogue_load"
    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(String(16))
    loaded_at: Mapped[datetime] = mapped_column(default=clock.now)
    report: Mapped[dict[str, dict[str, int]]] = mapped_column(JSON)


class CatalogueEdition(Base):
    """One row: a number that goes up with every change, so that a search index in memory knows it is old."""

    __tablename__ = "catalogue_edition"
    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int]
    changed_at: Mapped[datetime] = mapped_column(default=clock.now)
    __table_args__ = (CheckConstraint("id = 1", name="one"),)
