"""Work put off until after the commit: telling subscribers, counting anew at night. Each is safe to run twice."""
import hashlib
import hmac
import json
import logging
from collections.abc import Mapping

from flask import current_app

from portal.kit import callout, clock, queue
from portal.kit.db import session
from portal.kit.queue import job
from portal.progress import actions, history, records
from portal.statistics import recounting
from portal.statistics.actions import mend
from portal.statistics.jobs import reading_first
from portal.statistics.measures import Key

AT_ONCE = 500
log = logging.getLogger(__name__)


def signature(secret: str, at: int, body: bytes) -> str:
    """What the header Portal-Signature says of a body: `t=<unix seconds>, v1=<HMAC-SHA256 of "<t>.<body>">`."""
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at}, v1={digest}"


@job
def tell_subscriber(subscriber_id: int) -> None:
    """Send a subscriber the changes that it has not heard of; it hears each at least once, in their order.

    The call goes out between two transactions: a slow machine keeps no lock here.
    """
    subscriber = records.subscriber(subscriber_id)
    if subscriber is None or subscriber.paused_at:
        return
    changes = records.changes(subscriber.position, AT_ONCE)
    url, secret, position = subscriber.url, subscriber.secret, subscriber.position
    session.rollback()
    heard = not changes or _told(subscriber_id, url, secret, changes)
    session.connection(execution_options={"writes": True})
    if heard:
        actions.heard(subscriber_id, changes[-1][0] if changes else position)
    else:
        actions.missed(subscriber_id)


@job
def recount() -> None:
    """Every night: counters can only be right, and here is the proof. Mends and reports what was not.

    Reads before its transaction writes anything: nobody waits for the count, only for the repair. Raises
    MendedAlready of statistics.actions when another recount was quicker: the worker then comes back and counts again.
    """
    for key, (counted, true) in reading_first(actions.counted, _mended).items():
        log.error("counter %s was %s instead of %s", key, counted, true)
    actions.plan_recount()
    queue.put("progress.calibrate")
    queue.put("intake.sweep_files")  # before new files of open data: what they replace stays one more day
    queue.put("statistics.make_open_data")


@job
def calibrate() -> None:
    """Judge yesterday's usual dates by what was finished, and only then make new ones."""
    history.calibrate()
    queue.put("progress.estimate")


@job
def estimate() -> None:
    """Learn anew how long dossiers usually take."""
    reading_first(history.learnt, history.keep)


def _mended(found: recounting.Count) -> Mapping[Key, tuple[int, int]]:
    mend(found)
    return found.wrong


def _told(subscriber_id: int, url: str, secret: str, changes: records.Changes) -> bool:
    body = json.dumps({"changes": [
        {"position": position, "code": code, "status": status, "at": at.isoformat().replace("+00:00", "Z")}
        for position, code, status, at in changes], "next": changes[-1][0]}).encode()
    headers = {"Content-Type": "application/json", "User-Agent": "portal-progress/1",
               "Portal-Delivery": f"{subscriber_id}-{changes[-1][0]}",
               "Portal-Signature": signature(secret, int(clock.now().timestamp()), body)}
    try:
        callout.post(url, body, headers, current_app.config["CALL_NETWORKS"])
    except callout.NotReached as error:
        log.warning("subscriber %s not told: %s", subscriber_id, error)
        return False
    return True
