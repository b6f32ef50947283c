"""The national report for everybody: what was published, in every edition, as page, paper, workbook, text and data."""
import json
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from flask import Response, abort, redirect, render_template, request, url_for

from portal.kit import clock
from portal.kit.caching import public_cache
from portal.kit.csv_lines import csv_lines
from portal.kit.i18n import lang
from portal.kit.web import for_every_site
from portal.oversight.models import Publication
from portal.oversight.national import queries
from portal.oversight.national.reading import Reading
from portal.oversight.national.text import text
from portal.web.files import send
from portal.web.guard import anyone
from portal.web.progress import bp

KEPT_S = 300
SOON = timedelta(hours=1)  # by then a paper is drawn, also by a worker that was busy
PAGE = "/oversight/national/<day>"
COLUMNS = ("id", "indicator", "group", "value", "unit", "denominator", "share", "as_published", "on", "source",
           "confidence", "names", "does_not_close")


@bp.get("/oversight/national")
@anyone
@public_cache(KEPT_S)
def national_reports() -> str:
    """The days of which a national report is published."""
    return render_template("progress/oversight/national_reports.html", published=queries.published_days())


@bp.get(PAGE)
@anyone
@public_cache(KEPT_S)
def national_report(day: str) -> str:
    """The report of a day: its newest edition, or the one that is asked for."""
    found, editions = _edition(day)
    return render_template(
        "progress/oversight/national_report.html", report=Reading(found.content, lang()), publication=found,
        editions=editions, files={form for form, language in queries.files(found.id) if language == lang()},
        asked=None if found is editions[0] else found.edition, overdue=clock.now() - found.published_at > SOON)


@bp.get(f"{PAGE}.json")
@anyone
@public_cache(KEPT_S)
def national_report_file(day: str) -> Response:
    """The open data: what was frozen, from which everything can be worked out again (tools/recompute.py)."""
    for_every_site()
    return Response(queries.file_of(_edition(day)[0]), mimetype="application/json")


@bp.get(f"{PAGE}.csv")
@anyone
@public_cache(KEPT_S)
def national_report_table(day: str) -> Response:
    """Its figures as a table."""
    for_every_site()
    content = _edition(day)[0].content
    return Response(csv_lines([COLUMNS, *_rows(Reading(content, lang()))]), mimetype="text/csv")


@bp.get(f"{PAGE}.txt")
@anyone
@public_cache(KEPT_S)
def national_report_text(day: str) -> Response:
    """The same words as tools/recompute.py prints from the open data."""
    for_every_site()
    file = json.loads(queries.file_of(_edition(day)[0]))
    return Response(text(file, lang()), mimetype="text/plain")


@bp.get(f"{PAGE}.<any(pdf, xlsx):form>")
@anyone
def national_report_drawn(day: str, form: str) -> Any:
    """The paper or the workbook; to the page, which says so, while it is being made."""
    found = _edition(day)[0]
    stored = queries.files(found.id).get((form, lang()))
    if stored is None:
        return redirect(url_for("progress.national_report", day=day, edition=found.edition), 303)
    return send(stored, f"bao-cao-quoc-gia-{day}-{found.edition}.{form}" if lang() == "vi" else
                f"national-report-{day}-{found.edition}.{form}")


def _edition(said: str) -> tuple[Publication, Sequence[Publication]]:
    """(the edition that is asked for, every edition of that day, the newest first); 404 where there is none."""
    try:
        day = date.fromisoformat(said)
    except ValueError:
        abort(404)
    editions = queries.editions(day) if said == day.isoformat() else ()
    number = request.args.get("edition", "")
    found = next((one for one in editions if number in ("", str(one.edition))), None) or abort(404)
    return found, editions


def _rows(report: Reading) -> Iterator[list[Any]]:
    for one in report.content["figures"]:
        if one["shown"]:
            line = report.line(one["id"])
            yield [one["id"], one["indicator"], one["group"], one["value"], one["unit"], one["denominator"],
                   line.share_exact, one["as_published"], one["on"], one["source"], one["confidence"],
                   "; ".join(one["names"]), "; ".join(line.failed)]
