"""The facts the portal starts with: counts, links between old and new bodies, and nothing made up."""

import re
from collections import Counter
from datetime import date

import pytest

from portal.catalogue import reference


@pytest.fixture(scope="module")
def procedures() -> list[reference.ProcedureRow]:
    return reference.procedures()


def current(rows: list[reference.AgencyRow], on: date = date(2026, 11, 22)) -> list[reference.AgencyRow]:
    return [r for r in rows if (r.valid_from or on) <= on and (r.valid_to is None or r.valid_to >= on)]


def test_thirty_central_bodies_of_2017_and_two_ministries_founded_in_2025() -> None:
    rows = reference.agencies()
    assert len(current(rows, date(2017, 3, 31))) == 30
    assert {r.abbreviation for r in rows if r.valid_from} == {"BNNMT", "BDTTG"}
    kinds = Counter(r.kind for r in current(rows, date(2017, 3, 31)))
    assert kinds == {"ministry": 18, "ministry_level": 4, "government_agency": 8}


def test_bodies_with_a_successor_end_on_the_last_of_february_2025() -> None:
    ended = {r.abbreviation: r.valid_to for r in reference.agencies() if r.valid_to}
    assert set(ended) == {"BGTVT", "BKHĐT", "BLĐTBXH", "BNNPTNT", "BTNMT", "BTTTT", "UBDT", "BHXHVN"}
    assert set(ended.values()) == {date(2025, 2, 28)}


def test_the_new_ministry_of_agriculture_took_over_from_two() -> None:
    ministry = next(r for r in reference.agencies() if r.key == "BNNMT")
    assert ministry.predecessors == ("G10", "G13")
    assert ministry.code is None


def test_a_ministry_split_among_several_points_to_each() -> None:
    heirs = {s.successor for s in reference.successions() if s.predecessor == "G07"}
    assert heirs == {"G09", "G03", "G18", "G01"}


def test_no_code_is_invented() -> None:
    for row in reference.agencies():
        assert row.code is None or re.fullmatch(r"G\d\d", row.code)
    without = {r.abbreviation for r in reference.agencies() if r.code is None}
    assert without == {"BQLL", "VOV", "VTV", "HVCTQG", "TTXVN", "VHLKHCN", "VHLKHXH", "BNNMT", "BDTTG"}
    assert all(r.key == (r.code or r.abbreviation) for r in reference.agencies())


def test_sixty_three_provinces_until_the_merger_thirty_four_since() -> None:
    rows = reference.provinces()
    assert len(current(rows, date(2017, 3, 31))) == 63
    assert len(current(rows, date(2025, 6, 30))) == 63
    assert len(current(rows, date(2025, 7, 1))) == 34
    assert len({r.gso_code for r in current(rows)}) == 34


def test_every_old_province_leads_to_exactly_one_of_today() -> None:
    rows = {r.ref: r for r in reference.provinces()}
    heirs = {s.predecessor: s.successor for s in reference.successions() if s.predecessor in rows}
    old = [r for r in rows.values() if r.valid_from is None]
    today = Counter(heirs.get(r.ref, r.ref) for r in old)
    assert len(old) == 63 and len(today) == 34
    assert all(rows[ref].valid_to is None for ref in today)
    assert all((r.ref in heirs) == (r.valid_to is not None) for r in old)


def test_merged_provinces_have_all_their_predecessors_and_the_unchanged_go_on() -> None:
    rows = reference.provinces()
    merged = [r for r in rows if r.valid_from == date(2025, 7, 1)]
    assert len(merged) == 23 and sum(len(r.predecessors) for r in merged) == 52
    assert {"H29", "H09", "H06"} == set(
        next(r for r in merged if r.name == "Thành phố Hồ Chí Minh").predecessors
    )
    assert len([r for r in rows if r.valid_from is None and r.valid_to is None]) == 10


def test_hue_is_a_new_row_with_thua_thien_hue_before_it() -> None:
    hue = next(r for r in reference.provinces() if r.name == "Huế")
    assert (hue.key, hue.predecessors, hue.valid_from) == ("H57", ("H57",), date(2025, 1, 1))


def test_keys_are_unique_among_current_rows_and_refs_among_all() -> None:
    rows = reference.agencies() + reference.provinces()
    keys = [r.key for r in rows if r.valid_to is None]
    assert len(keys) == len(set(keys))
    assert len(rows) == len({r.ref for r in rows})


def test_every_row_names_its_source() -> None:
    assert all(r.source for r in reference.agencies() + reference.provinces())
    assert all(r.source for r in reference.holidays())
    assert all(r.source for r in reference.procedures())


def test_wards_belong_to_the_provinces_of_today() -> None:
    wards = reference.wards()
    assert len(wards) == len({w.code for w in wards}) == 3321
    assert {w.province_gso for w in wards} == {r.gso_code for r in current(reference.provinces())}
    assert {w.kind for w in wards} == {"xã", "phường", "đặc khu"}


def test_merged_provinces_carry_the_statistics_code_in_use_since_the_merger() -> None:
    codes = {r.name: r.gso_code for r in current(reference.provinces())}
    assert (codes["An Giang"], codes["Lào Cai"], codes["Gia Lai"]) == ("91", "15", "52")


