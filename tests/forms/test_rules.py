"""Rules between answers: when they are broken, where and how it is said, and what a definition may not say."""
import copy
import datetime
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from portal.forms import examples
from portal.forms.application import Application
from portal.forms.definition import check
from portal.forms.step import blame_rules, form_for

pytestmark = pytest.mark.usefixtures("english")


def words(text: str) -> dict[str, str]:
    return {"vi": text, "en": text}


def question(key: str, kind: str, required: bool = True, **more: Any) -> dict[str, Any]:
    return {"key": key, "kind": kind, "label": words(key), "required": required, **more}


def f(key: str) -> dict[str, str]:
    return {"field": key}


MEMBERS = question("members", "table", False, row=words("Member"), fields=[
    question("name", "text"), question("born", "date", past=True), question("share", "money"),
    question("guardian", "text", False)])
RULES: list[dict[str, Any]] = [
    {"key": "adult", "field": "born", "source": "Civil Code 2015, article 20",
     "require": {"at_least": [{"age": [f("born"), {"today": True}]}, 18]},
     "message": words("Born {born}: the applicant must be 18")},
    {"key": "end", "field": "until", "source": "sense", "when": {"given": "from"},
     "require": {"more": [f("until"), f("from")]}, "message": words("{until} is not after {from}")},
    {"key": "why", "field": "reason", "source": "sense", "when": {"equal": [f("urgent"), True]}, "required": True,
     "message": words("Say why it is urgent")},
    {"key": "shares", "field": "capital", "source": "sense",
     "require": {"at_most": [{"value": "shared"}, f("capital")]},
     "message": words("Shares of {shared} are more than {capital}")},
    {"key": "guarded", "field": "members.guardian", "each": "members", "source": "Civil Code 2015, article 21",
     "when": {"less": [{"age": [f("members.born"), {"today": True}]}, 18]}, "required": True,
     "message": words("{members.name} is a minor: name the guardian")},
]


def form() -> dict[str, Any]:
    return {
        "title": words("Form"), "sample": True, "values": {"shared": {"sum": [f("members.share")]}},
        "rules": copy.deepcopy(RULES),
        "steps": [
            {"key": "who", "title": words("Who"), "fields": [
                question("born", "date", past=True), question("urgent", "yes_no"), question("reason", "text", False)]},
            {"key": "when", "title": words("When"), "fields": [
                question("from", "date", False), question("until", "date", False),
                question("capital", "money", show_if={"field": "has_capital", "equals": True}),
                MEMBERS]},
            {"key": "papers", "title": words("Papers"), "fields": [question("paper", "attachment", False)]}]}


def whole() -> dict[str, Any]:
    definition = form()
    definition["steps"][0]["fields"].append(question("has_capital", "yes_no"))
    return definition


GOOD: dict[str, Any] = {
    "born": "1990-02-03", "urgent": False, "has_capital": True, "from": "2026-01-01", "until": "2026-01-02",
    "capital": 100, "members": [{"name": "Lan", "born": "1990-02-03", "share": 60},
                                {"name": "Bé", "born": "2020-02-03", "share": 40, "guardian": "Lan"}]}


def broken(**answers: Any) -> list[tuple[str, str]]:
    return [(one.key, one.message) for one in Application(whole(), {**GOOD, **answers}).errors]


def test_a_good_definition_is_taken_and_good_answers_break_nothing() -> None:
    check(whole())
    assert broken() == []


def test_a_broken_rule_names_the_answer_to_mend_and_says_what_was_answered() -> None:
    assert broken(born="2010-02-03") == [("born", "Born 03/02/2010: the applicant must be 18")]
    assert broken(until="2026-01-01") == [("until", "01/01/2026 is not after 01/01/2026")]
    assert broken(capital=99) == [("capital", "Shares of 100\N{NO-BREAK SPACE}₫ are more than 99\N{NO-BREAK SPACE}₫")]


