"""Form definitions: what is refused and where."""

import copy
from typing import Any

import pytest

from portal.forms import definition


def words(text: str) -> dict[str, str]:
    return {"vi": text, "en": text}


def good() -> dict[str, Any]:
    return {
        "title": words("Tờ khai"),
        "sample": True,
        "holder": "name",
        "steps": [
            {
                "key": "who",
                "title": words("Ai"),
                "fields": [
                    {"key": "name", "kind": "text", "label": words("Tên"), "required": True, "max": 100},
                    {
                        "key": "sex",
                        "kind": "choice",
                        "label": words("Giới tính"),
                        "required": True,
                        "options": [
                            {"value": "m", "label": words("Nam")},
                            {"value": "f", "label": words("Nữ")},
                        ],
                    },
                    {
                        "key": "maiden_name",
                        "kind": "text",
                        "label": words("Tên cũ"),
                        "required": False,
                        "show_if": {"field": "sex", "equals": "f"},
                    },
                ],
            },
            {
                "key": "papers",
                "title": words("Giấy tờ"),
                "fields": [
                    {"key": "proof", "kind": "attachment", "label": words("Bản chụp"), "required": True}
                ],
            },
        ],
    }


def test_a_good_form_passes() -> None:
    definition.check(good())


WHO = ("steps", 0, "fields")


@pytest.mark.parametrize(
    "path, value, place",
    [
        (("title",), {"vi": "Tờ khai"}, "title"),
        (("sample",), "yes", "sample"),
        (("steps",), [], "steps"),
        (("steps", 0, "key"), "Ai đó", "steps[1].key"),
        (("steps", 0, "key"), "papers", "steps.papers"),
        (("steps", 0, "fields"), [], "steps.who.fields"),
        ((*WHO, 0, "kind"), "colour", "steps.who.fields.name.kind"),
        ((*WHO, 0, "label"), "Tên", "steps.who.fields.name.label"),
        ((*WHO, 0, "required"), None, "steps.who.fields.name.required"),
        ((*WHO, 0, "placeholder"), "x", "steps.who.fields.name"),
        ((*WHO, 0, "max"), "100", "steps.who.fields.name.max"),
        ((*WHO, 0, "min"), 101, "steps.who.fields.name.min"),
        ((*WHO, 0, "past"), True, "steps.who.fields.name.past"),
        ((*WHO, 0, "prefill"), "salary", "steps.who.fields.name.prefill"),
        ((*WHO, 0, "kind"), "attachment", "steps.who.fields.name.max"),
        ((*WHO, 1, "key"), "name", "steps.who.fields.name"),
        ((*WHO, 1, "options"), [], "steps.who.fields.sex.options"),
        ((*WHO, 1, "options", 0, "value"), "f", "steps.who.fields.sex.options"),
        ((*WHO, 2, "show_if", "field"), "proof", "steps.who.fields.maiden_name.show_if"),
        ((*WHO, 2, "show_if", "field"), "name", "steps.who.fields.maiden_name.show_if"),
        ((*WHO, 2, "show_if", "equals"), "x", "steps.who.fields.maiden_name.show_if"),
        (("steps", 1, "key"), "annexes", "steps.annexes"),
        (("steps", 1, "fields", 0, "kind"), "text", "steps.papers.fields.proof"),
        (("holder",), "sex", "holder"),
        (("holder",), "nobody", "holder"),
    ],
)
def test_a_wrong_form_is_refused_and_the_place_named(path: tuple[Any, ...], value: Any, place: str) -> None:
    wrong = copy.deepcopy(good())
    at: Any = wrong
    for part in path[:-1]:
        at = at[part]
    at[path[-1]] = value
    with pytest.raises(ValueError) as refused:
        definition.check(wrong)
    assert str(refused.value).startswith(place)
