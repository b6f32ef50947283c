"""Which rules bind a dossier, by the day on which it was received."""
from datetime import date

import pytest

from portal.law import rule_sets
from portal.law.rule_sets import AfterSupplement, Rule, SpecialTimes


@pytest.mark.parametrize(("day", "key"), [
    (date(2015, 1, 5), "qd-09-2015"), (date(2018, 6, 20), "qd-09-2015"), (date(2018, 6, 21), "nd-61-2018"),
    (date(2025, 6, 30), "nd-61-2018"), (date(2025, 7, 1), "nd-118-2025"), (date(2026, 11, 30), "nd-118-2025")])
def test_the_rules_in_force(day: date, key: str) -> None:
    assert rule_sets.at(day).key == key
    assert rule_sets.by_key(key) is rule_sets.at(day)


def test_another_key_is_no_rule_set() -> None:
    with pytest.raises(KeyError):
        rule_sets.by_key("nd-42-2022")


@pytest.mark.parametrize(("day", "name"), [
    (date(2025, 7, 1), "Nghị định 118/2025/NĐ-CP"),
    (date(2025, 12, 31), "Nghị định 118/2025/NĐ-CP (Nghị định 367/2025/NĐ-CP)"),
    (date(2026, 8, 5), "Nghị định 118/2025/NĐ-CP (Nghị định 367/2025/NĐ-CP, Nghị định 309/2026/NĐ-CP)")])
def test_amendments_are_named_from_their_day_on(day: date, name: str) -> None:
    assert rule_sets.at(day).name_on(day) == name


def test_decree_118() -> None:
    rules = rule_sets.ND_118_2025
    assert (rules.answer_filing_hours, rules.ask_within_days, rules.silence_days) == (8, 3, 15)
    assert (rules.requests_before_acceptance, rules.requests_after_acceptance) == (1, 1)
    assert rules.after_supplement is AfterSupplement.restart
    assert (rules.extensions, rules.extension_told_days_before) == (1, 1)
    assert rules.article(Rule.silence) == "Điều 19 khoản 5"


def test_what_no_text_says_is_an_assumption() -> None:
    assert all(rules.assumed(Rule.payment) and rules.article(Rule.payment) == "" for rules in rule_sets.RULE_SETS)
    assert rule_sets.ND_61_2018.assumed(Rule.after_supplement)
    assert rule_sets.QD_09_2015.assumed(Rule.after_supplement)
    assert not rule_sets.ND_118_2025.assumed(Rule.after_supplement)


def test_only_decree_118_ends_a_dossier_after_silence() -> None:
    assert [rules.silence_days for rules in rule_sets.RULE_SETS] == [None, None, 15]


def test_a_special_laws_words_are_those_of_a_table() -> None:
    kept = SpecialTimes(**{"law": "Luật Đất đai", "after_supplement": "resume"})  # type: ignore[arg-type]
    assert rule_sets.ND_118_2025.under(kept).after_supplement is AfterSupplement.resume
    with pytest.raises(ValueError, match="pause"):
        SpecialTimes("Luật Đất đai", after_supplement="pause")  # type: ignore[arg-type]


def test_a_special_law_has_its_own_times_and_the_rest_stays() -> None:
    land = SpecialTimes("Luật Đất đai", silence_days=30)
    rules = rule_sets.ND_118_2025.under(land)
    assert (rules.silence_days, rules.ask_within_days) == (30, 3)
    assert (rules.article(Rule.silence), rules.article(Rule.ask_within)) == ("Luật Đất đai", "Điều 19 khoản 5")
    assert rule_sets.ND_118_2025.silence_days == 15
    assert rule_sets.ND_118_2025.under(None) is rule_sets.ND_118_2025
