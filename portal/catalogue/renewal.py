"""How forms and terms of a release reach the services: a form or a version is never changed, a new one takes its
place, so that a dossier keeps what it was accepted under."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy import func as sql

from portal.catalogue import cases, rates, reference
from portal.catalogue.digests import Content, digest
from portal.catalogue.generic_form import generic_form
from portal.catalogue.loading import Contents, Report, add, already, known, remember, table_of
from portal.catalogue.models import Form, Procedure, Service, ServiceVersion
from portal.catalogue.reconcile import plan
from portal.forms.definition import check
from portal.kit import clock
from portal.kit.db import session
from portal.law.rule_sets import SpecialTimes

TERMS = ("level", "level_derived", "service_class", "limit_amount", "limit_unit", "limit_assumed", "channels",
         "cases", "rates")
Ids = Mapping[str, int]


@dataclass(frozen=True)
class Renewed:
    """The form of each procedure before and now, by its id, where a release brought another one."""

    before: Mapping[int, int | None]
    now: Mapping[int, int]


def form_contents(rows: Iterable[reference.ProcedureRow]) -> Contents:
    """The forms written for single procedures, and one made of its papers for every other online one.

    ValueError names the file and the place where a form is wrong: nothing is loaded then.
    """
    written = reference.form_definitions()
    for code, definition in written.items():
        try:
            check(definition)
        except ValueError as wrong:
            raise ValueError(f"forms/{code}.json: {wrong}") from wrong
    definitions = {row.code: written.get(row.code) or generic_form(row) for row in rows
                   if row.level >= 2 or row.code in written}
    return {code: {"definition": form, "sample": form["sample"]} for code, form in definitions.items()}


def term_contents(rows: Iterable[reference.ProcedureRow]) -> Contents:
    """The terms of each procedure as columns of a version."""
    return {row.code: {
        "level": row.level, "level_derived": True, "service_class": row.service_class,
        "limit_amount": row.limit.amount, "limit_unit": str(row.limit.unit), "limit_assumed": row.limit.assumed,
        "channels": row.channels, "cases": [cases.plain(case) for case in row.cases],
        "rates": [rates.plain(rate) for rate in row.rates]} for row in rows}


def renew_forms(contents: Contents, ids: Ids, report: Report) -> Renewed:
    """Give procedures the forms of the release, a new number where there is one that nobody edited."""
    shipped, loaded = _digests(contents), already("form")
    if shipped.items() <= loaded.items():
        return Renewed({}, {})
    newest, held = _newest_forms()
    made = plan(shipped, held, known("form", loaded, bool(held)), deletable=False)
    coming = [*made.missing, *made.outdated]
    before = {ids[code]: newest[code][0] if code in newest else None for code in coming}
    add([{"procedure_id": ids[code], "number": newest[code][1] + 1 if code in newest else 1, **contents[code]}
         for code in coming], Form)
    remember("form", shipped, loaded, made)
    report.note("form", made)
    now = _newest(Form)
    return Renewed(before, {ids[code]: now[ids[code]] for code in coming})


def renew_terms(contents: Contents, ids: Ids, forms: Renewed, report: Report) -> dict[int, int]:
    """Bring the terms of the release to the services that have those of the release before; by procedure id the version
    for a service that joins."""
    shipped, loaded = _digests(contents), already("terms")
    versions = _versions_in_use()
    if shipped.items() <= loaded.items() and not forms.now:
        return _most_offered()
    before = known("terms", loaded, bool(versions))
    codes = {id_: code for code, id_ in ids.items() if code in contents}
    said = {version.id: digest(_terms(version)) for version in _read(versions) if version.procedure_id in codes}
    held = {codes[id_]: _chosen(used, said, before.get(codes[id_]), shipped[codes[id_]])
            for id_, used in versions.items() if id_ in codes}
    made = plan(shipped, {code: said[version] for code, version in held.items()}, before, deletable=False)
    made.edited.extend(code for code, version in held.items() if code not in made.edited
                       and any(said[each] not in (said[version], shipped[code]) for each in versions[ids[code]]))
    _add_first(contents, made.missing, ids, forms)
    outdated = {ids[code]: (before.get(code), contents[code]) for code in made.outdated}
    _replace(outdated, forms, {id_: versions[id_] for id_ in versions if id_ in codes}, said)
    remember("terms", shipped, loaded, made)
    report.note("terms", made)
    return _most_offered()


def _digests(contents: Contents) -> dict[str, str]:
    return {code: digest(content) for code, content in contents.items()}


def _terms(version: Any) -> dict[str, Any]:
    return {name: getattr(version, name) for name in TERMS}


def _newest_forms() -> tuple[dict[str, tuple[int, int]], dict[str, str]]:
    """By procedure's code: id and number of the newest form; and what it says."""
    newest = select(sql.max(Form.id)).group_by(Form.procedure_id)
    found: dict[str, tuple[int, int]] = {}
    said: dict[str, str] = {}
    rows = session.execute(select(Procedure.code, Form.id, Form.number, Form.definition, Form.sample)
                           .join(Procedure, Procedure.id == Form.procedure_id).where(Form.id.in_(newest)))
    for code, id_, number, definition, sample in rows:
        found[code] = id_, number
        said[code] = digest({"definition": definition, "sample": sample})
    return found, said


