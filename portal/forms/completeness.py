"""Whether an application is complete: pure, over the form's definition, the answers and the papers."""
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Gap:
    """A required thing that is not there: where it is asked, its key, its two-language label."""

    step: str
    key: str
    label: Mapping[str, str]


def applies(field: Mapping[str, Any], answers: Mapping[str, Any]) -> bool:
    """Whether a field is asked at all, given what was answered before (`show_if`)."""
    condition = field.get("show_if")
    if not condition:
        return True
    given = answers.get(condition["field"])
    wanted = condition["equals"]
    return wanted in given if isinstance(given, list) else given == wanted


def fields(definition: Mapping[str, Any], answers: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every field that applies, with the key of its step."""
    for step in definition["steps"]:
        for field in step["fields"]:
            if applies(field, answers):
                yield step["key"], field


def gaps(definition: Mapping[str, Any], answers: Mapping[str, Any], attached: Collection[str]) -> list[Gap]:
    """What is still missing, in the form's order. A "no" and a zero are answers; an empty text is not."""
    missing = []
    for step, field in fields(definition, answers):
        if not field.get("required"):
            continue
        given = field["key"] in attached if field["kind"] == "attachment" \
            else answers.get(field["key"]) not in (None, "", [], {})
        if not given:
            missing.append(Gap(step, field["key"], field["label"]))
    return missing


def papers(definition: Mapping[str, Any], answers: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The attachment fields that apply."""
    return [field for _step, field in fields(definition, answers) if field["kind"] == "attachment"]


def holder(definition: Mapping[str, Any], answers: Mapping[str, Any], applicant: str) -> str:
    """Whose case it is: the field that the form names, or else the applicant."""
    named = answers.get(definition.get("holder") or "")
    return str(named)[:200] if named else applicant
