"""The score of all agencies of one period as it is published: frozen with the counts that it was worked out from, so
that anybody can work it out again; and read back for the pages. Never about a single dossier."""
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from portal.oversight.score import comparing, queries
from portal.oversight.score.comparing import Sheet, Standing
from portal.oversight.score.formulas import INDICATORS, SCORED, Scored, Total
from portal.people import queries as people
from portal.people.models import Agency
from portal.statistics.figures import FEWEST

KIND = "score"
DECISION = "766/QĐ-TTg"


@dataclass(frozen=True)
class Published:
    """An agency as it was published, with its place among the others."""

    key: str
    name: str
    kind: str
    sheet: Sheet
    total: Total
    received: int
    small: bool
    rank: int | None
    tied: bool


def key_of(every: str) -> str:
    """Of the publications of months, of quarters, of years."""
    return f"qd-766-{every}"


def measured(period: str, fewest: int = FEWEST) -> tuple[list[tuple[Agency, Sheet]], datetime | None]:
    """Every agency of today with its score of a period, and when it was measured."""
    kept = queries.board(period)
    at = queries.measured_at(one for of in kept.values() for one in of.values())
    return [(agency, queries.sheet(agency, kept.get(agency.id, {}), fewest=fewest))
            for agency in people.current_agencies()], at


def freeze(period: str) -> dict[str, Any]:
    """What is published of a period: plain values; points are decimal numbers as text. Of few dossiers the counts are
    said, which are public elsewhere too, and no points."""
    sheets, at = measured(period)
    of = {agency.id: sheet for agency, sheet in sheets}
    return {
        "decision": DECISION, "period": period, "measured_at": at.isoformat() if at else None, "fewest": FEWEST,
        "indicators": [{"key": one.key, "number": one.number, "group": str(one.group), "most": str(one.most),
                        "full_at_percent": one.full_at, "confidence": one.confidence} for one in SCORED],
        "agencies": [_agency(one, of[one.agency.id]) for one in comparing.standings(sheets, FEWEST)]}


def _agency(one: Standing, sheet: Sheet) -> dict[str, Any]:
    total = one.total
    return {"key": one.agency.key, "name": one.agency.name, "kind": one.agency.kind, "points": str(total.points),
            "of_measured": str(total.measured), "most": str(total.most), "at_most": str(total.at_most),
            "received": one.received, "rank": one.rank, "tied": one.tied, "too_few": one.small,
            "indicators": {key: {"part": each.part, "whole": each.whole, "why": each.why,
                                 "points": str(each.points) if each.points is not None else None,
                                 "limit": str(each.limit) if each.limit is not None else None}
                           for key, each in sheet.scored.items()}}


def thaw(content: Mapping[str, Any]) -> Sequence[Published]:
    """The agencies of a publication, in its order. Indicators that this release knows no more are left out."""
    found = []
    for one in content["agencies"]:
        sheet = Sheet({key: Scored(INDICATORS[key], said["part"], said["whole"], _decimal(said["points"]), said["why"],
                                   _decimal(said["limit"]))
                       for key, said in one["indicators"].items() if key in INDICATORS})
        total = Total(*(Decimal(one[name]) for name in ("points", "of_measured", "most", "at_most")))
        found.append(Published(one["key"], one["name"], one["kind"], sheet, total, one["received"], one["too_few"],
                               one["rank"], one["tied"]))
    return found


def _decimal(text: str | None) -> Decimal | None:
    return Decimal(text) if text is not None else None