def _versions_in_use() -> dict[int, set[int]]:
    """Versions that services have, by procedure id; the newest where no service is there yet."""
    found: dict[int, set[int]] = defaultdict(set)
    for procedure_id, version_id in session.execute(select(Service.procedure_id, Service.version_id).distinct()):
        found[procedure_id].add(version_id)
    for procedure_id, version_id in _newest(ServiceVersion).items():
        found[procedure_id] = found[procedure_id] or {version_id}
    return dict(found)


def _newest(model: type[Form] | type[ServiceVersion]) -> dict[int, int]:
    """Ids of the newest rows by procedure id."""
    newest = select(model.procedure_id, sql.max(model.id)).group_by(model.procedure_id)
    return {row[0]: row[1] for row in session.execute(newest)}


def _most_offered() -> dict[int, int]:
    """The version that most services of a procedure have, the newest where there is none."""
    rows = session.execute(select(Service.procedure_id, Service.version_id, sql.count())
                           .group_by(Service.procedure_id, Service.version_id))
    most = sorted((n, version_id, procedure_id) for procedure_id, version_id, n in rows)
    return _newest(ServiceVersion) | {procedure_id: version_id for _, version_id, procedure_id in most}


def _read(versions: Mapping[int, set[int]]) -> Iterator[Any]:
    v = ServiceVersion
    columns = [getattr(v, name) for name in TERMS]
    wanted = {id_ for used in versions.values() for id_ in used}
    rows = session.execute(select(v.id, v.procedure_id, v.form_id, *columns), execution_options={"yield_per": 500})
    return (row for row in rows if row.id in wanted)


def _chosen(used: set[int], said: Mapping[int, str], before: str | None, shipped: str) -> int:
    """Of several versions in use the one that a release loaded, else the newest."""
    return max(used, key=lambda id_: (said[id_] == before, said[id_] == shipped, id_))


def _add_first(contents: Contents, codes: Iterable[str], ids: Ids, forms: Renewed) -> None:
    add([{"procedure_id": ids[code], "number": 1, **contents[code], "form_id": forms.now.get(ids[code]),
          "created_at": clock.now()} for code in codes], ServiceVersion)


def _replace(outdated: Mapping[int, tuple[str | None, Content]], forms: Renewed, versions: Mapping[int, set[int]],
             said: Mapping[int, str]) -> None:
    """A new version for each that has old terms or an old form, and the services that had it moved there."""
    touched = [id_ for id_ in versions if id_ in outdated or id_ in forms.now]
    old = {row.id: row for row in session.scalars(select(ServiceVersion).where(
        ServiceVersion.procedure_id.in_(touched)))} if touched else {}
    number: dict[int, int] = defaultdict(int)
    for row in old.values():
        number[row.procedure_id] = max(number[row.procedure_id], row.number)
    made: dict[int, ServiceVersion] = {}
    for procedure_id in touched:
        before, content = outdated.get(procedure_id, (None, {}))
        for version in (old[id_] for id_ in sorted(versions[procedure_id])):
            terms = {**_terms(version), **content} if said[version.id] == before else _terms(version)
            replaced = procedure_id in forms.now and version.form_id == forms.before[procedure_id]
            form_id = forms.now[procedure_id] if replaced else version.form_id
            if replaced or digest(terms) != said[version.id]:
                number[procedure_id] += 1
                made[version.id] = ServiceVersion(procedure_id=procedure_id, number=number[procedure_id], **terms,
                                                  form_id=form_id, special_times=version.special_times,
                                                  created_at=clock.now())
    session.add_all(made.values())
    session.flush()
    _move(made)


def set_special_times(procedure_id: int, times: SpecialTimes | None) -> int:
    """Give all services of a procedure the times that a special law sets for it, or none, in new versions of their
    terms: what was begun under the old ones keeps those. Returns how many versions were made. No release ships such
    times, and none takes them away."""
    said = asdict(times) if times else None
    kept = list(session.scalars(select(ServiceVersion).where(ServiceVersion.procedure_id == procedure_id)))
    used = _versions_in_use().get(procedure_id, set())
    number = max((version.number for version in kept), default=0)
    made: dict[int, ServiceVersion] = {}
    for version in kept:
        if version.id in used and version.special_times != said:
            number += 1
            made[version.id] = ServiceVersion(procedure_id=procedure_id, number=number, **_terms(version),
                                              form_id=version.form_id, special_times=said, created_at=clock.now())
    session.add_all(made.values())
    session.flush()
    _move(made)
    return len(made)


def _move(made: Mapping[int, ServiceVersion]) -> None:
    moves = [{"of": new.procedure_id, "old": id_, "new": new.id} for id_, new in made.items()]
    table = table_of(Service)
    if moves:
        session.execute(update(table).where(table.c.procedure_id == bindparam("of"),
                                            table.c.version_id == bindparam("old"))
                        .values(version_id=bindparam("new")), moves)
