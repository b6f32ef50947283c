"""What a form definition must be.

A definition is data: {"title", "sample", "steps": [{"key", "title", "help"?, "fields": […]}], "holder"?, "values"?,
"rules"?}. Words for people are {"vi", "en"}. The last step is always the papers; what agencies report may do without.
What a field may say beside `EVERY_PART` is told by its type; rules and named values are described in `rules` and
`expressions`. Errors name the place, such as "steps.child.fields.sex".
"""
import re
from collections.abc import Mapping
from typing import Any

from portal.forms import rules
from portal.forms.expressions import Asked, Gives
from portal.forms.types import TYPES
from portal.forms.types.question import EVERY_PART, check_words
from portal.forms.types.rows import Rows

PAPERS = "papers"
Fields = Mapping[str, Mapping[str, Any]]
_KEY = re.compile(r"[a-z][a-z0-9_]{0,59}")
_FORM_PARTS = frozenset(("title", "sample", "steps", "holder", "values", "rules"))
_STEP_PARTS = frozenset(("key", "title", "help", "fields"))
_PREFILLS = frozenset(("name", "email", "phone"))


def check(definition: Mapping[str, Any], *, papers: bool = True) -> None:
    """Raise ValueError naming the first place that is wrong; return nothing for a good definition. `papers`: whether it
    must end with them, as an application does."""
    check_words(definition.get("title"), "title")
    if not isinstance(definition.get("sample"), bool):
        raise ValueError("sample: must be true or false")
    steps = definition.get("steps")
    if not isinstance(steps, list) or len(steps) < 1 + papers:
        raise ValueError("steps: a form has at least one step of questions and the papers" if papers else
                         "steps: a form has at least one step of questions")
    fields: dict[str, Mapping[str, Any]] = {}
    step_keys: set[str] = set()
    for number, step in enumerate(steps, 1):
        _check_step(step, number, step_keys, fields)
    _check_papers(steps, papers)
    _check_holder(definition, fields)
    if unknown := sorted(set(definition) - _FORM_PARTS):
        raise ValueError(f"{unknown[0]}: unknown part")
    rules_of(definition)


def fields_of(definition: Mapping[str, Any]) -> list[dict[str, Any]]:
    """All fields of all steps in their order; what a row asks is within its field."""
    return [field for step in definition["steps"] for field in step["fields"]]


def rules_of(definition: Mapping[str, Any]) -> rules.RuleBook:
    """The rules between answers, read with the types of the questions. ValueError names the place that is wrong."""
    if "rules" not in definition and "values" not in definition:
        return rules.RuleBook((), {})
    asked: dict[str, Asked] = {}
    groups: set[str] = set()
    for field in fields_of(definition):
        asked[field["key"]] = _asked(field)
        if isinstance(TYPES[field["kind"]], Rows):
            groups.add(field["key"])
            asked |= {f"{field['key']}.{inner['key']}": _asked(inner, field["key"]) for inner in field["fields"]}
    return rules.read(definition, asked, frozenset(groups))


def _asked(field: Mapping[str, Any], rows: str | None = None) -> Asked:
    gives = TYPES[field["kind"]].gives
    offered = field["options"] if gives in (Gives.choice, Gives.choices) else ()
    optional = not field["required"] or "show_if" in field
    return Asked(gives, frozenset(option["value"] for option in offered), rows, optional)


def _check_step(step: Any, number: int, step_keys: set[str], fields: dict[str, Mapping[str, Any]]) -> None:
    key = step.get("key") if isinstance(step, Mapping) else None
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        raise ValueError(f"steps[{number}].key: must be snake_case ASCII, not {key!r}")
    place = f"steps.{key}"
    if key in step_keys:
        raise ValueError(f"{place}: this key is used twice")
    step_keys.add(key)
    if unknown := sorted(set(step) - _STEP_PARTS):
        raise ValueError(f"{place}: unknown part {unknown[0]!r}")
    check_words(step.get("title"), f"{place}.title")
    if "help" in step:
        check_words(step["help"], f"{place}.help")
    if not isinstance(step.get("fields"), list) or not step["fields"]:
        raise ValueError(f"{place}.fields: a step asks for something")
    for field in step["fields"]:
        _check_field(field, f"{place}.fields", fields)
        fields[field["key"]] = field


