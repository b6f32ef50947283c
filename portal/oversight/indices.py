"""Indices: a tree of indicators with weights, worked out by rules that anybody can repeat. Pure.

A value that is not known is a gap, never a zero and never full points: what it belongs to has no score, and says which
value is missing. Every score opens down to the values that made it.
"""
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal, localcontext
from enum import StrEnum
from itertools import product
from operator import attrgetter
from typing import NamedTuple

ONE, ZERO = Decimal(1), Decimal(0)
SWING = Decimal("0.2")  # by how much of itself each weight is moved to see how far a rank goes
DIGITS = 28  # of every calculation, whatever the machine's own setting
_LEAST, _MOST = attrgetter("least"), attrgetter("most")


class Scale(StrEnum):
    """How a value becomes 0 to 1. `as_is`: it is that already; `min_max`: between the lowest and the highest member;
    `target`: as far as the target, and no further; `bands`: by the first limit that it reaches. `z_min_max`: of a
    group of indicators, as the United Nations do it: the z-scores of each are averaged, and the averages then set
    between the lowest and the highest (of one indicator alone that is `min_max`)."""

    as_is = "as_is"
    min_max = "min_max"
    z_min_max = "z_min_max"
    target = "target"
    bands = "bands"


@dataclass(frozen=True)
class Node:
    """An indicator, or a group of them (`parts`). `words`: its name by language. `weight`: beside its siblings, in any
    unit. `down`: less is better. `bands`: (at least, gives), the highest first."""

    key: str
    words: Mapping[str, str]
    weight: Decimal = ONE
    parts: tuple["Node", ...] = ()
    scale: Scale = Scale.as_is
    down: bool = False
    target: Decimal = ONE
    bands: tuple[tuple[Decimal, Decimal], ...] = ()


@dataclass(frozen=True)
class Index:
    """`method`: indices of another method are never compared with it, whatever their name. `leave_out`: indicators that
    nobody has a value for are left out for all, and ranks go by the points that can be known."""

    key: str
    words: Mapping[str, str]
    method: str
    root: Node
    leave_out: bool = False


@dataclass(frozen=True)
class Scored:
    """A node of one member: its score from 0 to 1, or None and the keys of the `missing` values; `least`, `most`: the
    score if these had no marks, if they had full marks. `value`: as measured, for a leaf; `counts`: what full marks in
    it bring to the whole index; `weight`: beside its siblings (in a group of z-scores with how far those reach)."""

    node: Node
    score: Decimal | None
    value: Decimal | None
    counts: Decimal
    parts: tuple["Scored", ...] = ()
    missing: tuple[str, ...] = ()
    least: Decimal = ZERO
    most: Decimal = ONE
    weight: Decimal = ONE


@dataclass(frozen=True)
class Place:
    """`score`: what is ranked; that of `scored`, or of the indicators that can be known (see Index.leave_out). `rank`:
    as many are better, plus one; those of one score share it (`tied`). `best`, `worst`: where it may stand when each
    weight in turn is a fifth larger or smaller. None without a score."""

    member: str
    scored: Scored
    score: Decimal | None
    rank: int | None = None
    tied: bool = False
    best: int | None = None
    worst: int | None = None


Values = Mapping[str, Mapping[str, Decimal | None]]


def leaves(node: Node) -> list[Node]:
    """The indicators of a tree, in order."""
    return [leaf for part in node.parts for leaf in leaves(part)] if node.parts else [node]


def scores(index: Index, values: Values) -> dict[str, Scored]:
    """Each member's tree. `values`: by member and key of the indicator."""
    with localcontext() as context:
        context.prec = DIGITS
        scaled = {leaf.key: _scaled(leaf, {name: of.get(leaf.key) for name, of in values.items()})
                  for leaf in leaves(index.root)}
        spans = {node.key: _span_of(node, values, scaled) for node in _groups(index.root)
                 if node.scale == Scale.z_min_max}
        return {name: _score(index.root, name, values[name], scaled, spans, ONE, index.root.weight) for name in values}


def known(index: Index, values: Values) -> Index | None:
    """The index without the indicators that nobody has a value for, where it leaves those out; None where none is
    left."""
    if not index.leave_out:
        return index
    root = _without(index.root, {leaf.key for leaf in leaves(index.root)
                                 if all(of.get(leaf.key) is None for of in values.values())})
    return replace(index, root=root) if root else None


def ranking(index: Index, values: Values) -> list[Place]:
    """All members, the best first, those without a score last; with how far their ranks move when weights do."""
    whole, by = scores(index, values), known(index, values)
    found = whole if by is index else scores(by, values) if by else {}
    ranked = {name: one for name, one in found.items() if one.score is not None}
    ranks = ranks_of({name: one.score for name, one in ranked.items() if one.score is not None})
    moved = _ranks_moved(found, ranked)
    shared = Counter(ranks.values())
    places = [Place(name, one, found[name].score if name in found else None, ranks.get(name),
                    name in ranks and shared[ranks[name]] > 1, *_span(ranks.get(name), moved.get(name, ())))
              for name, one in whole.items()]
    return sorted(places, key=lambda place: (place.rank is None, place.rank or 0, place.member))


def ranks_of(scores: Mapping[str, Decimal]) -> dict[str, int]:
    """As many are better, plus one. Scores that are equal as published share a rank."""
    said = {name: rounded(score) for name, score in scores.items()}
    first: dict[Decimal, int] = {}
    for n, score in enumerate(sorted(said.values(), reverse=True), start=1):
        first.setdefault(score, n)
    return {name: first[score] for name, score in said.items()}


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


