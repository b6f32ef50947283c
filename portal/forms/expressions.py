"""Typed expressions over answers: JSON that is read once, with its types, and then worked out. No eval.

{"at_least": [{"age": [{"field": "bride_birth"}, {"today": true}]}, 18]} is one. What cannot be known yet, because an
answer is missing, is None, and so is what depends on it; `all`, `any` and `not` go on where the rest decides.
"""
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Any


class Gives(StrEnum):
    """What an expression gives, and what an answer to a question is for it."""

    number = "number"
    money = "money"
    date = "date"
    text = "text"
    choice = "choice"
    choices = "choices"
    flag = "flag"


AMOUNTS = frozenset((Gives.number, Gives.money))
ORDERED = AMOUNTS | {Gives.date}


@dataclass(frozen=True)
class Asked:
    """A question as expressions see it; `rows`: it is asked in each row of them. `optional`: it may stay empty, and
    then a list of the column has one value less; where it may not, nothing is known of the list until it is there."""

    gives: Gives | None
    options: frozenset[str] = frozenset()
    rows: str | None = None
    optional: bool = False


@dataclass(frozen=True)
class Known:
    """What an expression is worked out from: values by key, rows' by "rows.key" within `row`."""

    values: Mapping[str, Any]
    today: date
    row: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Expression:
    """`many`: a list, of a column's values. `literal`: written in the definition, so it takes the other side's type."""

    gives: Gives
    work_out: Callable[[Known], Any]
    fields: frozenset[str] = frozenset()
    many: bool = False
    literal: Any = None
    options: frozenset[str] = frozenset()


@dataclass
class Reader:
    """Reads the expressions of one definition.

    `asked`: questions by key, and by "rows.key"; `groups`: keys of questions with rows; `named`: the definition's named
    values as JSON; `each`: the rows that a rule is about, so that "rows.key" is one value. ValueErrors name the place.
    """

    asked: Mapping[str, Asked]
    groups: frozenset[str] = frozenset()
    named: Mapping[str, Any] = field(default_factory=dict)
    each: str | None = None
    open: tuple[str, ...] = ()

    def read(self, given: Any, place: str) -> Expression:
        if isinstance(given, bool):
            return _written(Gives.flag, given)
        if isinstance(given, int):
            return _written(Gives.number, given)
        if isinstance(given, str):
            return _written(Gives.text, given)
        if not isinstance(given, Mapping) or len(given) != 1:
            raise ValueError(f"{place}: must be a value or one operator with its operands")
        [(name, operands)] = given.items()
        operator = OPERATORS.get(name)
        if operator is None:
            raise ValueError(f"{place}: unknown operator {name!r}")
        return operator(self, operands, f"{place}.{name}")

    def list(self, given: Any, place: str, *, count: int | None = None) -> list[Expression]:
        if not isinstance(given, list) or not given or (count is not None and len(given) != count):
            raise ValueError(f"{place}: takes {count or 'at least one'} operands in a list")
        return [self.read(one, f"{place}[{n}]") for n, one in enumerate(given)]

    def flag(self, given: Any, place: str) -> Expression:
        found = self.read(given, place)
        if found.gives is not Gives.flag or found.many:
            raise ValueError(f"{place}: must be true or false, not a {found.gives}")
        return found


def _written(gives: Gives, value: Any) -> Expression:
    return Expression(gives, lambda _known: value, literal=value)


def _one(expression: Expression, gives: Gives, place: str) -> Expression:
    if expression.gives is not gives or expression.many:
        raise ValueError(f"{place}: must be one {gives}, not {_name(expression)}")
    return expression


def _name(expression: Expression) -> str:
    return f"many of {expression.gives}" if expression.many else f"a {expression.gives}"


def _over(gives: Gives, parts: list[Expression], rule: Callable[..., Any], **more: Any) -> Expression:
    """`rule` of the parts' values, None while one of them is."""
    def work_out(known: Known) -> Any:
        values = [part.work_out(known) for part in parts]
        return None if any(value is None for value in values) else rule(*values)
    return Expression(gives, work_out, frozenset().union(*(part.fields for part in parts)), **more)


def _field(reader: Reader, key: Any, place: str) -> Expression:
    asked = reader.asked.get(key) if isinstance(key, str) else None
    if asked is None:
        raise ValueError(f"{place}: {key!r} is no field of this form")
    if asked.gives is None:
        raise ValueError(f"{place}: {key!r} is of a kind that rules cannot read")
    if asked.rows is None:
        return Expression(asked.gives, lambda known: known.values.get(key), frozenset((key,)), options=asked.options)
    rows, column = asked.rows, key.partition(".")[2]
    if rows == reader.each:
        return Expression(asked.gives, lambda known: (known.row or {}).get(column), frozenset((key,)),
                          options=asked.options)

    def all_rows(known: Known) -> list[Any] | None:
        values = [row.get(column) for row in known.values.get(rows) or ()]
        if asked.optional:
            return [value for value in values if value is not None]
        return None if any(value is None for value in values) else values
    return Expression(asked.gives, all_rows, frozenset((key,)), many=True, options=asked.options)


