"""What an application is: what applies, what is missing, what is left out, whose case it is."""
from dataclasses import dataclass
from typing import Any

import pytest

from portal.forms.application import Application, Gap


@dataclass(frozen=True)
class File:
    key: str
    name: str = "giấy tờ.pdf"


def words(text: str) -> dict[str, str]:
    return {"vi": text, "en": text}


def question(key: str, kind: str = "text", *, required: bool = True, **more: Any) -> dict[str, Any]:
    return {"key": key, "kind": kind, "label": words(key), "required": required, **more}


def step(key: str, *fields: dict[str, Any]) -> dict[str, Any]:
    return {"key": key, "title": words(key), "fields": list(fields)}


LANGUAGES = [{"value": one, "label": words(one)} for one in ("vi", "en")]
FORM = {"holder": "child", "steps": [
    step("who", question("child"), question("count", "number"), question("alive", "yes_no"),
         question("note", required=False), question("languages", "choices", options=LANGUAGES)),
    step("where", question("abroad", "yes_no"),
         question("country", show_if={"field": "abroad", "equals": True}),
         question("teacher", show_if={"field": "languages", "equals": "en"})),
    step("papers", question("birth", "attachment"), question("extra", "attachment", required=False),
         question("visa", "attachment", show_if={"field": "abroad", "equals": True}))]}
FULL = {"child": "Trần Thị Bé", "count": 0, "alive": False, "languages": ["vi"], "abroad": False}


def missing(answers: dict[str, Any], attached: set[str]) -> list[str]:
    return [gap.key for gap in Application(FORM, answers, [File(key) for key in attached]).gaps]


def test_a_complete_application_has_no_gap_and_a_no_and_a_zero_are_answers() -> None:
    assert missing(FULL, {"birth"}) == []


def test_an_empty_one_misses_everything_required_in_the_order_of_the_form() -> None:
    assert missing({}, set()) == ["child", "count", "alive", "languages", "abroad", "birth"]


@pytest.mark.parametrize("nothing", [None, "", [], {}])
def test_an_empty_answer_is_none(nothing: Any) -> None:
    assert missing({**FULL, "child": nothing}, {"birth"}) == ["child"]


@pytest.mark.parametrize("key, nonsense", [("count", "3"), ("count", True), ("alive", "no"), ("languages", "vi")])
def test_what_is_no_answer_to_such_a_question_counts_as_none(key: str, nonsense: Any) -> None:
    assert missing({**FULL, key: nonsense}, {"birth"}) == [key]


def test_a_gap_says_where_it_is_asked_and_what_it_is_called() -> None:
    [gap] = Application(FORM, FULL).gaps
    assert gap == Gap("papers", "birth", words("birth"), "attachment") and gap.message == "Đính kèm “birth”"


def test_what_depends_is_asked_only_when_it_applies() -> None:
    abroad = {**FULL, "abroad": True}
    assert missing(abroad, {"birth"}) == ["country", "visa"]
    assert missing({**abroad, "country": "Lào"}, {"birth", "visa"}) == []
    assert [f["key"] for f in Application(FORM, FULL).papers] == ["birth", "extra"]
    assert [f["key"] for f in Application(FORM, abroad).papers] == ["birth", "extra", "visa"]


def test_a_condition_on_several_choices_is_met_by_one_of_them() -> None:
    assert missing({**FULL, "languages": ["vi", "en"]}, {"birth"}) == ["teacher"]


def test_what_depends_on_a_question_that_is_not_put_is_not_put_either() -> None:
    chain = {"steps": [
        step("one", question("owns", "yes_no")),
        step("two", question("rents_out", "yes_no", show_if={"field": "owns", "equals": True})),
        step("three", question("tenant", show_if={"field": "rents_out", "equals": True}))]}
    left_over = {"owns": False, "rents_out": True, "tenant": "Lan"}
    assert [q["key"] for _step, q in Application(chain, left_over).asked] == ["owns"]
    assert [one.key for one in Application(chain, left_over).hidden] == ["rents_out", "tenant"]


def test_what_no_longer_applies_is_said_and_not_handed_in() -> None:
    changed = Application(FORM, {**FULL, "country": "Lào", "teacher": ""}, [File("birth"), File("visa", "visa.pdf")])
    assert [(one.step, one.key, one.value) for one in changed.hidden] == [
        ("where", "country", "Lào"), ("papers", "visa", "visa.pdf")]
    assert changed.answers_to_send == FULL
    assert [file.key for file in changed.files_to_drop] == ["visa"]


def test_an_attachment_is_counted_by_its_file_not_by_an_answer_of_its_name() -> None:
    assert missing({**FULL, "birth": "đã nộp"}, set()) == ["birth"]


def test_the_holder_is_whom_the_form_names() -> None:
    assert Application(FORM, FULL).holder == "Trần Thị Bé"
    assert Application(FORM, {}).holder == ""
    assert Application(None, FULL).holder == ""
    assert len(Application(FORM, {"child": "a" * 999}).holder) == 200


def test_sections_read_in_the_order_of_the_form_and_leave_out_what_does_not_apply() -> None:
    read = Application(FORM, FULL, [File("birth", "chứng sinh.pdf")]).sections
    assert [section.key for section in read] == ["who", "where", "papers"]
    assert read[0].rows[:3] == ({"key": "child", "value": "Trần Thị Bé"}, {"key": "count", "value": "0"},
                                {"key": "alive", "value": "Không"})
    assert [row["key"] for row in read[1].rows] == ["abroad"]
    assert read[2].rows[0] == {"key": "birth", "value": "chứng sinh.pdf"} and read[2].of_papers


def test_a_step_shows_what_its_own_answers_may_bring_and_a_step_without_questions_is_left_out() -> None:
    assert [q["key"] for q in Application(FORM, {}).steps[1]["fields"]] == ["abroad", "country"]
    empty = {"steps": [step("one", question("owns", "yes_no")),
                       step("two", question("what", show_if={"field": "owns", "equals": True}))]}
    assert [s["key"] for s in Application(empty, {"owns": False}).steps] == ["one"]
    assert [s["key"] for s in Application(empty, {"owns": True}).steps] == ["one", "two"]


def test_an_answer_is_told_in_words() -> None:
    form = {"steps": [step("who", question("home", "phone"), question("work", "phone"))]}
    assert Application(form, {"work": "+84912345678"}).words_of("work") == "0912345678"
    assert Application(form, {}).words_of("work") == "" and Application(form, {}).words_of("none") == ""
