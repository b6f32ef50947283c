"""The score of Decision 766 of every agency, for everybody: as it was published, with what it was worked out from. What
is not measured stays visible; nothing here is about a single dossier."""
from typing import Any

from flask import Response, abort, jsonify, render_template, request, url_for

from portal.kit.caching import public_cache
from portal.kit.i18n import say
from portal.kit.web import for_every_site
from portal.oversight import publishing
from portal.oversight.models import Publication
from portal.oversight.periods import called, days_of, every_of, period_of
from portal.oversight.score import frozen
from portal.oversight.score.formulas import GROUP_WORDS, WHY_WORDS
from portal.oversight.score.frozen import Published
from portal.oversight.score.measuring import EVERY
from portal.web.guard import anyone
from portal.web.progress import bp

KEPT_S = 300
SHOWN = 6  # periods of each length that a page offers


@bp.get("/oversight/score")
@anyone
@public_cache(KEPT_S)
def score() -> Any:
    """Every agency of a published period, the best first."""
    found = _published()
    return render_template("progress/oversight/score.html", published=found, periods=_periods(found),
                           agencies=frozen.thaw(found.content) if found else (), editions=_editions(found), **_words())


@bp.get("/oversight/score.json")
@anyone
@public_cache(KEPT_S)
def score_file() -> Response:
    """The same for machines: what was frozen, with its digest and edition; 404 where nothing is published."""
    for_every_site()
    found = _published() or abort(404)
    return jsonify({**_edition(found), **found.content})


@bp.get("/oversight/score/<agency>")
@anyone
@public_cache(KEPT_S)
def score_of(agency: str) -> Any:
    """One agency of a published period: every indicator with its counts, and what is not measured."""
    found, one = _of(agency)
    return render_template("progress/oversight/score_of.html", published=found, one=one,
                           periods=_periods(found, agency=agency), **_words())


@bp.get("/oversight/score/<agency>.json")
@anyone
@public_cache(KEPT_S)
def score_of_file(agency: str) -> Response:
    """The same for machines."""
    for_every_site()
    found, one = _of(agency)
    told = next(each for each in found.content["agencies"] if each["key"] == one.key)
    return jsonify({**_edition(found), **{name: found.content[name] for name in (
        "decision", "period", "measured_at", "fewest", "indicators")}, "agency": told})


def _published() -> Publication | None:
    """The newest edition of the period that is asked for, or of the newest month, quarter or year that there is."""
    said = request.args.get("period", "")[:8]
    if said:
        try:
            key, day = frozen.key_of(every_of(said)), days_of(said)[1]
        except ValueError:
            abort(404)
        return publishing.newest(frozen.KIND, key, day) or abort(404)
    for every in EVERY:
        if days := publishing.days(frozen.KIND, frozen.key_of(every)):
            return publishing.newest(frozen.KIND, frozen.key_of(every), days[0])
    return None


def _of(key: str) -> tuple[Publication, Published]:
    found = _published() or abort(404)
    return found, next((one for one in frozen.thaw(found.content) if one.key == key), None) or abort(404)


def _edition(found: Publication) -> dict[str, Any]:
    return {"edition": found.edition, "published_at": found.published_at.isoformat(), "digest": found.digest,
            "reason": found.reason}


def _editions(found: Publication | None) -> Any:
    return publishing.editions(found.kind, found.key, found.on) if found else ()


def _periods(found: Publication | None, **args: Any) -> list[tuple[str, str, bool]]:
    """(words, address, chosen) of what is published, the newest of each length first."""
    here = found.content["period"] if found else ""
    published = [(every, day) for every in EVERY
                 for day in publishing.days(frozen.KIND, frozen.key_of(every))[:SHOWN]]
    return [(say(called(name)), url_for(request.endpoint or "", period=name, **args), name == here)
            for name in (period_of(day, every) for every, day in published)]


def _words() -> dict[str, Any]:
    return {"group_words": GROUP_WORDS, "why_words": WHY_WORDS, "called": called}
