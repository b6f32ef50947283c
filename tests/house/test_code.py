"""The building code of the code: contracts, names, lengths, jobs that exist."""
import ast
import inspect
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal import worker  # noqa: F401  registers every job
from portal.kit import jobs

pytestmark = pytest.mark.once
ROOT = Path(__file__).parents[2]
FORBIDDEN = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "base", "service", "misc", "shared"}
MOST_LINES = 400
PYTHON = sorted((ROOT / "portal").rglob("*.py"))


def test_imports_go_down_only_and_doors_keep_apart() -> None:
    lint = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([lint, "--no-cache", "--config", "setup.cfg"], cwd=ROOT, capture_output=True, text=True,
                          check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_name_says_that_the_noun_was_not_found() -> None:
    places = [*PYTHON, *(ROOT / "tests").rglob("*.py"), *(p for p in (ROOT / "portal").rglob("*") if p.is_dir())]
    assert [str(p.relative_to(ROOT)) for p in places if p.stem in FORBIDDEN] == []


def test_no_file_is_longer_than_somebody_reads() -> None:
    places = [*PYTHON, *(p for p in (ROOT / "templates").rglob("*") if p.is_file())]
    lengths = {str(p.relative_to(ROOT)): len(p.read_text().splitlines()) for p in places}
    assert {name: n for name, n in lengths.items() if n > MOST_LINES} == {}


def calls() -> Iterator[tuple[Path, ast.Call]]:
    for place in PYTHON:
        for node in ast.walk(ast.parse(place.read_text())):
            if isinstance(node, ast.Call):
                yield place, node


def put_jobs() -> Iterator[tuple[str, ast.Call]]:
    """Every `jobs.put(…)` of the code."""
    for place, call in calls():
        f = call.func
        if isinstance(f, ast.Attribute) and f.attr == "put" and isinstance(f.value, ast.Name) and f.value.id == "jobs":
            yield f"{place.relative_to(ROOT)}:{call.lineno}", call


def test_every_job_that_is_put_exists_and_gets_its_arguments() -> None:
    asked = list(put_jobs())
    assert asked
    for where, call in asked:
        name = call.args[0]
        assert isinstance(name, ast.Constant) and isinstance(name.value, str), f"{where}: name it by a literal"
        assert name.value in jobs.KINDS, f"{where}: no job {name.value}"
        takes = inspect.signature(jobs.KINDS[name.value].read).parameters
        given = {keyword.arg for keyword in call.keywords} - {"unique", "due_at"}
        needed = {n for n, p in takes.items() if p.default is p.empty}
        assert needed <= given <= set(takes), f"{where}: {name.value} takes {sorted(takes)}"


def test_every_job_is_put_by_somebody_or_by_a_clock() -> None:
    put = {call.args[0].value for _where, call in put_jobs() if isinstance(call.args[0], ast.Constant)}
    assert put | set(jobs.SCHEDULES) == set(jobs.KINDS)


def test_what_a_clock_puts_takes_no_arguments() -> None:
    for name in jobs.SCHEDULES:
        assert not inspect.signature(jobs.KINDS[name].read).parameters, name


def test_jobs_are_given_ids_and_short_words_and_nothing_personal() -> None:
    for name, kind in jobs.KINDS.items():
        for argument, parameter in inspect.signature(kind.read).parameters.items():
            short = ("purpose", "language", "year", "period")
            assert argument.endswith("_id") or argument in short, f"{name}({argument})"
            assert parameter.annotation in (int, str, "int", "str"), f"{name}({argument})"


def test_only_the_edge_commits() -> None:
    """`with transaction():` commits, and `aside()` beside it; nobody calls commit but they."""
    commits = [str(place.relative_to(ROOT)) for place, call in calls()
               if isinstance(call.func, ast.Attribute) and call.func.attr == "commit"]
    assert set(commits) == {"portal/kit/db.py"}


DOORS = [*sorted(p for door in ("web", "api", "cli") for p in (ROOT / "portal" / door).rglob("*.py")),
         ROOT / "portal" / "worker.py"]


@pytest.mark.parametrize("door", DOORS, ids=lambda p: f"{p.parent.name}-{p.stem}")
def test_doors_have_no_sql(door: Path) -> None:
    imported = {node.module or "" for node in ast.walk(ast.parse(door.read_text())) if isinstance(node, ast.ImportFrom)}
    imported |= {name.name for node in ast.walk(ast.parse(door.read_text())) if isinstance(node, ast.Import)
                 for name in node.names}
    assert not {name for name in imported if name.split(".")[0] == "sqlalchemy"}


def test_nothing_is_left_unfinished() -> None:
    for place in PYTHON:
        text = place.read_text()
        for word in ("TODO", "FIXME", "breakpoint(", "NotImplementedError"):
            assert word not in text, f"{place.relative_to(ROOT)}: {word}"
