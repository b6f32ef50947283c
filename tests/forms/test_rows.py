"""Rows: added and taken away without a script, one mistake loses nobody, limits are kept."""
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import FileStorage, MultiDict

from portal.forms.application import Application
from portal.forms.step import form_for, right_answers
from portal.forms.types import TYPES
from tests.forms.browser import posted

pytestmark = pytest.mark.usefixtures("english")


def words(text: str) -> dict[str, str]:
    return {"vi": text, "en": text}


CELLS = [{"key": "name", "kind": "text", "label": words("Name"), "required": True},
         {"key": "born", "kind": "date", "label": words("Born"), "required": True, "past": True},
         {"key": "sex", "kind": "choice", "label": words("Sex"), "required": False, "options": [
             {"value": "f", "label": words("Female")}, {"value": "m", "label": words("Male")}]},
         {"key": "maiden", "kind": "text", "label": words("Maiden name"), "required": False,
          "show_if": {"field": "sex", "equals": "f"}}]
HOME = {"key": "home", "kind": "address", "label": words("Home"), "required": False}


def people(kind: str = "group", **more: Any) -> dict[str, Any]:
    return {"key": "people", "kind": kind, "label": words("People"), "row": words("Person"), "required": True,
            "fields": CELLS, "max": 3, **more}


def page(q: dict[str, Any], typed: Any = None, **more: str) -> Any:
    """The form after `typed` was posted, `more` on top of it; without `typed` as it is opened."""
    form = form_for({"fields": [q]})
    if typed is None:
        return form(formdata=None, data={})
    values = MultiDict(typed)
    for key, value in more.items():
        values[key.replace("__", "-")] = value
    return form(formdata=values)


def lan(n: int = 0, name: str = "Lan", **more: str) -> dict[str, str]:
    return {f"people-{n}-name": name, f"people-{n}-born-day": "3", f"people-{n}-born-month": "2",
            f"people-{n}-born-year": "1990", **more}


@pytest.mark.parametrize("kind", ["group", "table"])
def test_a_required_list_opens_with_one_empty_row_and_an_optional_one_with_none(kind: str) -> None:
    assert posted(page(people(kind)).people())["people-rows"] == "1"
    assert posted(page(people(kind, required=False)).people())["people-rows"] == "0"
    assert posted(page(people(kind, min=2)).people())["people-rows"] == "2"


@pytest.mark.parametrize("kind", ["group", "table"])
def test_a_row_is_added_by_a_button_and_what_was_typed_stays(kind: str) -> None:
    typed = {"people-rows": "1", **lan(name="Nguyễn <Lan>"), "people-0-born-month": "13"}
    after = posted(page(people(kind), typed, _again="people:add").people())
    assert after["people-rows"] == "2" and after["people-1-name"] == ""
    assert (after["people-0-name"], after["people-0-born-month"]) == ("Nguyễn <Lan>", "13")


@pytest.mark.parametrize("kind", ["group", "table"])
def test_a_row_is_taken_away_from_the_middle_and_the_others_move_up(kind: str) -> None:
    typed = {"people-rows": "3", **lan(0, "Lan"), **lan(1, "Mai"), **lan(2, "Tuấn")}
    after = posted(page(people(kind), typed, _again="people:remove:1").people())
    assert (after["people-rows"], after["people-0-name"], after["people-1-name"]) == ("2", "Lan", "Tuấn")
    assert "people-2-name" not in after


@pytest.mark.parametrize("button", ["people:remove:9", "people:remove:-1", "people:remove:x", "others:add", "people",
                                    "people:remove:", "people:remove:" + "9" * 5000, "people:remove:٠"])
def test_a_button_that_is_not_there_changes_nothing(button: str) -> None:
    after = posted(page(people(), {"people-rows": "1", **lan()}, _again=button).people())
    assert (after["people-rows"], after["people-0-name"]) == ("1", "Lan")


def test_no_more_rows_than_may_be_and_no_fewer_than_must_be() -> None:
    full = page(people(), {"people-rows": "3", **lan(0), **lan(1), **lan(2)}, _again="people:add")
    assert len(full.people.forms) == 3 and "people:add" not in str(full.people())
    least = page(people(min=2), {"people-rows": "2", **lan(0), **lan(1)}, _again="people:remove:0")
    assert len(least.people.forms) == 2 and "people:remove" not in str(least.people())


@pytest.mark.parametrize("count", ["", "x", "-1", "99999", "1.5"])
def test_a_count_that_no_page_sends_is_no_rows(count: str) -> None:
    form = page(people(required=False), {"people-rows": count, **lan()})
    assert form.validate() and form.people.data == []


def test_more_rows_than_any_page_has_are_refused_and_not_lost_in_the_machine() -> None:
    form = page(people(), {"people-rows": "9999", **lan(0), **lan(1), **lan(2), **lan(3)})
    assert not form.validate()
    assert [message for _to, message in form.problems()] == ["“People” takes at most 3 rows; it has 4"]


def test_rows_beyond_the_most_are_kept_in_the_draft_and_not_handed_in() -> None:
    definition = {"steps": [{"key": "one", "title": words("One"), "fields": [people()]}]}
    rows = [{"name": "Lan", "born": "1990-02-03"}] * 4
    assert [(at.key, at.message) for at in Application(definition, {"people": rows}).errors] == [
        ("people", "“People” takes at most 3 rows; it has 4")]
    assert Application(definition, {"people": rows[:3]}).errors == []


