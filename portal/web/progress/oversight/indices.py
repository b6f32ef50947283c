"""Indices for everybody: the score beside the rank, what made it, what would move it, and what may be compared."""
from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any, NamedTuple

from flask import Response, abort, jsonify, render_template, request, url_for

from portal.kit.caching import public_cache
from portal.kit.i18n import _, lang, short_day
from portal.kit.web import for_every_site
from portal.oversight import measures
from portal.oversight.figures import GROUP_WORDS, OFFICE
from portal.oversight.indices import Node, rounded
from portal.oversight.models import Publication
from portal.oversight.rankings import criteria, definitions, queries, results, values
from portal.oversight.rankings.definitions import FROM_WORDS, NATION, Definition
from portal.oversight.rankings.values import Elsewhere
from portal.people import queries as people
from portal.web.guard import anyone
from portal.web.progress import bp
from portal.web.progress.oversight.rank_lines import lines

KEPT_S = 300
MOST_BARS = 15
ONE = "/oversight/indices/<index_key:key>"


class SurveyLine(NamedTuple):
    """One year of an index of nations. `mean`: worked out from the parts, where all are known; `closes`: whether it is
    what was published."""

    place: Elsewhere
    parts: Mapping[str, Decimal]
    mean: Decimal | None
    closes: bool | None


@bp.app_template_filter("figure_of")
def figure_of(number: Decimal | str) -> str:
    """A decimal with all the digits that were published, as the reader's language writes it."""
    return str(number).replace(".", "," if lang() == "vi" else ".")


@bp.app_template_filter("said")
def said(words: Mapping[str, str]) -> str:
    """Words that are data, in the reader's language."""
    return words.get(lang()) or words.get("vi") or ""


bp.add_app_template_global(results.unknown_to_all, "unknown_to_all")


@bp.app_template_filter("iso_day")
def iso_day(text: str) -> str:
    """A day or moment as plain data have it, for the eye."""
    return short_day(datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text))


@bp.get("/oversight/indices")
@anyone
@public_cache(KEPT_S)
def indices() -> str:
    """Every index with the years of which something is published."""
    found = [(one.definition, queries.years(key)) for key, one in sorted(queries.newest_of_each().items())]
    return render_template("progress/oversight/indices.html", indices=found, groups=GROUP_WORDS)


@bp.get("/oversight/indices.json")
@anyone
@public_cache(KEPT_S)
def indices_file() -> Response:
    """The same for machines: a list, each with its definitions."""
    for_every_site()
    return jsonify([{"index": key, "name": one.definition.index.words, "years": queries.years(key),
                     "versions": [version.definition.raw for version in queries.versions(key)]}
                    for key, one in sorted(queries.newest_of_each().items())])


@bp.get(ONE)
@anyone
@public_cache(KEPT_S)
def index_of(key: str) -> Any:
    """One index of one year; years of another method stand apart."""
    definition, year, copy = _asked(key)
    if NATION in definition.groups and copy is None:
        found = _series(definition)
        return render_template("progress/oversight/index_series.html", index=definition, lines=found,
                               moves=_moves(found), points=lambda line: results.points(definition, Decimal(line.score)))
    history = queries.over_years(key)
    return render_template(
        "progress/oversight/index.html", index=definition, year=year, years=queries.years(key), copy=copy,
        groups=GROUP_WORDS, editions=_editions(key, year), most_bars=MOST_BARS, few_members=results.few_members,
        charts={group: lines(of) for group, of in history.items() if group in definition.groups},
        elsewhere=[] if copy else _in_order(definition, values.elsewhere(key, year)),
        checked=_checked(definition, year),
        words=definition.names, from_words=FROM_WORDS, word_of=_word_of(copy), office=_(OFFICE),
        weights=_weights(definition),
        member_url=lambda member: url_for("progress.index_member", key=key, member=member, year=year))


@bp.get(f"{ONE}.json")
@anyone
@public_cache(KEPT_S)
def index_file(key: str) -> Response:
    """Everything that is needed to work it out again: the frozen copy, or what others published."""
    for_every_site()
    definition, year, copy = _asked(key)
    if NATION in definition.groups and copy is None:
        return jsonify([_plain_line(definition, line) for line in _series(definition)])
    return jsonify({
        "index": key, "year": year, "definition": definition.raw,
        "published": None if copy is None else {
            "edition": copy.edition, "at": copy.published_at.isoformat(), "by": _(OFFICE), "reason": copy.reason,
            "digest": copy.digest, "content": copy.content},
        "elsewhere": [{"group": one.group, "member": one.member.name, "indicator": one.indicator, "rank": one.rank,
                       "score": one.score, "source": one.source, "confidence": one.confidence}
                      for one in values.elsewhere(key, year)]})


@bp.get(f"{ONE}/<member>")
@anyone
@public_cache(KEPT_S)
def index_member(key: str, member: str) -> Any:
    """One member: how its score comes about, down to the records; what would move it up; its ranks over years."""
    definition, year, copy = _asked(key)
    history = {group: of for group, of in queries.over_years(key).items()
               if group != NATION and any(member in each.places for each in of)}
    if not history:
        abort(404)
    group = next((one for one in copy.content["groups"] if any(each["key"] == member for each in one["members"])),
                 None) if copy else None
    name = next(each.places[member][0] for of in history.values() for each in reversed(of) if member in each.places)
    return render_template(
        "progress/oversight/index_member.html", index=definition, year=year, copy=copy, member=member, name=name,
        years=[each.year for of in history.values() for each in of if member in each.places], group=group,
        groups=GROUP_WORDS,
        agency=people.agency_by_key(member), place=_of(group["places"], member) if group else None,
        frozen=_of(group["members"], member) if group else None,
        tree=results.trees(definition, group["members"])[member] if group else None,
        gains=results.gains(definition, group["members"], member) if group else [],
        elsewhere=[one for one in values.elsewhere(key, year) if one.member.key == member],
        charts={of_group: lines(of, [member]) for of_group, of in history.items()},
        points=lambda score: results.points(definition, score), words=definition.names, from_words=FROM_WORDS,
        fact_words=criteria.FACT_WORDS, why_words={**measures.WHY_WORDS, **criteria.WHY_WORDS},
        leaves=results.leaves_of, kind_words=values.KIND_WORDS, sources=definition.sources)


