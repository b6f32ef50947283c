"""What a cross-check of a template is made of: its kind, level, and the questions that it speaks of. Pure.

Read once from the definition, with errors that name the place: "checks[2].parts".
"""
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

LEVELS = ("error", "warning")
NUMBERS, TEXTS, TABLE = ("number", "money"), ("text", "long_text"), "table"
#: of each kind: the parts that name one question, those that name several, and those that say something else
PARTS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {
    "sum": (("total",), ("parts",), ()), "within": (("part", "of"), (), ()),
    "one_denominator": ((), ("fields",), ()), "share": (("part", "of", "share"), (), ()),
    "jump": (("field",), (), ("percent", "at_least")), "grows": (("field",), (), ()),
    "carried_over": (("field", "from"), (), ()), "text": (("field",), (), ("says",)),
    "agrees": (("field",), (), ("template", "with", "of"))}
_EVERY = frozenset(("key", "kind", "level", "source"))
_OPTIONAL = frozenset(("at_least", "of"))
OF = ("own", "all", "central", "provinces")  # whose reports another is: the agency's own, or all those of a group


@dataclass(frozen=True)
class Ref:
    """A question, or a column of a table. `words`: its label; `least`: what a number is at least."""

    field: str
    column: str | None
    words: Mapping[str, str]
    kind: str
    least: int = -10**15


Refs = Mapping[str, tuple[Ref, ...]]
Questions = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Check:
    """`refs`: by part of the definition the questions that it names; `given`: the parts that name none. `table`: where
    it is about each row of one; `labels`: the column that names its rows."""

    key: str
    kind: str
    level: str
    refs: Refs
    given: Mapping[str, Any] = field(default_factory=dict)
    source: str = ""
    table: str | None = None
    labels: str | None = None

    @property
    def fields(self) -> tuple[str, ...]:
        """The keys of the questions that it speaks of, each once."""
        return tuple(dict.fromkeys(ref.field for refs in self.refs.values() for ref in refs))


class Amount(NamedTuple):
    """`there`: what is answered, of a column the sum; `whole`: nothing of it is empty; `nothing`: nothing is answered;
    `empty`: the words of what is not."""

    there: int
    whole: bool
    nothing: bool
    empty: Mapping[str, str]


def amount(ref: Ref, values: Mapping[str, Any], row: Mapping[str, Any] | None = None) -> Amount:
    """The number that a question has: in one row where the check is about rows, else of a column the sum of all."""
    if ref.column is None:
        found = [values.get(ref.field)]
    elif row is not None:
        found = [row.get(ref.column)]
    else:
        found = [one.get(ref.column) for one in rows_of(values, ref.field)]
    numbers = [one for one in found if isinstance(one, int) and not isinstance(one, bool)]
    return Amount(sum(numbers), bool(found) and len(numbers) == len(found), not numbers, ref.words)


def rows_of(values: Mapping[str, Any], table: str) -> Sequence[Mapping[str, Any]]:
    """The rows of a table that are filled in."""
    return values.get(table) or ()


def label_of(labels: str | None, row: Mapping[str, Any], place: int) -> str:
    """What names a row: its label, else its number."""
    named = row.get(labels) if labels else None
    return str(named) if named else f"{place + 1}"


def read(given: Any, questions: Questions) -> tuple[Check, ...]:
    """The checks of a definition. ValueError names the first place that is wrong."""
    if not isinstance(given, list):
        raise ValueError("checks: must be a list")
    found: list[Check] = []
    for number, one in enumerate(given, 1):
        check = _check(one, f"checks[{number}]", questions)
        if check.key in {earlier.key for earlier in found}:
            raise ValueError(f"checks[{number}].key: {check.key!r} is used twice")
        found.append(check)
    return tuple(found)