def test_on_the_birthday_itself_one_is_of_age() -> None:
    assert broken(born="2008-11-22") == [] and broken(born="2008-11-23") != []


def test_what_is_missing_breaks_no_rule_and_a_rule_that_does_not_apply_is_not_put() -> None:
    assert broken(until=None) == [] and broken(**{"from": None}, until="1999-01-01") == []
    assert broken(urgent=True) == [("reason", "Say why it is urgent")]
    assert broken(urgent=True, reason="Đi công tác") == []


def test_a_question_that_is_not_put_breaks_no_rule() -> None:
    assert broken(has_capital=False, capital=1) == []


def test_a_rule_for_each_row_names_the_row() -> None:
    rows = [{"name": "Lan", "born": "1990-02-03", "share": 60}, {"name": "Bé", "born": "2020-02-03", "share": 40}]
    assert broken(members=rows) == [("members-1-guardian", "Bé is a minor: name the guardian")]


WHO = {"born-day": "3", "born-month": "2", "born-year": "2010", "urgent": "no", "has_capital": "yes"}


def judged(step: int, answers: dict[str, Any], typed: dict[str, str]) -> list[tuple[str, str]]:
    """What the page of a step says after `typed` was saved beside `answers`."""
    definition = whole()
    page = form_for(definition["steps"][step])(formdata=MultiDict(typed))
    page.validate()
    blame_rules(Application(definition, answers), definition["steps"][step], page)
    return page.problems()


def test_a_step_says_at_once_what_its_answers_break() -> None:
    assert judged(0, {**GOOD, "born": "2010-02-03"}, WHO) == [
        ("born-day", "“born”: Born 03/02/2010: the applicant must be 18")]


def test_what_is_mended_on_another_page_is_said_at_the_answer_that_broke_it() -> None:
    definition = whole()
    definition["steps"][0]["fields"].append(definition["steps"][1]["fields"].pop(2))  # capital is asked first
    definition["steps"][0]["fields"][-1].pop("show_if")
    page = form_for(definition["steps"][1])(formdata=None, data=GOOD)
    assert blame_rules(Application(definition, {**GOOD, "capital": 99}), definition["steps"][1], page)
    assert [(target, "more than 99" in message) for target, message in page.problems()] == [("members-group", True)]


def test_a_step_is_silent_about_rules_it_has_no_part_in() -> None:
    definition = whole()
    page = form_for(definition["steps"][0])(formdata=None, data=GOOD)
    assert not blame_rules(Application(definition, {**GOOD, "until": "2020-01-01"}), definition["steps"][0], page)
    assert page.problems() == []


def test_mistakes_in_rows_and_of_the_whole_are_all_said_and_each_once() -> None:
    rows = [{"name": "Bé", "born": "2020-02-03", "share": 40}, {"name": "Em", "born": "2021-02-03", "share": 70}]
    definition = whole()
    capital = definition["steps"][1]["fields"].pop(2)
    capital.pop("show_if")
    definition["steps"][0]["fields"].append(capital)
    page = form_for(definition["steps"][1])(formdata=None, data={"members": rows})
    assert blame_rules(Application(definition, {**GOOD, "members": rows}), definition["steps"][1], page)
    assert page.problems() == [
        ("members-0-guardian", "Member 1: Bé is a minor: name the guardian"),
        ("members-1-guardian", "Member 2: Em is a minor: name the guardian"),
        ("members-group", "“members”: Shares of 110\N{NO-BREAK SPACE}₫ are more than 100\N{NO-BREAK SPACE}₫")]
    assert page.members.errors[0] == "Check again in “members”: Member 1, Member 2"


def test_a_rule_in_a_row_is_said_at_its_box() -> None:
    rows = [{"name": "Bé", "born": "2020-02-03", "share": 40}]
    definition = whole()
    page = form_for(definition["steps"][1])(formdata=None, data={"members": rows})
    assert blame_rules(Application(definition, {**GOOD, "members": rows}), definition["steps"][1], page)
    assert page.problems() == [("members-0-guardian", "Member 1: Bé is a minor: name the guardian")]


