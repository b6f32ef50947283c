"""Whether an application is complete, over a form made of plain data."""
from typing import Any

import pytest

from portal.forms.completeness import Gap, applies, fields, gaps, holder, papers


def question(key: str, kind: str = "text", *, required: bool = True, **more: Any) -> dict[str, Any]:
    return {"key": key, "kind": kind, "label": {"vi": key}, "required": required, **more}


FORM = {"holder": "child", "steps": [
    {"key": "who", "fields": [question("child"), question("count", "number"), question("alive", "yes_no"),
                              question("note", required=False), question("languages", "choices")]},
    {"key": "where", "fields": [question("abroad", "yes_no"), question(
        "country", show_if={"field": "abroad", "equals": True}),
        question("teacher", show_if={"field": "languages", "equals": "en"})]},
    {"key": "papers", "fields": [question("birth", "attachment"), question("extra", "attachment", required=False),
                                 question("visa", "attachment", show_if={"field": "abroad", "equals": True})]}]}
FULL = {"child": "Trần Thị Bé", "count": 0, "alive": False, "languages": ["vi"], "abroad": False}


def missing(answers: dict[str, Any], attached: set[str]) -> list[str]:
    return [gap.key for gap in gaps(FORM, answers, attached)]


def test_a_complete_application_has_no_gap_and_a_no_and_a_zero_are_answers() -> None:
    assert missing(FULL, {"birth"}) == []


def test_an_empty_one_misses_everything_required_in_the_order_of_the_form() -> None:
    assert missing({}, set()) == ["child", "count", "alive", "languages", "abroad", "birth"]


@pytest.mark.parametrize("nothing", [None, "", [], {}])
def test_an_empty_answer_is_none(nothing: Any) -> None:
    assert missing({**FULL, "child": nothing}, {"birth"}) == ["child"]


def test_a_gap_says_where_it_is_asked_and_what_it_is_called() -> None:
    assert gaps(FORM, FULL, set()) == [Gap("papers", "birth", {"vi": "birth"})]


def test_what_depends_is_asked_only_when_it_applies() -> None:
    abroad = {**FULL, "abroad": True}
    assert missing(abroad, {"birth"}) == ["country", "visa"]
    assert missing({**abroad, "country": "Lào"}, {"birth", "visa"}) == []
    assert [f["key"] for f in papers(FORM, FULL)] == ["birth", "extra"]
    assert [f["key"] for f in papers(FORM, abroad)] == ["birth", "extra", "visa"]


def test_a_condition_on_several_choices_is_met_by_one_of_them() -> None:
    assert missing({**FULL, "languages": ["vi", "en"]}, {"birth"}) == ["teacher"]


def test_an_answer_that_no_longer_applies_is_neither_missing_nor_needed() -> None:
    changed = {**FULL, "country": "Lào"}
    assert "country" not in [f["key"] for _step, f in fields(FORM, changed)]
    assert not applies(FORM["steps"][1]["fields"][1], changed)  # type: ignore[index]


def test_an_attachment_is_counted_by_its_file_not_by_an_answer_of_its_name() -> None:
    assert missing({**FULL, "birth": "đã nộp"}, set()) == ["birth"]


def test_the_holder_is_whom_the_form_names_or_else_the_applicant() -> None:
    assert holder(FORM, FULL, "Nguyễn Văn Nộp") == "Trần Thị Bé"
    assert holder(FORM, {}, "Nguyễn Văn Nộp") == "Nguyễn Văn Nộp"
    assert holder({"steps": []}, FULL, "Nguyễn Văn Nộp") == "Nguyễn Văn Nộp"
    assert len(holder(FORM, {"child": "a" * 999}, "x")) == 200