def _check(given: Any, place: str, questions: Questions) -> Check:
    key = given.get("key") if isinstance(given, Mapping) else None
    if not isinstance(key, str) or not key.isidentifier() or not key.isascii() or len(key) > 60:
        raise ValueError(f"{place}.key: must be snake_case ASCII, not {key!r}")
    kind = str(given.get("kind"))
    if kind not in PARTS:
        raise ValueError(f"{place}.kind: unknown kind {given.get('kind')!r}")
    if given.get("level") not in LEVELS:
        raise ValueError(f"{place}.level: must be one of {', '.join(LEVELS)}")
    one, many, others = PARTS[kind]
    if unknown := sorted(set(given) - _EVERY - {*one, *many, *others}):
        raise ValueError(f"{place}.{unknown[0]}: a check of the kind {kind} has no such part")
    for part in (*one, *many, *others):
        if part not in given and part not in _OPTIONAL - {*one}:
            raise ValueError(f"{place}.{part}: is missing")
    refs: dict[str, tuple[Ref, ...]] = {
        part: (_ref(given[part], f"{place}.{part}", questions),) for part in one}
    for part in many:
        if not isinstance(given[part], list) or len(given[part]) < (1 if kind == "sum" else 2):  # a column is many
            raise ValueError(f"{place}.{part}: names {'a question' if kind == 'sum' else 'at least two questions'}")
        refs[part] = tuple(_ref(each, f"{place}.{part}[{n}]", questions) for n, each in enumerate(given[part], 1))
    said = {part: given[part] for part in others if part in given}
    refs |= _OWN[kind](refs, said, place, questions) if kind in _OWN else _all_numbers(refs, place)
    table = _table(refs) if kind in ("sum", "within", "share", "carried_over") else None
    labels = label_column(questions[table]) if table else None
    return Check(key, kind, given["level"], refs, said, str(given.get("source", "")), table, labels)


def _ref(key: Any, place: str, questions: Questions) -> Ref:
    name, _dot, column = key.partition(".") if isinstance(key, str) else ("", "", "")
    asked = questions.get(name)
    if asked is not None and column:
        asked = next((inner for inner in asked.get("fields", ()) if inner["key"] == column), None)
    if asked is None:
        raise ValueError(f"{place}: {key!r} is no question of this report")
    return Ref(name, column or None, asked["label"], asked["kind"], asked.get("min", -10**15))


def _all_numbers(refs: Refs, place: str) -> Refs:
    for part, named in refs.items():
        for ref in named:
            if ref.kind not in NUMBERS:
                raise ValueError(f"{place}.{part}: {_name(ref)!r} is no number")
    return {}


def _share(refs: Refs, _said: Mapping[str, Any], place: str, _questions: Any) -> Refs:
    share = refs["share"][0]
    if share.kind not in (*NUMBERS, *TEXTS):
        raise ValueError(f"{place}.share: {_name(share)!r} is neither a number nor a text")
    return _all_numbers({part: named for part, named in refs.items() if part != "share"}, place)


def _jump(refs: Refs, said: Mapping[str, Any], place: str, _questions: Any) -> Refs:
    for part, one in said.items():
        if not isinstance(one, int) or isinstance(one, bool) or one < 0:
            raise ValueError(f"{place}.{part}: must be a whole number from 0")
    return _all_numbers(refs, place)


def _text(refs: Refs, said: Mapping[str, Any], place: str, questions: Questions) -> Refs:
    if refs["field"][0].kind not in TEXTS or refs["field"][0].column:
        raise ValueError(f"{place}.field: {_name(refs['field'][0])!r} is no text")
    if not isinstance(said["says"], list) or not said["says"]:
        raise ValueError(f"{place}.says: must be a list of figures with their words")
    found = []
    for number, one in enumerate(said["says"], 1):
        at = f"{place}.says[{number}]"
        words = one.get("words") if isinstance(one, Mapping) else None
        if not isinstance(words, list) or not words or not all(isinstance(one, str) and one.strip() for one in words):
            raise ValueError(f"{at}.words: must be a list of words by which a text names the figure")
        found.append(_ref(one.get("field"), f"{at}.field", questions))
    _all_numbers({"says": tuple(found)}, place)
    return {"says": tuple(found)}


def _agrees(refs: Refs, said: Mapping[str, Any], place: str, _questions: Any) -> Refs:
    if not isinstance(said["template"], str) or not isinstance(said["with"], str):
        raise ValueError(f"{place}.template: must be the key of a template, and with a question of it")
    if said.get("of", "own") not in OF:
        raise ValueError(f"{place}.of: must be one of {', '.join(OF)}")
    return _all_numbers(refs, place)


_OWN: Mapping[str, Any] = {"share": _share, "jump": _jump, "text": _text, "agrees": _agrees}


def _table(refs: Refs) -> str | None:
    """The table whose rows the check is about: where it names columns of one, and nothing else."""
    named = {(ref.field if ref.column else None) for each in refs.values() for ref in each}
    return next(iter(named)) if len(named) == 1 else None


def label_column(table: Mapping[str, Any]) -> str | None:
    """The column that names a row: the first that is a text."""
    return next((inner["key"] for inner in table["fields"] if inner["kind"] in TEXTS), None)


def _name(ref: Ref) -> str:
    return f"{ref.field}.{ref.column}" if ref.column else ref.field
