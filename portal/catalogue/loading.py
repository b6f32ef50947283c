"""Bringing each kind of fact that a release ships into the database: what is new comes, what nobody edited is
replaced, what the release took out goes, and what was edited here stays."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Table, bindparam, delete, insert, select, update

from portal.catalogue import reference
from portal.catalogue.digests import Content, digest
from portal.catalogue.models import Holiday, LoadedFact, Procedure, Sector
from portal.catalogue.reconcile import Plan, plan
from portal.kit.db import Base, session
from portal.people.models import Agency, Unit, UnitKind

BATCH = 5_000
Contents = Mapping[str, Content]
_PROCEDURE = ("code", "name", "government_levels", "issuing_name", "decision", "for_citizens", "for_businesses",
              "online", "detailed", "result", "result_codes", "papers", "legal_base", "channels", "source")
_AGENCY = ("key", "name", "kind", "code", "old_code", "abbreviation", "gso_code", "valid_from", "valid_to",
           "code_source", "source")
_HOLIDAY = ("name", "kind", "provisional", "source")


@dataclass
class Report:
    """What a loading did, by kind of fact: how many came, were replaced, went; the keys of those edited here."""

    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    edited: dict[str, list[str]] = field(default_factory=dict)

    @property
    def changed(self) -> bool:
        """Whether the database says anything else than before."""
        return any(self.counts.values())

    def note(self, kind: str, made: Plan) -> None:
        told = {"added": len(made.missing), "replaced": len(made.outdated), "taken_out": len(made.gone)}
        self.counts[kind] = {word: n for word, n in told.items() if n}
        if made.edited:
            self.edited[kind] = sorted(made.edited)


@dataclass(frozen=True)
class Kind:
    """How one kind of fact stands in the database: all of it by key, and the verbs for a row."""

    name: str
    held: Callable[[], dict[str, Content]]
    add: Callable[[Contents], None]
    replace: Callable[[Contents], None]
    remove: Callable[[Sequence[str]], None] | None = None


def settle(kind: Kind, contents: Contents, report: Report) -> None:
    """Bring one kind of fact to what the release says."""
    shipped = {key: digest(content) for key, content in contents.items()}
    loaded = already(kind.name)
    if shipped.items() <= loaded.items() and (kind.remove is None or shipped.keys() == loaded.keys()):
        return
    held = {key: digest(content) for key, content in kind.held().items()}
    made = plan(shipped, held, known(kind.name, loaded, bool(held)), deletable=kind.remove is not None)
    kind.add({key: contents[key] for key in made.missing})
    kind.replace({key: contents[key] for key in made.outdated})
    if kind.remove and made.gone:
        kind.remove(made.gone)
    remember(kind.name, shipped, loaded, made)
    report.note(kind.name, made)


def already(kind: str) -> dict[str, str]:
    """Digests of what was loaded, by key."""
    return {row.key: row.digest for row in session.execute(
        select(LoadedFact.key, LoadedFact.digest).where(LoadedFact.kind == kind))}


def known(kind: str, loaded: Mapping[str, str], in_use: bool) -> Mapping[str, str]:
    """What was loaded: as written down, or, in a database from before that was written down, what the first release
    shipped. A database with no row of this kind was never loaded."""
    return loaded or (reference.first_release().get(kind, {}) if in_use else {})


def remember(kind: str, shipped: Mapping[str, str], loaded: Mapping[str, str], made: Plan) -> None:
    """Write down what the release says of each key, and which rows were edited here."""
    table, edited = table_of(LoadedFact), set(made.edited)
    add([{"kind": kind, "key": key, "digest": said, "edited": key in edited}
         for key, said in shipped.items() if key not in loaded], LoadedFact)
    of_key = table.c.kind == kind, table.c.key == bindparam("of")
    changed = [{"of": key, "digest": said, "edited": key in edited}
               for key, said in shipped.items() if key in loaded and (loaded[key] != said or key in edited)]
    if changed:
        session.execute(update(table).where(*of_key), changed)
    if made.gone:
        session.execute(delete(table).where(*of_key), [{"of": key} for key in made.gone])


def add(rows: Sequence[Mapping[str, Any]], model: type[Base]) -> None:
    """Insert rows in pieces."""
    for start in range(0, len(rows), BATCH):
        session.execute(insert(table_of(model)), [dict(row) for row in rows[start:start + BATCH]])


def table_of(model: type[Base]) -> Table:
    table = model.__table__
    assert isinstance(table, Table)
    return table


def _replace(model: type[Base], key: Any, rows: Mapping[Any, Content]) -> None:
    """Write these columns anew where `key` is that of the row."""
    if rows:
        session.execute(update(table_of(model)).where(key == bindparam("of")),
                        [{"of": of, **content} for of, content in rows.items()])


def _columns(row: Any, names: Iterable[str]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


# holidays, by day

def holidays() -> Kind:
    return Kind("holiday", _held_holidays, lambda c: add([{"day": date.fromisoformat(d), **row}
                                                          for d, row in c.items()], Holiday),
                lambda c: _replace(Holiday, Holiday.day, {date.fromisoformat(d): row for d, row in c.items()}),
                lambda days: _take_out([date.fromisoformat(day) for day in days]))


def holiday_contents() -> Contents:
    return {row.day.isoformat(): _columns(row, _HOLIDAY) for row in reference.holidays()}


def _held_holidays() -> dict[str, Content]:
    return {row.day.isoformat(): _columns(row, _HOLIDAY) for row in session.scalars(select(Holiday))}


def _take_out(days: Sequence[date]) -> None:
    session.execute(delete(Holiday).where(Holiday.day.in_(days)))


# agencies, by key and first day: a merged province keeps the key of the one before

def agencies() -> Kind:
    return Kind("agency", lambda: {_agency_key(row): _columns(row, _AGENCY) for row in session.scalars(select(Agency))},
                lambda c: add(list(c.values()), Agency), _replace_agencies)


def agency_contents(rows: Iterable[reference.AgencyRow]) -> Contents:
    return {_agency_key(row): _columns(row, _AGENCY) | {"name": full_name(row)} for row in rows}


def full_name(row: reference.AgencyRow) -> str:
    """A province with what it is: "Tỉnh An Giang", "Thành phố Hà Nội"; other bodies by their name."""
    if row.form is None or row.name.startswith("Thành phố"):
        return row.name
    return f"{'Tỉnh' if row.form == 'tỉnh' else 'Thành phố'} {row.name}"


def _agency_key(row: Any) -> str:
    return f"{row.key} {row.valid_from or '-'}"


def _replace_agencies(contents: Contents) -> None:
    ids = {_agency_key(row): row.id for row in session.execute(select(Agency.id, Agency.key, Agency.valid_from))}
    _replace(Agency, Agency.id, {ids[key]: content for key, content in contents.items()})


# communes as units of their provinces, by their code; dossiers lie in them, so none is ever taken out

def communes(agency_ids: Mapping[str, int]) -> Kind:
    """`agency_ids`: those of today's provinces by the code of the statistics office."""
    def columns(code: str, content: Content) -> dict[str, Any]:
        return {"code": code, "name": content["name"], "kind": UnitKind.commune,
                "agency_id": agency_ids[content["province"]], "valid_from": reference.PROVINCES_MERGED}

    return Kind("commune", _held_communes, lambda c: add([columns(code, row) for code, row in c.items()], Unit),
                lambda c: _replace(Unit, Unit.code, {code: columns(code, row) for code, row in c.items()}))


