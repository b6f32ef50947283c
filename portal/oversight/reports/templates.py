"""What a template of a report must be. Pure; definitions are data.

    {"form": {…}, "prefill": {field: measure or {"measure", "part": "value" | "denominator"}},
     "figures": [{"field", "indicator"?, "theme", "unit", "words", "means"?, "denominator"?, "grows"?}],
     "checks": […], "due": {…}}

`form` is a definition of the form engine (portal.forms.definition) that may do without papers; `prefill`: what the
portal knows by itself (oversight.measures); `figures`: what is published of an approved report, of a column of a table
its sum; `checks`: see `checking`; `due`: by when it is owed (oversight.periods). Errors name the place, such as
"checks[2].parts".
"""
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from portal.forms import definition as forms
from portal.forms.application import Application
from portal.forms.types.question import check_words
from portal.oversight import periods
from portal.oversight.figures import INDICATORS, UNIT_WORDS, Theme
from portal.oversight.reporting import OWES
from portal.oversight.reports.check_parts import NUMBERS, Check, label_column
from portal.oversight.reports.check_parts import read as read_checks

FOLDER = Path(__file__).parent / "data"
FILLED = ("number", "money", "yes_no")  # kinds of questions that what the portal knows can answer
_PARTS = frozenset(("form", "prefill", "figures", "checks", "due"))
_FIGURE = frozenset(("field", "indicator", "theme", "unit", "words", "means", "denominator", "grows"))


@dataclass(frozen=True)
class Prefill:
    """`part`: value or denominator of what is known by the `measure`."""

    field: str
    measure: str
    part: str = "value"


@dataclass(frozen=True)
class Reported:
    """A figure of a report. `field`: "key" or "table.column"; `indicator`: one of figures.INDICATORS, None where it is
    the template's own; `denominator`: the field that has it."""

    field: str
    theme: str
    unit: str
    words: Mapping[str, str]
    means: Mapping[str, str]
    indicator: str | None = None
    denominator: str | None = None
    grows: bool = False

    def key(self, template: str) -> str:
        """Of the indicator under which it is published."""
        return self.indicator or f"{template}.{self.field}"


@dataclass(frozen=True)
class Template:
    """A definition that was read."""

    form: Mapping[str, Any]
    prefill: Mapping[str, Prefill]
    figures: tuple[Reported, ...]
    checks: tuple[Check, ...]
    due: Mapping[str, Any] | None

    @cached_property
    def questions(self) -> Mapping[str, Mapping[str, Any]]:
        """By key, in their order."""
        return {one["key"]: one for one in forms.fields_of(self.form)}

    @cached_property
    def step_of(self) -> Mapping[str, str]:
        """In which step a question is asked."""
        return {one["key"]: step["key"] for step in self.form["steps"] for one in step["fields"]}

    @cached_property
    def tables(self) -> Mapping[str, str | None]:
        """The questions with rows, each with the column that names a row."""
        return {key: label_column(one) for key, one in self.questions.items() if "fields" in one}

    def application(self, answers: Mapping[str, Any], attachments: Sequence[Any] = ()) -> Application:
        """The form with these answers."""
        return Application(self.form, answers, attachments)

    def values(self, answers: Mapping[str, Any]) -> Mapping[str, Any]:
        """The values of the questions that apply and are answered."""
        return self.application(answers).values

    def due_by(self, period: str) -> date:
        """The day by which a report of this period is owed."""
        return periods.due_by(self.due, period)


def read(definition: Mapping[str, Any]) -> Template:
    """A definition, checked whole. ValueError names the first place that is wrong."""
    if not isinstance(definition, Mapping):
        raise ValueError("definition: must be an object")
    if unknown := sorted(set(definition) - _PARTS):
        raise ValueError(f"{unknown[0]}: unknown part")
    form = definition.get("form")
    if not isinstance(form, Mapping):
        raise ValueError("form: must be a form definition")
    try:
        forms.check(form, papers=False)
    except ValueError as error:
        raise ValueError(f"form.{error}") from error
    questions = {one["key"]: one for one in forms.fields_of(form)}
    due = definition.get("due")
    if due is not None:
        periods.check_due(due)
    return Template(form, _prefill(definition.get("prefill", {}), questions),
                    _figures(definition.get("figures", []), questions),
                    read_checks(definition.get("checks", []), questions), due)


_KEPT: dict[str, Template] = {}
MOST_KEPT = 64


def kept(digest: str, definition: Mapping[str, Any]) -> Template:
    """The same for a version that is stored, read once in this process: it never changes. Nobody may change what comes
    out of it."""
    if digest not in _KEPT:
        if len(_KEPT) >= MOST_KEPT:
            _KEPT.clear()
        _KEPT[digest] = read(definition)
    return _KEPT[digest]


