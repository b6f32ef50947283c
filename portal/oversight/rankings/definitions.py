"""Definitions of indices: a tree of indicators as data (JSON), read strictly. Pure.

    {"key", "name", "about", "method", "years": [first, last or null], "groups": [...], "tree": {...}, "source", …}

Words are {"vi", "en"}; numbers that are reckoned with are texts ("0.2"), so that their digits stay. A further method of
an index is a further file with the same key and other years. What is wrong is a ValueError that names its place.
"""
import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from portal.kit.text import N_
from portal.oversight.figures import Group
from portal.oversight.indices import ONE, Index, Node, Scale, leaves

DATA = Path(__file__).parent / "data"
LANGUAGES = ("vi", "en")
MOST_LEAVES, LONGEST_KEY, LONGEST_INDICATOR = 200, 40, 80
FIRST_YEAR, LAST_YEAR = 1990, 2100
NATION = Group.nation.value
Named = TypeVar("Named", bound=StrEnum)
_KEYS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_-")


class From(StrEnum):
    """Where a value comes from. `measure`: the portal's own data; `report`: a field of approved reports; `survey`: what
    people were asked, from a file, or a person's word with a reason; `import`: taken over from who measures it."""

    measure = "measure"
    report = "report"
    survey = "survey"
    taken_over = "import"


FROM_WORDS: Mapping[From, str] = {
    From.measure: N_("Measured by the portal"), From.report: N_("Reported by the agency"),
    From.survey: N_("Survey, or a person's word"), From.taken_over: N_("Taken over from who measures it")}


@dataclass(frozen=True)
class Source:
    """`name`: key of a measure, or "template.field". `share`: the value divided by its denominator. `period`: of the
    year, whose report is read ("Q4"); nothing: the year's own."""

    kind: From
    name: str = ""
    share: bool = False
    period: str = ""


@dataclass(frozen=True)
class Grade:
    """What a total of at least `least` points is called."""

    least: Decimal
    words: Mapping[str, str]


@dataclass(frozen=True)
class Definition:
    """An index for the years from `first` to `last` (None: still) and the groups that are ranked each by itself.

    `recomputable`: False where the tree alone does not tell the score, and `why_not` says why. `comparable`: whether
    its years may stand in one line. `relative`: a score also moves with the others'. `out_of`: full marks as people
    say them; `digits`: after the comma. `fewest_members`, `fewest`: fewer members, a smaller denominator are flagged.
    `ranges`: between which numbers a value lies, by indicator. `confidence`: H read in the source, M in a copy of it, L
    from memory. `raw`: the data itself.
    """

    index: Index
    about: Mapping[str, str]
    first: int
    last: int | None
    groups: tuple[str, ...]
    published_by: Mapping[str, str]
    recomputable: bool
    why_not: Mapping[str, str]
    comparable: bool
    relative: bool
    out_of: Decimal
    digits: int
    fewest_members: int
    fewest: int
    grades: tuple[Grade, ...]
    grades_source: Mapping[str, str]
    sources: Mapping[str, Source]
    ranges: Mapping[str, tuple[Decimal, Decimal]]
    means: Mapping[str, Mapping[str, str]]
    source: str
    confidence: str
    raw: Mapping[str, Any]

    @property
    def key(self) -> str:
        return self.index.key

    @property
    def leaves(self) -> list[Node]:
        return leaves(self.index.root)

    @property
    def names(self) -> dict[str, Mapping[str, str]]:
        """The name of each indicator and group of indicators, by key."""
        return {node.key: node.words for node in _nodes(self.index.root)}

    def holds(self, year: int) -> bool:
        """Whether it is the index of that year."""
        return self.first <= year <= (self.last or LAST_YEAR)

    def grade(self, points: Decimal) -> Grade | None:
        """What so many points are called."""
        return next((one for one in self.grades if points >= one.least), None)


@cache
def shipped() -> tuple[Definition, ...]:
    """Those of this release, by the name of their file."""
    return tuple(read(json.loads(path.read_text(encoding="utf-8"))) for path in sorted(DATA.glob("*.json")))


