"""What a national report is built from, and the reports that were drafted and published."""
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import contains_eager

from portal.files.models import StoredFile
from portal.kit import clock
from portal.kit.db import session
from portal.oversight import published
from portal.oversight.checks import Check, opposite
from portal.oversight.figures import Figure, Group
from portal.oversight.models import (
    ActionPlan,
    Assignment,
    NationalDraft,
    OversightEvent,
    Publication,
    PublicationFile,
    PublishedFigure,
    Report,
    ReportEvent,
    ReportIndicator,
    ReportPeriod,
)
from portal.oversight.national.content import KEY, REPEATED_FOR
from portal.oversight.reporting import ReportCode
from portal.oversight.standing import standing
from portal.oversight.tallies import Tally, quarter_of
from portal.people.models import Agency

KIND = "national_report"
ADDED_UP = ("agencies", "services", "procedures", "tasks", "dossiers", "documents", "reports", "petitions", "places",
            "people")  # units whose numbers can be added up over agencies


class Reported(NamedTuple):
    """A figure of an agency's approved report, with the indicator that it measures."""

    figure: PublishedFigure
    indicator: ReportIndicator


def draft(day: date) -> NationalDraft | None:
    """The draft of that day's report."""
    return session.scalar(select(NationalDraft).where(NationalDraft.key == KEY, NationalDraft.on == day))


def drafts() -> Sequence[NationalDraft]:
    """Every draft, the newest day first."""
    return session.scalars(select(NationalDraft).where(NationalDraft.key == KEY).order_by(
        NationalDraft.on.desc())).all()


def edition(day: date, number: int | None = None) -> Publication | None:
    """The report of that day: this edition, or the newest."""
    wanted = select(Publication).where(Publication.kind == KIND, Publication.key == KEY, Publication.on == day)
    if number is not None:
        wanted = wanted.where(Publication.edition == number)
    return session.scalar(wanted.order_by(Publication.edition.desc()).limit(1))


def file_of(found: Publication) -> bytes:
    """The open data of one edition: what was frozen, with its edition, digest, day and reason. The same bytes always;
    the office that published it is named, and no person."""
    plain = {"kind": KIND, "on": found.on.isoformat(), "edition": found.edition, "digest": found.digest,
             "published_at": found.published_at.astimezone(clock.VN).isoformat(timespec="seconds"),
             "published_by": found.content["words"]["office"], "reason": found.reason, "content": found.content}
    return json.dumps(plain, ensure_ascii=False, indent=1, sort_keys=True).encode()


class Published(NamedTuple):
    """The newest edition of a day without what it says."""

    on: date
    edition: int
    title: Mapping[str, str]
    published_at: datetime


def published_days() -> list[Published]:
    """The newest edition of each day, the newest day first."""
    rows = session.execute(select(Publication.on, Publication.edition, Publication.title, Publication.published_at)
                           .where(Publication.kind == KIND, Publication.key == KEY)
                           .order_by(Publication.on.desc(), Publication.edition.desc()))
    return list({row.on: Published(*row) for row in reversed(list(rows))}.values())[::-1]


def figures(day: date) -> tuple[dict[Figure, Sequence[Check]], list[Figure]]:
    """(the newest of each indicator and group up to `day` that still speak of it, with their checks; what they are
    compared to: the newest of a quarter before theirs). Of nation, central bodies and provinces. Whose opposite was
    told on a later day (not connected, then connected) is compared with and not said again."""
    lines = [line for line in published.lines(day) if line.figure.on > day - REPEATED_FOR]
    told = {(line.figure.indicator, line.figure.group): line.figure.on for line in lines}
    shown: dict[Figure, Sequence[Check]] = {
        one: checks for one, checks in lines
        if told.get((opposite(one.indicator) or "", one.group), one.on) <= one.on}
    earlier: dict[Figure, None] = {}
    for begun in sorted({quarter_of(one.on) for one in shown}):
        before = begun - timedelta(days=1)
        earlier |= dict.fromkeys(one for one in published.newest(before) if one.on > before - 2 * REPEATED_FOR)
    compared = {(one.indicator, one.group) for one in shown}
    return shown, [one for one in earlier if one not in shown and (
        (one.indicator, one.group) in compared or (opposite(one.indicator), one.group) in compared)]


def tallies_of(day: date) -> list[Tally]:
    """How every agency's public tasks stood at the end of a past day, by what had happened until then; those with most
    late first, then by name. Reads every event up to that day: for drafting, not for a public page."""
    end = datetime.combine(day + timedelta(days=1), time.min, clock.VN)
    begun = datetime.combine(quarter_of(day), time.min, clock.VN)
    rows = session.execute(
        select(Assignment.agency_id, OversightEvent.assignment_id, OversightEvent.code, OversightEvent.at,
               OversightEvent.due_on)
        .join(Assignment, Assignment.id == OversightEvent.assignment_id)
        .where(Assignment.lead, Assignment.public, OversightEvent.at < end)
        .order_by(OversightEvent.assignment_id, OversightEvent.id), execution_options={"yield_per": 5000})
    found: dict[int, Tally] = {}
    for (agency_id, _task), events in groupby(rows, key=lambda row: (row.agency_id, row.assignment_id)):
        found[agency_id] = _counted(found.get(agency_id) or Tally(agency_id, "", "", ""), list(events), day, begun)
    agencies = {one.id: one for one in session.scalars(select(Agency).where(Agency.id.in_(found)))}
    return sorted((replace(one, key=agencies[id_].key, name=agencies[id_].name, kind=agencies[id_].kind)
                   for id_, one in found.items()), key=lambda one: (-one.open_late, one.name))