class _Span(NamedTuple):
    """A group of z-scores: the weights of its parts, and between which averages its members lie. A z-score is the place
    between the lowest and the highest, times how many deviations lie between these: so that number goes into the
    weight, and the rest is a mean as any other."""

    weights: Mapping[str, Decimal]
    low: Decimal
    high: Decimal

    def stretched(self, mean: Decimal) -> Decimal:
        return max(ZERO, min(ONE, (mean - self.low) / (self.high - self.low))) if self.high > self.low else ONE


def _span_of(node: Node, values: Values, scaled: Mapping[str, Mapping[str, Decimal | None]]) -> _Span:
    weights = {}
    for part in node.parts:
        told = [value for of in values.values() if (value := of.get(part.key)) is not None]
        deviation = _Spread(told).deviation if told else ZERO
        weights[part.key] = part.weight * (max(told) - min(told)) / deviation if deviation else part.weight
    means = [_mean([(scaled[part.key][name], weights[part.key]) for part in node.parts]) for name in values
             if all(scaled[part.key][name] is not None for part in node.parts)]
    return _Span(weights, min(means, default=ZERO), max(means, default=ZERO))


def _mean(of: Sequence[tuple[Decimal | None, Decimal]]) -> Decimal:
    return sum(((score or ZERO) * weight for score, weight in of), ZERO) / sum((weight for _score, weight in of), ZERO)


def _groups(node: Node) -> Iterator[Node]:
    if node.parts:
        yield node
        for part in node.parts:
            yield from _groups(part)


def _scaled(leaf: Node, raw: Mapping[str, Decimal | None]) -> dict[str, Decimal | None]:
    known = {name: value for name, value in raw.items() if value is not None}
    if leaf.scale == Scale.min_max:
        between = _between(known, leaf.down)
        return {name: between.get(name) for name in raw}
    if leaf.scale == Scale.target:
        made = {name: max(ZERO, min(ONE, value / leaf.target)) for name, value in known.items()}
    elif leaf.scale == Scale.bands:
        made = {name: next((gives for least, gives in leaf.bands if value >= least), ZERO)
                for name, value in known.items()}
    else:
        made = known
    return {name: (ONE - made[name] if leaf.down else made[name]) if name in made else None for name in raw}


def _between(known: Mapping[str, Decimal], down: bool = False) -> dict[str, Decimal]:
    """Where all are alike nobody is behind, whether more or less is better: everybody has full marks."""
    if not known:
        return {}
    low, high = min(known.values()), max(known.values())
    if high == low:
        return dict.fromkeys(known, ONE)
    return {name: (high - value if down else value - low) / (high - low) for name, value in known.items()}


def _score(node: Node, name: str, raw: Mapping[str, Decimal | None], scaled: Mapping[str, Mapping[str, Decimal | None]],
           spans: Mapping[str, _Span], counts: Decimal, weight: Decimal) -> Scored:
    if not node.parts:
        score, value = scaled[node.key][name], raw.get(node.key)
        return Scored(node, None, value, counts, missing=(node.key,), weight=weight) if score is None else Scored(
            node, score, value, counts, least=score, most=score, weight=weight)
    span = spans.get(node.key)
    weights = [span.weights[part.key] if span else part.weight for part in node.parts]
    reach = counts / sum(weights, ZERO) / (span.high - span.low if span and span.high > span.low else ONE)
    parts = tuple(_score(part, name, raw, scaled, spans, each * reach, each)
                  for part, each in zip(node.parts, weights, strict=True))
    missing = tuple(key for part in parts for key in part.missing)
    least, most = (_mean([(end(part), part.weight) for part in parts]) for end in (_LEAST, _MOST))
    if span:
        least, most = span.stretched(least), span.stretched(most)
    return Scored(node, None if missing else least, None, counts, parts, missing, least, most, weight)


def _without(node: Node, keys: Collection[str]) -> Node | None:
    if not node.parts:
        return None if node.key in keys else node
    parts = tuple(left for part in node.parts if (left := _without(part, keys)) is not None)
    return replace(node, parts=parts) if parts else None


def _ranks_moved(found: Mapping[str, Scored], ranked: Mapping[str, Scored]) -> dict[str, list[int]]:
    """The ranks of each member that has one when each weight in turn is moved, up and down. Only the mean of the group
    in which the weight stands moves, and the whole by what that group counts."""
    moved: dict[str, list[int]] = {name: [] for name in ranked}
    with localcontext() as context:
        context.prec = DIGITS
        for group in _together(found):
            for n, by in product(range(len(next(iter(group.values())).parts)), (SWING, -SWING)):
                made = _moved_means(group, n, by)
                whole = {name: one.least + group[name].counts * (made[name] - group[name].least)
                         for name, one in ranked.items()}
                for name, rank in ranks_of(whole).items():
                    moved[name].append(rank)
    return moved


def _together(found: Mapping[str, Scored]) -> Iterator[Mapping[str, Scored]]:
    """Each group of the tree with every member's own."""
    one = next(iter(found.values()), None)
    if one is not None and one.parts:
        yield found
        for n in range(len(one.parts)):
            yield from _together({name: each.parts[n] for name, each in found.items()})


def _moved_means(group: Mapping[str, Scored], n: int, by: Decimal) -> dict[str, Decimal]:
    means = {name: _mean([(part.least, part.weight * (ONE + by if at == n else ONE))
                          for at, part in enumerate(one.parts)]) for name, one in group.items() if not one.missing}
    is_z = next(iter(group.values())).node.scale == Scale.z_min_max
    return _between(means) if is_z else means


def _span(rank: int | None, moved: Iterable[int]) -> tuple[int | None, int | None]:
    return (None, None) if rank is None else (min((rank, *moved)), max((rank, *moved)))
