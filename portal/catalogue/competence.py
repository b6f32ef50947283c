"""Which unit of an agency deals with what. Verbs flush; the edge commits."""
from sqlalchemy import or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from portal.catalogue.models import Competence, Procedure, Sector
from portal.kit.db import session
from portal.kit.text import vi_key
from portal.people.models import Unit, UnitKind


class Competent(Exception):
    """Another unit of the agency, or this one, deals with it already."""


def competent_unit(agency_id: int, procedure: Procedure) -> int | None:
    """The unit of an agency that deals with a procedure, or else with its sector; None where none is named."""
    return session.scalar(select(Competence.unit_id).where(
        Competence.agency_id == agency_id, or_(Competence.procedure_id == procedure.id,
                                               Competence.sector_id == procedure.sector_id))
        .order_by(Competence.procedure_id.is_(None)).limit(1))


def of_unit(unit_id: int) -> list[Competence]:
    """What a unit deals with: sectors, then procedures, each by name."""
    rows = session.scalars(select(Competence).where(Competence.unit_id == unit_id).options(
        joinedload(Competence.sector), joinedload(Competence.procedure))).all()
    return sorted(rows, key=lambda row: (row.sector is None, vi_key(_name(row))))


def _name(row: Competence) -> str:
    return row.sector.name if row.sector else row.procedure.name if row.procedure else ""


def sector(slug: str) -> Sector | None:
    """The sector with this name in addresses."""
    return session.scalar(select(Sector).where(Sector.slug == slug))


def procedure(code: str) -> Procedure | None:
    """The procedure with this code."""
    return session.scalar(select(Procedure).where(Procedure.code == code))


def add(unit: Unit, of: Sector | Procedure) -> Competence:
    """Say that a unit deals with a procedure, or with every one of a sector; new dossiers of it go there.

    Raises ValueError for a commune, whose competence is its level, and for a counter; Competent.
    """
    if unit.kind not in (UnitKind.department, UnitKind.central):
        raise ValueError(f"a {unit.kind} is told no competence")
    row = Competence(agency_id=unit.agency_id, unit_id=unit.id)
    if isinstance(of, Sector):
        row.sector_id = of.id
    else:
        row.procedure_id = of.id
    try:
        with session.begin_nested():  # the unique key decides, also between two that come at once
            session.add(row)
    except IntegrityError as error:
        raise Competent from error
    return row


def remove(competence_id: int, unit: Unit) -> bool:
    """Take it from a unit; dossiers that lie there stay. Whether it was there."""
    row = session.scalar(select(Competence).where(Competence.id == competence_id, Competence.unit_id == unit.id))
    if row is not None:
        session.delete(row)
        session.flush()
    return row is not None
