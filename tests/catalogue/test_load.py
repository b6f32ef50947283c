"""Loading the reference data, and the directory in memory that is built from it."""
import random
from datetime import date

import pytest
from sqlalchemy import delete, func, select

from portal.catalogue import actions, directory, life_events, queries, reference
from portal.catalogue.models import CatalogueEdition, Form, Holiday, Procedure, Service, ServiceVersion
from portal.kit.db import session
from portal.law.limits import Limit, LimitUnit
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
    """Load the small set once more; True when something was added."""
    return lambda **kw: actions.load_reference(only=SMALL_PROCEDURES, agencies=SMALL_AGENCIES, **kw)


def test_loading_twice_adds_nothing(again):
    before = [count(m) for m in (Agency, AgencySuccession, Procedure, Form, ServiceVersion, Service, Holiday)]
    assert again() is False
    assert [count(m) for m in (Agency, AgencySuccession, Procedure, Form, ServiceVersion, Service, Holiday)] == before


def test_loading_brings_back_what_is_missing_and_says_so(again):
    number = queries.edition()
    session.execute(delete(Service).where(Service.procedure_id == select(Procedure.id).where(
        Procedure.code == "1.001193").scalar_subquery()))
    assert again() is True
    assert queries.edition() == number + 1
    assert queries.service("H17", "1.001193") is not None


def test_a_year_that_an_administrator_edited_stays_as_it_is(again):
    day = date(2026, 1, 1)
    session.execute(delete(Holiday).where(Holiday.day == day))
    assert again() is False
    assert session.get(Holiday, day) is None


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
        versions=[directory.VersionFact(ids[r.code], r.level, r.service_class, True, Limit(1, LimitUnit.day), None, 0,
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
