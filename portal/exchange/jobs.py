"""What the exchange does after the commit, and what a clock does to documents. Each is safe to run twice."""
from portal.exchange import flows, recognising, silence, telling
from portal.exchange.models import ExchangeEvent
from portal.kit import clock, jobs
from portal.kit.db import session
from portal.kit.jobs import Lane

# what people and senders are told


@jobs.job(Lane.quick)
def tell_people(event_id: int) -> None:
    """Tell whoever works here and is concerned by what happened to a document."""
    telling.of_event(session.get_one(ExchangeEvent, event_id))


@jobs.job(Lane.quick)
def follow_dossier(dossier_id: int) -> None:
    """Let the documents about a dossier of ours move with it."""
    recognising.from_dossier(dossier_id)


@jobs.job(Lane.quick)
def tell_status(event_id: int) -> None:
    """Tell a document's sender by a status message what its receiver did here."""


# what is watched over

@jobs.every(minutes=15)
@jobs.job(Lane.quick)
def look_for_silence() -> None:
    """Raise the alarm for participants that fell silent, end it for those that were seen again."""
    silence.look()


@jobs.nightly("02:35")
@jobs.job(Lane.slow)
def fold_traffic() -> None:
    """Add up the traffic of each month that is over."""
    flows.fold(clock.today())