def read(raw: Any) -> Definition:
    """A definition from its data. Raises ValueError, which begins with the place that is wrong."""
    at = _At("", raw)
    first, last = at.years()
    beside = _Read({}, {}, {})
    root = _node(at.inside("tree"), beside)
    if len(beside.sources) > MOST_LEAVES:
        raise ValueError(f"tree: more than {MOST_LEAVES} indicators")
    index = Index(at.key("key"), at.words("name"), at.text("method", 40), root, at.flag("leave_out"))
    found = Definition(
        index, at.words("about", {}), first, last, at.groups(), at.words("published_by", {}),
        at.flag("recomputable", True), at.words("why_not", {}), at.flag("comparable", True),
        at.flag("relative") or any(leaf.scale == Scale.min_max for leaf in leaves(root)),
        at.number("out_of", ONE, above=0), at.whole("digits", 4, 0, 8), at.whole("fewest_members", 5, 1, 1000),
        at.whole("fewest", 20, 0, 10**6), at.grades(), at.words("grades_source", {}), beside.sources, beside.ranges,
        beside.means,
        at.text("source", 300), at.text("confidence", 1), raw)
    if found.confidence not in ("H", "M", "L"):
        raise ValueError("confidence: H, M or L")
    if not found.recomputable and not found.why_not:
        raise ValueError("why_not: say why nobody can work it out again")
    return found


def _nodes(node: Node) -> list[Node]:
    return [node, *(below for part in node.parts for below in _nodes(part))]


class _Read(NamedTuple):
    """What is read beside the tree, by indicator."""

    sources: dict[str, Source]
    ranges: dict[str, tuple[Decimal, Decimal]]
    means: dict[str, Mapping[str, str]]


def _node(at: "_At", beside: _Read) -> Node:
    key = at.key("key", LONGEST_INDICATOR)
    if key in beside.means:
        raise ValueError(f"{at.place}.key: {key} stands there twice")
    beside.means[key] = at.words("means", {})
    weight, words = at.number("weight", ONE, above=0), at.words("name")
    scale = at.one_of("scale", Scale, Scale.as_is)
    if "parts" in at.data:
        return Node(key, words, weight, at.parts(scale, tuple(_node(part, beside) for part in at.list("parts"))), scale)
    if scale == Scale.z_min_max:
        raise at.wrong("scale", "z_min_max is for a group of indicators")
    beside.sources[key], beside.ranges[key] = at.source(), at.range(scale)
    return Node(key, words, weight, (), scale, at.flag("down"), at.number("target", ONE, above=0), at.bands(scale))


