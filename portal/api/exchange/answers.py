"""What the exchange answers to systems, and how it says no."""
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from portal.api.problems import Problem
from portal.exchange import handing, states
from portal.exchange.edxml.message import Refused
from portal.exchange.edxml.refusals import REASONS
from portal.exchange.models import Copy, Delivery, Document, ExchangeEvent, Participant
from portal.exchange.receiving import Accepted, NotTaken
from portal.kit import files
from portal.kit.i18n import Later, _, _l
from portal.kit.moments import rfc3339

NO_ROOM_S = "60"
NOT_TAKEN: Mapping[str, tuple[str, Later]] = {
    "not_yours": ("not_yours", _l("Send what is from this participant or from a body below it (From, OrganId).")),
    "nobody": ("nobody", _l("None of the receivers takes part here; see the list of participants.")),
}


def message_answer(accepted: Accepted) -> dict[str, Any]:
    """What became of a message."""
    return {"id": accepted.message_id, "verdict": accepted.verdict, "repeated": accepted.repeated,
            "document": accepted.document_id, "deliveries": accepted.deliveries, "unknown": list(accepted.unknown)}


def delivery_line(one: Delivery, gap: Sequence[int]) -> dict[str, Any]:
    """One that waits. `next` of the list is its `delivery`."""
    message = one.message
    return {"id": message.id, "delivery": one.id, "kind": one.kind, "business": message.business,
            "status_code": message.status_code, "sender": one.sender.code, "from": message.from_code,
            "receiver": one.receiver.code, "for": handing.codes_of(one), "position": one.position,
            "gap_before": list(gap), "document": message.document_key, "about": message.about_key,
            "subject": message.facts.get("subject"), "size": message.size, "sha256": message.sha256,
            "signature": message.signature, "tries": one.tries, "queued_at": rfc3339(one.queued_at)}


def document_states(document: Document, copies: Iterable[Copy], events: Sequence[ExchangeEvent]) -> dict[str, Any]:
    """How a document stands at these receivers, with what happened there."""
    return {"id": document.id, "key": document.key, "sender": document.sender.code, "number": document.number,
            "notation": document.notation, "subject": document.subject, "edition": document.edition,
            "sent_at": rfc3339(document.sent_at), "receivers": [
                _at(one, [event for event in events if event.copy_id == one.id]) for one in copies]}


def _at(copy: Copy, events: Sequence[ExchangeEvent]) -> dict[str, Any]:
    marked = {id(one) for one in states.marked(events)}
    return {"receiver": copy.receiver.code, "name": copy.receiver.name, "state": copy.state,
            "since": rfc3339(copy.state_at), "known_by": copy.known_by, "sure": copy.sure, "recall": copy.recall,
            "answered_at": rfc3339(copy.answered_at), "events": [
                {"code": one.code, "at": rfc3339(one.at), "arrived_at": rfc3339(one.arrived_at), "how": one.how,
                 "sure": one.sure, "note": one.note, "against_rules": id(one) in marked} for one in events]}


def participant_line(one: Participant) -> dict[str, Any]:
    """Who takes part."""
    return {"code": one.code, "name": one.name, "parent": one.parent_code, "way": one.way,
            "since": rfc3339(one.connected_at)}


def refused_message(refused: Refused) -> Problem:
    """A message that cannot be read: why, and what to do."""
    words = REASONS.get(refused.reason)
    return Problem("too_large" if refused.reason == "too_large" else "message", _(words) if words else refused.reason,
                   reason=refused.reason)


def refused_file(refused: files.Refused) -> Problem:
    """A message that cannot be kept."""
    if refused.reason in ("disk", "busy"):
        return Problem("unusable", _("There is no room for it now: send it again later."), reason=refused.reason,
                       headers={"Retry-After": NO_ROOM_S})
    if refused.reason == "too_large":
        return Problem("too_large", _("Send the files in several messages."), reason="too_large")
    words = REASONS["empty"]
    return Problem("message", _(words), reason="empty")


def refused_taking(refused: NotTaken) -> Problem:
    """A message that is right and not taken."""
    kind, words = NOT_TAKEN[refused.reason]
    return Problem(kind, words, reason=refused.reason)
