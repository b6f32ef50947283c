"""Every template is rendered by somebody: the code names it, or another template that is rendered does."""
import ast
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "templates"
NAME = re.compile(r"[\w./-]+\.(?:html|txt)")
NOTICES = "notices/*/*.txt"  # portal/notices/words.py puts these together in an environment of its own


class Code(NamedTuple):
    """What the code says: names of templates, * standing for what is put in; and every word that could be put in."""

    names: frozenset[str]
    words: frozenset[str]


@cache
def code() -> Code:
    texts: set[str] = set()
    for place in [*(ROOT / "portal").rglob("*.py"), ROOT / "config.py"]:
        for node in ast.walk(ast.parse(place.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str | int):
                texts.add(str(node.value))
            elif isinstance(node, ast.JoinedStr):
                texts.add("".join(str(part.value) if isinstance(part, ast.Constant) else "*" for part in node.values))
            elif isinstance(node, ast.Assign | ast.keyword):  # members of an enumeration are words too
                targets = node.targets if isinstance(node, ast.Assign) else [ast.Name(node.arg or "")]
                texts |= {target.id for target in targets if isinstance(target, ast.Name)}
    names = frozenset(text for text in texts if NAME.fullmatch(text.replace("*", "x")))
    return Code(names | {NOTICES}, frozenset(texts))


def is_named(name: str, said: Code) -> bool:
    """Whether the code names this template, whole or by a word that it puts in."""
    for pattern in said.names:
        filled = re.fullmatch(re.escape(pattern).replace(r"\*", "([^/]+)"), name)
        if filled and all(word in said.words for word in filled.groups()):
            return True
    return False


def names_in(template: str) -> set[str]:
    """What a template extends, includes or takes macros from."""
    return set(NAME.findall(re.sub(r"\{#.*?#\}", "", template, flags=re.S)))


def unused(every: dict[str, str], said: Code) -> list[str]:
    """Of all templates, by name, those to which nothing leads."""
    found: set[str] = set()
    todo = {name for name in every if is_named(name, said)}
    while todo:
        found |= todo
        todo = {name for each in todo for name in names_in(every[each]) if name in every} - found
    return sorted(set(every) - found)


def all_templates() -> dict[str, str]:
    return {str(place.relative_to(TEMPLATES)): place.read_text() for place in TEMPLATES.rglob("*") if place.is_file()}


def test_every_template_is_used() -> None:
    every = all_templates()
    assert len(every) > 100
    assert unused(every, code()) == []


def test_a_template_that_nobody_uses_would_be_found() -> None:
    every = {"a/page.html": '{% extends "a/base.html" %}{# "a/alone.html" #}', "a/base.html": "", "a/alone.html": "",
             "a/of_state.html": "", "errors/418.html": ""}
    said = Code(frozenset({"a/page.html", "a/of_*.html", "errors/*.html"}), frozenset({"state", "404"}))
    assert unused(every, said) == ["a/alone.html", "errors/418.html"]


def dead_ends(every: dict[str, str], said: Code) -> Iterable[str]:
    for name, template in every.items():
        yield from (f"{name}: {other}" for other in names_in(template) if "/" in other and other not in every)
    yield from (name for name in said.names if "/" in name and "*" not in name and name.endswith(".html")
                and name not in every)


def test_no_name_of_a_template_leads_nowhere() -> None:
    assert [*dead_ends(all_templates(), code())] == []


def uncalled(every: dict[str, str], said: Code) -> list[str]:
    """The macros that no template calls and no code names."""
    calls = [word for text in every.values() for word in re.findall(r"(?<!macro )\b\w+", text)]
    return sorted(f"{name}: {macro}" for name, text in every.items() for macro in re.findall(r"macro (\w+)", text)
                  if macro not in said.words and macro not in calls)


def test_every_macro_is_called() -> None:
    assert uncalled(all_templates(), code()) == []
    every = {"a": "{% macro line(x) %}{% endmacro %}", "b": '{% from "a" import line %}', "c": "{% macro lone() %}"}
    assert uncalled(every, Code(frozenset(), frozenset())) == ["c: lone"]
