"""Values of an index come in from the portal's own records, surveys and persons; what is published can be worked out
again from its frozen copy, and a correction never replaces it."""
import json
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
import time_machine

from portal.intake import feed
from portal.kit.db import session, transaction
from portal.kit.jobs import Job
from portal.oversight import actions as oversight
from portal.oversight.models import IndexDefinition, IndexValue, PublishedNeverChanges
from portal.oversight.publishing import AsBefore, NeedsReason, digest
from portal.oversight.rankings import actions, definitions, jobs, queries, results, values
from portal.oversight.rankings.actions import NoSuchIndicator, NothingKnown, Told
from portal.oversight.rankings.definitions import Definition
from tests import make

OCTOBER = datetime(2026, 10, 5, 2, tzinfo=UTC)
YEAR = 2026
D = Decimal


@pytest.fixture(autouse=True)
def november(app: Any) -> Any:
    with time_machine.travel(datetime(2026, 11, 20, 3, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def overseer(app: Any) -> Any:
    return make.staff("overseer")


@pytest.fixture
def rating(app: Any) -> Definition:
    version = queries.of_year("agency-rating", YEAR)
    assert version is not None
    return version.definition


def push(n: int, days: int, asked: int = 0, agency: str = "H17", channel: str = "online") -> None:
    """A dossier due in ten days, finished after so many, asked for more so often on the way."""
    row = {"code": f"{agency}-261005-{n:04}", "procedure": "1.001193", "received_at": OCTOBER.isoformat(),
           "due_at": (OCTOBER + timedelta(days=10)).isoformat(), "channel": channel, "level": 4}
    rows = [row | {"status": 2, "at": OCTOBER.isoformat()}]
    for ask in range(asked):
        at = OCTOBER + timedelta(hours=2 * ask + 1)
        rows += [row | {"status": 5, "at": at.isoformat()},
                 row | {"status": 4, "at": (at + timedelta(hours=1)).isoformat()}]
    rows.append(row | {"status": 9, "at": (OCTOBER + timedelta(days=days)).isoformat()})
    answer = feed.ingest(make.agency(agency), rows, channel="api", idempotency_key=f"key-{next(make.n)}",
                         body_sha256="0" * 64, key_id=None)
    assert answer.rejected == answer.quarantined == 0, answer.rows


def known(rating: Definition, agency: str = "H17") -> dict[str, dict[str, Any]]:
    groups = values.gathered(rating, YEAR, [make.agency(agency)])
    return {key: value for group in groups for one in group["members"] for key, value in one["values"].items()}


def told(rating: Definition, agency: str, **said: str) -> list[Told]:
    return [Told(make.agency(agency), key, D(value), {"cell": "B2"}) for key, value in said.items()]


def surveyed(rating: Definition, by: Any, agency: str, value: str) -> None:
    keys = ("time_of_each", "agencies_to_see", "one_stop", "made_public", "attitude")
    actions.take(rating, YEAR, told(rating, agency, **dict.fromkeys(keys, value)), source="Khảo sát thử", by=by)


def test_points_come_out_of_the_dossiers_themselves(rating: Definition) -> None:
    push(1, 3)
    push(2, 20, asked=1)
    push(3, 3, asked=2)
    actions.measure(rating, YEAR)
    found = known(rating)
    time_, asked, online = (found[key] for key in ("total_time", "asked_again", "online"))
    assert time_["value"] == "1.333333" and time_["denominator"] == 3
    assert {key: time_["record"][key] for key in ("early", "on_time", "late")} == {"early": 2, "on_time": 0, "late": 1}
    assert asked["value"] == "1.000000" and {key: asked["record"][key] for key in ("never", "once", "more")} == {
        "never": 1, "once": 1, "more": 1}
    assert online["value"] == "0" and online["record"]["late_online"] == 1, "one online dossier was late"
    assert time_["record"]["first"] == "2026-01-01" and time_["record"]["last"] == "2026-11-20"


def test_an_agency_without_dossiers_has_a_gap_that_says_why(rating: Definition) -> None:
    actions.measure(rating, YEAR)
    found = known(rating)
    assert {found[key]["value"] for key in ("total_time", "asked_again", "online")} == {None}
    assert found["total_time"]["record"]["why"] == "no_dossiers"


def test_measuring_again_writes_what_moved_alone(rating: Definition) -> None:
    push(1, 3)
    assert actions.measure(rating, YEAR) > 0
    assert actions.measure(rating, YEAR) == 0
    push(2, 20)
    assert actions.measure(rating, YEAR) == 3, "time, asking, and late online"
    rows = values.corrections("agency-rating", YEAR, "provinces", make.agency("H17").name, "total_time")
    assert [row.value for row in rows] == ["1.000000", "2.000000"], "the newest first, the older stays"


def test_the_job_measures_without_holding_the_database(rating: Definition) -> None:
    push(1, 3)
    make.done("oversight.rankings.measure", index_id=actions.version_of(rating).id, year=YEAR)
    assert known(rating)["total_time"]["value"] == "2.000000"


def test_each_monday_every_index_with_something_to_measure_is_measured(app: Any) -> None:
    def asked() -> int:
        jobs.measure_all.read()
        return session.query(Job).filter_by(name="oversight.rankings.measure").count()

    assert asked() == 0, "20 November 2026 is a Friday"
    with time_machine.travel(datetime(2026, 11, 23, 3, tzinfo=UTC), tick=False):
        assert asked() == 1


def test_a_word_has_a_reason_and_can_be_taken_back(rating: Definition, overseer: Any) -> None:
    agency = make.agency("H17")
    actions.say(rating, YEAR, agency, "made_public", D(2), "Xem niêm yết ngày 10/11", by=overseer)
    found = known(rating)["made_public"]
    assert (found["value"], found["kind"], found["source"]) == ("2", "word", "Cán bộ theo dõi của Văn phòng Chính phủ")
    assert found["record"]["reason"] == "Xem niêm yết ngày 10/11"
    actions.say(rating, YEAR, agency, "made_public", None, "Nhầm cơ quan", by=overseer)
    assert known(rating)["made_public"]["value"] is None
    with pytest.raises(NoSuchIndicator):
        actions.say(rating, YEAR, agency, "total_time", D(2), "Tôi nghĩ vậy", by=overseer)


def test_a_survey_with_one_wrong_indicator_leaves_nothing(rating: Definition, overseer: Any) -> None:
    with pytest.raises(NoSuchIndicator):
        actions.take(rating, YEAR, told(rating, "H17", attitude="1", online="2"), source="x", by=overseer)
    assert session.query(IndexValue).count() == 0


def test_what_is_published_is_worked_out_again_from_its_frozen_copy(rating: Definition, overseer: Any) -> None:
    push(1, 3)
    push(1, 20, agency="H26")
    actions.measure(rating, YEAR)
    for agency, value in (("H17", "2"), ("H26", "1")):
        surveyed(rating, overseer, agency, value)
    made = actions.publish(rating, YEAR, by=overseer)
    session.expire_all()
    assert digest(made.content) == made.digest
    again = definitions.read(made.content["definition"])
    for group in made.content["groups"]:
        assert results.places(again, group["members"]) == group["places"]
    provinces = next(group for group in made.content["groups"] if group["group"] == "provinces")
    ranks = {one["key"]: (one["rank"], one["known"], one["missing"]) for one in provinces["places"]}
    assert ranks["H17"] == (1, "16.00", ["complaints"]) and ranks["H26"][0] == 2
    assert ranks["H29"][0] is None and made.content["year_over"] is False


def test_an_outsider_adds_up_the_same_points_from_the_frozen_values(rating: Definition, overseer: Any) -> None:
    """Without a line of this portal's own: points are values of at most two, and the total is their sum."""
    push(1, 3)
    push(2, 20, asked=1)
    actions.measure(rating, YEAR)
    surveyed(rating, overseer, "H17", "1.5")
    copy = json.loads(json.dumps(actions.publish(rating, YEAR, by=overseer).content))
    checked = 0
    for group in copy["groups"]:
        values_of = {one["key"]: [value["value"] for value in one["values"].values()] for one in group["members"]}
        for place in group["places"]:
            total = sum((min(D(value), D(2)) for value in values_of[place["key"]] if value is not None), D(0))
            assert D(place["least"]) == total.quantize(D("0.01"), ROUND_HALF_UP), place["name"]
            checked += bool(total)
    assert checked == 1


def test_every_year_of_others_is_worked_out_the_same_from_what_was_frozen(app: Any) -> None:
    oversight.load_history()
    for one in definitions.shipped():
        for year in (year for year in queries.years(one.key) if one.holds(year)):
            groups = values.gathered(one, year, [])
            frozen = json.loads(json.dumps(groups))
            assert [results.places(definitions.read(json.loads(json.dumps(one.raw))), group["members"])
                    for group in frozen] == [results.places(one, group["members"]) for group in groups]


def test_a_correction_is_a_further_edition_with_a_reason(rating: Definition, overseer: Any) -> None:
    with pytest.raises(NothingKnown):
        actions.publish(rating, YEAR, by=overseer)
    surveyed(rating, overseer, "H17", "1")
    first = actions.publish(rating, YEAR, by=overseer)
    with pytest.raises(AsBefore):
        actions.publish(rating, YEAR, by=overseer, reason="Không có gì")
    actions.say(rating, YEAR, make.agency("H17"), "attitude", D(2), "Đếm lại phiếu", by=overseer)
    with pytest.raises(NeedsReason):
        actions.publish(rating, YEAR, by=overseer)
    second = actions.publish(rating, YEAR, by=overseer, reason="Đếm lại phiếu khảo sát của Đà Nẵng")
    assert [one.edition for one in queries.editions("agency-rating", YEAR)] == [1, 2]
    [moved] = results.changes(first.content["groups"], second.content["groups"])
    assert (moved["key"], moved["before"]["least"], moved["after"]["least"]) == ("H17", "5.00", "6.00")
    assert queries.published("agency-rating", YEAR) is second and queries.published("agency-rating", YEAR, 1) is first
    first.reason = "x"
    with pytest.raises(PublishedNeverChanges):
        session.flush()
    session.rollback()


def test_a_definition_is_a_version_by_its_digest(app: Any) -> None:
    with transaction():
        assert actions.load_shipped() == len(definitions.shipped())
    with transaction():
        assert actions.load_shipped() == 0
    numbers = {(one.definition.key, one.definition.first): one.version for one in queries.versions("ict-readiness")}
    assert numbers == {("ict-readiness", 2014): 1, ("ict-readiness", 2016): 2, ("ict-readiness", 2017): 3}
    old = session.query(IndexDefinition).filter_by(key="agency-rating").one()
    changed = definitions.read(dict(old.definition) | {"source": "Bản sửa"})
    assert actions.version_of(changed).version == 2
    newest = queries.of_year("agency-rating", YEAR)
    assert newest is not None and newest.definition.source == "Bản sửa"


def test_places_of_others_are_gaps_where_no_source_has_them(app: Any) -> None:
    oversight.load_history()
    found = queries.over_years("ict-readiness")["provinces"]
    assert [one.year for one in found] == [2014, 2015, 2016, 2018, 2019, 2020, 2023]
    assert found[2].places["da-nang"] == ("Đà Nẵng", 1) and "hai-phong" not in found[2].places
    assert len({one.method for one in found[:3]}) == 2 and not any(one.comparable for one in found[3:])
    last = queries.over_years("it-application")["provinces"][0]
    assert len(last.places) == 53 and [rank for _name, rank in last.places.values()].count(17) == 2
