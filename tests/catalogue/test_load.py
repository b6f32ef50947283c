"""Loading the reference data, and the directory in memory that is built from it."""
import random
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import delete, func, select

from portal.catalogue import actions, digests, directory, life_events, queries, reference
from portal.catalogue.models import (
    CalendarEdition,
    CatalogueEdition,
    CatalogueLoad,
    Form,
    Holiday,
    LoadedFact,
    Procedure,
    Service,
    ServiceVersion,
)
from portal.kit.db import session
from portal.law.limits import Limit, LimitUnit
from portal.law.rule_sets import SpecialTimes
from portal.people.models import Agency, AgencySuccession
from tests.conftest import SMALL_AGENCIES, SMALL_PROCEDURES

QUERIES = ["khai sinh", "dang ky khai sinh", "đăng ký kết hôn", "ket hon nuoc ngoai", "1.001193", "1.0011",
           "giay phep lai xe", "bằng lái", "thường trú", "tam tru", "ho chieu", "hộ kinh doanh", "ban sao",
           "chứng thực", "đất đai", "nuoi con nuoi", "cong ty co phan", "hải quan", "xay dung", "mat ho chieu"]


def count(model):
    return session.scalar(select(func.count()).select_from(model))


@pytest.fixture(autouse=True)
def forget_what_is_rolled_back(app):
    yield
    queries.look_again()


@pytest.fixture
def again(app):
    """Load the small set once more; the report of what changed."""
    return lambda **kw: actions.load_reference(only=SMALL_PROCEDURES, agencies=SMALL_AGENCIES, **kw)


def everything():
    return [count(m) for m in (Agency, AgencySuccession, Procedure, Form, ServiceVersion, Service, Holiday,
                               CalendarEdition, LoadedFact)]


def test_loading_twice_changes_nothing(again):
    before, number = everything(), queries.edition()
    assert not again().changed
    assert everything() == before and queries.edition() == number


def test_a_release_that_was_loaded_is_known_without_looking_at_a_row(app, monkeypatch):
    session.add(CatalogueLoad(digest=digests.of_release(), report={}))
    session.flush()
    monkeypatch.setattr(reference, "procedures", lambda: pytest.fail("looked at the rows"))
    assert actions.is_loaded() and not actions.load_reference().changed


def test_days_that_were_edited_by_hand_are_published_without_a_new_release(app):
    session.add(CatalogueLoad(digest=digests.of_release(), report={}))
    session.get_one(Holiday, date(2026, 1, 2)).kind = "holiday"
    session.flush()
    assert not actions.is_loaded()
    number = queries.edition()
    actions.load_reference()
    assert actions.is_loaded() and count(CalendarEdition) == 2
    assert queries.edition() == number + 1  # so that every process counts by them in seconds


def test_loading_brings_back_a_service_that_is_missing_and_says_so(again):
    number = queries.edition()
    session.execute(delete(Service).where(Service.procedure_id == select(Procedure.id).where(
        Procedure.code == "1.001193").scalar_subquery()))
    assert again().counts["service"] == {"added": 3}
    assert queries.edition() == number + 1
    assert queries.service("H17", "1.001193") is not None


def a_release_later(monkeypatch, name, change):
    """The next release says of this list of facts what `change` makes of it."""
    before = getattr(reference, name)
    monkeypatch.setattr(reference, name, lambda: change(before()))


def test_a_newer_release_replaces_what_nobody_edited(again, monkeypatch):
    day = date(2026, 1, 1)
    a_release_later(monkeypatch, "holidays", lambda rows: [
        replace(row, name="Tết Tây") if row.day == day else row for row in rows])
    assert again().counts["holiday"] == {"replaced": 1}
    assert session.get(Holiday, day).name == "Tết Tây"
    assert not again().changed


def test_a_day_that_was_edited_here_stays_and_is_told_of(again, monkeypatch):
    day = date(2026, 1, 1)
    session.get_one(Holiday, day).name = "Ngày đầu năm"
    a_release_later(monkeypatch, "holidays", lambda rows: [
        replace(row, name="Tết Tây") if row.day == day else row for row in rows])
    report = again()
    assert not report.changed and report.edited == {"holiday": ["2026-01-01"]}
    assert session.get(Holiday, day).name == "Ngày đầu năm"
    assert queries.edited_facts() == [("holiday", "2026-01-01")]


