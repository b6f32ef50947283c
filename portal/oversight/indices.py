"""Indices: a tree of indicators with weights, worked out by rules that anybody can repeat. Pure.

A value that is not known is a gap, never a zero and never full points: what it belongs to has no score, and says which
value is missing. Every score opens down to the values that made it.
"""
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal, localcontext
from enum import StrEnum

ONE, ZERO = Decimal(1), Decimal(0)
SWING = Decimal("0.2")  # by how much of itself each weight is moved to see how far a rank goes
DIGITS = 28  # of every calculation, whatever the machine's own setting


class Scale(StrEnum):
    """How a value becomes 0 to 1. `as_is`: it is that already; `min_max`: between the lowest and the highest of the
    group; `z_min_max`: z-scores first, as the United Nations do with parts that are added up before; `target`: as far
    as the target, and no further; `bands`: by the first limit that it reaches."""

    as_is = "as_is"
    min_max = "min_max"
    z_min_max = "z_min_max"
    target = "target"
    bands = "bands"


@dataclass(frozen=True)
class Node:
    """An indicator, or a group of them (`parts`). `weight`: beside its siblings, in any unit. `down`: less is better.
    `bands`: (at least, gives), the highest first."""

    key: str
    words: str
    weight: Decimal = ONE
    parts: tuple["Node", ...] = ()
    scale: Scale = Scale.as_is
    down: bool = False
    target: Decimal = ONE
    bands: tuple[tuple[Decimal, Decimal], ...] = ()


@dataclass(frozen=True)
class Index:
    """`method`: indices of another method are never compared with it, whatever their name."""

    key: str
    words: str
    method: str
    root: Node


@dataclass(frozen=True)
class Scored:
    """A node of one member: its score from 0 to 1, or None and the keys of the `missing` values; `value`: as measured,
    for a leaf; `counts`: its share of the whole index."""

    node: Node
    score: Decimal | None
    value: Decimal | None
    counts: Decimal
    parts: tuple["Scored", ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Place:
    """`rank`: as many are better, plus one; those of one score share it (`tied`). `best`, `worst`: where it may stand
    when each weight in turn is a fifth larger or smaller. None without a score."""

    member: str
    scored: Scored
    rank: int | None = None
    tied: bool = False
    best: int | None = None
    worst: int | None = None


Values = Mapping[str, Mapping[str, Decimal | None]]


def leaves(node: Node) -> list[Node]:
    """The indicators of a tree, in order."""
    return [leaf for part in node.parts for leaf in leaves(part)] if node.parts else [node]


def scores(index: Index, values: Values, weights: Mapping[str, Decimal] | None = None) -> dict[str, Scored]:
    """Each member's tree. `values`: by member and key of the indicator. `weights`: instead of those of the tree."""
    with localcontext() as context:
        context.prec = DIGITS
        scaled = {leaf.key: _scaled(leaf, {name: of.get(leaf.key) for name, of in values.items()})
                  for leaf in leaves(index.root)}
        return {name: _score(index.root, name, values[name], scaled, ONE, weights or {}) for name in values}


def ranking(index: Index, values: Values) -> list[Place]:
    """All members, the best first, those without a score last; with how far their ranks move when weights do."""
    found = scores(index, values)
    ranks = _ranks(found)
    moved = [_ranks(scores(index, values, weights)) for weights in _swings(index.root)]
    said = list(ranks.values())
    places = [Place(name, one, ranks.get(name), name in ranks and said.count(ranks[name]) > 1,
                    *_span(name, ranks, moved)) for name, one in found.items()]
    return sorted(places, key=lambda place: (place.rank is None, place.rank or 0, place.member))


def gains(scored: Scored) -> list[tuple[Node, Decimal]]:
    """What would win most: each indicator with what full marks in it would add to the whole, the largest first."""
    if scored.parts:
        return sorted((gain for part in scored.parts for gain in gains(part)), key=lambda gain: -gain[1])
    return [(scored.node, (ONE - scored.score) * scored.counts)] if scored.score is not None else []


def rounded(number: Decimal, digits: int = 4) -> Decimal:
    """As indices are published: half up."""
    return number.quantize(ONE.scaleb(-digits), ROUND_HALF_UP)


@dataclass
class _Spread:
    values: list[Decimal] = field(default_factory=list)

    @property
    def mean(self) -> Decimal:
        return sum(self.values, ZERO) / len(self.values)

    @property
    def deviation(self) -> Decimal:
        mean = self.mean
        return (sum(((one - mean) ** 2 for one in self.values), ZERO) / len(self.values)).sqrt()


def _scaled(leaf: Node, raw: Mapping[str, Decimal | None]) -> dict[str, Decimal | None]:
    known = {name: value for name, value in raw.items() if value is not None}
    if leaf.scale == Scale.z_min_max and known:
        spread = _Spread(list(known.values()))
        deviation = spread.deviation
        known = {name: (value - spread.mean) / deviation if deviation else ZERO for name, value in known.items()}
    if leaf.scale in (Scale.min_max, Scale.z_min_max):
        made = _between(known)
    elif leaf.scale == Scale.target:
        made = {name: max(ZERO, min(ONE, value / leaf.target)) for name, value in known.items()}
    elif leaf.scale == Scale.bands:
        made = {name: next((gives for least, gives in leaf.bands if value >= least), ZERO)
                for name, value in known.items()}
    else:
        made = known
    return {name: (ONE - made[name] if leaf.down else made[name]) if name in made else None for name in raw}


def _between(known: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """Where all are alike nobody is behind: everybody has full marks."""
    if not known:
        return {}
    low, high = min(known.values()), max(known.values())
    return {name: (value - low) / (high - low) if high > low else ONE for name, value in known.items()}


def _score(node: Node, name: str, raw: Mapping[str, Decimal | None], scaled: Mapping[str, Mapping[str, Decimal | None]],
           counts: Decimal, weights: Mapping[str, Decimal]) -> Scored:
    if not node.parts:
        score = scaled[node.key][name]
        return Scored(node, score, raw.get(node.key), counts, missing=() if score is not None else (node.key,))
    total = sum((weights.get(part.key, part.weight) for part in node.parts), ZERO)
    parts = tuple(_score(part, name, raw, scaled, counts * weights.get(part.key, part.weight) / total, weights)
                  for part in node.parts)
    missing = tuple(key for part in parts for key in part.missing)
    made = None if missing else sum((part.score * weights.get(part.node.key, part.node.weight) for part in parts
                                     if part.score is not None), ZERO) / total
    return Scored(node, made, None, counts, parts, missing)


def _ranks(found: Mapping[str, Scored]) -> dict[str, int]:
    """Scores that are equal as published share a rank."""
    said = {name: rounded(one.score) for name, one in found.items() if one.score is not None}
    ordered = sorted(said.values(), reverse=True)
    return {name: ordered.index(score) + 1 for name, score in said.items()}


def _swings(node: Node) -> Iterable[dict[str, Decimal]]:
    for part in node.parts:
        yield {part.key: part.weight * (ONE + SWING)}
        yield {part.key: part.weight * (ONE - SWING)}
        yield from _swings(part)


def _span(name: str, ranks: Mapping[str, int], moved: Sequence[Mapping[str, int]]) -> tuple[int | None, int | None]:
    if name not in ranks:
        return None, None
    all_ = [ranks[name], *(one[name] for one in moved if name in one)]
    return min(all_), max(all_)
