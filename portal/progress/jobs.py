"""Work put off until after the commit: telling subscribers, counting anew at night. Each is safe to run twice."""
import base64
import binascii
import hashlib
import hmac
import json
import logging
from collections.abc import Sequence
from typing import Any, NamedTuple

from flask import current_app

from portal.kit import callout, clock, jobs
from portal.kit.jobs import Lane
from portal.progress import actions, history, records
from portal.statistics import recounting
from portal.statistics.actions import MendedAlready, mend

AT_ONCE = 500
STANDARD = "whsec_"  # how a secret begins whose bytes follow in base64
MANY_S = 3600.0  # for what goes through all records
log = logging.getLogger(__name__)


class Delivery(NamedTuple):
    """What a subscriber is about to be sent. `secrets`: the one that signs, and while it is changed the one before it.
    `position`: how far it is told with it."""

    subscriber_id: int
    url: str
    secrets: Sequence[str]
    changes: Sequence[records.Change]
    position: int


def signature(secrets: Sequence[str], at: int, body: bytes) -> str:
    """What the header Portal-Signature says of a body: `t=<unix seconds>, v1=<HMAC-SHA256 of "<t>.<body>">`, and while
    the secret is changed another v1 by the one before."""
    digests = (hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest() for secret in secrets)
    return ", ".join([f"t={at}", *(f"v1={digest}" for digest in digests)])


def standard_signature(secrets: Sequence[str], message_id: str, at: int, body: bytes) -> str:
    """What the header webhook-signature says, by the Standard Webhooks: "v1,<base64 of HMAC-SHA256>" of the id, the
    time and the body with dots between, for each secret."""
    said = f"{message_id}.{at}.".encode() + body
    return " ".join("v1," + base64.b64encode(hmac.new(standard_key(secret), said, hashlib.sha256).digest()).decode()
                    for secret in secrets)


def standard_key(secret: str) -> bytes:
    """The bytes that sign: those that a secret of the form whsec_<base64> means, else its letters."""
    try:
        return base64.b64decode(secret.removeprefix(STANDARD), validate=True) if secret.startswith(STANDARD) else \
            secret.encode()
    except binascii.Error:
        return secret.encode()


@jobs.job(Lane.outside, limit_s=15)
def tell_subscriber(subscriber_id: int, last_id: int = 0) -> Delivery | None:
    """The changes up to position `last_id` that a subscriber has not heard of; it hears each at least once, in order.

    Where the job ends is written in it (0: put by an older release, everything): sent again because a worker died, it
    is the same delivery with the same id.
    """
    subscriber = records.subscriber(subscriber_id)
    if subscriber is None or subscriber.paused_at:
        return None
    changes = records.changes(subscriber.position, AT_ONCE)
    changes = [change for change in changes if change.position <= last_id or not last_id]
    position = changes[-1].position if changes else subscriber.position
    return Delivery(subscriber_id, subscriber.url, actions.secrets_of(subscriber), changes, position)


@tell_subscriber.work
def _call(delivery: Delivery) -> bool:
    """Whether the subscriber took them."""
    if not delivery.changes:
        return True
    body = json.dumps({"changes": [
        {"position": each.position, "code": each.code, "status": each.status,
         "at": each.at.isoformat().replace("+00:00", "Z")} for each in delivery.changes],
        "next": delivery.position}).encode()
    name, at = f"{delivery.subscriber_id}-{delivery.position}", int(clock.now().timestamp())
    headers = {"Content-Type": "application/json", "User-Agent": "portal-progress/1", "Portal-Delivery": name,
               "Portal-Signature": signature(delivery.secrets, at, body), "webhook-id": name,
               "webhook-timestamp": str(at), "webhook-signature": standard_signature(delivery.secrets, name, at, body)}
    try:
        callout.post(delivery.url, body, headers, current_app.config["CALL_NETWORKS"])
    except callout.NotReached as error:
        log.warning("subscriber %s not told: %s", delivery.subscriber_id, error)
        return False
    return True


@tell_subscriber.write
def _note(delivery: Delivery, heard: bool) -> None:
    if heard:
        actions.acknowledge(delivery.subscriber_id, delivery.position)
    else:
        actions.not_delivered(delivery.subscriber_id, delivery.position)


@jobs.nightly("02:40")
@jobs.job(Lane.slow, limit_s=MANY_S)
def recount() -> recounting.Count:
    """Every night: counters can only be right, and here is the proof. Nobody waits for the count."""
    return actions.counted()


@recount.write
def _mend(found: recounting.Count) -> None:
    """Mend and report what was wrong."""
    try:
        mend(found)
    except MendedAlready as error:
        raise jobs.NoLongerStands from error
    for key, (counted, true) in found.wrong.items():
        log.error("counter %s was %s instead of %s", key, counted, true)


@jobs.nightly("02:50")
@jobs.job(Lane.slow, limit_s=MANY_S)
def calibrate() -> history.Judged:
    """Judge yesterday's usual dates by what was finished, and only then make new ones."""
    return history.judged()


@calibrate.write
def _keep_judgement(judged: history.Judged) -> None:
    history.keep_judgement(judged)
    jobs.put("progress.estimate")


@jobs.job(Lane.slow, limit_s=MANY_S)
def estimate() -> list[dict[str, Any]]:
    """Learn anew how long dossiers usually take."""
    return history.learnt()


@estimate.write
def _keep_estimates(rows: list[dict[str, Any]]) -> None:
    history.keep(rows)