@pytest.mark.parametrize("change, place", [
    ({"key": "Not good"}, "rules[1].key"),
    ({"colour": "red"}, "rules.adult"), ({"field": "nobody"}, "rules.adult.field"),
    ({"field": "until"}, "rules.adult.field"), ({"field": "members.born"}, "rules.adult.field"),
    ({"source": " "}, "rules.adult.source"), ({"message": {"vi": "Chỉ một"}}, "rules.adult.message"),
    ({"message": words("{nobody}")}, "rules.adult.message.vi"), ({"required": True}, "rules.adult"),
    ({"required": False}, "rules.adult"), ({"require": {"less": [f("born"), 18]}}, "rules.adult.require.less"),
    ({"when": f("born")}, "rules.adult.when"), ({"each": "born"}, "rules.adult.each"),
    ({"key": "end"}, "rules.end: this key is used twice"),
])
def test_a_rule_that_makes_no_sense_is_refused_and_the_place_named(change: dict[str, Any], place: str) -> None:
    definition = whole()
    definition["rules"][0] |= change
    with pytest.raises(ValueError) as refused:
        check(definition)
    assert str(refused.value).startswith(place)


def test_what_is_always_required_says_so_at_the_question() -> None:
    definition = whole()
    definition["rules"][2].pop("when")
    with pytest.raises(ValueError, match=r"^rules\.why\.when"):
        check(definition)


def test_a_circle_of_named_values_is_refused() -> None:
    definition = whole()
    definition["values"] = {"shared": {"sum": [{"value": "twice"}]}, "twice": {"sum": [{"value": "shared"}]}}
    with pytest.raises(ValueError, match="goes in a circle"):
        check(definition)


def test_examples_keep_the_rules_of_their_form(english: Flask) -> None:
    answers = examples.answers(whole())
    assert Application(whole(), answers).errors == [] and Application(whole(), answers).gaps == []


def test_a_rule_that_no_answer_keeps_is_named() -> None:
    definition = whole()
    definition["rules"].append({"key": "never", "field": "born", "source": "nonsense",
                                "require": {"less": [f("born"), f("born")]}, "message": words("Never")})
    with pytest.raises(ValueError, match=r"rules\.never"):
        examples.answers(definition)


def test_a_day_of_today_is_the_day_in_vietnam() -> None:
    assert datetime.date(2026, 11, 22).isoformat() == "2026-11-22"
    definition = whole()
    definition["rules"] = [{"key": "today", "field": "until", "source": "sense", "message": words("Not today"),
                            "require": {"equal": [f("until"), {"today": True}]}}]
    assert Application(definition, {**GOOD, "until": "2026-11-22"}).errors == []


JUNK = st.sampled_from([None, True, 0, -1, 1.5, "", "x", "người", [], [1], {}, {"a": 1}, [[]], [{}], {"field": "born"},
                        {"vi": "a", "en": "b"}])


def places(thing: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path to everything within a definition."""
    inner = thing.items() if isinstance(thing, dict) else enumerate(thing) if isinstance(thing, list) else ()
    return [found for key, value in inner for found in [(*path, key), *places(value, (*path, key))]]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=400, deadline=None)
@given(data=st.data())
def test_whatever_stands_in_a_definition_it_is_taken_or_refused_in_words(data: st.DataObject) -> None:
    definition = copy.deepcopy(whole())
    path = data.draw(st.sampled_from(places(definition)))
    at: Any = definition
    for part in path[:-1]:
        at = at[part]
    if data.draw(st.booleans()) or isinstance(at, list):
        at[path[-1]] = copy.deepcopy(data.draw(JUNK))
    else:
        del at[path[-1]]
    try:
        check(definition)
    except ValueError as refused:
        assert ":" in str(refused)
    else:
        Application(definition, GOOD).errors  # noqa: B018 — what is taken can be worked out
