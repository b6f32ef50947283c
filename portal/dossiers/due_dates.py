"""What is written when a due date moves: the new one, and the old one beside it with the reason."""
from datetime import datetime

from portal.catalogue import queries as catalogue
from portal.dossiers import deadlines
from portal.dossiers.models import Dossier, DueChange
from portal.dossiers.states import STATES, Clock, State
from portal.kit.db import session
from portal.law.calendar import Calendar, CalendarEnds
from portal.people.models import Person


def move(dossier: Dossier, new: datetime, reason: str, by: Person | None, at: datetime, calendar: Calendar, *,
         note: str | None = None, old_edition: str | None = None) -> None:
    """Set the due date anew. The dossier must have one. `old_edition`: of the calendar that was corrected."""
    old = dossier.due_at
    assert old is not None
    session.add(DueChange(dossier_id=dossier.id, old_at=old, new_at=new, reason=reason, note=note, at=at,
                          edition=calendar.edition if old_edition else None, old_edition=old_edition,
                          by_id=by.id if by else None, by_name=by.name if by else None))
    session.flush()
    session.expire(dossier, ["due_changes"])
    dossier.due_at = dossier.queue_at = new
    dossier.index_due_at = deadlines.index_due(dossier, calendar).last


def count_anew(dossier: Dossier, by: Person, at: datetime) -> None:
    """The due dates after the full papers came, by the decree and by the index."""
    calendar = catalogue.calendar()
    found = deadlines.due(dossier, calendar)
    dossier.missed_due_at = dossier.missed_due_at or found.missed_at
    if dossier.due_at is None or found.at is None:
        return
    if found.at != dossier.due_at:
        move(dossier, found.at, "supplement", by, at, calendar)
    dossier.index_due_at = deadlines.index_due(dossier, calendar).last
    dossier.calendar_edition = calendar.edition


def by_corrected_days(dossier: Dossier, calendar: Calendar) -> datetime | None:
    """The date that the corrected calendar gives an open dossier, None where it moves nothing. Notes the edition.

    Only what the corrected days explain is moved: a date that was promised by anything else than the days of its own
    calendar stays.
    """
    if dossier.due_at is None or dossier.calendar_edition == calendar.edition \
            or STATES[State(dossier.state)].clock not in (Clock.running, Clock.stopped):
        return None
    before = catalogue.calendar_of(dossier.calendar_edition or "")
    explained = before is not None and _counted(dossier, before) == dossier.due_at
    dossier.calendar_edition = calendar.edition
    session.flush()
    new = deadlines.due(dossier, calendar).last
    return new if explained and new != dossier.due_at else None


def _counted(dossier: Dossier, calendar: Calendar) -> datetime | None:
    """The due date by a calendar, None where it does not know the days."""
    try:
        return deadlines.due(dossier, calendar).last
    except CalendarEnds:
        return None
