"""Groups of national statuses are defined in portal/law/statuses.py and nowhere else."""
import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.once
ROOT = Path(__file__).parents[2]
HOME = ROOT / "portal/law/statuses.py"
IN_SQL = re.compile(r"\bstatus\s*(?:=|<>|!=|(?:NOT\s+)?IN\s*\()\s*\d", re.IGNORECASE)
IN_TEMPLATE = re.compile(r"\bstatus\b[^%{}]{0,20}?(?:==|!=|\bin\b)\s*[\[(]?\s*\d")


def is_number(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) is int and 1 <= node.value <= 10


def is_status(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Status"


def is_numbered(keys: list[ast.expr]) -> bool:
    """Whether a table is kept by the numbers of statuses; levels go to 4 alone."""
    numbers = [int(key.value) for key in keys if isinstance(key, ast.Constant) and str(key.value).isdecimal()]
    return len(keys) == len(numbers) > 2 and all(1 <= n <= 10 for n in numbers) and max(numbers) > 4


def is_called_status(node: ast.AST) -> bool:
    name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
    return name == "status" or name.endswith("_status")


def groups(tree: ast.AST) -> Iterator[int]:
    """The lines that tell several statuses apart from the others, or one by its bare number."""
    for node in ast.walk(tree):
        members = node.elts if isinstance(node, (ast.Set, ast.Tuple, ast.List)) else []
        numbers, named = [is_number(each) for each in members], [is_status(each) for each in members]
        if len(members) > 1 and (all(named) or (isinstance(node, ast.Set) and all(numbers))):
            yield node.lineno
        if isinstance(node, ast.Dict) and is_numbered([key for key in node.keys if key is not None]):
            yield node.lineno
        if isinstance(node, ast.Compare) and is_called_status(node.left):
            for other in node.comparators:
                inside = other.elts if isinstance(other, (ast.Set, ast.Tuple, ast.List)) else [other]
                if any(is_number(each) for each in inside):
                    yield node.lineno
        if isinstance(node, ast.Call) and ast.unparse(node) == "range(1, 11)":
            yield node.lineno
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and IN_SQL.search(node.value):
            yield node.lineno


@pytest.mark.parametrize("code", [
    "PAUSED = frozenset({5, 6, 8})", "OVER = {Status.stopped, Status.returned}",
    "ENDED = (Status.stopped, Status.returned)",
    "if record.status == 8: pass", "if status in (3, 7): pass", "STATUSES = range(1, 11)",
    "WORDS = {1: 'submit', 2: 'accept', 8: 'stop'}", "MOMENTS = {'1': (), '3': (), '9': ()}",
    "text('SELECT 1 WHERE status NOT IN (3, 7)')", "text('status = 10')"])
def test_a_group_is_seen(code: str) -> None:
    assert list(groups(ast.parse(code)))


@pytest.mark.parametrize("code", [
    "if status in FINAL: pass", "if status == Status.stopped: pass",
    "LOOKS = {Status.stopped: 'still', Status.payment: 'waiting'}",
    "answer.status_code == 200", "LEVELS = {1: 'a', 2: 'b', 3: 'c', 4: 'd'}", "sizes = (1, 2, 3)",
    "'a batch of status 8 answers'"])
def test_other_things_are_no_group(code: str) -> None:
    assert not list(groups(ast.parse(code)))


def test_no_other_file_defines_a_group_of_statuses() -> None:
    found = {f"{path.relative_to(ROOT)}:{line}" for path in (ROOT / "portal").rglob("*.py") if path != HOME
             for line in groups(ast.parse(path.read_text()))}
    assert found == set()


def test_no_template_knows_a_status_by_its_number() -> None:
    assert [path.name for path in (ROOT / "templates").rglob("*.html") if IN_TEMPLATE.search(path.read_text())] == []
