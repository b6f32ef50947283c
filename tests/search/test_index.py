"""Searching the 2,642 procedures of the national portal: judged queries, ranking, filters, speed."""

import csv
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import portal.catalogue
from portal.kit.text import fold
from portal.search.index import Index, Row, read_abbreviations

NAMES = Path(portal.catalogue.__file__).parent / "data" / "procedures_index_2642.csv"

#: What people type, and the code that must be among the first three.
JUDGED = [
    # as written
    ("đăng ký khai sinh", "1.001193"),
    ("đăng ký kết hôn", "1.000894"),
    ("đăng ký khai tử", "1.000656"),
    ("đăng ký lại khai sinh", "1.004884"),
    ("đăng ký thường trú", "1.004222"),
    ("đăng ký tạm trú", "1.004194"),
    ("khai báo tạm vắng", "1.003677"),
    ("xác nhận tình trạng hôn nhân", "1.004873"),
    ("thủ tục đăng ký khai sinh", "1.001193"),
    ("Cấp đổi thẻ căn cước", "1.014063"),
    ("cấp giấy phép lái xe quốc tế", "3.000353"),
    ("đăng ký thành lập hộ kinh doanh", "1.001612"),
    ("thành lập công ty cổ phần", "2.002043"),
    ("chứng thực di chúc", "2.001019"),
    ("nhận cha mẹ con", "1.001022"),
    ("nuôi con nuôi trong nước", "2.001263"),
    ("khôi phục mã số thuế", "1.008510"),
    ("xác nhận bảng kê lâm sản", "1.000045"),
    ("chứng chỉ hành nghề thú y", "1.004756"),
    ("Hoà giải tranh chấp đất đai", "1.012812"),
    # without any marks
    ("dang ky khai sinh", "1.001193"),
    ("dang ky ket hon", "1.000894"),
    ("khai tu", "1.000656"),
    ("dang ky thuong tru", "1.004222"),
    ("dang ky tam tru", "1.004194"),
    ("tinh trang hon nhan", "1.004873"),
    ("cap lai the can cuoc", "1.014064"),
    ("doi giay phep lai xe", "3.000347"),
    ("ho kinh doanh", "1.001612"),
    ("the bao hiem y te", "2.000639"),
    ("mat ho chieu", "1.010386"),
    ("phong chay chua chay", "3.000489"),
    ("dieu chinh giay chung nhan dang ky dau tu", "1.009647"),
    ("tau ca an toan ky thuat", "1.003563"),
    ("DANG KY TAU BIEN TAM THOI", "1.002645"),
    # in another order
    ("khai sinh đăng ký lại", "1.004884"),
    ("kết hôn nước ngoài", "2.000806"),
    ("lái xe cấp lại giấy phép", "3.000348"),
    ("căn cước thẻ đổi", "1.014063"),
    ("hộ kinh doanh chấm dứt", "1.001266"),
    ("bao hiem xa hoi mot lan huong", "1.001613"),
    ("hôn nhân giấy xác nhận", "1.004873"),
    ("cổ phần công ty thành lập", "2.002043"),
    # half typed
    ("đăng ký khai si", "1.001193"),
    ("dang ky ket h", "1.000894"),
    ("kết hô", "1.000894"),
    ("đăng ký thường tr", "1.004222"),
    ("gia hạn tạm t", "1.002755"),
    # abbreviations and what people call things
    ("cấp lại CCCD", "1.014064"),
    ("doi cccd", "1.014063"),
    ("đổi GPLX", "3.000347"),
    ("bằng lái xe", "3.000346"),
    ("cấp lại bằng lái", "3.000348"),
    ("LLTP", "3.000333"),
    ("KT3", "1.004194"),
    ("HKD", "1.001612"),
    ("ĐKKH", "1.000894"),
    ("PCCC", "3.000489"),
    ("cấp thẻ BHYT", "2.000639"),
    ("bhxh 1 lần", "1.001613"),
    ("giấy độc thân", "1.004873"),
    ("sổ đỏ", "1.012783"),
    ("cấp đổi QSDĐ", "1.012783"),
    ("nhập hộ khẩu", "1.004222"),
    ("làm hộ chiếu", "1.001456"),
    ("thành lập cty tnhh", "2.001583"),
    ("sao y bản chính", "2.000815"),
    # codes
    ("1.001193", "1.001193"),
    ("1001193", "1.001193"),
    (" 2.000815 ", "2.000815"),
    ("1.001193.H17", "1.001193"),
    ("1.001193 đăng ký khai sinh", "1.001193"),
    ("1.0011", "1.001193"),
]


