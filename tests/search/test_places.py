"""Agencies and places in the same query as what is wanted there."""
import pytest

from portal.catalogue import queries, reference
from portal.catalogue.gazetteer import all_localities
from portal.kit.text import marked_words
from portal.search.localities import Kind, Localities, Locality
from portal.search.places import Named, Places
from tests.search.judging import whole_directory

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
    for said, keys in d.places.synonyms.items():
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


NEW, OLD, GONE = Kind.ward, Kind.former_district, Kind.former_ward
LOCAL = Places.of(
    [Named(("H29",), "Thành phố Hồ Chí Minh", None, True), Named(("H26",), "Thành phố Hà Nội", None, True)], {},
    Localities.of([
        Locality("Phường Sài Gòn", NEW, "79"), Locality("Quận 1", OLD, "79"), Locality("Quận Gò Vấp", OLD, "79"),
        Locality("Phường Bến Nghé", GONE, "79", "Quận 1", ("Phường Sài Gòn",)),
        Locality("Phường 12", GONE, "79", "Quận Gò Vấp", ("Phường An Hội Tây",)),
        Locality("Phường 12", GONE, "79", "Quận 3"),
        Locality("Xã Tân Tiến", NEW, "79"), Locality("Xã Tân Tiến", NEW, "01"), Locality("Quận Cầu Giấy", OLD, "01")]),
    {"79": "H29", "01": "H26"})


def local(query, open=False):
    typed = query.split()
    return [(one.keys, [here.name for here in one.localities], one.surely, " ".join(typed[one.start:one.end]))
            for one in LOCAL.mentions(typed, typed, open)]


@pytest.mark.parametrize(("query", "keys", "names", "surely"), [
    ("khai sinh phuong ben nghe", ("H29",), ["Phường Bến Nghé"], True),
    ("khai sinh ben nghe", ("H29",), ["Phường Bến Nghé"], False),
    ("ho khau quan 1", ("H29",), ["Quận 1"], True), ("ho khau q1", ("H29",), ["Quận 1"], True),
    ("ho khau q 1", ("H29",), ["Quận 1"], True), ("ho khau quan 01", (), [], True),
    ("ket hon cau giay", ("H26",), ["Quận Cầu Giấy"], True),
    ("xa tan tien", ("H26", "H29"), ["Xã Tân Tiến", "Xã Tân Tiến"], True),
    ("xa tan tien ha noi", ("H26",), ["Xã Tân Tiến"], True),
    ("phuong 12 go vap", ("H29",), ["Phường 12"], True), ("p12 quan go vap", ("H29",), ["Phường 12"], True),
    ("quan ben nghe", ("H29",), ["Phường Bến Nghé"], False)])
def test_wards_and_former_districts_mean_the_province_they_lie_in(query, keys, names, surely):
    found = local(query)
    assert [(one[0], one[1], one[2]) for one in found] == ([(keys, names, surely)] if keys else [])


@pytest.mark.parametrize(("query", "keys"), [
    ("khai sinh go v", ("H29",)), ("khai sinh phuong ben ng", ("H29",)), ("khai sinh cau gi", ("H26",)),
    ("khai sinh ha n", ("H26",)), ("khai sinh xa tan ti", None), ("khai sinh cau", None)])
def test_a_half_typed_place_counts_where_only_one_province_begins_so(query, keys):
    assert [one[0] for one in local(query, open=True)] == ([keys] if keys else [])
    assert local(query) == []


def test_marks_that_are_typed_must_be_those_of_the_place():
    assert all_localities().at(("cau", "giay"), marked_words("cầu giấy"), 0)[1]
    assert not all_localities().at(("cau", "giay"), marked_words("câu giấy"), 0)[1]


@pytest.mark.parametrize(("query", "words", "key", "locality", "now"), [
    ("khai sinh phường bến nghé", "khai sinh", "H29", "Phường Bến Nghé (Quận 1)", ("Phường Sài Gòn",)),
    ("đăng ký kết hôn thủ đức", "đăng ký kết hôn", "H29", "", ()),
    ("hộ khẩu quận 1", "hộ khẩu", "H29", "Quận 1", ()), ("hộ khẩu q.1", "hộ khẩu", "H29", "Quận 1", ()),
    ("khai tu cau giay", "khai tu", "H26", "Quận Cầu Giấy", ()),
    ("khai sinh xã cần giờ", "khai sinh", "H29", "Xã Cần Giờ", ()),
    ("khai sinh đà nẵ", "khai sinh", "H17", "", ()), ("khai sinh ha no", "khai sinh", "H26", "", ()),
    ("khai sinh sg", "khai sinh", "H29", "", ()), ("khai sinh hà tây", "khai sinh", "H26", "", ()),
    ("khai sinnh phuong ben nghee", "khai sinnh", "H29", "Phường Bến Nghé (Quận 1)", ("Phường Sài Gòn",))])
def test_a_ward_or_district_is_taken_out_and_said_with_what_it_is_today(query, words, key, locality, now):
    meant = whole_directory().understand(query)
    assert (meant.words, meant.agency.key, meant.locality, meant.now) == (words, key, locality, now)


@pytest.mark.parametrize("query", ["khai sinh xã tân tiến", "khai sinh tan tien"])
def test_a_name_in_several_provinces_is_asked_back_and_never_guessed(query):
    meant = whole_directory().understand(query)
    assert meant.agency is meant.elsewhere is None and meant.words == "khai sinh" and meant.place
    provinces = [province.key for _, province in meant.choices]
    assert len(provinces) > 1 and len(set(provinces)) == len(provinces)


@pytest.mark.parametrize("query", ["khai sinh an toàn", "công an phường", "xác nhận của xã", "giấy phép an toàn",
                                   "vệ sinh an toàn thực phẩm", "cho thuê nhà", "đất ở", "hòa giải"])
def test_a_ward_that_is_called_like_ordinary_words_does_no_harm(query):
    meant = whole_directory().understand(query)
    assert (meant.words, meant.place) == (query, "")


def test_every_locality_lies_in_a_province_of_today():
    provinces = {row.gso_code for row in reference.provinces() if row.valid_to is None}
    held = [gso for _, gso in all_localities().beginnings()]
    assert len(held) > 14_000 and set(held) <= provinces
    found = all_localities().at(("phuong", "ben", "nghe"), ["phuong", "ben", "nghe"], 0)[1]
    assert found == (Locality("Phường Bến Nghé", GONE, "79", "Quận 1", ("Phường Sài Gòn",)),)
