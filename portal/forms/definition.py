"""What a form definition must be.

A definition is data: {"title", "sample", "steps": [{"key", "title", "help"?, "fields": […]}], "holder"?}.
Words for people are {"vi", "en"}. The last step is always the papers. Errors name the place, such as
"steps.child.fields.sex".
"""

import re
from collections.abc import Mapping
from typing import Any

KINDS = frozenset((
    "text", "long_text", "number", "money", "date", "choice", "choices", "yes_no", "citizen_id", "phone",
    "email", "address", "attachment",
))
PAPERS = "papers"
_KEY = re.compile(r"[a-z][a-z0-9_]{0,59}")
_STEP_PARTS = frozenset(("key", "title", "help", "fields"))
_FIELD_PARTS = frozenset((
    "key", "kind", "label", "help", "required", "max", "min", "past", "future", "options", "show_if",
    "autocomplete", "prefill",
))
_PREFILLS = frozenset(("name", "email", "phone"))
_WITH_OPTIONS = frozenset(("choice", "choices"))
_WITH_LENGTH = frozenset(("text", "long_text", "number", "money"))


def check(definition: Mapping[str, Any]) -> None:
    """Raise ValueError naming the first place that is wrong; return nothing for a good definition."""
    _check_words(definition.get("title"), "title")
    if not isinstance(definition.get("sample"), bool):
        raise ValueError("sample: must be true or false")
    steps = definition.get("steps")
    if not isinstance(steps, list) or len(steps) < 2:
        raise ValueError("steps: a form has at least one step of questions and the papers")
    fields: dict[str, Mapping[str, Any]] = {}
    step_keys: set[str] = set()
    for number, step in enumerate(steps, 1):
        _check_step(step, number, step_keys, fields)
    _check_papers(steps)
    _check_holder(definition, fields)


def fields_of(definition: Mapping[str, Any]) -> list[dict[str, Any]]:
    """All fields of all steps in their order."""
    return [field for step in definition["steps"] for field in step["fields"]]


def _check_step(step: Any, number: int, step_keys: set[str], fields: dict[str, Mapping[str, Any]]) -> None:
    key = step.get("key") if isinstance(step, Mapping) else None
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        raise ValueError(f"steps[{number}].key: must be snake_case ASCII, not {key!r}")
    place = f"steps.{key}"
    if key in step_keys:
        raise ValueError(f"{place}: this key is used twice")
    step_keys.add(key)
    _check_parts(step, _STEP_PARTS, place)
    _check_words(step.get("title"), f"{place}.title")
    if "help" in step:
        _check_words(step["help"], f"{place}.help")
    if not isinstance(step.get("fields"), list) or not step["fields"]:
        raise ValueError(f"{place}.fields: a step asks for something")
    for field in step["fields"]:
        _check_field(field, f"{place}.fields", fields)
        fields[field["key"]] = field


def _check_field(field: Any, place: str, earlier: Mapping[str, Mapping[str, Any]]) -> None:
    key = field.get("key") if isinstance(field, Mapping) else None
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        raise ValueError(f"{place}: a key must be snake_case ASCII, not {key!r}")
    place = f"{place}.{key}"
    if key in earlier:
        raise ValueError(f"{place}: this key is used twice")
    _check_parts(field, _FIELD_PARTS, place)
    if field.get("kind") not in KINDS:
        raise ValueError(f"{place}.kind: unknown kind {field.get('kind')!r}")
    _check_words(field.get("label"), f"{place}.label")
    if "help" in field:
        _check_words(field["help"], f"{place}.help")
    if not isinstance(field.get("required"), bool):
        raise ValueError(f"{place}.required: must be true or false")
    _check_bounds(field, place)
    _check_options(field, place)
    if "show_if" in field:
        _check_show_if(field["show_if"], f"{place}.show_if", earlier)
    if field.get("prefill", "name") not in _PREFILLS:
        raise ValueError(f"{place}.prefill: must be one of {', '.join(sorted(_PREFILLS))}")


def _check_bounds(field: Mapping[str, Any], place: str) -> None:
    for part in ("min", "max"):
        bound = field.get(part, 0)
        if not isinstance(bound, int) or isinstance(bound, bool):
            raise ValueError(f"{place}.{part}: must be a whole number")
        if part in field and field["kind"] not in _WITH_LENGTH:
            raise ValueError(f"{place}.{part}: a {field['kind']} has no {part}")
    if "min" in field and "max" in field and field["min"] > field["max"]:
        raise ValueError(f"{place}.min: is above max")
    for part in ("past", "future"):
        if part in field and (field["kind"] != "date" or field[part] is not True):
            raise ValueError(f"{place}.{part}: only true, on a date")
    if "past" in field and "future" in field:
        raise ValueError(f"{place}.future: a date is not both past and future")


def _check_options(field: Mapping[str, Any], place: str) -> None:
    options = field.get("options")
    if field["kind"] not in _WITH_OPTIONS:
        if options is not None:
            raise ValueError(f"{place}.options: a {field['kind']} has none")
        return
    if not isinstance(options, list) or len(options) < 2:
        raise ValueError(f"{place}.options: a choice has at least two")
    values = [option.get("value") for option in options]
    if not all(isinstance(value, str) and _KEY.fullmatch(value) for value in values) or len(
        set(values)
    ) < len(values):
        raise ValueError(f"{place}.options: values must differ and be snake_case ASCII")
    for option in options:
        _check_words(option.get("label"), f"{place}.options.{option['value']}")


def _check_show_if(rule: Any, place: str, earlier: Mapping[str, Mapping[str, Any]]) -> None:
    if not isinstance(rule, Mapping) or set(rule) != {"field", "equals"}:
        raise ValueError(f"{place}: must be a field and what it equals")
    asked = earlier.get(rule["field"])
    if asked is None:
        raise ValueError(f"{place}: {rule['field']!r} is no earlier field")
    if asked["kind"] == "yes_no":
        possible: set[Any] = {True, False}
    elif asked["kind"] in _WITH_OPTIONS:
        possible = {option["value"] for option in asked["options"]}
    else:
        raise ValueError(f"{place}: {rule['field']!r} must be a choice or yes_no")
    if rule["equals"] not in possible:
        raise ValueError(f"{place}: {rule['equals']!r} is no answer of {rule['field']!r}")


def _check_papers(steps: list[Mapping[str, Any]]) -> None:
    if steps[-1]["key"] != PAPERS:
        raise ValueError(f"steps.{steps[-1]['key']}: the last step must be {PAPERS!r}")
    for step in steps:
        for field in step["fields"]:
            if (field["kind"] == "attachment") != (step["key"] == PAPERS):
                place = f"steps.{step['key']}.fields.{field['key']}"
                raise ValueError(f"{place}: attachments stand in {PAPERS!r}, and only they")


def _check_holder(definition: Mapping[str, Any], fields: Mapping[str, Mapping[str, Any]]) -> None:
    if "holder" not in definition:
        return
    named = fields.get(definition["holder"])
    if named is None or named["kind"] != "text":
        raise ValueError(f"holder: {definition['holder']!r} is no text field of this form")


def _check_parts(thing: Mapping[str, Any], known: frozenset[str], place: str) -> None:
    unknown = sorted(set(thing) - known)
    if unknown:
        raise ValueError(f"{place}: unknown part {unknown[0]!r}")


def _check_words(words: Any, place: str) -> None:
    if not isinstance(words, Mapping) or not all(
        isinstance(words.get(language), str) and words[language].strip() for language in ("vi", "en")
    ):
        raise ValueError(f"{place}: must have words in vi and en")