@pytest.mark.parametrize(
    "day, off",
    [
        (date(2026, 11, 24), True),
        (date(2025, 11, 24), False),
        (date(2025, 1, 29), True),
        (date(2026, 9, 2), True),
        (date(2026, 11, 23), False),
        (date(2027, 2, 4), True),  # 10065/VPCP-KGVX: Tết 2027 is off 4 to 10 February
        (date(2027, 2, 10), True),
        (date(2027, 2, 11), False),
        (date(2027, 9, 1), False),  # National Day 2027: 2 and 3 September
        (date(2027, 9, 2), True),
        (date(2027, 9, 3), True),
    ],
)
def test_days_off(day: date, off: bool) -> None:
    assert (day in {h.day for h in reference.holidays() if h.kind != "make_up"}) is off


def test_a_day_is_listed_once_and_a_weekend_is_worked_for_a_day_off_in_exchange() -> None:
    rows = reference.holidays()
    assert len(rows) == len({h.day for h in rows}) == 238
    worked = {h.day: h.name for h in rows if h.kind == "make_up"}
    assert worked[date(2026, 8, 22)] == "Làm bù cho ngày 31/8/2026"
    assert all(day.weekday() == 5 for day in worked)
    # one Saturday of 2014 was worked for a day of 2015
    assert len(worked) == 8 and sum(h.kind == "swapped" for h in rows) == 9


def test_a_day_that_only_the_rule_gives_is_provisional() -> None:
    provisional = {h.day for h in reference.holidays() if h.provisional}
    assert date(2027, 2, 4) not in provisional and date(2026, 11, 24) not in provisional
    assert {date(2027, 4, 16), date(2028, 9, 1), date(2029, 11, 26), date(2030, 11, 25)} <= provisional
    assert min(provisional).year == 2027


def test_all_procedures_ninety_in_detail(procedures: list[reference.ProcedureRow]) -> None:
    assert len(procedures) == len({p.code for p in procedures}) == 2642
    assert sum(p.detailed for p in procedures) == 90
    assert not any(p.channels or p.papers for p in procedures if not p.detailed)
    assert all(p.channels for p in procedures if p.detailed)


def test_issuing_bodies_are_current_agencies_except_the_courts(
    procedures: list[reference.ProcedureRow],
) -> None:
    keys = {r.key for r in current(reference.agencies())}
    unresolved = [p for p in procedures if p.issuing_key not in keys]
    assert {p.issuing_name for p in unresolved} == {"Tòa án nhân dân"} and len(unresolved) == 3
    assert {p.issuing_key for p in unresolved} == {None}


def test_names_are_clean(procedures: list[reference.ProcedureRow]) -> None:
    for p in procedures:
        assert p.name == " ".join(p.name.split())
        assert not p.name.endswith((":", ";", ".", ",")) and p.code not in p.name, p.name
    names = {p.code: p.name for p in procedures}
    assert names["1.010727"] == "Cấp giấy phép môi trường (cấp Tỉnh)"
    assert names["1.013222"] == "Cấp giấy phép hoạt động xây dựng cho nhà thầu nước ngoài"
    assert names["1.000096"].endswith("…")


def test_sectors_have_one_spelling_each(procedures: list[reference.ProcedureRow]) -> None:
    names = {p.sector for p in procedures}
    assert len(names) == len({p.sector_slug for p in procedures}) == 139
    assert all(len(p.sector_slug) <= 110 and len(p.sector) <= 200 for p in procedures)


@pytest.mark.parametrize(
    "code, citizens, businesses",
    [
        ("1.001193", True, False),  # birth: its record names citizens
        ("1.000005", False, True),  # customs, by sector
        ("1.001612", True, True),  # household business
        ("2.002288", False, True),  # badges for transport vehicles: companies alone
    ],
)
def test_audiences(
    procedures: list[reference.ProcedureRow], code: str, citizens: bool, businesses: bool
) -> None:
    row = next(p for p in procedures if p.code == code)
    assert (row.for_citizens, row.for_businesses) == (citizens, businesses)


def test_every_procedure_is_for_somebody(procedures: list[reference.ProcedureRow]) -> None:
    assert all(p.for_citizens or p.for_businesses for p in procedures)
    assert all(p.government_levels for p in procedures)


def test_papers_are_listed_once_and_legal_numbers_have_their_shape(
    procedures: list[reference.ProcedureRow],
) -> None:
    for p in procedures:
        labels = [paper["label"] for paper in p.papers]
        assert len(labels) == len(set(labels))
        assert all(1 <= paper["copies"] <= 20 for paper in p.papers)
        assert all(re.fullmatch(r"\d{1,3}(\.\d+)?/\d{4}/[A-ZĐ0-9-]+", law) for law in p.legal_base), (
            p.legal_base
        )
    residence = next(p for p in procedures if p.code == "1.004222")
    assert "68/2020/QH14" in residence.legal_base and "75/2022/TT-BTC" in residence.legal_base


def test_a_refusal_is_no_result(procedures: list[reference.ProcedureRow]) -> None:
    results = {p.code: p.result for p in procedures if p.detailed}
    assert results["2.001199"] is None
    assert results["2.001016"] == "Văn bản từ chối nhận di sản được chứng thực"
    assert results["1.001612"] == "Giấy chứng nhận đăng ký hộ kinh doanh"
