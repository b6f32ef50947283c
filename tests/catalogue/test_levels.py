"""Levels of Decree 43/2011 and classes of Decree 42/2022, derived from what a record proves."""

from collections import Counter

import pytest

from portal.catalogue import fees, levels, reference

FREE = fees.parse("Miễn phí")
UNKNOWN = fees.parse("Không có thông tin")


def evidence(**changes: object) -> levels.Evidence:
    facts: dict[str, object] = {
        "code": "1.999999",
        "name": "Thủ tục",
        "online": True,
        "detailed": True,
        "ways": frozenset({"online", "counter"}),
        "has_papers": True,
        "result": "Giấy phép",
        "online_fee": FREE,
    }
    return levels.Evidence(**{**facts, **changes})  # type: ignore[arg-type]


ALL_WAYS = frozenset({"online", "post", "counter"})
AT_THE_COUNTER = {"online": False, "ways": frozenset({"counter"}), "online_fee": None}


@pytest.mark.parametrize(
    "changes, level, service_class",
    [
        ({**AT_THE_COUNTER, "has_papers": False}, 1, "information"),
        (AT_THE_COUNTER, 2, "information"),
        ({}, 3, "part"),
        ({"ways": ALL_WAYS}, 4, "whole"),
        ({"ways": ALL_WAYS, "online_fee": fees.parse("8,000 VNĐ")}, 4, "whole"),
        ({"ways": ALL_WAYS, "online_fee": UNKNOWN}, 3, "whole"),
        ({"ways": frozenset({"online"})}, 4, "whole"),
        ({"result": "Cập nhật thông tin trong Cơ sở dữ liệu về cư trú"}, 4, "whole"),
        ({"result_by_post": True}, 4, "whole"),
        ({"name": "Đăng ký xe lần đầu trực tuyến toàn trình"}, 4, "whole"),
        ({"code": "1.000894", "ways": ALL_WAYS}, 3, "part"),
        ({"detailed": False, "ways": frozenset(), "online_fee": None}, 3, "part"),
        (
            {
                "detailed": False,
                "ways": frozenset(),
                "online_fee": None,
                "online": False,
                "has_papers": False,
            },
            1,
            "information",
        ),
    ],
)
def test_what_a_record_proves(changes: dict[str, object], level: int, service_class: str) -> None:
    facts = evidence(**changes)
    assert (levels.level(facts), levels.service_class(facts)) == (level, service_class)


def test_the_spread_over_all_procedures() -> None:
    rows = reference.procedures()
    assert Counter(p.level for p in rows) == {1: 530, 2: 10, 3: 2048, 4: 54}
    assert Counter(p.service_class for p in rows) == {"information": 540, "part": 2037, "whole": 65}


def test_what_was_not_read_whole_is_never_more_than_it_proves() -> None:
    for row in reference.procedures():
        if not row.detailed:
            assert (row.level, row.service_class) == ((3, "part") if row.online else (1, "information"))


def test_services_that_need_the_person_there_exist_and_are_never_whole() -> None:
    rows = {p.code: p for p in reference.procedures()}
    assert all(rows[code].service_class == "part" for code in levels.PRESENCE_REQUIRED)
