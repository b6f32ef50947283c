"""A commune of today, found by what people write: names of today and of before 1 July 2025."""
import pytest

from portal.catalogue.gazetteer import all_communes

DA_NANG, HO_CHI_MINH = "48", "79"


def found(typed: str, gso: str = DA_NANG) -> list[tuple[str, str]]:
    return [(match.commune.name, match.was) for match in all_communes().find(typed, gso)]


@pytest.mark.parametrize("typed", ["Hải Châu", "hai chau", "Phường Hải Châu", "p. hải châu", "HẢI CH"])
def test_by_its_own_name_whole_or_begun_with_marks_or_none(typed: str) -> None:
    assert found(typed)[0] == ("Phường Hải Châu", "")


@pytest.mark.parametrize(("typed", "gso", "name", "was"), [
    ("phường bình thuận, hải châu", DA_NANG, "Phường Hòa Cường", "Phường Bình Thuận, Quận Hải Châu"),
    ("hoa khanh bac", DA_NANG, "Phường Liên Chiểu", "Phường Hòa Khánh Bắc, Quận Liên Chiểu"),
    ("Bến Nghé", HO_CHI_MINH, "Phường Sài Gòn", "Phường Bến Nghé, Quận 1"),
    ("p12 q10", HO_CHI_MINH, "Phường Hòa Hưng", "Phường 12, Quận 10"),
    ("phường 12 quận 10", HO_CHI_MINH, "Phường Hòa Hưng", "Phường 12, Quận 10")])
def test_by_the_ward_that_was_there_before(typed: str, gso: str, name: str, was: str) -> None:
    assert (name, was) in found(typed, gso)


@pytest.mark.parametrize("typed", ["q1", "Q.1", "quận 1", "Quận 01"])
def test_by_a_former_district_all_that_lies_on_its_ground(typed: str) -> None:
    names = dict(found(typed, HO_CHI_MINH)[:4])
    assert set(names.values()) == {"Quận 1"} and "Phường Bến Thành" in names


def test_what_is_of_another_province_is_not_offered() -> None:
    assert found("Bến Nghé") == []
    assert {match.commune.gso for match in all_communes().find("an", DA_NANG)} == {DA_NANG}


def test_one_commune_is_offered_once_and_by_its_own_name_first() -> None:
    codes = [match.commune.code for match in all_communes().find("hòa", DA_NANG)]
    assert len(codes) == len(set(codes))
    assert found("hòa vang")[0] == ("Xã Hòa Vang", "")


@pytest.mark.parametrize("typed", ["", "   ", "phường", "không có nơi nào như vậy", "999", "%", "'; --"])
def test_what_names_nothing_finds_few_or_nothing_and_never_breaks(typed: str) -> None:
    assert len(found(typed)) <= 20


def test_every_commune_is_found_by_its_whole_name() -> None:
    known = all_communes()
    assert len(known.by_code) == 3321
    lost = [one.name for one in known.by_code.values()
            if one.code not in {match.commune.code for match in known.find(one.name, one.gso)}]
    assert lost == []
