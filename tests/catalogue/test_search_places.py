"""Agencies and places in the same query as what is wanted there."""
import pytest

from portal.catalogue import queries
from portal.catalogue.places import Named, Places
from tests.catalogue.judging import whole_directory

PLACES = Places.of(
    [Named(("H17",), "Thành phố Đà Nẵng", None, True), Named(("G01",), "Bộ Công an", "BCA"),
     Named(("H17",), "Tỉnh Quảng Nam", "H47", True)],
    {("dng",): (("da", "nang"),), ("hoi", "an"): (("quang", "nam"),), ("lltp",): (("ly", "lich"),)})


@pytest.mark.parametrize(("said", "key"), [
    ("da nang", "H17"), ("tp da nang", "H17"), ("tinh quang nam", "H17"), ("hoi an", "H17"), ("dng", "H17"),
    ("h47", "H17"), ("bca", "G01"), ("bo cong an", "G01")])
def test_names_short_names_and_former_names_mean_todays_agency(said, key):
    mention, = PLACES.mentions(["khai", "sinh", *said.split()])
    assert mention.keys == (key,) and (mention.start, mention.end) == (2, 2 + len(said.split()))


def test_words_that_lead_to_a_place_go_with_it_and_others_are_no_place():
    assert PLACES.mentions(["khai", "sinh", "o", "da", "nang"])[0].start == 2
    assert not PLACES.mentions(["lltp"]) and not PLACES.mentions(["cong", "an"])


@pytest.mark.parametrize(("query", "words", "key"), [
    ("khai sinh đà nẵng", "khai sinh", "H17"),
    ("Khai Sinh ở TP. Đà Nẵng", "Khai Sinh", "H17"),
    ("đăng ký kết hôn thừa thiên huế", "đăng ký kết hôn", "H57"),
    ("sài gòn đăng ký tạm trú", "đăng ký tạm trú", "H29"),
    ("khai sinnh đà nẵg", "khai sinnh", "H17"),
    ("2.000815.H17", "2.000815", "H17"),
    ("vũng tàu", "", "H29"),
])
def test_the_place_is_taken_out_of_the_words(query, words, key):
    meant = whole_directory().understand(query)
    assert (meant.words, meant.agency.key) == (words, key) and meant.place


@pytest.mark.parametrize("query", [
    "bằng khen bộ xây dựng", "nhập quốc tịch việt nam", "khai sinh", "bảo hiểm xã hội một lần", "", "  ", "1.001193",
    "2.001218.000.00.00"])
def test_words_that_are_no_place_or_belong_to_the_name_stay(query):
    meant = whole_directory().understand(query)
    assert (meant.words, meant.place, meant.agency) == (query, "", None)


def test_a_place_that_does_not_offer_it_itself_is_named_but_filters_nothing():
    meant = whole_directory().understand("đổi bằng lái xe đà nẵng")
    assert meant.agency is None and meant.elsewhere.key == "H17" and meant.words == "đổi bằng lái xe"


def test_a_ministry_that_was_divided_means_the_heir_that_offers_it():
    meant = whole_directory().understand("cai nghiện ma túy bộ lao động")
    assert (meant.agency or meant.elsewhere).key in {"G01", "G03", "G09", "G18"}


def test_every_province_of_2017_is_understood_by_its_name():
    d = whole_directory()
    for said, keys in d.places.sayings.items():
        assert keys and all(key in d.agencies for key in keys), said
    assert d.understand("khai sinh bắc kạn").agency.key == "H55"
    assert d.understand("khai sinh bà rịa - vũng tàu").agency.key == "H29"


def test_the_database_in_use_understands_as_the_files_do(app):
    meant = queries.understand("khai sinh quảng nam")
    assert (meant.words, meant.agency.key) == ("khai sinh", "H17")
    assert queries.suggestions("khai sinh đà nẵng", 1)[0].code == "1.001193"
    assert queries.search("khai sinnh").corrected == "khai sinh"
    assert queries.search("khai sinnh", literal=True).corrected == ""


def test_the_place_is_given_as_it_was_typed():
    d = whole_directory()
    assert d.understand("Khai Sinh ở TP. Đà Nẵng").place == "ở TP. Đà Nẵng"
    assert d.understand("2.000815.H17").place == "H17"