def _asked(key: str) -> tuple[Definition, int, Publication | None]:
    """The definition, the year that is asked for (else the newest), and what is published here of it. 404 where there
    is no such index, year or edition."""
    if not queries.versions(key):
        abort(404)
    years = queries.years(key)
    typed, edition = request.args.get("year", ""), request.args.get("edition", "")
    year = int(typed) if typed.isdecimal() and typed.isascii() and len(typed) == 4 else (years[-1] if years else 0)
    number = int(edition) if edition.isdecimal() and edition.isascii() and len(edition) < 5 else None
    copy = queries.published(key, year, number) if year else None
    if (typed and year not in years) or (edition and (number is None or copy is None)):
        abort(404)
    if copy is not None:
        return definitions.read(copy.content["definition"]), year, copy
    version = queries.of_year(key, year) or queries.newest_of_each()[key]
    return version.definition, year, None


def _editions(key: str, year: int) -> list[tuple[Publication, list[dict[str, Any]]]]:
    """Each edition, the newest first, with what it moved against the one before."""
    found = list(queries.editions(key, year)) if year else []
    before = [None, *found]
    return [(one, results.changes(was.content["groups"], one.content["groups"]) if was else [])
            for was, one in zip(before, found, strict=False)][::-1]


def _series(definition: Definition) -> list[SurveyLine]:
    """An index of nations by year, the oldest first."""
    found, known = [], values.parts_elsewhere(definition.key)
    for place in values.elsewhere(definition.key):
        if place.indicator == definition.index.root.key:
            parts = known.get((place.year, place.member.key), {})
            found.append(SurveyLine(place, parts, *results.closes(definition, parts)))
    return found


def _moves(found: list[SurveyLine]) -> list[str]:
    """Where score and rank did not move together: what a relative index is about."""
    said_ = []
    for before, after in pairwise(found):
        one, other = before.place, after.place
        up = Decimal(other.score or 0) - Decimal(one.score or 0)
        places = (one.rank or 0) - (other.rank or 0)
        facts = {"a": one.year, "b": other.year, "c": figure_of(one.score or ""), "d": figure_of(other.score or ""),
                 "e": one.rank, "f": other.rank}
        if up > 0 and places < 0:
            said_.append(_("%(a)s to %(b)s: the score rose from %(c)s to %(d)s and the place fell from %(e)s to %(f)s: "
                           "others rose more.", **facts))
        elif up > 0 and places == 0:
            said_.append(_("%(a)s to %(b)s: the score rose from %(c)s to %(d)s and the place stayed %(e)s: "
                           "others rose as much.", **facts))
        elif up < 0 and places > 0:
            said_.append(_("%(a)s to %(b)s: the score fell from %(c)s to %(d)s and the place rose from %(e)s to %(f)s: "
                           "others fell more.", **facts))
    return said_


def _weights(definition: Definition) -> list[tuple[Node, Decimal]]:
    """Each indicator with what it counts in the whole, in percent."""
    blank = results.trees(definition, [{"key": "", "values": {}}])[""]
    return [(leaf.node, rounded(leaf.counts * 100, 1).normalize()) for leaf in results.leaves_of(blank)]


def _plain_line(definition: Definition, line: SurveyLine) -> dict[str, Any]:
    one, root = line.place, definition.index.root
    return {"year": one.year, "rank": one.rank, "countries": one.of, root.key: one.score,
            **{leaf.key: str(line.parts[leaf.key]) if leaf.key in line.parts else None for leaf in definition.leaves},
            "confidence": one.confidence, "source": one.source,
            "mean": str(line.mean) if line.mean is not None else None, "closes": line.closes}


def _in_order(definition: Definition, found: list[Elsewhere]) -> list[Elsewhere]:
    """The whole before its parts, as the tree has them."""
    order = list(definition.names)
    return sorted(found, key=lambda one: order.index(one.indicator) if one.indicator in order else len(order))


def _word_of(copy: Publication | None) -> list[tuple[str, int]]:
    """Whose word the values of an edition are, the most of them first, and how many are each's."""
    return Counter(value["source"] for group in (copy.content["groups"] if copy else ()) for one in group["members"]
                   for value in one["values"].values() if value["value"] is not None).most_common()


def _checked(definition: Definition, year: int) -> dict[str, tuple[Decimal | None, bool | None]]:
    """By member, what the published parts make and whether that closes."""
    if not year or not definition.published_by:
        return {}
    made = {member: results.closes(definition, parts)
            for (_year, member), parts in values.parts_elsewhere(definition.key, year).items()}
    return {key: one for key, one in made.items() if one[0] is not None}


def _of(of: list[dict[str, Any]], key: str) -> dict[str, Any] | None:
    return next((one for one in of if one["key"] == key), None)
