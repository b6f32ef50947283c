"""Who publishes, by rules that anybody can check, on any day; and how good an agency's data is."""
from datetime import date
from typing import Any

from flask import abort, render_template, url_for

from portal.catalogue import queries as catalogue
from portal.intake import criteria
from portal.intake import publishers as room
from portal.intake.criteria import Activity, Verdict
from portal.kit import clock
from portal.kit.caching import public_cache
from portal.kit.hot.frame import render_framed
from portal.kit.i18n import _, _l, moment, ngettext
from portal.people.models import AgencyKind
from portal.statistics import queries
from portal.statistics.queries import AgencyLine
from portal.web.guard import anyone
from portal.web.progress import bp
from portal.web.progress.months import asked_day
from portal.web.progress.tables import FORMS, KEPT_S, Column, Row, as_file, table_of
from portal.web.progress.words import kind_words

COLUMNS = (
    Column("publishes", _l("Publishes"), _l("All three rules hold."), counts=""),
    Column("fresh", _l("Fresh"), _l("A batch or a dossier arrived within 3 working days."), counts=""),
    Column("complete", _l("Complete enough"), _l(
        "At least half of the procedures that the agency offers online (level 3 or 4) lie in sectors in which it "
        "published dossiers of the last twelve months."), counts=""),
    Column("few_rejects", _l("Few rejects"), _l("Fewer than 5 of 100 rows of the last thirty days were rejected."),
           counts=""),
    Column("last", _l("Last arrival"), _l(
        "When the last batch arrived, or the last dossier of the thirty days before was handed in on this portal, up "
        "to that day."), counts=""),
    Column("told", _l("Procedures told"), _l(
        "Procedures in sectors with published dossiers, of all that are offered online, without sensitive ones, of "
        "which no sector is told. The services are those of "
        "today's catalogue; where an agency of the past has none in it, one dossier in the year is enough."),
           counts=""),
    Column("rows", _l("Rows sent"), _l("Rows of batches in the thirty days before."), counts="rows"),
    Column("rejected", _l("Rows rejected"), _l("Rows of those batches that were refused with a reason."),
           counts="rows"))
REJECTION_WORDS = {
    "missing": _l("A field is missing"), "type": _l("Not of the right kind"), "code": _l("Not a dossier code"),
    "status_unknown": _l("Unknown status"), "time": _l("Not a moment"), "future": _l("In the future"),
    "order": _l("Moments in the wrong order"), "agency_foreign": _l("Another agency's"),
    "issued_here": _l("A code of this portal's own"),
    "agency_unknown": _l("Unknown agency"), "procedure_unknown": _l("Unknown procedure"),
    "dossier_unknown": _l("Steps before their dossier"),
    "channel": _l("Unknown way of handing in"), "level": _l("Not a level"), "too_long": _l("Too long"),
}


@bp.get("/progress/publishers")
@bp.get(f"/progress/publishers.{FORMS}")
@anyone
@public_cache(KEPT_S)
def publishers(form: str | None = None) -> Any:
    """How many provinces and central bodies publish on a day, and which."""
    on = asked_day()
    groups = _judged(on)
    rows = [_row(*member) for members in groups.values() for member in members] if form else []
    table = table_of("publishers", _("Each agency"), _("Agency"), COLUMNS, rows, endpoint="progress.publishers",
                     on=on.isoformat())
    if form:
        return as_file(table, form)
    return render_framed("progress/publishers.html", table=table, on=on, today=clock.today(), groups=[
        {"key": key, "title": kind_words(key), "members": members,
         "yes": sum(verdict.publishes for _line, _seen, verdict in members)} for key, members in groups.items()])


@bp.get("/progress/publishers/<key>")
@anyone
@public_cache(KEPT_S)
def publisher(key: str) -> Any:
    """The data-quality meter of one agency."""
    found = queries.agency_by_key(key) or abort(404)
    on = clock.today()
    seen = room.activity(on, [found])[found.id]
    verdict = criteria.judge(seen, on, catalogue.calendar())
    return render_template("progress/publisher.html", agency=found, seen=seen, columns=COLUMNS,
                           verdict=verdict, quality=room.meter(found, on), reasons=REJECTION_WORDS, span=span,
                           open_now=queries.open_now(found.id, on)["open"])


def span(seconds: float) -> str:
    """A length of time as people say it, in the largest unit that it has two of, rounded up."""
    for length, words in ((86_400, lambda n: ngettext("%(num)s day", "%(num)s days", n)),
                          (3_600, lambda n: ngettext("%(num)s hour", "%(num)s hours", n))):
        if seconds >= 2 * length:
            return words(-(-int(seconds) // length))
    minutes = max(-(-int(seconds) // 60), 1)
    return ngettext("%(num)s minute", "%(num)s minutes", minutes)


def _judged(on: date) -> dict[str, list[tuple[AgencyLine, Activity, Verdict]]]:
    lines, calendar = room.existing(on), catalogue.calendar()
    known = room.activity(on, lines)
    groups: dict[str, list[tuple[AgencyLine, Activity, Verdict]]] = {"provinces": [], "central": []}
    for line in lines:
        seen = known[line.id]
        groups["provinces" if line.kind == AgencyKind.province else "central"].append(
            (line, seen, criteria.judge(seen, on, calendar)))
    return groups


def _row(line: AgencyLine, seen: Activity, verdict: Verdict) -> Row:
    cells: dict[str, Any] = {name: _("yes") if getattr(verdict, name) else _("no")
                             for name in ("publishes", "fresh", "complete", "few_rejects")}
    cells |= {"last": moment(seen.last_at) if seen.last_at else None, "told": f"{seen.told}/{seen.offered}",
              "rows": seen.rows, "rejected": seen.rejected}
    return Row(line.key, line.name, cells, url_for("progress.publisher", key=line.key))