def _prefill(given: Any, questions: Mapping[str, Mapping[str, Any]]) -> dict[str, Prefill]:
    if not isinstance(given, Mapping):
        raise ValueError("prefill: must be an object of questions with what the portal knows")
    found = {}
    for key, one in given.items():
        place = f"prefill.{key}"
        if questions.get(key, {}).get("kind") not in FILLED:
            raise ValueError(f"{place}: is no question of this report that takes a number, or yes and no")
        parts = {"measure": one} if isinstance(one, str) else one
        if not isinstance(parts, Mapping) or not isinstance(parts.get("measure"), str) or not parts["measure"] \
                or not set(parts) <= {"measure", "part"}:
            raise ValueError(f"{place}: must be the name of a measure, or measure and part")
        if parts.get("part", "value") not in ("value", "denominator"):
            raise ValueError(f"{place}.part: must be value or denominator")
        found[key] = Prefill(key, parts["measure"], parts.get("part", "value"))
    return found


def _figures(given: Any, questions: Mapping[str, Mapping[str, Any]]) -> tuple[Reported, ...]:
    if not isinstance(given, list):
        raise ValueError("figures: must be a list")
    found: list[Reported] = []
    for number, one in enumerate(given, 1):
        figure = _figure(one, f"figures[{number}]", questions)
        if any(figure.field == earlier.field or (figure.indicator and figure.indicator == earlier.indicator)
               for earlier in found):
            raise ValueError(f"figures[{number}].field: {figure.field!r} is published already")
        found.append(figure)
    return tuple(found)


def _figure(given: Any, place: str, questions: Mapping[str, Mapping[str, Any]]) -> Reported:
    if not isinstance(given, Mapping):
        raise ValueError(f"{place}: must be an object")
    if unknown := sorted(set(given) - _FIGURE):
        raise ValueError(f"{place}.{unknown[0]}: unknown part")
    for part in ("field", "denominator"):
        if part in given or part == "field":
            _check_number(given.get(part), f"{place}.{part}", questions, flag=part == "field")
    if given.get("theme") not in list(Theme):
        raise ValueError(f"{place}.theme: must be one of {', '.join(Theme)}")
    if given.get("unit") not in list(UNIT_WORDS):
        raise ValueError(f"{place}.unit: must be one of {', '.join(UNIT_WORDS)}")
    check_words(given.get("words"), f"{place}.words")
    if "means" in given:
        check_words(given["means"], f"{place}.means")
    if given.get("indicator") is not None and given["indicator"] not in INDICATORS:
        raise ValueError(f"{place}.indicator: {given['indicator']!r} is no indicator that is known")
    if not isinstance(given.get("grows", False), bool):
        raise ValueError(f"{place}.grows: must be true or false")
    return Reported(given["field"], given["theme"], given["unit"], given["words"], given.get("means", {}),
                    given.get("indicator"), given.get("denominator"), given.get("grows", False))


def _check_number(key: Any, place: str, questions: Mapping[str, Mapping[str, Any]], *, flag: bool) -> None:
    name, _dot, column = key.partition(".") if isinstance(key, str) else ("", "", "")
    asked = questions.get(name)
    if asked is not None and column:
        asked = next((inner for inner in asked.get("fields", ()) if inner["key"] == column), None)
    if asked is None or asked["kind"] not in (*NUMBERS, *(("yes_no",) if flag and not column else ())):
        raise ValueError(f"{place}: {key!r} is no number of this report")


@dataclass(frozen=True)
class Shipped:
    """A template that comes with the portal. `source`: where its wording is from, and how surely that was read."""

    key: str
    every: str
    owes: str
    source: str
    definition: Mapping[str, Any]


def shipped() -> list[Shipped]:
    """The templates that come with the portal, by key. ValueError names the file and the place that is wrong."""
    found = []
    for path in sorted(FOLDER.glob("*.json")):
        one = Shipped(path.stem, **json.loads(path.read_text(encoding="utf-8")))
        try:
            read(one.definition)
            if one.owes not in OWES or one.every not in periods.EVERY:
                raise ValueError(f"owes, every: {one.owes}, {one.every}")
        except ValueError as error:
            raise ValueError(f"{path.name}: {error}") from error
        found.append(one)
    return found


def digest(definition: Mapping[str, Any]) -> str:
    """SHA-256 of a definition, whatever the order of its parts."""
    plain = json.dumps(definition, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(plain.encode()).hexdigest()
