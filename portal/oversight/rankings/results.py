"""What an index makes of frozen values: the ranking as it is published, and what would move a member up. Pure.

Frozen values are plain data, so that everybody can repeat the reckoning from the open data file:
`{"group", "members": [{"key", "name", "values": {indicator: {"value": "0.83" or null, "denominator", …}}}]}`.
"""
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from portal.oversight.indices import Index, Node, Place, Scored, known, ranking, ranks_of, rounded, scores
from portal.oversight.rankings.definitions import Definition

Members = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Gain:
    """Full marks in one indicator, all others as they are: so many points more, that rank, so many ranks won."""

    node: Node
    points: Decimal
    rank: int
    ranks: int


def values_of(definition: Definition, members: Members) -> dict[str, dict[str, Decimal | None]]:
    """By member and indicator, as the rules read them."""
    keys = [leaf.key for leaf in definition.leaves]
    return {one["key"]: {key: _decimal(one["values"].get(key)) for key in keys} for one in members}


def places(definition: Definition, members: Members) -> list[dict[str, Any]]:
    """The ranking of one group, the best first: plain data with every number as text, as it is published.

    `least`, `most`: points if what is not known had none, if it had full marks; `known`: of how many points something
    is known; `grades`: what the least and the most are called; `few`: indicators measured on few cases.
    """
    values = values_of(definition, members)
    names = {one["key"]: one["name"] for one in members}
    few = {one["key"]: _few(definition, one["values"]) for one in members}
    return [_place(definition, place, names[place.member], few[place.member])
            for place in ranking(definition.index, values)]


def trees(definition: Definition, members: Members) -> dict[str, Scored]:
    """Each member's whole tree, by its key."""
    return scores(definition.index, values_of(definition, members))


def points(definition: Definition, score: Decimal) -> Decimal:
    """A score from 0 to 1 as people say it."""
    return rounded(score * definition.out_of, definition.digits)


def gains(definition: Definition, members: Members, key: str) -> list[Gain]:
    """What would move a member up most, the largest first. Nothing for one without a rank."""
    values = values_of(definition, members)
    index = known(definition.index, values)
    found = scores(index, values) if index else {}
    standing = {name: one.score for name, one in found.items() if one.score is not None}
    if key not in standing:
        return []
    others = {name: score for name, score in standing.items() if name != key}
    now = ranks_of(standing)[key]
    made = []
    for leaf in leaves_of(found[key]):
        gain = min((1 - leaf.least) * leaf.counts, 1 - standing[key])  # of z-scores nobody goes above the best
        rank = ranks_of({**others, key: standing[key] + gain})[key]
        made.append(Gain(leaf.node, points(definition, gain * _share_known(definition.index, index)), rank, now - rank))
    return sorted((one for one in made if one.points), key=lambda one: (-one.points, one.node.key))


def unknown_to_all(ranked: Sequence[Mapping[str, Any]]) -> list[str]:
    """The indicators that nobody of a group has a value for, in their order."""
    shared = set.intersection(*(set(one["missing"]) for one in ranked)) if ranked else set()
    return [key for key in ranked[0]["missing"] if key in shared] if ranked else []


def few_members(definition: Definition, ranked: Sequence[Mapping[str, Any]]) -> bool:
    """Whether so few have a rank that it says little."""
    return sum(one["rank"] is not None for one in ranked) < definition.fewest_members


def closes(definition: Definition, parts: Mapping[str, Decimal]) -> tuple[Decimal | None, bool | None]:
    """What the parts make by the definition, and whether that is what was published of the whole: as near as numbers
    that were rounded can come. (None, None) where it cannot be worked out or a part is not known."""
    whole = parts.get(definition.index.root.key)
    if not definition.recomputable or whole is None or not definition.index.root.parts:
        return None, None
    made = scores(definition.index, {"": parts})[""].score
    if made is None:
        return None, None
    near = sum((Decimal(5).scaleb(digits - 1) for digits in (_digits(whole), max(map(_digits, parts.values())))),
               Decimal(0))
    return rounded(made), abs(made - whole) <= near


def changes(before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What a correction moved: of each member whose place or points are others now, both; groups as published."""
    old = {(group["group"], one["key"]): one for group in before for one in group["places"]}
    moved = []
    for group in after:
        for one in group["places"]:
            was = old.pop((group["group"], one["key"]), None)
            if was is None or any(was[name] != one[name] for name in ("rank", "least", "known")):
                moved.append({"key": one["key"], "name": one["name"], "before": was, "after": one})
    return moved + [{"key": one["key"], "name": one["name"], "before": one, "after": None} for one in old.values()]


def _digits(number: Decimal) -> int:
    """The exponent of its last digit: -4 for four digits after the comma."""
    return int(number.as_tuple().exponent)


def _share_known(index: Index, by: Index | None) -> Decimal:
    """Of the whole, what the indicators count that can be known at all."""
    if by is None or by.root is index.root:
        return Decimal(1)
    [blank] = scores(index, {"": {}}).values()
    kept = {leaf.node.key for leaf in leaves_of(scores(by, {"": {}})[""])}
    return sum((leaf.counts for leaf in leaves_of(blank) if leaf.node.key in kept), Decimal(0))


def leaves_of(scored: Scored) -> list[Scored]:
    """The indicators of one member's tree, in order."""
    return [leaf for part in scored.parts for leaf in leaves_of(part)] if scored.parts else [scored]


def _nodes(scored: Scored) -> list[Scored]:
    return [scored, *(node for part in scored.parts for node in _nodes(part))]


def _place(definition: Definition, place: Place, name: str, few: list[str]) -> dict[str, Any]:
    whole = place.scored
    least, most = points(definition, whole.least), points(definition, whole.most)
    grades = [grade.words if (grade := definition.grade(each)) else None for each in (least, most)]
    return {
        "key": place.member, "name": name, "rank": place.rank, "tied": place.tied, "best": place.best,
        "worst": place.worst, "score": _text(place.score), "least": str(least), "most": str(most),
        "known": str(points(definition, 1 - (whole.most - whole.least))), "missing": list(whole.missing),
        "grades": grades if definition.grades else [], "few": few,
        "parts": {node.node.key: _text(node.score) for node in _nodes(whole)}}


def _few(definition: Definition, values: Mapping[str, Any]) -> list[str]:
    return [leaf.key for leaf in definition.leaves
            if ((values.get(leaf.key) or {}).get("denominator") or definition.fewest) < definition.fewest]


def _text(score: Decimal | None) -> str | None:
    return None if score is None else str(rounded(score))


def _decimal(value: Mapping[str, Any] | None) -> Decimal | None:
    return Decimal(value["value"]) if value and value.get("value") is not None else None