@cache
def real_rows() -> tuple[Row, ...]:
    with NAMES.open(encoding="utf-8-sig", newline="") as lines:
        rows = csv.DictReader(lines)
        return tuple(Row(n, row["ma_thu_tuc"], row["ten"], row["linh_vuc"]) for n, row in enumerate(rows, 1))


@cache
def real_index() -> Index:
    return Index.build(real_rows())


def known_codes() -> set[str]:
    return {row.code for row in real_rows()}


def codes(query: str, limit: int = 3) -> list[str]:
    return [real_rows()[hit.id - 1].code for hit in real_index().search(query, limit=limit)]


def small(*names: str) -> Index:
    return Index.build(Row(n, f"1.00000{n}", name) for n, name in enumerate(names, 1))


def ids(index: Index, query: str, within: int | None = None) -> list[int]:
    return [hit.id for hit in index.search(query, within)]


@pytest.mark.parametrize(("query", "code"), JUDGED)
def test_what_people_look_for_is_among_the_first_three(query: str, code: str) -> None:
    assert code in codes(query)


def test_every_procedure_is_found_by_its_code_and_its_name() -> None:
    index = real_index()
    for row in real_rows():
        assert [hit.id for hit in index.search(row.code, limit=1)] == [row.id]
        found = index.search(row.name)
        assert found.all_words and found.bits >> index.position(row.id) & 1


def test_the_beginning_of_a_code_gives_all_that_begin_so() -> None:
    assert set(codes("1.01406", 20)) == {code for code in known_codes() if code.startswith("1.01406")}
    assert all(code.startswith("2.0008") for code in codes("20008", 20))


def test_the_start_of_a_name_comes_before_its_middle_and_other_words_last() -> None:
    rows = [
        Row(1, "1.1", "Con và việc nuôi"),  # both words, not in this order
        Row(2, "1.2", "Giấy tờ", sector="Nuôi con"),  # in the sector only
        Row(3, "1.3", "Đăng ký nuôi con nuôi"),
        Row(4, "1.4", "Nuôi con nuôi có yếu tố nước ngoài"),
    ]
    found = Index.build(rows).search("nuôi con")
    assert [hit.id for hit in found] == [4, 3, 1, 2]
    assert sorted((hit.score for hit in found), reverse=True) == [hit.score for hit in found]


def test_right_marks_come_first_but_others_are_found() -> None:
    index = small("Thuê đất", "Thuế đất phi nông nghiệp", "Khai thuế")
    assert ids(index, "thuế") == [2, 3, 1]
    assert ids(index, "thuê") == [1, 2, 3]
    assert ids(index, "thue") == [1, 2, 3]
    right, also_right, other = index.search("thuế")
    assert right.score > also_right.score > other.score


def test_a_half_typed_word_with_its_mark_is_not_taken_for_another_word() -> None:
    index = small("Kết hỗ trợ", "Lại kết hôn có yếu tố nước ngoài")
    assert ids(index, "kết hô") == [1, 2]  # the first starts so
    assert ids(small("Cam kết hỗ trợ vốn đầu tư", "Lại kết hôn"), "kết hô") == [2, 1]
    assert ids(small("Cam kết hỗ trợ", "Đăng ký lại kết hô"), "kết hô") == [2, 1]


