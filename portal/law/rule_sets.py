"""The rules of the one-stop regulation by the day on which a dossier was received. Pure.

A dossier keeps the rule set that it was accepted under. Every rule names its article; a rule that was not read in the
text of the law, or that no text states, is marked as an assumption and said to be one wherever it decides something.
"""
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, time
from enum import StrEnum
from types import MappingProxyType

from portal.law.texts import TEXTS, Matter, Text


class Rule(StrEnum):
    """What a rule set decides."""

    answer_filing = "answer_filing"  # within how many working hours an online filing is answered
    ask_once = "ask_once"  # one request before acceptance and one after it
    ask_within = "ask_within"  # after acceptance: within how many working days of receipt papers may be asked for
    silence = "silence"  # after how many calendar days without an answer the dossier ends
    after_supplement = "after_supplement"  # what the full papers do to the limit
    payment = "payment"  # what waiting for a payment does to the limit
    counting = "counting"  # from when the limit is counted
    extension = "extension"  # how often a date may be put off, and how long before it that must be told
    hand_on = "hand_on"  # when a dossier goes to the unit that decides
    refusal = "refusal"  # in writing, within the limit
    wrong_result = "wrong_result"  # within how many working days a result that is the office's fault is made anew


class AfterSupplement(StrEnum):
    """What the full papers do to the limit."""

    restart = "restart"  # it is counted again from zero
    resume = "resume"  # what was left is left


@dataclass(frozen=True)
class SpecialTimes:
    """The times that a special law sets for one procedure instead of the one-stop regulation's own; None where it
    says nothing. `law` is its name and article."""

    law: str
    ask_within_days: int | None = None
    silence_days: int | None = None
    after_supplement: AfterSupplement | None = None

    def __post_init__(self) -> None:
        if self.after_supplement is not None:  # kept as a word, where it comes from a table
            object.__setattr__(self, "after_supplement", AfterSupplement(self.after_supplement))


@dataclass(frozen=True)
class RuleSet:
    """Days are working days where the name does not say otherwise; None: the law sets no such time.

    `articles` gives the source of each rule; `assumptions` are the rules that were not read in the law's own text.
    """

    key: str
    text: Text
    after_supplement: AfterSupplement
    articles: Mapping[Rule, str]
    assumptions: frozenset[Rule]
    answer_filing_hours: int | None = 8
    ask_within_days: int | None = None
    silence_days: int | None = None  # calendar days
    requests_before_acceptance: int | None = None
    requests_after_acceptance: int | None = None
    extensions: int | None = None
    extension_told_days_before: int | None = None  # calendar days
    hand_on_after: time = time(15)
    mend_result_days: int | None = None
    special: SpecialTimes | None = None

    @property
    def name(self) -> str:
        """The decree, as papers cite it."""
        return str(self.text.instruments[0])

    @property
    def valid_from(self) -> date:
        return self.text.valid_from

    def name_on(self, day: date) -> str:
        """The decree with the amendments in force on a day."""
        amended = self.text.amended_by(day)
        return f"{self.name} ({', '.join(map(str, amended))})" if amended else self.name

    def article(self, rule: Rule) -> str:
        """Where a rule stands, in the special law where that sets it; "" where no text that is known states it."""
        return self.articles.get(rule, "")

    def assumed(self, rule: Rule) -> bool:
        return rule in self.assumptions

    def under(self, special: SpecialTimes | None) -> "RuleSet":
        """These rules with a special law's own times in their place."""
        if special is None:
            return self
        own = {name: value for name in ("ask_within_days", "silence_days", "after_supplement")
               if (value := getattr(special, name)) is not None}
        named = {_RULE_OF[name]: special.law for name in own}
        return replace(self, **own, special=special, articles=MappingProxyType({**self.articles, **named}),
                       assumptions=self.assumptions - set(named))


_RULE_OF = {"ask_within_days": Rule.ask_within, "silence_days": Rule.silence,
            "after_supplement": Rule.after_supplement}

_QD_09, _ND_61, _ND_118 = TEXTS[Matter.one_stop]

# From memory; its articles are not known well enough to be cited. It is told of as the rule before 2018, when the clock
# stood still while papers were awaited.
QD_09_2015 = RuleSet(
    key="qd-09-2015", text=_QD_09, after_supplement=AfterSupplement.resume, answer_filing_hours=None,
    requests_before_acceptance=1, articles=MappingProxyType({}), assumptions=frozenset(Rule))

# Remembered, not read.
ND_61_2018 = RuleSet(
    key="nd-61-2018", text=_ND_61,
    after_supplement=AfterSupplement.restart, requests_before_acceptance=1, requests_after_acceptance=1,
    ask_within_days=3, extensions=1,
    articles=MappingProxyType({
        Rule.answer_filing: "Điều 11 Nghị định 45/2020/NĐ-CP", Rule.ask_once: "Điều 17", Rule.ask_within: "Điều 19",
        Rule.after_supplement: "Điều 19", Rule.counting: "Điều 17", Rule.extension: "Điều 19",
        Rule.hand_on: "Điều 18", Rule.refusal: "Điều 19"}),
    assumptions=frozenset(Rule))

# Read in a public copy, but for what a payment does to the limit, which it does not say.
ND_118_2025 = RuleSet(
    key="nd-118-2025", text=_ND_118,
    after_supplement=AfterSupplement.restart, requests_before_acceptance=1, requests_after_acceptance=1,
    ask_within_days=3, silence_days=15, extensions=1, extension_told_days_before=1, mend_result_days=3,
    articles=MappingProxyType({
        Rule.answer_filing: "Điều 17 khoản 2", Rule.ask_once: "Điều 11 khoản 2 điểm c, Điều 16 khoản 3",
        Rule.ask_within: "Điều 19 khoản 5", Rule.silence: "Điều 19 khoản 5", Rule.after_supplement: "Điều 19 khoản 5",
        Rule.counting: "Điều 17 khoản 3", Rule.extension: "Điều 19 khoản 6",
        Rule.hand_on: "Điều 18", Rule.refusal: "Điều 19 khoản 3", Rule.wrong_result: "Điều 23"}),
    assumptions=frozenset({Rule.payment}))

#: oldest first
RULE_SETS = (QD_09_2015, ND_61_2018, ND_118_2025)
_BY_KEY = {rules.key: rules for rules in RULE_SETS}


def at(day: date) -> RuleSet:
    """The rules for what is received on this day. Before the first that is kept here, that one: what it says of the
    limit is what the regulation before it said, as far as is remembered."""
    return next((rules for rules in reversed(RULE_SETS) if rules.valid_from <= day), RULE_SETS[0])


def by_key(key: str) -> RuleSet:
    """The rule set that a dossier keeps. Raises KeyError for another word."""
    return _BY_KEY[key]