def _given(reader: Reader, key: Any, place: str) -> Expression:
    asked = reader.asked.get(key) if isinstance(key, str) else None
    if asked is None or (asked.rows is not None and asked.rows != reader.each):
        raise ValueError(f"{place}: {key!r} is no field of this form")
    if asked.rows is not None:
        column = key.partition(".")[2]
        return Expression(Gives.flag, lambda known: there((known.row or {}).get(column)), frozenset((key,)))
    return Expression(Gives.flag, lambda known: there(known.values.get(key)), frozenset((key,)))


def there(value: Any) -> bool:
    """Whether something was answered."""
    return value is not None and value != "" and value != []


def _named(reader: Reader, name: Any, place: str) -> Expression:
    if not isinstance(name, str) or name not in reader.named:
        raise ValueError(f"{place}: no value is named {name!r}")
    if name in reader.open:
        raise ValueError(f"{place}: {' → '.join((*reader.open, name))} goes in a circle")
    inner = Reader(reader.asked, reader.groups, reader.named, open=(*reader.open, name))  # never about one row
    return inner.read(reader.named[name], f"values.{name}")


def _today(_reader: Reader, given: Any, place: str) -> Expression:
    if given is not True:
        raise ValueError(f"{place}: only true")
    return Expression(Gives.date, lambda known: known.today)


def _date(_reader: Reader, given: Any, place: str) -> Expression:
    try:
        return _written(Gives.date, date.fromisoformat(given))
    except (TypeError, ValueError):
        raise ValueError(f"{place}: {given!r} is no day such as 2026-11-30") from None


def _money(_reader: Reader, given: Any, place: str) -> Expression:
    if not isinstance(given, int) or isinstance(given, bool):
        raise ValueError(f"{place}: {given!r} is no amount in whole đồng")
    return Expression(Gives.money, lambda _known: given)


def _age(reader: Reader, given: Any, place: str) -> Expression:
    """Full years of life on a day: who was born on 29 February grows older on 1 March."""
    born, on = (_one(part, Gives.date, place) for part in reader.list(given, place, count=2))
    return _over(Gives.number, [born, on], lambda b, o: o.year - b.year - ((o.month, o.day) < (b.month, b.day)))


def _days(reader: Reader, given: Any, place: str) -> Expression:
    first, last = (_one(part, Gives.date, place) for part in reader.list(given, place, count=2))
    return _over(Gives.number, [first, last], lambda a, b: (b - a).days)


def _later(step: Callable[[date, int], date | None]) -> Callable[[Reader, Any, str], Expression]:
    def read(reader: Reader, given: Any, place: str) -> Expression:
        day, count = reader.list(given, place, count=2)
        return _over(Gives.date, [_one(day, Gives.date, place), _one(count, Gives.number, place)], step)
    return read


def years_after(day: date, years: int) -> date | None:
    """The same day of another year; the last of February where there is no 29th (Civil Code 2015, article 148).

    None outside the calendar.
    """
    year = day.year + years
    if not 1 <= year <= 9999:
        return None
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return date(year, 2, 28) if (day.month, day.day) == (2, 29) and not leap else day.replace(year=year)


def days_after(day: date, days: int) -> date | None:
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return None


def _sum(reader: Reader, given: Any, place: str) -> Expression:
    parts = reader.list(given, place)
    kinds = {part.gives for part in parts if part.literal is None} or {Gives.number}
    if len(kinds) > 1 or not kinds <= AMOUNTS:
        raise ValueError(f"{place}: cannot add {' and '.join(map(_name, parts))}")
    return _over(kinds.pop(), parts, lambda *values: sum(
        sum(value) if isinstance(value, list) else value for value in values))


def _distinct(reader: Reader, given: Any, place: str) -> Expression:
    """Whether no two values are the same, a column's all among them."""
    parts = reader.list(given, place)
    if len({part.gives for part in parts}) > 1 or parts[0].gives is Gives.choices:
        raise ValueError(f"{place}: {' and '.join(map(_name, parts))} are not alike")

    def differ(*values: Any) -> bool:
        single = [one for value in values for one in (value if isinstance(value, list) else [value])]
        return len(set(single)) == len(single)
    return _over(Gives.flag, parts, differ)


