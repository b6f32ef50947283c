"""Tasks from a spreadsheet: read and compared with what is here, kept, and given all at once after a person's yes.
Verbs flush, the edge commits; `read` is slow and done where no transaction is open."""
import hashlib
from collections.abc import Collection, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from sqlalchemy import delete, select

from portal.intake.columns import plain
from portal.kit import clock, db
from portal.kit.db import session
from portal.kit.hot import bulk
from portal.kit.i18n import LANGUAGES, _, speaking
from portal.oversight import import_rows, parts, probes, tables, tallies, tasks
from portal.oversight.import_rows import HEADINGS, MOST_ROWS, Former, Known, Line
from portal.oversight.models import Assignment, Directive, DirectiveImport
from portal.oversight.periods import due_day, period_of
from portal.oversight.tables import Problem
from portal.people.models import Agency, AgencyKind, AgencySuccession, Person

UNLOADED = timedelta(days=30)  # how long a spreadsheet that nobody said yes to is kept
WORDS = {**tables.WORDS, **import_rows.WORDS}


class NotClean(Exception):
    """Something is wrong by now that was not when the spreadsheet was read; `problems` say what."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(len(problems))
        self.problems = list(problems)


class Read(NamedTuple):
    """A spreadsheet as it was understood."""

    sha256: str
    lines: list[Line]
    problems: list[Problem]


def known(today: date) -> Known:
    """The agencies, probes and the day with which a spreadsheet is compared."""
    all_ = {one.id: one for one in session.scalars(select(Agency))}
    current = {id_: one for id_, one in all_.items() if one.valid_to is None}
    after: dict[int, list[str]] = {}
    for link in session.scalars(select(AgencySuccession)):
        after.setdefault(link.predecessor_id, []).append(all_[link.successor_id].name)
    names = {plain(word): id_ for id_, one in current.items() for word in _called(one)}
    former = {plain(one.name): Former(one.valid_to, tuple(after.get(id_, ())))
              for id_, one in all_.items() if one.valid_to is not None}
    called = {plain(key): key for key in probes.PROBES}
    for language in LANGUAGES:
        with speaking(language):
            called |= {plain(_(one.words)): key for key, one in probes.PROBES.items()}
    return Known(names, {id_: one.name for id_, one in current.items()},
                 frozenset(id_ for id_, one in current.items() if one.kind == AgencyKind.province), former, called,
                 probes.complete, today)


def read(content: bytes, ending: str, compared: Known, beside: Collection[str] = ()) -> Read:
    """Understand a file. Slow; asks no database. Raises intake.workbook.Unreadable."""
    db.slow("reading a spreadsheet")
    table = tables.read(content, ending, HEADINGS, MOST_ROWS, beside)
    lines, problems = import_rows.understand(table, compared)
    return Read(hashlib.sha256(content).hexdigest(), lines, problems)


def keep(name: str, found: Read, by: Person) -> DirectiveImport:
    """Keep what was understood, with what is wrong with it beside what is given already. Gives nothing."""
    made = DirectiveImport(by_id=by.id, name=name[:160], sha256=found.sha256, problems=[], rows=[
        {"number": line.number, "said": line.said, "given": line.given} for line in found.lines])
    made.problems = [list(one) for one in [*found.problems, *_against(made.rows)]]
    session.add(made)
    session.flush()
    return made


def find(import_id: int) -> DirectiveImport | None:
    """A spreadsheet that is kept."""
    return session.get(DirectiveImport, import_id)


def given(found: DirectiveImport) -> Sequence[Directive]:
    """What was given from it, in the order of its lines."""
    return session.scalars(select(Directive).where(Directive.id.in_(found.given)).order_by(Directive.id)).all()


def is_clean(found: DirectiveImport) -> bool:
    """Whether it may be given: nothing stops it."""
    return bool(found.rows) and not any(stops for _cell, _reason, _facts, stops in found.problems)


def load(import_id: int, by: Person) -> DirectiveImport:
    """Give every task of a spreadsheet, or none. Asked again, by whomever, it changes nothing: the first has given
    them. Raises NotClean."""
    bulk.serialise("oversight.import", 0)  # two spreadsheets with the same task: the second sees the first
    found = session.get_one(DirectiveImport, import_id, with_for_update=True, populate_existing=True)
    if found.loaded_at is not None:
        return found
    if not is_clean(found) or (wrong := _against(found.rows)):
        raise NotClean([Problem(*one) for one in found.problems] if not is_clean(found) else wrong)
    agencies = {one.id: one for one in session.scalars(select(Agency))}
    parents = _parents(found.rows)
    _hold([one.id for one in parents.values()], {id_ for row in found.rows for id_ in row["given"]["leads"]})
    made: dict[int, Directive] = {}
    for row in found.rows:
        parent = made[row["given"]["parent_line"]] if row["given"]["parent_line"] else parents.get(row["number"])
        made[row["number"]] = _give(row["given"], parent, agencies, by)
    found.loaded_at, found.loaded_by_id, found.given = clock.now(), by.id, [one.id for one in made.values()]
    session.flush()
    return found


def forget(now: Any) -> None:
    """Drop spreadsheets to which nobody said yes."""
    session.execute(delete(DirectiveImport).where(
        DirectiveImport.loaded_at.is_(None), DirectiveImport.at < now - UNLOADED))


def _called(agency: Agency) -> list[str]:
    """What it is called: in full, without the word for what it is, its key, code and abbreviation."""
    short = [agency.name.removeprefix(word) for word in ("Thành phố ", "Tỉnh ", "UBND ")
             if agency.name.startswith(word)]
    more = [f"UBND {agency.name}", f"Ủy ban nhân dân {agency.name}"] if agency.kind == AgencyKind.province else []
    return [word for word in (agency.name, *short, *more, agency.key, agency.code, agency.abbreviation) if word]


def _against(rows: Sequence[dict[str, Any]]) -> list[Problem]:
    """What is wrong beside what stands here: tasks that were given already, parents that are not there or not clear,
    agencies that are gone since the file was read."""
    given = [(row["number"], row["given"]) for row in rows if row["given"]]
    numbers = {one["number"] for _line, one in given}
    there = {import_rows.identity(one.number, one.article, one.words): one
             for one in session.scalars(select(Directive).where(Directive.number.in_(numbers)))}
    gone = set(session.scalars(select(Agency.id).where(Agency.valid_to.isnot(None))))
    problems = []
    for line, one in given:
        if before := there.get(import_rows.identity(one["number"], one["article"], one["words"])):
            problems.append(Problem(str(line), "given_already", {"day": f"{clock.day_of(before.created_at):%d/%m/%Y}"}))
        if gone & {*one["leads"], *one["others"]}:
            problems.append(Problem(str(line), "unknown_agency", {"said": "; ".join(
                session.get_one(Agency, id_).name for id_ in sorted(gone & {*one["leads"], *one["others"]}))}))
    return problems + _parents_wrong(given)


def _parents_wrong(given: Sequence[tuple[int, dict[str, Any]]]) -> list[Problem]:
    problems = []
    for line, one in given:
        if not one["parent"] or one["parent_line"]:
            continue
        found = _parent(one["parent"])
        if not found:
            problems.append(Problem(str(line), "no_parent", {"said": one["parent"]}))
        elif len(found) > 1:
            example = next((f"{each.number}; {each.article}" for each in found if each.article), found[0].number)
            problems.append(Problem(str(line), "parent_unclear", {
                "said": one["parent"], "n": len(found), "example": example}))
        else:
            try:
                parts.check(found[0])
            except parts.NotAPart:
                problems.append(Problem(str(line), "not_a_part", {}))
    return problems


def _parents(rows: Sequence[dict[str, Any]]) -> dict[int, Directive]:
    """The directives of before that lines name as what they are a part of, by line."""
    return {row["number"]: _parent(row["given"]["parent"])[0] for row in rows
            if row["given"]["parent"] and not row["given"]["parent_line"]}


def _parent(said: str) -> Sequence[Directive]:
    """The directives with this number, and article where it is written after a semicolon."""
    number, _mark, article = said.partition(";")
    found = session.scalars(select(Directive).where(Directive.number == number.strip()).order_by(Directive.id)).all()
    return [one for one in found if not article.strip() or plain(one.article) == plain(article)]


def _hold(parent_ids: Collection[int], lead_ids: Collection[int]) -> None:
    """Lock what moves with these tasks: the tasks that they are parts of, then the counters, each in its order."""
    session.scalars(select(Assignment.id).where(Assignment.directive_id.in_(parent_ids)).order_by(
        Assignment.id).with_for_update()).all()
    tallies.hold(lead_ids, clock.today())


def _give(given: dict[str, Any], parent: Directive | None, agencies: dict[int, Agency], by: Person) -> Directive:
    names = ("number", "issuer", "article", "words", "product", "source", "deadline", "every", "condition", "probe",
             "wanted", "public")
    directive = tasks.new_directive(
        **{name: given[name] for name in names}, issued_on=_day(given["issued_on"]), due_on=_day(given["due_on"]),
        parent_id=parent.id if parent else None, created_by_id=by.id)
    period = period_of(clock.today(), given["every"]) if given["every"] else ""
    tasks.give(directive, [agencies[id_] for id_ in given["leads"]], [agencies[id_] for id_ in given["others"]], by=by,
               period=period, due_on=due_day(period) if period else None)
    return directive


def _day(said: str | None) -> date | None:
    return date.fromisoformat(said) if said else None