def test_a_day_that_was_taken_away_here_stays_away(again, monkeypatch):
    day = date(2026, 1, 1)
    session.execute(delete(Holiday).where(Holiday.day == day))
    a_release_later(monkeypatch, "holidays", lambda rows: [
        replace(row, name="Tết Tây") if row.day.year == 2026 else row for row in rows])
    assert "2026-01-01" in again().edited["holiday"]
    assert session.get(Holiday, day) is None


def test_a_day_that_a_release_takes_out_goes_and_one_of_our_own_stays(again, monkeypatch):
    gone, own = date(2026, 1, 1), date(2026, 12, 31)
    session.add(Holiday(day=own, name="Nghỉ riêng", kind="holiday"))
    a_release_later(monkeypatch, "holidays", lambda rows: [row for row in rows if row.day != gone])
    assert again().counts["holiday"] == {"taken_out": 1}
    assert session.get(Holiday, gone) is None and session.get(Holiday, own) is not None


def test_new_terms_are_a_new_version_and_services_move_there(again, monkeypatch):
    service = queries.service("H17", "1.001193")
    before = service.version
    a_release_later(monkeypatch, "procedures", lambda rows: [
        replace(row, limit=Limit(2, LimitUnit.working_day)) if row.code == "1.001193" else row for row in rows])
    assert again().counts["terms"] == {"replaced": 1}
    session.refresh(service)
    assert service.version.number == before.number + 1 and service.version.limit_amount == 2
    assert (before.limit_amount, service.version.form_id) == (1, before.form_id)  # old dossiers keep theirs
    assert queries.service("H26", "1.001193").version_id == service.version_id
    assert not again().changed


def test_terms_of_one_agencys_own_stay_while_the_others_get_new_ones(again, monkeypatch):
    service = queries.service("H17", "1.001193")
    loaded = service.version
    own = ServiceVersion(procedure_id=loaded.procedure_id, number=loaded.number + 1, level=3, level_derived=False,
                         service_class="part", limit_unit="none", channels=[], form_id=loaded.form_id)
    service.version = own
    session.flush()
    a_release_later(monkeypatch, "procedures", lambda rows: [
        replace(row, limit=Limit(2, LimitUnit.working_day)) if row.code == "1.001193" else row for row in rows])
    report = again()
    assert report.counts["terms"] == {"replaced": 1} and report.edited == {"terms": ["1.001193"]}
    session.refresh(service)
    assert service.version_id == own.id
    assert queries.service("H26", "1.001193").version.limit_amount == 2


def test_times_of_a_special_law_come_with_a_new_version_and_outlive_a_release(again, monkeypatch):
    before = queries.service("H17", "1.001193").version
    times = SpecialTimes("Luật Hộ tịch", silence_days=30)
    assert actions.set_special_times("1.001193", times) == 1
    session.expire_all()
    service = queries.service("H17", "1.001193")
    assert (service.version.special, service.version.number) == (times, before.number + 1) and before.special is None
    assert actions.set_special_times("1.001193", times) == 0 and actions.set_special_times("9.999999", times) is None
    a_release_later(monkeypatch, "procedures", lambda rows: [
        replace(row, limit=Limit(2, LimitUnit.working_day)) if row.code == "1.001193" else row for row in rows])
    assert again().counts["terms"] == {"replaced": 1}
    session.expire_all()
    assert queries.service("H17", "1.001193").version.limit_amount == 2
    assert queries.service("H17", "1.001193").version.special == times
    assert actions.set_special_times("1.001193", None) == 1


def test_a_new_form_comes_with_a_new_version_also_where_the_terms_were_edited(again, monkeypatch):
    service = queries.service("H17", "1.001193")
    before = service.version
    before.rates = [{"kind": "known", "amount": 50_000}]
    session.flush()
    forms = reference.form_definitions()
    forms["1.001193"] = forms["1.001193"] | {"title": {"vi": "Tờ khai mới", "en": "New form"}}
    monkeypatch.setattr(reference, "form_definitions", lambda: forms)
    assert again().counts["form"] == {"replaced": 1}
    session.refresh(service)
    assert service.version.form.definition["title"]["en"] == "New form"
    assert service.version.fee_rates[0].amount == 50_000 and service.version.form.number == before.form.number + 1