def _counted(tally: Tally, events: Sequence[Any], day: date, begun: datetime) -> Tally:
    now = standing(events)
    done, late = now.done_on is not None, now.days_late(day) > 0
    before = standing(one for one in events if one.at < begun)
    given_then = any(one.at < begun for one in events)
    return replace(tally, given=tally.given + 1, done_in_time=tally.done_in_time + (done and not late),
                   done_late=tally.done_late + (done and late), open_late=tally.open_late + (not done and late),
                   claimed=tally.claimed + (not done and now.claimed_at is not None),
                   given_before=tally.given_before + given_then,
                   done_before=tally.done_before + (before.done_on is not None))


def periods(day: date) -> Sequence[ReportPeriod]:
    """The periods of reports that speak of the quarter of `day`, up to it."""
    return session.scalars(select(ReportPeriod).where(
        ReportPeriod.last_day >= quarter_of(day), ReportPeriod.last_day <= day).order_by(
        ReportPeriod.template_key, ReportPeriod.last_day)).all()


def reports(period_id: int) -> Sequence[Report]:
    """Every agency's report of a period, with its agency, by name."""
    return session.scalars(select(Report).join(Report.agency).where(Report.period_id == period_id).options(
        contains_eager(Report.agency)).order_by(Agency.name, Report.id)).all()


def approvals(report_ids: Sequence[int]) -> dict[int, ReportEvent]:
    """The newest approval of each report: what was approved stands in it."""
    rows = session.scalars(select(ReportEvent).where(
        ReportEvent.report_id.in_(report_ids), ReportEvent.code == ReportCode.approved).order_by(ReportEvent.id))
    return {row.report_id: row for row in rows}


def reported(period: ReportPeriod) -> list[Reported]:
    """What the approved reports of a period say, by indicator and then in the order in which they were written."""
    rows = session.execute(select(PublishedFigure, ReportIndicator).join(
        ReportIndicator, ReportIndicator.key == PublishedFigure.indicator).where(
        ReportIndicator.key.startswith(f"{period.template_key}.", autoescape=True),
        PublishedFigure.on == period.last_day, PublishedFigure.group.not_in(list(Group))).order_by(
        ReportIndicator.key, PublishedFigure.id))
    return [Reported(*row) for row in rows]


def plans(day: date) -> dict[str, dict[int, ActionPlan]]:
    """By programme the newest plan of each agency that held on that day."""
    end = datetime.combine(day + timedelta(days=1), time.min, clock.VN)
    rows = session.scalars(select(ActionPlan).where(
        ActionPlan.issued_on <= day,
        or_(ActionPlan.withdrawn_at.is_(None), ActionPlan.withdrawn_at >= end)).order_by(
        ActionPlan.programme, ActionPlan.issued_on, ActionPlan.id))
    found: dict[str, dict[int, ActionPlan]] = {}
    for row in rows:
        found.setdefault(row.programme, {})[row.agency_id] = row
    return found


def agencies(day: date) -> list[Agency]:
    """Ministries, central bodies and provinces that existed on that day, by name."""
    return list(session.scalars(select(Agency).where(
        or_(Agency.valid_from.is_(None), Agency.valid_from <= day),
        or_(Agency.valid_to.is_(None), Agency.valid_to >= day)).order_by(Agency.name)))


def indices(day: date) -> Iterator[Publication]:
    """The newest edition of each index that was published of the year before `day`."""
    seen: set[str] = set()
    for one in session.scalars(select(Publication).where(
            Publication.kind == "index", Publication.on <= day, Publication.on > day - REPEATED_FOR).order_by(
            Publication.key, Publication.on.desc(), Publication.edition.desc())):
        if one.key not in seen:
            seen.add(one.key)
            yield one


def publication(publication_id: int) -> Publication | None:
    """One publication by its number in the table."""
    return session.get(Publication, publication_id)


def editions(day: date) -> Sequence[Publication]:
    """Every edition of a day's report, the newest first."""
    return session.scalars(select(Publication).where(
        Publication.kind == KIND, Publication.key == KEY, Publication.on == day).order_by(
        Publication.edition.desc())).all()


def files(publication_id: int) -> dict[tuple[str, str], StoredFile]:
    """The drawn files by form (pdf, xlsx) and language; none while they are being made."""
    rows = session.execute(select(PublicationFile.form, PublicationFile.language, StoredFile).join(
        StoredFile, StoredFile.id == PublicationFile.file_id).where(PublicationFile.publication_id == publication_id))
    return {(form, language): file for form, language, file in rows}


def undrawn() -> Sequence[int]:
    """The published reports, by their numbers, that have no files."""
    return session.scalars(select(Publication.id).where(
        Publication.kind == KIND, ~exists().where(PublicationFile.publication_id == Publication.id)).order_by(
        Publication.id)).all()
