"""The law that a page or a paper cites is the one in force on its date."""
from datetime import date, timedelta

import pytest

from portal.law import rule_sets, texts
from portal.law.texts import Matter, NoText, cited, in_force

NOW = date(2026, 11, 30)


@pytest.mark.parametrize(("matter", "day", "text"), [
    (Matter.one_stop, date(2025, 6, 30),
     "Nghị định 61/2018/NĐ-CP (được sửa đổi, bổ sung bởi Nghị định 107/2021/NĐ-CP)"),
    (Matter.one_stop, date(2025, 7, 1), "Nghị định 118/2025/NĐ-CP"),
    (Matter.one_stop, NOW, "Nghị định 118/2025/NĐ-CP (được sửa đổi, bổ sung bởi Nghị định 367/2025/NĐ-CP, "
                           "Nghị định 309/2026/NĐ-CP)"),
    (Matter.online_services, date(2026, 6, 30), "Nghị định 42/2022/NĐ-CP"),
    (Matter.online_services, date(2026, 7, 1), "Luật 148/2025/QH15 và Nghị định 224/2026/NĐ-CP"),
    (Matter.paper_forms, date(2025, 9, 14), "Thông tư 01/2018/TT-VPCP"),
    (Matter.paper_forms, NOW, "Thông tư 03/2025/TT-VPCP"),
    (Matter.fee_receipts, NOW, "Luật 108/2025/QH15 và Nghị định 254/2026/NĐ-CP và Thông tư 91/2026/TT-BTC"),
    (Matter.personal_data, NOW, "Luật 91/2025/QH15 và Nghị định 356/2025/NĐ-CP"),
    (Matter.civil_status, date(2027, 2, 28), "Luật 60/2014/QH13"),
    (Matter.civil_status, date(2027, 3, 1), "Luật 03/2026/QH16")])
def test_the_law_of_the_date(matter: Matter, day: date, text: str) -> None:
    assert cited(matter, day) == text


def test_an_article_comes_first() -> None:
    assert cited(Matter.online_services, date(2024, 1, 1), "Điều 4") == "Điều 4 Nghị định 42/2022/NĐ-CP"


def test_a_relief_that_has_ended_is_cited_no_more() -> None:
    assert cited(Matter.fee_relief, date(2027, 2, 28))
    for day in (date(2026, 8, 14), date(2027, 3, 1)):
        with pytest.raises(NoText, match="fee_relief"):
            in_force(Matter.fee_relief, day)


@pytest.mark.parametrize("matter", Matter)
def test_texts_follow_one_another(matter: Matter) -> None:
    starts = [text.valid_from for text in texts.TEXTS[matter]]
    assert starts == sorted(set(starts)) and starts
    for text in texts.TEXTS[matter]:
        assert all(text.valid_from < each.valid_from for each in text.amendments)
        assert in_force(matter, text.valid_from) is text


def test_rule_sets_and_the_one_stop_texts_are_the_same_thing() -> None:
    assert [rules.text for rules in rule_sets.RULE_SETS] == list(texts.TEXTS[Matter.one_stop])


@pytest.mark.parametrize("repealed", ["42/2022", "123/2020", "13/2023", "61/2018", "01/2018"])
def test_what_is_repealed_is_not_in_force(repealed: str) -> None:
    for day in (NOW, NOW + timedelta(days=60)):
        assert not any(repealed in str(instrument) for matter in Matter if matter is not Matter.service_levels
                       for instrument in in_force(matter, day).instruments)
