"""Services by level: assigned and own initiative, how much is deployed, on the way to every service at level 3."""
from datetime import date
from typing import Any

from flask import render_template, url_for

from portal.catalogue import coverage, queries
from portal.catalogue.coverage import Coverage
from portal.kit import clock
from portal.kit.caching import public_cache
from portal.kit.i18n import _, _l
from portal.statistics.figures import Share
from portal.web.guard import anyone
from portal.web.progress import bp
from portal.web.progress.tables import FORMS, KEPT_S, Column, Row, as_file, table_of

COLUMNS = (
    Column("total", _l("Services"), _l("One procedure offered by one agency is one service."), counts="services"),
    Column("assigned", _l("Assigned"), _l("Those on the Prime Minister's list."), counts="services"),
    Column("assigned_deployed", _l("Assigned, deployed"), _l("Of those: can be filed online today."),
           counts="services"),
    Column("own", _l("Own initiative"), _l("Those that the agency put online by itself, or has not put online."),
           counts="services"),
    Column("own_deployed", _l("Own initiative, deployed"), _l("Of those: can be filed online today."),
           counts="services"),
    Column("level_3", _l("Level 3"), _l("Filled in and filed online; paid and fetched in person or by post."),
           counts="services"),
    Column("level_4", _l("Level 4"), _l("Filed, paid and received online."), counts="services"),
    Column("deployed", _l("Deployed, of 100"), _l("Of every hundred services, how many can be filed online today."),
           True),
    Column("goal", _l("Level 3 and above, of 100"), _l("Of every hundred services, how many have reached level 3: "
                                                       "the goal is 100."), True))


@bp.get("/progress/services-by-level")
@bp.get(f"/progress/services-by-level.{FORMS}")
@anyone
@public_cache(KEPT_S)
def services_by_level(form: str | None = None) -> Any:
    """Each agency and all of them, with the way so far."""
    found = coverage.by_agency(clock.today())
    rows = [Row(agency.key, agency.name, _cells(found[agency.id]), url_for("public.services", agency=agency.key))
            for agency in queries.agencies_current() if agency.id in found]
    whole = {basis: sum((each.get(basis, Coverage()) for each in found.values()), start=Coverage())
             for basis in ("assigned", "own_initiative")}
    table = table_of("services-by-level", _("Each agency"), _("Agency"), COLUMNS, rows,
                     total=Row("total", _("Whole country"), _cells(whole)), endpoint="progress.services_by_level")
    if form:
        return as_file(table, form)
    total = sum(each.total for each in whole.values())
    return render_template("progress/services_by_level.html", table=table, total=total,
                           groups=[(_("Central bodies"), [r for r in rows if not _is_province(r)]),
                                   (_("Provinces and cities"), [r for r in rows if _is_province(r)])],
                           years=_years(coverage.over_time()))


def _is_province(row: Row) -> bool:
    agency = queries.agency(row.key)
    return agency is not None and agency.is_province


def _cells(by_basis: dict[str, Coverage]) -> dict[str, Any]:
    assigned, own = (by_basis.get(basis, Coverage()) for basis in ("assigned", "own_initiative"))
    both = assigned + own
    return {"total": both.total, "assigned": assigned.total, "assigned_deployed": assigned.deployed,
            "own": own.total, "own_deployed": own.deployed, "level_3": both.level_3, "level_4": both.level_4,
            "deployed": _share(both.deployed, both.total), "goal": _share(both.online, both.total)}


def _share(part: int, whole: int) -> Share | None:
    return Share(part, whole) if whole else None


def _years(steps: list[tuple[date, int]]) -> list[dict[str, Any]]:
    """One line a day on which services were opened: how many of all could be filed online from then on."""
    today = clock.today()
    return [{"day": day, "n": n} for day, n in steps if day <= today]