def test_the_days_in_use_are_an_edition_and_those_before_can_be_read(again, monkeypatch):
    old, day = queries.calendar().edition, date(2026, 1, 2)
    a_release_later(monkeypatch, "holidays", lambda rows: [row for row in rows if row.day != day])
    again()
    now = queries.calendar()
    assert now.edition != old and now.is_workday(day)
    assert not queries.calendar_of(old).is_workday(day) and queries.calendar_of(old).edition == old
    assert [(c.day, c.before.kind, c.now) for c in queries.calendar_changes(old)] == [(day, "swapped", None)]
    assert queries.calendar_changes(now.edition) == [] and queries.calendar_of("never") is None


def test_a_day_under_another_name_is_the_same_calendar(again):
    edition = queries.calendar().edition
    session.get_one(Holiday, date(2026, 1, 1)).name = "Tết Tây"
    again()
    assert queries.calendar().edition == edition and count(CalendarEdition) == 1


def test_progress_is_told_to_the_end(again):
    told = []
    again(progress=lambda done, total, text: told.append((done, total, text)))
    assert told[0][0] == 0 and told[-1][0] == told[-1][1]
    assert all(text for _, _, text in told)


def test_agencies_of_2017_and_of_today_stand_beside_each_other(app):
    current = select(func.count()).select_from(Agency).where(Agency.valid_to.is_(None))
    assert session.scalar(current.where(Agency.kind == "province")) == 34
    assert count(Agency) == 32 + 63 + 24
    names = {a.key: a.name for a in session.scalars(select(Agency).where(Agency.valid_to.is_(None)))}
    assert names["H26"] == "Thành phố Hà Nội" and names["H01"] == "Tỉnh An Giang"


def test_a_merged_province_names_its_predecessors(app):
    da_nang = session.scalars(select(Agency).where(Agency.key == "H17", Agency.valid_to.is_(None))).one()
    before = session.scalars(select(Agency).join(
        AgencySuccession, AgencySuccession.predecessor_id == Agency.id).where(
        AgencySuccession.successor_id == da_nang.id)).all()
    assert {a.name for a in before} == {"Thành phố Đà Nẵng", "Tỉnh Quảng Nam"}
    assert all(a.id != da_nang.id and a.valid_to == date(2025, 6, 30) for a in before)


def test_a_code_that_nobody_confirmed_stays_empty(app):
    ministry = session.scalars(select(Agency).where(Agency.key == "BNNMT")).one()
    assert ministry.code is None


def test_a_province_offers_what_its_communes_do_and_a_ministry_what_it_issued(app):
    assert queries.service("H17", "1.001193") is not None  # commune
    assert queries.service("G15", "1.001193") is None
    assert queries.service("G01", "3.000347") is not None  # ministry only
    assert queries.service("H17", "3.000347") is None


def test_level_class_and_basis_are_kept_apart_and_marked(app):
    marriage = queries.service("H17", "1.000894")
    assert (marriage.version.level, marriage.version.service_class) == (3, "part")
    birth = queries.service("H17", "1.001193")
    assert (birth.version.level, birth.version.service_class, birth.version.level_derived) == (4, "whole", True)
    assert birth.basis == "assigned" and birth.opens_on == date(2025, 7, 1)
    copy = queries.service("H17", "2.000815")
    assert copy.version.level == 2 and copy.basis == "own_initiative" and copy.opens_on is None


def test_one_version_is_shared_by_all_services_of_a_procedure(app):
    assert queries.service("H17", "1.001193").version_id == queries.service("H26", "1.001193").version_id


def test_popular_services_are_life_events_first():
    first = life_events.popularity("1.001193", detailed=True, online=True, for_citizens=True)
    assert first == 1000
    detailed = life_events.popularity("1.010041x", detailed=True, online=True, for_citizens=True)
    unseen = life_events.popularity("9.999999", detailed=False, online=True, for_citizens=True)
    assert first > detailed > unseen
    assert min(life_events.popularity(code, detailed=False, online=False, for_citizens=False)
               for event in life_events.LIFE_EVENTS for code in event.codes) > detailed


def test_every_life_event_leads_to_procedures_that_exist():
    known = {row.code for row in reference.procedures()}
    assert {code for event in life_events.LIFE_EVENTS for code in event.codes} <= known


