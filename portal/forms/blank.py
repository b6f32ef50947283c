"""A form on paper: every question with the place to write its answer, and when it is to be answered."""
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from portal.forms.definition import PAPERS, fields_of
from portal.forms.types import TYPES, Question
from portal.kit.i18n import say


@dataclass(frozen=True)
class Entry:
    """`only_if`: the question and the answer to it without which this one is left open; "" when it is for everybody."""

    label: str
    required: bool
    only_if: str
    blank: Markup


@dataclass(frozen=True)
class Part:
    """One step of the form."""

    title: str
    of_papers: bool
    entries: tuple[Entry, ...]


def blank_form(definition: Mapping[str, Any]) -> list[Part]:
    """The parts of the form in order, in the reader's language."""
    questions = {q["key"]: q for q in fields_of(definition)}
    return [Part(say(step["title"]), step["key"] == PAPERS, tuple(
        Entry(say(q["label"]), q["required"], _only_if(q, questions), TYPES[q["kind"]].blank(q))
        for q in step["fields"])) for step in definition["steps"]]


def _only_if(q: Question, questions: Mapping[str, Question]) -> str:
    condition = q.get("show_if")
    if condition is None:
        return ""
    asked = questions[condition["field"]]
    kind = TYPES[asked["kind"]]
    wanted = [condition["equals"]] if asked["kind"] == "choices" else condition["equals"]
    return f"{say(asked['label'])}: {kind.words(asked, wanted)}"
