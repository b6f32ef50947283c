"""What changed between two versions of a template. Pure."""
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from portal.kit.text import N_


class Part(StrEnum):
    """Of what part of a definition a change speaks."""

    step = "step"
    question = "question"
    rule = "rule"
    check = "check"
    figure = "figure"
    prefill = "prefill"
    due = "due"


PART_WORDS: Mapping[Part, str] = {
    Part.step: N_("Step"), Part.question: N_("Question"), Part.rule: N_("Rule between answers"),
    Part.check: N_("Cross-check"), Part.figure: N_("Published figure"), Part.prefill: N_("Filled in by the portal"),
    Part.due: N_("Due day")}


@dataclass(frozen=True)
class Change:
    """`key`: of what; `words`: its label as the newer version has it, where it has one. `before` and `after`: what it
    says, without what is the same in both; None where the older or the newer version has no such thing."""

    part: Part
    key: str
    words: Mapping[str, str] | None
    before: Any
    after: Any


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """From one definition to another, part by part, in the order of the newer; what is gone comes after it. Another
    order of the same questions is no change."""
    found = []
    for part in Part:
        left, right = dict(_things(old, part)), dict(_things(new, part))
        for key in dict.fromkeys((*right, *left)):
            if left.get(key) != right.get(key):
                before, after = _apart(left.get(key), right.get(key))
                found.append(Change(part, key, _label(right.get(key)) or _label(left.get(key)), before, after))
    return found


def _things(definition: Mapping[str, Any], part: Part) -> Iterator[tuple[str, Any]]:
    """(key, what it says) of each thing of a part."""
    form = definition.get("form", {})
    steps = form.get("steps", [])
    if part == Part.step:
        yield from ((step["key"], {"title": step.get("title")}) for step in steps)
    elif part == Part.question:
        yield from ((one["key"], {**one, "step": step["key"]}) for step in steps for one in step["fields"])
    elif part == Part.rule:
        yield from ((str(one.get("key") or number), one) for number, one in enumerate(form.get("rules", []), 1))
    elif part == Part.check:
        yield from ((one.get("key", str(number)), one) for number, one in enumerate(definition.get("checks", []), 1))
    elif part == Part.figure:
        yield from ((one["field"], one) for one in definition.get("figures", []))
    elif part == Part.prefill:
        yield from definition.get("prefill", {}).items()
    elif definition.get("due"):
        yield "due", definition["due"]


def _label(thing: Any) -> Mapping[str, str] | None:
    if not isinstance(thing, Mapping):
        return None
    words = thing.get("label") or thing.get("words") or thing.get("title")
    return words if isinstance(words, Mapping) else None


def _apart(before: Any, after: Any) -> tuple[Any, Any]:
    """Both without what they say alike."""
    if not isinstance(before, Mapping) or not isinstance(after, Mapping):
        return before, after
    differ = [key for key in dict.fromkeys((*after, *before)) if before.get(key) != after.get(key)]
    return {key: before[key] for key in differ if key in before}, {key: after[key] for key in differ if key in after}