def commune_contents() -> Contents:
    return {row.code: {"name": " ".join(row.name.split()), "province": row.province_gso} for row in reference.wards()}


def _held_communes() -> dict[str, Content]:
    rows = session.execute(select(Unit.code, Unit.name, Agency.gso_code).join(Unit.agency).where(
        Unit.kind == UnitKind.commune, Unit.valid_to.is_(None)))
    return {str(code): {"name": name, "province": gso} for code, name, gso in rows}


# sectors, by slug

def sectors() -> Kind:
    return Kind("sector", lambda: {row.slug: {"name": row.name} for row in session.scalars(select(Sector))},
                lambda c: add([{"slug": slug, **row} for slug, row in c.items()], Sector),
                lambda c: _replace(Sector, Sector.slug, c))


# procedures, by code

def procedures(agency_ids: Mapping[str, int], sector_ids: Mapping[str, int]) -> Kind:
    """`agency_ids`: those of current agencies by key; `sector_ids` by slug."""
    def columns(content: Content) -> dict[str, Any]:
        return {name: content[name] for name in _PROCEDURE} | {
            "sector_id": sector_ids[content["sector"]], "issuing_agency_id": agency_ids.get(content["issuing"] or "")}

    return Kind("procedure", _held_procedures, lambda c: add([columns(row) for row in c.values()], Procedure),
                lambda c: _replace(Procedure, Procedure.code, {code: columns(row) for code, row in c.items()}))


def procedure_contents(rows: Iterable[reference.ProcedureRow]) -> Contents:
    return {row.code: _columns(row, _PROCEDURE) | {"sector": row.sector_slug, "issuing": row.issuing_key}
            for row in rows}


def _held_procedures() -> dict[str, Content]:
    rows = session.execute(select(Procedure, Sector.slug, Agency.key).join(Procedure.sector)
                           .outerjoin(Agency, Agency.id == Procedure.issuing_agency_id)
                           .execution_options(yield_per=BATCH))
    return {row.code: _columns(row, _PROCEDURE) | {"sector": slug, "issuing": key} for row, slug, key in rows}
