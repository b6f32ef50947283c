"""What every counter must be, by the records, against what it is: one statement, so all of one moment.

The statement only reads: whoever publishes meanwhile waits for nothing. It holds no rule: it is made from what the
rule in measures.py answers for every kind of line that there can be. Only what is wrong leaves the database, so the
memory that it takes does not grow with the records.
"""
from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache
from typing import NamedTuple

from sqlalchemy import Date, select, text

from portal.catalogue import sensitive
from portal.kit.db import session
from portal.statistics import measures
from portal.statistics.measures import NATION, NO_DUE, TIMINGS, Case, Key, Measure, Monthly, Open, Tally
from portal.statistics.models import ProgressPosition

OPEN, MONTHLY = "open", ""  # the other two tables' counters, beside the dimensions of progress_side
SORTING = "64MB"  # PostgreSQL's work_mem for this one statement
# what is counted together: the more columns, the more rows are left to be summed
SENSITIVE = "sensitive"  # 1 where the procedure is: below the nation its dossiers count by channel alone
GROUPS = {"by_way": ("agency_id", "level", "channel", SENSITIVE), "by_sector": ("agency_id", "sector_id", SENSITIVE),
          "by_procedure": ("procedure_code",)}
# each with what is counted of it below the nation
DIMENSIONS = (("sector", "sector_id", "by_sector", f"AND {SENSITIVE} = 0"),
         ("level", "level", "by_way", f"AND {SENSITIVE} = 0"), ("channel", "channel", "by_way", ""))
_CASE = ("(status * 16 + CASE WHEN received_at IS NULL THEN 0 ELSE 8 END + CASE WHEN finished_at IS NULL THEN 0 ELSE 4 "
         "END + CASE timing WHEN 'early' THEN 1 WHEN 'on_time' THEN 2 WHEN 'late' THEN 3 ELSE 0 END)")
# moments lie after 1976, since when Vietnam's clocks have not been moved
_DAY = {"postgresql": "CAST({0} AT TIME ZONE INTERVAL '7 hours' AS date)",
        "sqlite": "date(substr({0}, 1, 19), '+7 hours')"}
_MONTH = {"postgresql": "CAST(date_trunc('month', {0} AT TIME ZONE INTERVAL '7 hours') AS date)",
          "sqlite": "date(substr({0}, 1, 19), '+7 hours', 'start of month')"}
_STATEMENT = """
WITH said(kind, measure) AS (VALUES {said}),
measures(measure) AS (VALUES {measures}),
{groups},
counters(side, value, agency_id, day, measure, is_true, counted) AS (
{true}
UNION ALL SELECT '{MONTHLY}', '', agency_id, month, measure, 0, {n} FROM progress_month CROSS JOIN measures
UNION ALL SELECT '{OPEN}', CASE WHEN paused THEN '1' ELSE '0' END, agency_id, due_on, '', 0, n FROM progress_open
UNION ALL SELECT side, value, agency_id, month, measure, 0, {n} FROM progress_side CROSS JOIN measures)
SELECT side, value, agency_id, day, measure, sum(is_true) AS is_true, sum(counted) AS counted FROM counters
GROUP BY side, value, agency_id, day, measure HAVING sum(is_true) <> sum(counted)
"""


class Count(NamedTuple):
    """Every counter that is wrong: counter → (counted, true); and how many repairs had been made before."""

    wrong: dict[Key, tuple[int, int]]
    repairs: int


def repairs() -> int:
    """How often counters were repaired until now."""
    return session.scalar(select(ProgressPosition.repairs)) or 0


def counted(lines: str) -> Count:
    """Count everything. `lines`: the table that has a line for each dossier, with the columns of progress_record.

    The number of repairs is read first: one that comes in between is counted and not known of, which costs a count,
    and never the other way round, which would repair twice."""
    before = repairs()
    return Count(miscounted(lines), before)


def miscounted(lines: str) -> dict[Key, tuple[int, int]]:
    """Every counter that is wrong: counter → (counted, true)."""
    dialect = session.get_bind().dialect.name
    if dialect == "postgresql":
        session.execute(text(f"SET LOCAL work_mem = '{SORTING}'"))
        session.execute(text("SET LOCAL jit = off"))  # compiling this statement takes longer than it saves
    rows = session.execute(text(_statement(dialect, _with_sensitive(lines, sensitive.procedures()))).columns(day=Date))
    return {_key(row.side, row.value, row.agency_id, row.day, row.measure): (int(row.counted), int(row.is_true))
            for row in rows}


def _key(dimension: str, value: str, agency_id: int, day: date, measure: str) -> Key:
    if dimension == MONTHLY:
        return Monthly(agency_id, day, measure)
    if dimension == OPEN:
        return Open(agency_id, day, value == "1")
    return Tally(dimension, value, agency_id, day, measure)