def test_d_with_and_without_its_stroke() -> None:
    index = small("Đo đạc bản đồ", "Dân sự")
    assert ids(index, "do dac") == ids(index, "Đo đạc") == ids(index, "đo dạc") == [1]


def test_ties_are_broken_by_length_then_popularity_then_code() -> None:
    rows = [Row(1, "1.4", "Cấp thẻ nhà báo"), Row(2, "1.3", "Cấp thẻ a"), Row(3, "1.2", "Cấp thẻ b", rank=9)]
    rows.append(Row(4, "1.1", "Cấp thẻ c"))
    for order in (rows, rows[::-1]):
        assert ids(Index.build(order), "cấp thẻ") == [3, 4, 2, 1]


def test_a_finished_word_comes_before_a_half_typed_one() -> None:
    index = small("Nuôi công", "Nuôi con trong nhà")
    assert ids(index, "nuoi con") == [2, 1]
    assert ids(index, "nuoi con ") == [2]
    assert ids(index, "nuoi co") == [1, 2]


def test_when_nothing_has_all_words_the_nearest_are_given_and_it_is_said() -> None:
    index = small("Cấp thẻ nhà báo", "Cấp thẻ", "Thu hồi")
    found = index.search("cấp thẻ báo chíp")
    assert [hit.id for hit in found] == [1, 2]
    assert (found.all_words, found.matched, found.words) == (False, 3, 4)
    assert index.search("cấp thẻ").all_words
    assert not index.search("hoàn toàn khác")


def test_filters_narrow_but_never_turn_an_exact_answer_into_a_near_one() -> None:
    index = small("Cấp thẻ nhà báo", "Cấp thẻ", "Thu hồi thẻ")
    only = index.bits([2, 3, 99])
    assert sorted(index.members(only)) == [2, 3]
    assert ids(index, "thẻ", only) == [2, 3]
    found = index.search("nhà báo", only)
    assert found.all_words and found.total == 0 and not found.hits
    assert index.search("1.000001", only).total == 0


def test_the_whole_is_counted_and_only_the_first_are_given() -> None:
    found = real_index().search("giấy phép", limit=5)
    assert len(found) == 5 < found.total == found.bits.bit_count()


def test_words_around_what_is_wanted_do_not_hide_it() -> None:
    assert codes("tôi muốn làm đăng ký kết hôn", 1) == ["1.000894"]
    assert codes("thủ tục kết hôn", 1) == ["1.000894"]


@pytest.mark.parametrize(
    "query", ["", "   ", "?!", "₫", "\x00", "xyzzy", "9.999999", "%_'\"", "a" * 5000, "a " * 5000]
)
def test_odd_queries_are_harmless(query: str) -> None:
    assert len(real_index().search(query)) <= 20


@given(st.text(max_size=60))
def test_any_text_is_answered_in_the_same_way_twice(query: str) -> None:
    assert real_index().search(query) == real_index().search(query)


@given(st.sampled_from(real_rows()))
def test_marks_decide_the_order_not_what_is_found(row: Row) -> None:
    index = real_index()
    assert index.search(row.name).bits == index.search(fold(row.name)).bits


def test_an_own_table_of_abbreviations() -> None:
    rows = [Row(1, "1.1", "Cấp thẻ nhà báo")]
    assert Index.build(rows, {("tnb",): (("the", "nha", "bao"),)}).search("cấp TNB").all_words
    assert not Index.build(rows, {}).search("TNB").hits


def test_every_abbreviation_can_be_read() -> None:
    table = read_abbreviations()
    assert len(table) >= 50
    assert all(said and meant and all(meant) for said, meant in table.items())
    assert ("can", "cuoc", "cong", "dan") in table[("cccd",)]


def test_positions_belong_to_the_index() -> None:
    index = small("Một", "Hai")
    assert index.everything == 0b11 == index.bits([1, 2])
    with pytest.raises(KeyError):
        index.position(7)

