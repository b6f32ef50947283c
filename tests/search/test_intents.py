"""A intent is a thing and what is the matter with it, in any words, in any order."""
import pytest

from portal.search.intents import _intents, _named, _words
from tests.search.judging import whole_directory

pytestmark = pytest.mark.once


def first(query, n=3):
    d = whole_directory()
    return [d.by_id[hit.id].code for hit in d.index.search(query, limit=n)]


@pytest.mark.parametrize("query", [
    "rớt ví mất căn cước", "căn cước của tôi bị mất", "lost my id card", "xin lại cccd bị thất lạc", "ma\u0323t cccd"])
def test_thing_and_case_meet_in_any_order_and_language(query):
    assert {"1.014064", "2.001194", "1.000757"} & set(first(query))


def test_more_cases_are_a_narrower_intent():
    assert first("căn cước", 1) != first("căn cước cho con", 1) != first("mất căn cước của con", 1)
    assert first("mất căn cước của con", 1) == first("mất căn cước", 1)


def test_two_things_both_get_an_answer():
    assert {"2.000815", "1.014063"} & set(first("công chứng căn cước"))
    assert {"1.010041", "1.014632"} <= set(first("giấy xác nhận cư trú mua nhà ở xã hội"))


def test_marks_tell_words_apart_where_there_are_any():
    index = whole_directory().index

    def intended(query):
        return index._intents.find(index.tokens(query), index._anywhere)[0].answers

    assert intended("mất sổ đỏ") == intended("mat so do") != intended("mặt sổ đỏ")


def test_the_name_itself_comes_before_any_intent():
    assert first("Cấp bản sao có chứng thực từ bản chính giao dịch đã được chứng thực", 1) == ["2.000942"]
    assert first("đổi giấy phép lái xe quân sự", 1) == ["3.000349"]


def test_words_that_tell_more_make_a_intent_unsure():
    assert "1.012575" not in first("kiểm định thiết bị xếp dỡ xe nâng hàng cảng")


def test_every_intent_has_words_and_an_answer():
    index = whole_directory().index
    said = {(one.kind == "case", one.name) for held in _words().values() for one in held}
    for thing, cases, meant in _intents():
        assert (False, thing) in said and all((True, case) in said for case in cases), (thing, cases)
        assert _named(meant, index._pairs, index._folded), meant
