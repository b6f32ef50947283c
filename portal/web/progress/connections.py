"""Which agencies are connected for exchanging documents, on any day; how much goes between them. Of documents nothing
but how many there are."""
import json
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from flask import Response, url_for

from portal.exchange import connections as room
from portal.exchange import flows
from portal.exchange.connections import Figure, Known, Line
from portal.exchange.flows import Tally
from portal.kit import clock
from portal.kit.caching import public_cache
from portal.kit.csv_lines import csv_lines
from portal.kit.hot.frame import render_framed
from portal.kit.i18n import _, _l, origin
from portal.kit.web import for_every_site
from portal.statistics.measures import months_back
from portal.web.guard import anyone
from portal.web.progress import bp
from portal.web.progress.months import asked_day, typed
from portal.web.progress.tables import FORMS, KEPT_S, Column, Row, Table, as_file, table_of
from portal.web.progress.words import kind_words

THIRTY, YEAR_AND_ONE = 30, 13
DAY = timedelta(days=1)
NONE = Tally()
_SENT = (
    Column("documents", _l("Documents sent"), _l(
        "Documents that it sent, its units included; one with ten receivers counts ten times."), counts="documents"),
    Column("statuses", _l("States told"), _l(
        "Status messages that it sent: arrived, registered, assigned, in work, done, refused, recalled."),
        counts="messages"))
_STORED = (
    Column("delivered", _l("Messages stored"), _l("Messages for it that were stored there."), counts="messages"),
    Column("delay_min", _l("Minutes until stored"), _l(
        "From the moment at which a message lay ready for it until it was stored there, on average, rounded up."),
        counts="minutes"),
    Column("failures", _l("Failed tries"), _l("Tries to bring it a message that failed. They are made again."),
           counts="tries"))
AGENCY = (
    Column("connected", _l("Connected"), _l("A connection of its own covers the day."), counts=""),
    Column("since", _l("Since"), _l("The first day of its connection, without a gap up to the day."), counts=""),
    Column("below", _l("Units connected"), _l(
        "Departments, communes and other bodies under it with a connection of their own. They do not make the agency "
        "connected."), counts="bodies"),
    _SENT[0],
    Column("received", _l("Documents received"), _l("Documents that were sent to it, its units included."),
           counts="documents"),
    _SENT[1], *_STORED,
    Column("last", _l("Last sent"), _l("The last of the thirty days on which it sent anything."), counts=""))
MONTH = (
    Column("central", _l("Ministries and central bodies connected"), _l(
        "Of all that there were, on the last day of the month; in the running month today."), counts=""),
    Column("provinces", _l("Provinces and cities connected"), _l(
        "Of all that there were, on the last day of the month; in the running month today."), counts=""),
    *_SENT, *_STORED)
PAIR = (Column("receiver", _l("Receiver"), _l("The agency that it was sent to, its units included."), counts=""),
        Column("receiver_key", _l("Key of the receiver"), _l("As addresses have it."), counts=""),
        Column("documents", _l("Documents"), _l("Documents sent in the thirty days."), counts="documents"))
INDICATORS = {"agencies_connected": _l("Agencies connected"), "agencies_not_connected": _l("Agencies not connected")}
FIELDS = ("indicator", "group", "value", "unit", "denominator", "on", "as_published", "source")


class Day(NamedTuple):
    """What there is to know of a day."""

    on: date
    known: Known
    lines: Sequence[Line]
    tallies: Mapping[int, Tally]


@bp.get("/connections")
@anyone
@public_cache(KEPT_S)
def connections() -> str:
    """How many agencies are connected on a day, which, and who writes how much to whom."""
    day = _day(asked_day())
    figures = day.known.figures(day.on)
    first = day.on - (THIRTY - 1) * DAY
    groups = [{"key": group, "title": kind_words(group), "figure": room.headline(figures, group),
               "lines": [(line, day.tallies.get(line.id, NONE)) for line in day.lines if line.group == group]}
              for group in room.GROUPS]
    return render_framed(
        "progress/connections.html", on=day.on, today=clock.today(), first=first, groups=groups,
        agencies=_agencies(day, ()), months=_months(day), pairs=_pairs(day), figures=figures, named=INDICATORS,
        published=[one for one in room.published() if one.on <= day.on], kind_words=kind_words,
        between=flows.between_groups(first, day.on), known=any(line.spans for line in day.lines))