def _count(reader: Reader, given: Any, place: str) -> Expression:
    if not isinstance(given, str) or given not in reader.groups:
        raise ValueError(f"{place}: {given!r} has no rows")
    return Expression(Gives.number, lambda known: len(known.values.get(given) or ()), frozenset((given,)))


def _first(reader: Reader, given: Any, place: str) -> Expression:
    """The first that is known."""
    parts = reader.list(given, place)
    if len({(part.gives, part.many) for part in parts}) > 1:
        raise ValueError(f"{place}: {' and '.join(map(_name, parts))} are not alike")

    def work_out(known: Known) -> Any:
        return next((value for part in parts if (value := part.work_out(known)) is not None), None)
    return Expression(parts[0].gives, work_out, frozenset().union(*(part.fields for part in parts)))


def _alike(left: Expression, right: Expression, place: str) -> Gives:
    """The type in which two sides meet; a written number or text takes the type of the other side."""
    for one, other in ((left, right), (right, left)):
        if one.literal is None or one.many or other.many:
            continue
        if one.gives is Gives.number and other.gives is Gives.money:
            return Gives.money
        if one.gives is Gives.text and other.gives is Gives.choice:
            if one.literal not in other.options:
                raise ValueError(f"{place}: {one.literal!r} is not among the answers offered")
            return Gives.choice
    if left.gives is not right.gives or left.many or right.many:
        raise ValueError(f"{place}: {_name(left)} does not compare with {_name(right)}")
    return left.gives


def _comparison(rule: Callable[[Any, Any], bool], ordered: bool) -> Callable[[Reader, Any, str], Expression]:
    def read(reader: Reader, given: Any, place: str) -> Expression:
        left, right = reader.list(given, place, count=2)
        gives = _alike(left, right, place)
        if gives is Gives.choices or (ordered and gives not in ORDERED):
            raise ValueError(f"{place}: a {gives} has no order")
        return _over(Gives.flag, [left, right], rule)
    return read


def _one_of(reader: Reader, given: Any, place: str) -> Expression:
    if not isinstance(given, list) or len(given) != 2:
        raise ValueError(f"{place}: takes a field and the list of what it may be")
    asked = reader.read(given[0], f"{place}[0]")
    allowed = reader.list(given[1], f"{place}[1]")
    for one in allowed:
        if one.literal is None:
            raise ValueError(f"{place}[1]: only what is written out")
        _alike(asked, one, place)
    values = [one.literal for one in allowed]
    return _over(Gives.flag, [asked], lambda value: value in values)


def _includes(reader: Reader, given: Any, place: str) -> Expression:
    many, one = reader.list(given, place, count=2)
    if many.gives is not Gives.choices or one.literal not in many.options:
        raise ValueError(f"{place}: takes a question with several answers and one of these answers")
    return _over(Gives.flag, [many], lambda values: one.literal in values)


def _all(reader: Reader, given: Any, place: str) -> Expression:
    return _together([reader.flag(one, f"{place}[{n}]") for n, one in enumerate(_parts(given, place))], False)


def _any(reader: Reader, given: Any, place: str) -> Expression:
    return _together([reader.flag(one, f"{place}[{n}]") for n, one in enumerate(_parts(given, place))], True)


def _parts(given: Any, place: str) -> list[Any]:
    if not isinstance(given, list) or not given:
        raise ValueError(f"{place}: takes at least one operand in a list")
    return given


def _together(parts: list[Expression], decides: bool) -> Expression:
    """One part that is `decides` decides; otherwise all must be known (Kleene's logic)."""
    def work_out(known: Known) -> bool | None:
        values = [part.work_out(known) for part in parts]
        return decides if decides in values else None if None in values else not decides
    return Expression(Gives.flag, work_out, frozenset().union(*(part.fields for part in parts)))


def _not(reader: Reader, given: Any, place: str) -> Expression:
    return _over(Gives.flag, [reader.flag(given, place)], lambda value: not value)


OPERATORS: dict[str, Callable[[Reader, Any, str], Expression]] = {
    "field": _field, "given": _given, "value": _named, "today": _today, "date": _date, "money": _money,
    "age": _age, "days": _days, "years_after": _later(years_after), "days_after": _later(days_after),
    "sum": _sum, "count": _count, "first": _first, "distinct": _distinct,
    "equal": _comparison(lambda a, b: a == b, ordered=False),
    "different": _comparison(lambda a, b: a != b, ordered=False),
    "less": _comparison(lambda a, b: a < b, ordered=True),
    "at_most": _comparison(lambda a, b: a <= b, ordered=True),
    "more": _comparison(lambda a, b: a > b, ordered=True),
    "at_least": _comparison(lambda a, b: a >= b, ordered=True),
    "one_of": _one_of, "includes": _includes, "all": _all, "any": _any, "not": _not,
}