def _check_field(field: Any, place: str, earlier: Fields) -> None:
    key = field.get("key") if isinstance(field, Mapping) else None
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        raise ValueError(f"{place}: a key must be snake_case ASCII, not {key!r}")
    place = f"{place}.{key}"
    if key in earlier:
        raise ValueError(f"{place}: this key is used twice")
    kind = TYPES.get(str(field.get("kind")))
    if kind is None:
        raise ValueError(f"{place}.kind: unknown kind {field.get('kind')!r}")
    if unknown := sorted(set(field) - EVERY_PART - kind.parts):
        raise ValueError(f"{place}.{unknown[0]}: a {kind.kind} has no such part")
    check_words(field.get("label"), f"{place}.label")
    if "help" in field:
        check_words(field["help"], f"{place}.help")
    if not isinstance(field.get("required"), bool):
        raise ValueError(f"{place}.required: must be true or false")
    kind.check(field, place)
    if isinstance(kind, Rows):
        _check_rows(field, kind, place)
    if "show_if" in field:
        _check_show_if(field["show_if"], f"{place}.show_if", earlier)
    if "take" in field:
        _check_take(field["take"], field["kind"], f"{place}.take", earlier)
    if str(field.get("prefill", "name")) not in _PREFILLS:
        raise ValueError(f"{place}.prefill: must be one of {', '.join(sorted(_PREFILLS))}")


def _check_take(given: Any, kind: str, place: str, earlier: Fields) -> None:
    """{"from", "field", "equals"}: where an earlier answer equals that, this one begins as the answer `from`."""
    if not isinstance(given, Mapping) or set(given) != {"from", "field", "equals"}:
        raise ValueError(f"{place}: must be an earlier field, and another with what it equals")
    _check_show_if({"field": given["field"], "equals": given["equals"]}, place, earlier)
    if earlier.get(str(given["from"]), {}).get("kind") != kind:
        raise ValueError(f"{place}.from: {given['from']!r} is no earlier {kind}")


def _check_rows(field: Mapping[str, Any], kind: Rows, place: str) -> None:
    within: dict[str, Mapping[str, Any]] = {}
    for inner in field["fields"]:
        _check_field(inner, f"{place}.fields", within)
        if not kind.takes(TYPES[inner["kind"]]):
            raise ValueError(f"{place}.fields.{inner['key']}.kind: a {kind.kind} takes no {inner['kind']}")
        within[inner["key"]] = inner


def _check_show_if(rule: Any, place: str, earlier: Fields) -> None:
    if not isinstance(rule, Mapping) or set(rule) != {"field", "equals"}:
        raise ValueError(f"{place}: must be a field and what it equals")
    asked = earlier.get(str(rule["field"]))
    if asked is None:
        raise ValueError(f"{place}: {rule['field']!r} is no earlier field")
    gives = TYPES[asked["kind"]].gives
    if gives is Gives.flag:
        possible: set[Any] = {True, False}
    elif gives in (Gives.choice, Gives.choices):
        possible = {option["value"] for option in asked["options"]}
    else:
        raise ValueError(f"{place}: {rule['field']!r} must be a choice or yes_no")
    if not isinstance(rule["equals"], str | bool) or rule["equals"] not in possible:
        raise ValueError(f"{place}: {rule['equals']!r} is no answer of {rule['field']!r}")


def _check_papers(steps: list[Mapping[str, Any]], needed: bool) -> None:
    if (needed or PAPERS in {step["key"] for step in steps}) and steps[-1]["key"] != PAPERS:
        raise ValueError(f"steps.{steps[-1]['key']}: the last step must be {PAPERS!r}")
    for step in steps:
        for field in step["fields"]:
            if TYPES[field["kind"]].of_file != (step["key"] == PAPERS):
                place = f"steps.{step['key']}.fields.{field['key']}"
                raise ValueError(f"{place}: attachments stand in {PAPERS!r}, and only they")


def _check_holder(definition: Mapping[str, Any], fields: Fields) -> None:
    if "holder" not in definition:
        return
    named = fields.get(str(definition["holder"]))
    if named is None or named["kind"] not in ("text", "name"):
        raise ValueError(f"holder: {definition['holder']!r} is no name or text of this form")