@bp.get(f"/connections.{FORMS}")
@anyone
@public_cache(KEPT_S)
def connections_file(form: str) -> Response:
    """The figures of a day, each with its indicator, unit, denominator, day and source."""
    on = asked_day()
    figures = room.known().figures(on)
    for_every_site()
    if form == "csv":
        answer = Response("".join(csv_lines([FIELDS, *([_plain(one)[name] for name in FIELDS] for one in figures)])),
                          mimetype="text/csv")
        answer.headers["Content-Disposition"] = f'attachment; filename="connections-{on.isoformat()}.csv"'
        return answer
    told = {"on": on.isoformat(), "address": origin() + url_for("progress.connections", on=on.isoformat()),
            "made_at": clock.now().isoformat(timespec="seconds").replace("+00:00", "Z"),
            "figures": [_plain(one) for one in figures]}
    return Response(json.dumps(told, ensure_ascii=False), mimetype="application/json")


@bp.get(f"/connections/<any(agencies, months, pairs):table>.{FORMS}")
@anyone
@public_cache(KEPT_S)
def connections_table(table: str, form: str) -> Response:
    """One of the tables of the page, as a file."""
    day = _day(asked_day())
    made = {"agencies": lambda: _agencies(day, [_row(line, day) for line in day.lines]),
            "months": lambda: _months(day), "pairs": lambda: _pairs(day)}
    return as_file(made[table](), form)


def _day(on: date) -> Day:
    known = room.known()
    return Day(on, known, known.lines(on), flows.by_agency(on - (THIRTY - 1) * DAY, on))


def _plain(figure: Figure) -> dict[str, Any]:
    """A figure as files have it."""
    return {**figure._asdict(), "on": figure.on.isoformat(),
            "source": _(figure.source) if figure.is_counted else figure.source}


def _agencies(day: Day, rows: Sequence[Row]) -> Table:
    return table_of("agencies", _("Each agency"), _("Agency"), AGENCY, rows, endpoint="progress.connections",
                    source="progress.connections_table", on=day.on.isoformat())


def _row(line: Line, day: Day) -> Row:
    tally = day.tallies.get(line.id, NONE)
    return Row(line.key, line.name, {
        "connected": _("yes") if line.is_connected else _("no"),
        "since": line.since.isoformat() if line.since else None, "below": line.below, "received": tally.received,
        "last": tally.last.isoformat() if tally.last else None, **_cells(tally)},
        url_for("progress.agency", key=line.key))


def _months(day: Day) -> Table:
    """The last thirteen months up to the day, the newest first, as far back as anything is counted."""
    months = months_back(day.on, YEAR_AND_ONE)
    rows = []
    for month, tally in flows.by_month(months, day.on).items():
        last = min((month + 31 * DAY).replace(day=1) - DAY, day.on)
        heads = {group: room.headline(day.known.figures(last), group) for group in room.GROUPS}
        cells = {group: f"{one.value}/{one.denominator}" if one and one.is_counted else None
                 for group, one in heads.items()}
        if tally == NONE and not any(cells.values()):
            break
        rows.append(Row(typed(month), f"{month.month}/{month.year}", {**cells, **_cells(tally)}))
    return table_of("months", _("By month"), _("Month"), MONTH, rows, endpoint="progress.connections",
                    source="progress.connections_table", on=day.on.isoformat())


def _pairs(day: Day) -> Table:
    """Who wrote most to whom."""
    names = {one.id: one for one in day.known.agencies}
    found = flows.pairs(day.on - (THIRTY - 1) * DAY, day.on)
    rows = [Row(names[one.sender_id].key, names[one.sender_id].name, {
        "receiver": names[one.receiver_id].name, "receiver_key": names[one.receiver_id].key,
        "documents": one.documents}) for one in found]
    return table_of("pairs", _("Who writes most to whom"), _("Sender"), PAIR, rows, endpoint="progress.connections",
                    source="progress.connections_table", on=day.on.isoformat())


def _cells(tally: Tally) -> dict[str, Any]:
    return {"documents": tally.documents, "statuses": tally.statuses, "delivered": tally.delivered,
            "delay_min": tally.delay_min, "failures": tally.failures}

