"""Reading at three sizes: pages over HTTP in turn, buffers of the by-code statement, counters against GROUP BY."""
import json
import time
from collections.abc import Callable, Sequence
from statistics import median
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, select, text

from portal.catalogue import queries as catalogue
from portal.kit import clock
from portal.kit.db import UtcDateTime, session, transaction
from portal.law.statuses import ENDED, Status
from portal.people import keys
from portal.people.models import Agency
from portal.progress import queries as records
from portal.statistics import queries
from portal.statistics.measures import NATION
from portal.statistics.models import ProgressSide
from tests.bench import scale_work
from tests.bench.measuring import Row, Series, in_turn, ratio
from tests.bench.server import Load

if TYPE_CHECKING:
    from tests.bench.scale import Stage

ROUNDS, SECONDS, WARM_S = 5, 0.7, 0.7
AGENCY, GROUP, DOSSIER = "H26", "provinces", "one dossier"
FEED = 1_000
GROWTH, CPU_GROWTH, P99_GROWTH = 1.2, {"PostgreSQL": 1.1, "SQLite": 1.5}, 1.2
AT_MOST, FASTER = 3.0, 1_000
SOME = 300
SUMMED = ("nation", "agency")
COMMITS, ROWS = 12, 20  # of each page at each size, and of news in each commit
FIRST = 5_000_000
FIGURES = {"nation": "national figures", "nation anew": "the same after a commit",
           "agencies": "figures of every agency", "agencies anew": "the same after a commit"}
ENDS = ", ".join(str(int(status)) for status in ENDED)
# what the counters have ready: each agency's measures over the last twelve months
LIVE = f"""
SELECT agency_id, count(*) FILTER (WHERE submitted_at >= :since), count(*) FILTER (WHERE received_at >= :since),
count(*) FILTER (WHERE finished_at >= :since AND timing = 'early'),
count(*) FILTER (WHERE finished_at >= :since AND timing = 'on_time'),
count(*) FILTER (WHERE finished_at >= :since AND timing = 'late'),
count(*) FILTER (WHERE finished_at >= :since AND status = {int(Status.not_received)}),
count(*) FILTER (WHERE finished_at >= :since AND status = {int(Status.withdrawn)}),
count(*) FILTER (WHERE received_at IS NOT NULL AND status NOT IN ({ENDS}))
FROM progress_record GROUP BY agency_id
"""  # noqa: S608