def _with_sensitive(lines: str, codes: Iterable[str]) -> str:
    named = ", ".join(f"'{code}'" for code in sorted(codes)) or "NULL"
    return (f"(SELECT {lines}.*, CASE WHEN procedure_code IN ({named}) THEN 1 ELSE 0 END AS {SENSITIVE} "  # noqa: S608
            f"FROM {lines}) AS lines")


@cache
def _statement(dialect: str, lines: str) -> str:
    by_month, kept_open = measures.counted_as()
    kinds = sorted({each for by_case in by_month.values() for each in by_case.values()})
    said = ", ".join(f"({n}, '{measure}')" for n, kind in enumerate(kinds) for measure in kind)
    true = [_summed(MONTHLY, "''", "agency_id", "by_way"), _open(dialect, lines, kept_open),
            _summed("procedure", "procedure_code", str(NATION), "by_procedure")]
    true += [_summed(dimension, f"CAST({value} AS varchar)", of, group, only)
             for dimension, value, group, below in DIMENSIONS for of, only in (("agency_id", below), (str(NATION), ""))]
    groups = [f"{name} AS ({_measured(columns, parts)})" for name, columns in GROUPS.items() for parts in [
        [_kinds(dialect, lines, columns, moment, by_case, kinds) for moment, by_case in by_month.items()]]]
    n = "CASE measure " + " ".join(f"WHEN '{each}' THEN {each}" for each in Measure) + " END"
    named = ", ".join(f"('{each}')" for each in Measure)
    return _STATEMENT.format(said=said, measures=named, n=n, groups=",\n".join(groups), MONTHLY=MONTHLY, OPEN=OPEN,
                             true="\nUNION ALL ".join(true))


def _kinds(dialect: str, lines: str, columns: Sequence[str], moment: str, by_case: dict[Case, tuple[str, ...]],
           kinds: Sequence[tuple[str, ...]]) -> str:
    """How many records of each kind have this moment in each month. The kind is worked out only where it differs."""
    told = sorted(set(by_case.values()))
    kind = str(kinds.index(told[0])) if len(told) == 1 else "CASE " + " ".join(
        f"WHEN {_among(case for case, said in by_case.items() if said == each)} THEN {kinds.index(each)}"
        for each in told) + " END"
    return (f"SELECT {', '.join(columns)}, {_MONTH[dialect].format(moment)} AS month, {kind} AS kind, "  # noqa: S608
            f"{_whole('count(*)')} AS n FROM {lines} WHERE {moment} IS NOT NULL "
            f"GROUP BY {', '.join(str(n + 1) for n in range(len(columns) + 2))}")


def _measured(columns: Sequence[str], parts: Sequence[str]) -> str:
    named, found = ", ".join(columns), " UNION ALL ".join(parts)
    return (f"SELECT {named}, month, measure, {_whole('sum(n)')} AS n FROM ({found}) AS found "  # noqa: S608
            f"JOIN said ON said.kind = found.kind GROUP BY {named}, month, measure")


def _summed(dimension: str, value: str, agency_id: str, source: str, only: str = "") -> str:
    """The counters of one dimension; what has no value is not counted in it."""
    return (f"SELECT '{dimension}', {value}, {agency_id}, month, measure, {_whole('sum(n)')}, 0 FROM {source} "  # noqa: S608
            f"WHERE {value} IS NOT NULL {only} GROUP BY 2, 3, month, measure")


def _open(dialect: str, lines: str, cases: Iterable[Case]) -> str:
    due_at = "coalesce(missed_due_at, due_at)"
    day = f"CASE WHEN {due_at} IS NULL THEN {_date(dialect, NO_DUE)} ELSE {_DAY[dialect].format(due_at)} END"
    return (f"SELECT '{OPEN}', CASE WHEN stopped_at IS NULL THEN '0' ELSE '1' END, agency_id, {day}, '', "  # noqa: S608
            f"{_whole('count(*)')}, 0 FROM {lines} WHERE {_among(cases)} GROUP BY 2, 3, 4")


def _among(cases: Iterable[Case]) -> str:
    numbers = sorted(16 * case.status + 8 * case.received + 4 * case.finished + TIMINGS.index(case.timing)
                     for case in cases)
    return f"{_CASE} IN ({', '.join(map(str, numbers))})"


def _whole(sum_: str) -> str:
    """PostgreSQL would go on with numbers of any length, three times as slowly."""
    return f"CAST({sum_} AS integer)"


def _date(dialect: str, day: date) -> str:
    return f"DATE '{day}'" if dialect == "postgresql" else f"'{day}'"