def test_an_empty_row_is_left_out_wherever_it_stands() -> None:
    form = page(people(), {"people-rows": "3", **lan(1, "Mai"), "people-2-name": "  "})
    assert form.validate(), form.problems()
    assert [row["name"] for row in form.people.data] == ["Mai"]


def test_a_mistake_names_its_row_and_leads_to_its_box() -> None:
    form = page(people(), {"people-rows": "2", **lan(0), **lan(1, "", **{"people-1-born-month": "13"})})
    assert not form.validate()
    assert form.problems() == [("people-1-name", "Person 2: Fill in “Name”"),
                               ("people-1-born-month", "Person 2: “Born”: There is no month 13: enter 1 to 12")]
    assert "Check again in “People”: Person 2" in str(form.people())


def test_one_mistake_loses_nobody_and_the_application_knows_what_is_missing() -> None:
    q = people()
    form = page(q, {"people-rows": "2", **lan(0), **lan(1, "Mai", **{"people-1-born-month": "13"})})
    assert not form.validate()
    kept = right_answers({"fields": [q]}, form)
    assert kept == {"people": [{"name": "Lan", "born": "1990-02-03"}, {"name": "Mai"}]}
    application = Application({"steps": [{"key": "who", "title": words("Who"), "fields": [q]}]}, kept)
    assert [(gap.key, gap.label["en"]) for gap in application.gaps] == [("people-1-born", "Person 2: Born")]


def test_a_question_of_a_row_depends_on_that_row() -> None:
    typed = {"people-rows": "2", **lan(0, **{"people-0-sex": "f", "people-0-maiden": "Trần"}),
             **lan(1, **{"people-1-sex": "m", "people-1-maiden": "Lê"})}
    form = page(people(), typed)
    assert form.validate()
    assert right_answers({"fields": [people()]}, form)["people"] == [
        {"name": "Lan", "born": "1990-02-03", "sex": "f", "maiden": "Trần"},
        {"name": "Lan", "born": "1990-02-03", "sex": "m"}]
    assert 'data-show-field="people-1-sex"' in str(form.people())


def test_an_address_in_a_row_brings_its_wards() -> None:
    q = people(fields=[HOME])
    form = page(q, {"people-rows": "1", "people-0-home-province": "48", "people-0-home-ward": "",
                    "people-0-home-line": "1"}, _again="people-0-home")
    assert "Phường Hải Châu" in str(form.people()) and form.can_ask_again


def test_what_was_typed_in_a_row_is_text_and_never_markup() -> None:
    q = people()
    typed = page(q, {"people-rows": "1", **lan(name="<script>x</script>")})
    kept = right_answers({"fields": [q]}, typed) if typed.validate() else {}
    for kind in ("group", "table"):
        each = TYPES[kind]
        assert "<script>" not in str(typed.people()) + str(each.shown(q, each.load(q, kept["people"])))


def test_rows_in_words_leave_out_what_was_not_answered() -> None:
    q, each = people(), TYPES["group"]
    value = each.load(q, [{"name": "Lan", "born": "1990-02-03"}, {"name": "Mai"}])
    assert each.words(q, value) == "1. Name: Lan; Born: 03/02/1990\n2. Name: Mai"


def test_a_table_reads_as_a_table_with_an_empty_cell_where_nothing_was_answered() -> None:
    q, each = people("table"), TYPES["table"]
    page_ = str(each.shown(q, each.load(q, [{"name": "Lan"}])))
    assert page_.count("<td>") == len(CELLS) and "<td>Lan</td>" in page_


def test_on_paper_a_table_has_lines_to_write_on(english: Flask) -> None:
    assert str(TYPES["table"].blank(people("table"))).count("<tr>") == 1 + 5
    assert str(TYPES["table"].blank(people("table", min=8, max=9))).count("<tr>") == 1 + 8
    assert "Person 2" in str(TYPES["group"].blank(people()))


def test_rows_that_json_kept_before_the_form_changed_are_read_as_far_as_they_go() -> None:
    q, each = people(), TYPES["group"]
    assert each.load(q, [{"name": "Lan", "gone": 1, "born": "not a day"}]) == [{"name": "Lan"}]
    assert each.load(q, "Lan; Mai") is None and each.load(q, [1]) is None


NAMES = ["people-rows", "_again", *(f"people-{n}-{key}" for n in (0, 1, 2, 3, 99) for key in (
    "name", "born", "born-day", "born-month", "born-year", "sex", "maiden", "nobody")),
         "people", "people-", "people--1-name"]
TYPED = st.sampled_from(["", "1", "2", "3", "x", "13", "1990", "f", "people:add", "people:remove:0", "people:remove:1",
                         "\x00", "<b>", "9" * 50, "-1", "Nguyễn"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300, deadline=None)
@given(typed=st.lists(st.tuples(st.sampled_from(NAMES), TYPED | st.just(FileStorage())), max_size=25),
       kind=st.sampled_from(["group", "table"]))
def test_whatever_is_posted_the_page_comes_back_and_what_is_kept_can_be_read(kind: str, typed: Any) -> None:
    q = people(kind)
    form = form_for({"fields": [q]})(formdata=MultiDict(typed))
    valid = form.validate()
    str(form.people())
    assert valid or form.problems() or form.asks_again
    kept = right_answers({"fields": [q]}, form)["people"]
    application = Application({"steps": [{"key": "who", "title": words("Who"), "fields": [q]}]}, {"people": kept})
    assert not valid or (application.gaps == [] and application.errors == [])
    assert application.sections and TYPES[kind].dump(q, TYPES[kind].load(q, kept)) == kept
