"""Telex and VNI keys left in words, and the errors that fingers and ears make."""
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.search.index import Index, Row
from portal.search.spelling import ALIKE, LENGTH, OTHER, SWAPPED, Speller, from_keys, spoken

KNOWN = ("khai", "sinh", "dang", "ki", "thuong", "tru", "hon", "xe", "ho", "chieu", "giay", "chu")


def index(*names):
    return Index.build([Row(n, f"1.00000{n}", name) for n, name in enumerate(names, 1)], {})


@pytest.mark.parametrize(("typed", "meant"), [
    ("giaasy", "giay"), ("phesp", "phep"), ("lasi", "lai"), ("ddawng", "dang"), ("kys", "ky"), ("cuwowcs", "cuoc"),
    ("thuwowngf", "thuong"), ("khaaur", "khau"), ("xasc", "xac"), ("dangd", "dang"), ("tw", "tu"),
    ("d9a8ng", "dang"), ("ke6t1", "ket"), ("so63", "so"), ("khai", "khai"), ("sinh", "sinh"), ("2026", "2026"),
])
def test_keys_of_telex_and_vni_are_taken_out(typed, meant):
    assert from_keys(typed) == meant


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz0123456789", max_size=12))
def test_any_word_can_be_read(word):
    assert isinstance(from_keys(word), str)
    Speller.of(KNOWN).near(word)
    Speller.of(KNOWN).split(word, lambda one, two: True)


def test_y_and_i_are_one_sound_after_the_letters_that_allow_it():
    assert spoken("ky") == spoken("ki") and spoken("ly") == spoken("li") and spoken("quy") == "qui"
    assert spoken("hay") == "hay" and spoken("thuy") == "thuy"


@pytest.mark.parametrize(("typed", "kind", "meant"), [
    ("xinh", ALIKE, "sinh"), ("sinnh", SWAPPED, "sinh"), ("snih", SWAPPED, "sinh"),
    ("thuog", LENGTH, "thuong"), ("khau", OTHER, "khai"), ("chieeu", SWAPPED, "chieu"), ("chu", ALIKE, "tru"),
])
def test_one_error_is_found_with_its_kind(typed, kind, meant):
    assert (kind, meant) in Speller.of(KNOWN).near(typed)


def test_two_errors_and_short_words_are_left_alone():
    speller = Speller.of(KNOWN)
    assert not speller.near("sxxh")
    assert all(kind < OTHER for kind, _ in speller.near("hom"))


def test_words_without_spaces_are_parted_where_neighbours_fit():
    speller = Speller.of(KNOWN)
    assert speller.split("khaisinh", lambda one, two: True) == ("khai", "sinh")
    assert speller.split("dangkythuongtru", lambda one, two: True) == ("dang", "ki", "thuong", "tru")
    assert speller.split("sinhkhai", lambda one, two: (one, two) == ("khai", "sinh")) == ()


@pytest.mark.parametrize("query", [
    "khai sinnh", "khai xinh", "khaisinh", "khai snih", "ddawng kys khai sinh", "đăng kí khai sinh",
    "dang ki khai sinh",    "d9a8ng ky1 khai sinh", "đăng ký khai sing", "dangkykhaisinh"])
def test_a_query_with_errors_finds_what_was_meant(query):
    built = index("Đăng ký khai sinh", "Đăng ký khai tử", "Cấp bản sao")
    assert built.search(query).hits[0].id == 1


def test_what_was_read_is_said_with_its_marks_and_only_where_something_was_mended():
    built = index("Cấp giấy phép lái xe", "Đăng ký khai sinh")
    assert built.search("giaasy phesp lasi xe").corrected == "giấy phép lái xe"
    assert built.search("khai sinnh").corrected == "khai sinh"
    assert built.search("khai sinh").corrected == built.search("dang ki").corrected == ""


def test_taken_literally_a_query_keeps_its_errors():
    built = index("Đăng ký khai sinh")
    assert not built.search("sinnh", literal=True).hits
    assert built.search("sinnh").hits


def test_a_known_word_is_doubted_only_where_another_fits_its_neighbours():
    built = index("Đăng ký tạm trú", "Chủ tàu khai báo tạm thời", "Kinh doanh", "Danh mục kinh phí")
    assert built.search("tạm chú").hits[0].id == 1
    assert built.search("kinh danh").hits[0].id == 3
    assert built.search("danh mục").hits[0].id == 4 and not built.search("danh mục").corrected


def test_a_short_form_is_read_both_ways():
    table = {("bhyt",): (("bao", "hiem", "y", "te"),), ("bao", "hiem", "y", "te"): (("bhyt",),)}
    built = Index.build([Row(1, "1.1", "Cấp thẻ BHYT"), Row(2, "1.2", "Cấp thẻ bảo hiểm y tế")], table)
    for query in ("thẻ bhyt", "thẻ bảo hiểm y tế", "the bao hiem i te"):
        assert {hit.id for hit in built.search(query)} == {1, 2}


@pytest.mark.parametrize("code", ["1.001193", "1001193", "001193", "1.001193.H38", "1.001193.000.00.00.H38"])
def test_a_code_is_found_as_papers_and_old_pages_write_it(code):
    built = Index.build([Row(1, "1.001193", "Một"), Row(2, "2.001195", "Hai")], {})
    assert [hit.id for hit in built.search(code)] == [1]
