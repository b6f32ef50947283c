"""Sensible answers to a whole form: for the demonstration set, and for tests. Nobody's."""
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from portal.forms.application import Application
from portal.forms.definition import fields_of
from portal.forms.rules import Rule
from portal.forms.types import TYPES, Question
from portal.forms.types.question import meets
from portal.kit import clock

Maker = Callable[[Question, int], Any]  # an answer as JSON; another one for another number
TRIES = 30
ROUNDS = 40
STEPS = (1, 30, 365, 365 * 21)  # days by which one date is tried beside another


def example(q: Question, n: int) -> Any:
    return TYPES[q["kind"]].example(q, n)


def answers(definition: Mapping[str, Any], make: Maker = example) -> dict[str, Any]:
    """Answers by `make` to every question that applies, changed until they go together by the form's rules.

    ValueError where no such answers were found: a rule that cannot be kept.
    """
    given = _complete(definition, {}, make)
    for _round in range(ROUNDS):
        broken = Application(definition, given).broken
        if not broken:
            return given
        rule, problem = broken[0]
        given = _mended(definition, given, rule, problem.key.partition("-")[0], make)
    raise ValueError(f"rules.{rule.key}: no answers that keep it were found")


def _complete(definition: Mapping[str, Any], given: Mapping[str, Any], make: Maker) -> dict[str, Any]:
    """`given` without what does not apply and with what is new."""
    whole: dict[str, Any] = {}
    for q in fields_of(definition):
        condition = q.get("show_if")
        applies = condition is None or meets(whole.get(condition["field"]), condition["equals"])
        if applies and not TYPES[q["kind"]].of_file:
            whole[q["key"]] = given[q["key"]] if q["key"] in given else make(q, 0)
    return whole


def _mended(definition: Mapping[str, Any], given: Mapping[str, Any], rule: Rule, key: str,
            make: Maker) -> dict[str, Any]:
    """`given` with another answer to the question that mends the rule, or to another that the rule speaks of."""
    questions = {q["key"]: q for q in fields_of(definition)}
    roots = [key, *sorted({field.partition(".")[0] for field in rule.fields} - {key})]
    for root in roots:
        for value in _candidates(questions[root], [given.get(other) for other in roots if other != root], make):
            tried = _complete(definition, {**given, root: value}, make)
            if rule.key not in {one.key for one, _problem in Application(definition, tried).broken}:
                return tried
    raise ValueError(f"rules.{rule.key}: no answers that keep it were found")


def _candidates(q: Question, others: list[Any], make: Maker) -> Iterator[Any]:
    kind = TYPES[q["kind"]]
    values = [kind.load(q, other) for other in others]
    for value in values:
        if isinstance(value, date):
            yield from (kind.dump(q, day) for day in _around(q, value))
        elif value is not None:
            yield kind.dump(q, value)
    if q["kind"] == "date":
        yield from (kind.dump(q, day) for day in _around(q, clock.today()))
    yield from (make(q, n) for n in range(1, TRIES))


def _around(q: Question, day: date) -> Iterator[date]:
    """Days near another that the question allows."""
    for step in STEPS:
        for near in (day + timedelta(days=step), day - timedelta(days=step), day):
            if not TYPES[q["kind"]].problems(q, near):
                yield near
