"""What the exchange does after the commit, and what a clock does to documents. Each is safe to run twice."""
from portal.exchange import recognising, telling
from portal.exchange.models import ExchangeEvent
from portal.kit import jobs
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
