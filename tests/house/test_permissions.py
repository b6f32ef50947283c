"""Every permission that a role brings is asked for somewhere, and nothing is asked for that no role brings."""
import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.dossiers.permissions import APPLICANT
from portal.dossiers.states import OFFICER_STEPS, permission
from portal.people.permissions import PERMISSIONS

PORTAL = Path(__file__).parents[2] / "portal"
ASKING = {"permission", "require", "may", "dossier_for", "own_dossier", "places", "copy_for",
          "document_for"}
OF_STEPS = {permission(step) for step in OFFICER_STEPS} | APPLICANT | {"dossier.read"}


def asked() -> Iterator[tuple[str, str]]:
    """(permission, where) of each name with a dot that is handed to a guard or to the rule."""
    for place in sorted(PORTAL.rglob("*.py")):
        for node in ast.walk(ast.parse(place.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in ASKING:
                yield from ((word.value, str(place)) for word in node.args if isinstance(word, ast.Constant)
                            and isinstance(word.value, str) and "." in word.value)


BROUGHT = {name.removesuffix(":any") for brought in PERMISSIONS.values() for name in brought}


@pytest.mark.once
def test_what_a_role_brings_is_asked_for_by_a_guard() -> None:
    assert BROUGHT - OF_STEPS - {name for name, _where in asked()} == set()


@pytest.mark.once
def test_nothing_is_asked_for_that_no_role_brings() -> None:
    assert {(name, where) for name, where in asked() if name not in BROUGHT | APPLICANT} == set()


@pytest.mark.once
def test_nothing_asks_for_a_role_by_its_name() -> None:
    """Doors and rules ask for permissions: which role brings one stands in the table alone."""
    for place in sorted(PORTAL.rglob("*.py")):
        if place.name == "permissions.py" or "cli" in place.parts:
            continue
        for node in ast.walk(ast.parse(place.read_text())):
            if isinstance(node, ast.Compare):
                words = {ast.unparse(part) for part in (node.left, *node.comparators)}
                assert not any(word.startswith("Role.") for word in words), (place, ast.unparse(node))
