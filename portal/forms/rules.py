"""Rules between answers: what must hold, when, what to say when it does not, and which answer mends it.

    {"key": "bride_age", "field": "bride_birth", "source": "Law on Marriage and Family 2014, article 8",
     "require": {"at_least": [{"age": [{"field": "bride_birth"}, {"today": true}]}, 18]},
     "message": {"vi": …, "en": …}}

`when` limits a rule to some cases; `each` puts it to every row of a question with rows; instead of `require`,
`"required": true` makes the field itself required when `when` holds. A rule of which something is not known yet is
not broken: what is missing is said elsewhere.
"""
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from portal.forms.expressions import Asked, Expression, Known, Reader, there

_KEY = re.compile(r"[a-z][a-z0-9_]{0,59}")
_PARTS = frozenset(("key", "field", "source", "when", "require", "required", "each", "message"))
_FILLED_IN = re.compile(r"\{([a-z0-9_.]+)\}")


@dataclass(frozen=True)
class Rule:
    """`require` is None where the rule is that `field` is required when `when` holds."""

    key: str
    field: str
    message: Mapping[str, str]
    when: Expression | None
    require: Expression | None
    each: str | None
    fields: frozenset[str]  # all that it speaks about


@dataclass(frozen=True)
class Broken:
    """A rule that does not hold, what was known then, and the row (from 0) where it is about each."""

    rule: Rule
    known: Known
    row: int | None = None


@dataclass(frozen=True)
class RuleBook:
    """The rules of one definition, and its named values."""

    rules: tuple[Rule, ...]
    named: Mapping[str, Expression]

    def broken(self, values: Mapping[str, Any], today: date) -> Iterator[Broken]:
        """Every rule that is known not to hold. `values`: of the questions that apply."""
        for rule in self.rules:
            rows = [None] if rule.each is None else values.get(rule.each) or ()
            for n, row in enumerate(rows):
                known = Known(values, today, row)
                if _is_broken(rule, known):
                    yield Broken(rule, known, None if rule.each is None else n)


def _is_broken(rule: Rule, known: Known) -> bool:
    if rule.when is not None and rule.when.work_out(known) is not True:
        return False
    if rule.require is not None:
        return rule.require.work_out(known) is False
    if known.row is not None and rule.each != rule.field:
        return not there(known.row.get(rule.field.partition(".")[2]))
    return not there(known.values.get(rule.field))


def read(definition: Mapping[str, Any], asked: Mapping[str, Asked], groups: frozenset[str]) -> RuleBook:
    """The rules of a definition whose questions are `asked`. ValueError names the first place that is wrong."""
    named = definition.get("values", {})
    if not isinstance(named, Mapping) or not all(isinstance(key, str) and _KEY.fullmatch(key) for key in named):
        raise ValueError("values: must have snake_case ASCII names")
    plain = Reader(asked, groups, named)
    values = {key: plain.read({"value": key}, f"values.{key}") for key in named}
    given = definition.get("rules", [])
    if not isinstance(given, list):
        raise ValueError("rules: must be a list")
    rules: list[Rule] = []
    for number, one in enumerate(given, 1):
        rule = _read_rule(one, number, plain)
        if rule.key in {earlier.key for earlier in rules}:
            raise ValueError(f"rules.{rule.key}: this key is used twice")
        rules.append(rule)
    return RuleBook(tuple(rules), values)


def _read_rule(given: Any, number: int, plain: Reader) -> Rule:
    key = given.get("key") if isinstance(given, Mapping) else None
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        raise ValueError(f"rules[{number}].key: must be snake_case ASCII, not {key!r}")
    place = f"rules.{key}"
    if unknown := sorted(set(given) - _PARTS):
        raise ValueError(f"{place}: unknown part {unknown[0]!r}")
    each = given.get("each")
    if each is not None and not (isinstance(each, str) and each in plain.groups):
        raise ValueError(f"{place}.each: {each!r} has no rows")
    reader = Reader(plain.asked, plain.groups, plain.named, each)
    _check_field(given.get("field"), f"{place}.field", reader)
    _check_message(given.get("message"), f"{place}.message", reader)
    if not isinstance(given.get("source"), str) or not given["source"].strip():
        raise ValueError(f"{place}.source: a rule says what it rests on")
    if ("require" in given) == (given.get("required") is True) or given.get("required", True) is not True:
        raise ValueError(f"{place}: needs either require, or required: true")
    if "required" in given and "when" not in given:
        raise ValueError(f"{place}.when: what is always required says so itself")
    when = reader.flag(given["when"], f"{place}.when") if "when" in given else None
    require = reader.flag(given["require"], f"{place}.require") if "require" in given else None
    fields = frozenset((given["field"],)).union(*(part.fields for part in (when, require) if part))
    if require is not None and given["field"] not in fields_of(when, require):
        raise ValueError(f"{place}.field: {given['field']!r} cannot mend it, the rule does not speak of it")
    return Rule(key, given["field"], given["message"], when, require, each, fields)


def fields_of(*parts: Expression | None) -> frozenset[str]:
    """What expressions speak of: "rows.key" speaks of "rows" too."""
    named = frozenset().union(*(part.fields for part in parts if part))
    return named | {key.partition(".")[0] for key in named}


def _check_field(key: Any, place: str, reader: Reader) -> None:
    asked = reader.asked.get(key) if isinstance(key, str) else None
    known = asked is not None or (isinstance(key, str) and key in reader.groups)
    if not known or (asked is not None and asked.rows is not None and asked.rows != reader.each):
        raise ValueError(f"{place}: {key!r} is no field of this form")


def _check_message(message: Any, place: str, reader: Reader) -> None:
    if not isinstance(message, Mapping) or not all(
            isinstance(message.get(language), str) and message[language].strip() for language in ("vi", "en")):
        raise ValueError(f"{place}: must have words in vi and en")
    for language in ("vi", "en"):
        for key in _FILLED_IN.findall(message[language]):
            asked = reader.asked.get(key)
            if key not in reader.named and (asked is None or (asked.rows and asked.rows != reader.each)):
                raise ValueError(f"{place}.{language}: {key!r} is no field and no named value")


def filled(message: str, words: Callable[[str], str]) -> str:
    """A message with the words of what it names in braces."""
    return _FILLED_IN.sub(lambda found: words(found.group(1)), message)