class _At:
    """Data at a place of the definition, which every complaint names."""

    def __init__(self, place: str, data: Any) -> None:
        self.place = place
        if not isinstance(data, dict):
            raise ValueError(f"{place or 'definition'}: an object is needed")
        self.data: Mapping[str, Any] = data

    def wrong(self, name: str, says: str) -> ValueError:
        return ValueError(f"{self.place}.{name}: {says}".lstrip("."))

    def inside(self, name: str) -> "_At":
        return _At(f"{self.place}.{name}".lstrip("."), self.data.get(name))

    def list(self, name: str) -> list["_At"]:
        found = self.data.get(name, [])
        if not isinstance(found, list) or not found:
            raise self.wrong(name, "a list with at least one entry is needed")
        return [_At(f"{self.place}.{name}[{n}]".lstrip("."), each) for n, each in enumerate(found)]

    def text(self, name: str, longest: int) -> str:
        found = self.data.get(name)
        if not isinstance(found, str) or not found.strip() or len(found) > longest:
            raise self.wrong(name, f"a text of 1 to {longest} letters is needed")
        return found

    def key(self, name: str, longest: int = LONGEST_KEY) -> str:
        found = self.text(name, longest)
        if not set(found) <= _KEYS:
            raise self.wrong(name, "small letters without marks, digits, _ and - only")
        return found

    def words(self, name: str, otherwise: Mapping[str, str] | None = None) -> Mapping[str, str]:
        if name not in self.data and otherwise is not None:
            return otherwise
        found = self.data.get(name)
        if not isinstance(found, dict) or set(found) != set(LANGUAGES) or not all(
                isinstance(each, str) and each.strip() for each in found.values()):
            raise self.wrong(name, "words in vi and en are needed")
        return found

    def flag(self, name: str, otherwise: bool = False) -> bool:
        found = self.data.get(name, otherwise)
        if not isinstance(found, bool):
            raise self.wrong(name, "true or false is needed")
        return found

    def whole(self, name: str, otherwise: int, least: int, most: int) -> int:
        found = self.data.get(name, otherwise)
        if not isinstance(found, int) or isinstance(found, bool) or not least <= found <= most:
            raise self.wrong(name, f"a whole number from {least} to {most} is needed")
        return found

    def number(self, name: str, otherwise: Decimal, above: int | None = None) -> Decimal:
        return otherwise if name not in self.data else _number(self.data[name], self.wrong, name, above)

    def one_of(self, name: str, choices: type[Named], otherwise: Named) -> Named:
        try:
            return choices(self.data.get(name, otherwise))
        except ValueError:
            raise self.wrong(name, f"one of {', '.join(choices)} is needed") from None

    def years(self) -> tuple[int, int | None]:
        found = self.data.get("years")
        if not isinstance(found, list) or len(found) != 2:
            raise self.wrong("years", "[first, last or null] is needed")
        first, last = found
        for year in (first, first if last is None else last):
            if not isinstance(year, int) or isinstance(year, bool) or not FIRST_YEAR <= year <= LAST_YEAR:
                raise self.wrong("years", f"years from {FIRST_YEAR} to {LAST_YEAR}")
        if last is not None and last < first:
            raise self.wrong("years", "the last year comes before the first")
        return first, last

    def groups(self) -> tuple[str, ...]:
        found = self.data.get("groups")
        if not isinstance(found, list) or not found or not all(each in list(Group) for each in found) \
                or len(set(found)) != len(found):
            raise self.wrong("groups", f"some of {', '.join(Group)}, each once")
        return tuple(found)

    def bands(self, scale: Scale) -> tuple[tuple[Decimal, Decimal], ...]:
        found = self.data.get("bands", [])
        if (scale == Scale.bands) != bool(found):
            raise self.wrong("bands", "needed with the scale \"bands\", and only with it")
        if not isinstance(found, list) or not all(isinstance(each, list) and len(each) == 2 for each in found):
            raise self.wrong("bands", "[[at least, gives], …] is needed")
        made = tuple((_number(least, self.wrong, "bands"), _number(gives, self.wrong, "bands"))
                     for least, gives in found)
        if [each[0] for each in made] != sorted({each[0] for each in made}, reverse=True):
            raise self.wrong("bands", "the highest limit comes first, each once")
        if not all(0 <= gives <= 1 for _least, gives in made):
            raise self.wrong("bands", "what a band gives lies between 0 and 1")
        return made

    def parts(self, scale: Scale, parts: tuple[Node, ...]) -> tuple[Node, ...]:
        """A group is a mean, or z-scores: then of indicators that are set between the lowest and the highest."""
        if scale not in (Scale.as_is, Scale.z_min_max):
            raise self.wrong("scale", "a group is as_is or z_min_max")
        if scale == Scale.z_min_max and any(part.parts or part.scale != Scale.min_max for part in parts):
            raise self.wrong("parts", "in a group of z-scores every part is an indicator with the scale min_max")
        return parts

    def range(self, scale: Scale) -> tuple[Decimal, Decimal]:
        """Where nothing is said: 0 to 1 for what is a score already, else any number."""
        if "range" not in self.data:
            return (Decimal(0), ONE) if scale == Scale.as_is else (Decimal("-Infinity"), Decimal("Infinity"))
        found = self.data["range"]
        if not isinstance(found, list) or len(found) != 2:
            raise self.wrong("range", "[least, most] is needed")
        least, most = (_number(each, self.wrong, "range") for each in found)
        if least >= most:
            raise self.wrong("range", "the least comes first")
        return least, most

    def source(self) -> Source:
        at = self.inside("source")
        kind = at.one_of("kind", From, From.survey)
        named = kind in (From.measure, From.report)
        name = at.text("name", LONGEST_INDICATOR) if named else ""
        if kind == From.report and name.count(".") != 1:
            raise at.wrong("name", "template.field is needed")
        return Source(kind, name, at.flag("share"), at.text("period", 4) if "period" in at.data else "")

    def grades(self) -> tuple[Grade, ...]:
        if "grades" not in self.data:
            return ()
        found = tuple(Grade(each.number("least", ONE), each.words("name")) for each in self.list("grades"))
        if [each.least for each in found] != sorted({each.least for each in found}, reverse=True):
            raise self.wrong("grades", "the highest comes first, each once")
        return found


def _number(said: Any, wrong: Any, name: str, above: int | None = None) -> Decimal:
    try:
        found = Decimal(said) if isinstance(said, str) else None
    except InvalidOperation:
        found = None
    if found is None or not found.is_finite():
        raise wrong(name, "a number as text is needed, such as \"0.2\"")
    if above is not None and found <= above:
        raise wrong(name, f"a number above {above} is needed")
    return found
