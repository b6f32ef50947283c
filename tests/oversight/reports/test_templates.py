"""Templates of reports: what one may be, which are shipped, and that a version stays what it was."""
import copy
from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select

from portal.kit.db import session, transaction
from portal.oversight.measures import MEASURES
from portal.oversight.models import ReportIndicator, ReportTemplate
from portal.oversight.reports import templates, versions
from portal.oversight.reports.templates import read, shipped
from tests import make

SHIPPED = {one.key: one for one in shipped()}


def changed(**parts: Any) -> dict[str, Any]:
    return copy.deepcopy(dict(SHIPPED["tt09_08"].definition)) | parts


SURE = ("đọc được", "không phải nguyên văn", "suy ra")


def test_the_shipped_templates_can_be_read_and_say_where_their_words_are_from() -> None:
    assert set(SHIPPED) >= {"nq36a_quarter", "tt09_06", "tt09_07a", "tt09_08"}
    for one in SHIPPED.values():
        found = read(one.definition)
        assert found.checks and found.figures and len(one.source) <= 300
        assert any(said in one.source for said in SURE), "how surely it was read"


def test_what_is_filled_in_is_something_that_the_portal_measures() -> None:
    asked = {prefill.measure for one in SHIPPED.values() for prefill in read(one.definition).prefill.values()}
    assert asked <= set(MEASURES)


def test_a_report_may_do_without_papers_and_an_application_may_not() -> None:
    form = changed()["form"]
    read(changed(form=form | {"steps": form["steps"][:-1]}))
    moved = [*form["steps"][:-2], form["steps"][-1], form["steps"][-2]]
    with pytest.raises(ValueError, match=r"^form\.steps\.words: the last step must be 'papers'"):
        read(changed(form=form | {"steps": moved}))


@pytest.mark.parametrize(("parts", "place"), [
    ({"more": 1}, "more"), ({"form": 1}, "form"), ({"form": {}}, "form.title"), ({"prefill": []}, "prefill"),
    ({"prefill": {"nobody": "connected"}}, "prefill.nobody"),
    ({"prefill": {"remarks": "connected"}}, "prefill.remarks"),
    ({"prefill": {"places": {"measure": "x", "part": "all"}}}, "prefill.places.part"),
    ({"prefill": {"places": ""}}, "prefill.places"), ({"figures": {}}, "figures"),
    ({"figures": [{"field": "remarks"}]}, "figures[1].field"), ({"figures": [{"field": "places"}]}, "figures[1].theme"),
    ({"figures": [{"field": "places", "theme": "services", "unit": "bits"}]}, "figures[1].unit"),
    ({"figures": [{"field": "places", "theme": "services", "unit": "places"}]}, "figures[1].words"),
    ({"checks": [{"key": "x", "kind": "sum", "level": "error", "total": "places", "parts": ["nobody"]}]},
     "checks[1].parts[1]"), ({"due": {"day": 40, "month": "last"}}, "due.day")])
def test_what_is_wrong_is_named_by_its_place(parts: dict[str, Any], place: str) -> None:
    with pytest.raises(ValueError) as wrong:
        read(changed(**parts))
    assert str(wrong.value).startswith(place), wrong.value


def test_a_figure_is_published_once() -> None:
    twice = SHIPPED["tt09_08"].definition["figures"]
    with pytest.raises(ValueError, match=r"^figures\[4\]\.field"):
        read(changed(figures=[*twice, twice[0]]))


@pytest.mark.parametrize(("key", "period", "due"), [
    ("nq36a_quarter", "2026-Q1", date(2026, 3, 25)), ("tt09_07a", "2026-Q4", date(2026, 12, 23))])
def test_a_report_is_due_by_the_rule_of_its_template(key: str, period: str, due: date) -> None:
    """25 March 2016 for the first quarter; the 23rd of the last month by Circular 09/2026."""
    assert read(SHIPPED[key].definition).due_by(period) == due


def test_loading_twice_loads_once_and_a_changed_definition_is_a_further_version(app: Any) -> None:
    with transaction():
        assert versions.load_shipped() == len(SHIPPED)
    with transaction():
        assert versions.load_shipped() == 0
    first, overseer = versions.newest("tt09_08"), make.staff("overseer")
    assert first is not None and first.version == 1 and first.digest == templates.digest(first.definition)
    with transaction():
        second = versions.add("tt09_08", changed(checks=[]), every="quarter", owes="all", by=overseer)
        again = versions.add("tt09_08", changed(checks=[]), every="quarter", owes="all", by=None)
    assert (second.version, again.id) == (2, second.id)
    assert first.definition == SHIPPED["tt09_08"].definition, "a version stays what it was"
    with transaction():
        assert versions.load_shipped() == 0, "what somebody changed here is not undone by the next start"
    assert session.scalar(select(func.count()).select_from(ReportTemplate).where(ReportTemplate.key == "tt09_08")) == 2


def test_the_figures_of_a_template_are_indicators_with_words_in_two_languages(app: Any) -> None:
    with transaction():
        versions.load_shipped()
    found = session.get(ReportIndicator, "tt09_07a.dossiers.online_full")
    assert found is not None and set(found.words) >= {"vi", "en"} and found.unit == "dossiers"


def test_the_order_of_the_parts_makes_no_other_version() -> None:
    plain = {"a": 1, "b": {"c": [1, 2]}}
    assert templates.digest(plain) == templates.digest({"b": {"c": [1, 2]}, "a": 1})
    assert templates.digest(plain) != templates.digest({"a": 1, "b": {"c": [2, 1]}})
