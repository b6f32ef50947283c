"""Indices for everybody: the score beside the rank, what made it, and what may be compared."""
from decimal import Decimal
from typing import Any, NamedTuple

from flask import Response, abort, jsonify, render_template, request

from portal.kit.caching import public_cache
from portal.kit.i18n import lang
from portal.kit.web import for_every_site
from portal.oversight import history, queries
from portal.oversight.figures import GROUP_WORDS
from portal.oversight.indices import leaves, rounded, scores
from portal.oversight.shipped import EGDI, ICT_READINESS
from portal.web.guard import anyone
from portal.web.progress import bp

KEPT_S = 300
NEAR = Decimal("0.0001")  # the parts are published rounded


class SurveyLine(NamedTuple):
    """`mean`: worked out from the parts, where all are known; `closes`: whether it is what was published."""

    survey: history.Survey
    mean: Decimal | None
    closes: bool | None


@bp.app_template_filter("figure_of")
def figure_of(number: Decimal | str) -> str:
    """A decimal with all the digits that were published, as the reader's language writes it."""
    return str(number).replace(".", "," if lang() == "vi" else ".")


def _lines() -> list[SurveyLine]:
    found = []
    for one in history.surveys():
        score = scores(EGDI, {"vn": one.parts})["vn"].score
        mean = rounded(score) if score is not None else None
        found.append(SurveyLine(one, mean, abs(mean - one.egdi) <= NEAR if mean is not None else None))
    return found


@bp.get("/oversight/indices/egdi")
@anyone
@public_cache(KEPT_S)
def egdi() -> str:
    """Viet Nam in the United Nations' surveys."""
    return render_template("progress/oversight/egdi.html", lines=_lines(), parts=leaves(EGDI.root))


@bp.get("/oversight/indices/egdi.json")
@anyone
@public_cache(KEPT_S)
def egdi_file() -> Response:
    """The same for machines: a list, the oldest first."""
    for_every_site()
    return jsonify([{key: str(value) if isinstance(value, Decimal) else value
                     for key, value in line.survey._asdict().items()}
                    | {"mean": str(line.mean) if line.mean is not None else None, "closes": line.closes}
                    for line in _lines()])


@bp.get("/oversight/indices/ict-readiness")
@anyone
@public_cache(KEPT_S)
def ict_readiness() -> Any:
    """The places of one year as far as they are known; years of another method stand apart."""
    years = queries.readiness_years()
    said = request.args.get("year", "")
    year = int(said) if said.isdecimal() and said.isascii() else (years[-1] if years else 0)
    if said and year not in years:
        abort(404)
    return render_template("progress/oversight/ict_readiness.html", year=year, years=years, groups=GROUP_WORDS,
                           places=queries.readiness(year),
                           components={"whole": ICT_READINESS.root.words,
                                       **{leaf.key: leaf.words for leaf in leaves(ICT_READINESS.root)}})