def _asked(stage: "Stage") -> dict[str, list[str]]:
    """What is asked of a stage's server: by name, the requests."""
    def get(path: str, **headers: str) -> str:
        return stage.server.request(path, **headers)

    last, secrets = stage.records - FEED, _keys(stage)

    def changes(after: int) -> list[str]:
        path = f"/api/v1/progress/changes?size={FEED}&after={after}"
        return [get(path, Authorization=f"Bearer {key}") for key in secrets]

    return {
        "bare route": [get(f"/bare/progress/{code}") for code in stage.codes],
        "progress page": [get(f"/progress/{code}") for code in stage.codes],
        "progress page anew": [get(f"/progress/{code}", Cookie="any=1") for code in stage.codes],
        "nation": [get("/progress")], "agency": [get(f"/progress/{AGENCY}")],
        "changes, first": changes(0), "changes, middle": changes(stage.records // 2), "changes, last": changes(last)}


def _keys(stage: "Stage") -> list[str]:
    """A key of every agency: one alone would meet its limit."""
    with stage.open(), transaction():
        agencies = session.scalars(select(Agency).where(Agency.valid_to.is_(None))).all()
        return [keys.issue(agency, ["progress"])[1] for agency in agencies]


def pages(stages: Sequence["Stage"], on: str) -> list[Row]:
    """Every page at every size, in turn."""
    loads: dict[tuple[str, int], list[Load]] = {}

    def turn(stage: "Stage", name: str, requests: list[str]) -> Callable[[], float]:
        def go() -> float:
            found = stage.server.load(requests, SECONDS)
            loads.setdefault((name, stage.records), []).append(found)
            return 1000 / found.per_second
        return go

    variants = dict[str, Callable[[], float]]()
    for stage in stages:
        for name, requests in _asked(stage).items():
            stage.server.get(requests[0].split()[1])
            stage.server.load(requests, WARM_S)
            variants[_key(name, stage)] = turn(stage, name, requests)
    series = in_turn(variants, ROUNDS)
    return _rows(stages, loads, series, on)


def _rows(stages: Sequence["Stage"], loads: dict[tuple[str, int], list[Load]], series: Series, on: str) -> list[Row]:
    rows, small, large = list[Row](), stages[0], stages[-1]
    names = list(dict.fromkeys(name for name, _records in loads))

    def growth(name: str, what: Callable[[Load], float]) -> float:
        return median(what(b) / what(a) for a, b in zip(loads[name, small.records], loads[name, large.records],
                                                        strict=True))

    for name in names:
        cpu, wall = growth(name, lambda x: x.cpu_ms), ratio(series, _key(name, large), _key(name, small))
        p99 = growth(name, lambda x: x.p99_ms)
        is_page = name.startswith("progress page")
        goal = CPU_GROWTH[on] if is_page else None if name == "bare route" else GROWTH
        rows.append(Row(f"{name}, {large.name} against {small.name}, {on}", _figures(loads[name, large.records]),
                        _figures(loads[name, small.records]), f"CPU {cpu:.2f}, time {wall:.2f}, p99 {p99:.2f}",
                        f"CPU <= {goal}" + f", p99 <= {P99_GROWTH}" * is_page if goal else "",
                        cpu <= goal and (not is_page or p99 <= P99_GROWTH) if goal else None))
    for stage in stages:
        for name in SUMMED:
            got = ratio(series, _key(name, stage), _key("progress page", stage))
            rows.append(Row(f"{name}, over one dossier's page, {stage.name}, {on}",
                            _figures(loads[name, stage.records]), _figures(loads["progress page", stage.records]),
                            f"{got:.2f}", f"<= {AT_MOST:.0f}", got <= AT_MOST))
    got = ratio(series, _key("changes, last", large), _key("changes, first", large))
    rows.append(Row(f"changes feed, last thousand of {large.name} over the first, {on}",
                    _figures(loads["changes, last", large.records]), _figures(loads["changes, first", large.records]),
                    f"{got:.2f}", f"<= {GROWTH}", got <= GROWTH))
    return rows


def after_commits(stages: Sequence["Stage"], on: str) -> list[Row]:
    """Each page of figures right after a commit, which is when it is written anew: a commit of an agency's news, then
    one request. Beside it one dossier's page that was not asked for before."""
    with stages[0].open():
        sector = _busiest_sector()
    paths = {"nation": "/progress", "agency": f"/progress/{AGENCY}", "sectors": "/progress/sectors",
             "sector": f"/progress/sectors/{sector}", "group": f"/progress/groups/{GROUP}",
             "publishers": "/progress/publishers", DOSSIER: "/progress/{}"}
    cpu, wall = dict[tuple[str, int], list[float]](), dict[tuple[str, int], list[float]]()
    news = {stage.records: scale_work.taking(stage, ROWS, FIRST) for stage in stages}
    codes = {stage.records: iter(stage.codes[::-1]) for stage in stages}
    for _turn in range(COMMITS + 1):
        for stage in stages:
            for name, path in paths.items():
                news[stage.records]()
                before, start = stage.server.cpu(), time.perf_counter()
                status, _headers, _body = stage.server.get(path.format(next(codes[stage.records])))
                spent = (time.perf_counter() - start) * 1000
                assert status == 200, (path, status)
                if _turn:  # the first one warms
                    wall.setdefault((name, stage.records), []).append(spent)
                    cpu.setdefault((name, stage.records), []).append((stage.server.cpu() - before) * 1000)
    return _anew_rows(stages, cpu, wall, on)


def _anew_rows(stages: Sequence["Stage"], cpu: dict[tuple[str, int], list[float]],
               wall: dict[tuple[str, int], list[float]], on: str) -> list[Row]:
    def figures(name: str, stage: "Stage") -> str:
        return f"{median(cpu[name, stage.records]):.1f} ms CPU, {median(wall[name, stage.records]):.1f} ms"

    rows, small, large = list[Row](), stages[0], stages[-1]
    for name in dict.fromkeys(name for name, _records in cpu):
        grown = median(cpu[name, large.records]) / median(cpu[name, small.records])
        rows.append(Row(f"{name} after a commit, {large.name} against {small.name}, {on}", figures(name, large),
                        figures(name, small), f"CPU {grown:.2f}", f"CPU <= {GROWTH}", grown <= GROWTH))
        if name in ("nation", "agency"):
            for stage in stages:
                got = median(cpu[name, stage.records]) / median(cpu[DOSSIER, stage.records])
                rows.append(Row(f"{name} after a commit, over one dossier's page, {stage.name}, {on}",
                                figures(name, stage), figures(DOSSIER, stage), f"CPU {got:.2f}",
                                f"<= {AT_MOST:.0f}", got <= AT_MOST))
    return rows


def _key(name: str, stage: "Stage") -> str:
    return f"{name} {stage.records}"


def _figures(loads: list[Load]) -> str:
    return (f"{median(x.per_second for x in loads):,.0f}/s, {median(x.cpu_ms for x in loads):.2f} ms CPU, "
            f"p50 {median(x.p50_ms for x in loads):.0f}, p99 {median(x.p99_ms for x in loads):.0f} ms")


def _busiest_sector() -> str:
    side: Any = ProgressSide.__table__
    busiest = session.scalar(select(side.c.value).where(side.c.side == "sector", side.c.agency_id == NATION)
                             .group_by(side.c.value).order_by(func.sum(side.c.received).desc()).limit(1))
    session.rollback()
    return next(sector.slug for sector in catalogue.sectors() if str(sector.id) == busiest)


def buffers(stages: Sequence["Stage"], on: str) -> list[Row]:
    """How many pages of 8 kB the statement of the progress page touches (PostgreSQL)."""
    if on != "PostgreSQL":
        return []
    found = dict[str, tuple[float, float]]()
    for stage in stages:
        with stage.open():
            connection = session.connection()
            spelled = str(records._BY_CODE.compile(dialect=connection.dialect))
            plans: list[Any] = [connection.exec_driver_sql(
                f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {spelled}", {"code": code}).scalar_one()
                for code in stage.codes[:SOME]]
            session.rollback()
        tops = [(json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"] for plan in plans]
        found[stage.name] = (median(top["Shared Hit Blocks"] + top["Shared Read Blocks"] for top in tops),
                             median(top["Shared Read Blocks"] for top in tops))
    small, large = found[stages[0].name], found[stages[-1].name]
    return [Row(f"buffers of the by-code statement, {', '.join(found)}, {on}",
                ", ".join(f"{n:.0f}" for n, _read in found.values()), f"{small[0]:.0f} ({stages[0].name})",
                f"{large[0] / small[0]:.2f}", f"<= {GROWTH}", large[0] / small[0] <= GROWTH)]


def figures(stages: Sequence["Stage"], on: str) -> list[Row]:
    """The figures of every agency and of the nation from the counters, again and again and right after a commit of an
    agency's news, against GROUP BY over the records."""
    rows = []
    for stage in stages:
        news = scale_work.taking(stage, ROWS, FIRST + 1_000_000)
        with stage.open():
            series = in_turn({"live": _timed(_live), "nation": _timed(queries.national_figures, 10),
                              "nation anew": _timed(queries.national_figures, 10, news),
                              "agencies": _timed(lambda: queries.totals(clock.today()), 10),
                              "agencies anew": _timed(lambda: queries.totals(clock.today()), 10, news)},
                             3 if stage is stages[-1] else 5)
        for name, what in FIGURES.items():
            got = ratio(series, "live", name)
            rows.append(Row(f"{what} from counters, {stage.name}, {on}", f"{median(series[name]):.2f} ms",
                            f"{median(series['live']):,.0f} ms (GROUP BY)", f"{got:,.0f} x faster",
                            f">= {FASTER:,} x" if stage is stages[-1] and name.startswith("nation") else "",
                            got >= FASTER if stage is stages[-1] and name.startswith("nation") else None))
    return rows


def _live() -> Any:
    since = clock.now().replace(year=clock.now().year - 1, day=1)
    return session.execute(text(LIVE).bindparams(bindparam("since", type_=UtcDateTime)), {"since": since}).all()


def _timed(read: Callable[[], object], times: int = 1, before: Callable[[], object] | None = None) -> Callable[
        [], float]:
    def go() -> float:
        spent = 0.0
        for _ in range(times):
            if before:
                before()
            session.rollback()
            start = time.perf_counter()
            read()
            session.rollback()
            spent += time.perf_counter() - start
        return spent * 1000 / times
    return go