def facts_from_files(codes=None, seed=0):
    """The facts as a database might give them: any ids, any order."""
    chance = random.Random(seed)
    rows = [row for row in reference.procedures() if codes is None or row.code in codes]
    chance.shuffle(rows)
    ids = dict(zip((row.code for row in rows), chance.sample(range(1, 10_000), len(rows)), strict=True))
    sectors = {row.sector_slug: directory.SectorFact(n, row.sector_slug, row.sector) for n, row in enumerate(rows)}
    agency = directory.AgencyFact(1, "H17", "H17", "Thành phố Đà Nẵng", "province", "48")
    ranks = {row.code: life_events.popularity(row.code, detailed=row.detailed, online=row.online,
                                              for_citizens=row.for_citizens) for row in rows}
    return directory.Facts(
        number=1, agencies=[agency], sectors=sectors.values(),
        versions=[directory.VersionFact(ids[r.code], r.level, r.service_class, True, Limit(1, LimitUnit.day), (), (),
                                        True) for r in rows],
        procedures=[directory.ProcedureFact(ids[r.code], r.code, r.name, sectors[r.sector_slug], (), r.issuing_name,
                                            r.for_citizens, r.for_businesses, r.online, r.detailed, ranks[r.code])
                    for r in rows],
        extra_words={ids[r.code]: r.result for r in rows if r.result},
        offers=[(1, ids[r.code], ids[r.code]) for r in rows])


def top_ten(d, query):
    return [d.by_id[hit.id].code for hit in d.index.search(query, limit=10)]


def test_the_order_of_rows_and_their_ids_change_no_top_ten():
    one, two = (directory.build(facts_from_files(seed=seed)) for seed in (1, 2))
    for query in QUERIES:
        assert top_ten(one, query) == top_ten(two, query), query
        assert top_ten(one, query), query
    everything = one.index.everything
    assert [one.by_id[i].code for i in one.browse(everything, 0, 50)] == \
        [two.by_id[i].code for i in two.browse(everything, 0, 50)]


def test_the_database_in_use_gives_the_same_top_ten_as_the_files(app):
    """The suite runs on SQLite and on PostgreSQL; both equal the files, so they equal each other."""
    built, expected = queries.directory(), directory.build(facts_from_files(SMALL_PROCEDURES))
    for query in QUERIES:
        assert top_ten(built, query) == top_ten(expected, query), query


def test_facets_combine_and_count(app):
    page = queries.search(agency="H17", level=4)
    assert page.total and all(item.only.key == "H17" and item.version.level == 4 for item in page.items)
    assert page.by_level[4] == page.total
    assert queries.search(agency="H17", level=4, sector="ho-tich").total < page.total
    assert queries.search(agency="G01").total == 1


def test_pages_follow_each_other_without_gap_or_repeat(app):
    seen, after = [], 0
    while after is not None:
        page = queries.search(after=after, size=5)
        seen += [item.procedure.code for item in page.items]
        after = page.after
    assert len(seen) == len(set(seen)) == page.total == len(SMALL_PROCEDURES)


def test_a_procedure_stands_once_however_many_offer_it(app):
    item = queries.search("1.001193").items[0]
    assert (item.offers, item.only) == (3, None)
    assert queries.search("3.000347").items[0].only.key == "G01"
    assert [o.agency.key for o in queries.services_of("1.001193")] == ["H17", "H26", "H29"]


def test_words_that_nothing_has_all_of_give_the_nearest(app):
    page = queries.search("khai sinh tên lửa vũ trụ")
    assert not page.all_words


def test_a_change_is_seen_at_once_by_the_process_that_made_it(app):
    service = queries.service("H17", "1.001193")
    session.delete(service)
    actions.bump_edition()
    assert "H17" not in [o.agency.key for o in queries.services_of("1.001193")]


def test_the_edition_is_one_row(app):
    actions.bump_edition()
    actions.bump_edition()
    assert count(CatalogueEdition) == 1


def test_the_calendar_knows_tet(app):
    calendar = queries.calendar()
    assert not calendar.is_workday(date(2026, 9, 2))
    assert calendar.is_workday(date(2026, 11, 26))


def test_wards_of_a_province():
    wards = queries.wards("48")
    assert len(wards) > 50 and len({w.code for w in wards}) == len(wards)
    assert queries.wards("99") == ()
