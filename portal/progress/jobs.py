"""Work put off until after the commit: telling subscribers, counting anew at night. Each is safe to run twice."""
import hashlib
import hmac
import json
import logging
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import TypeVar

from flask import current_app

from portal.kit import callout, clock, queue, sweeping
from portal.kit.db import session
from portal.kit.queue import job
from portal.progress import actions, feed, feed_queries, history, mapping, open_data, recounting, uploads
from portal.progress.measures import Key

AT_ONCE = 500
EARLY_DAYS = 90  # a step waits so long for its dossier
Read = TypeVar("Read")
Written = TypeVar("Written")
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
    subscriber = feed_queries.subscriber(subscriber_id)
    if subscriber is None or subscriber.paused_at:
        return
    changes = feed_queries.changes(subscriber.position, AT_ONCE)
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
    actions.MendedAlready when another recount was quicker: the worker then comes back and counts again.
    """
    for key, (counted, true) in _reading_first(recounting.counted, _mended).items():
        log.error("counter %s was %s instead of %s", key, counted, true)
    actions.plan_recount()
    queue.put("progress.calibrate")
    queue.put("progress.sweep_files")  # before new files of open data: what they replace stays one more day
    queue.put("progress.make_open_data")


@job
def calibrate() -> None:
    """Judge yesterday's usual dates by what was finished, and only then make new ones."""
    history.calibrate()
    queue.put("progress.estimate")


@job
def estimate() -> None:
    """Learn anew how long dossiers usually take."""
    _reading_first(history.learnt, history.keep)


@job
def make_open_data() -> None:
    """Make the files of open data; those that say nothing new stay."""
    for name in _reading_first(open_data.made, open_data.keep):
        log.info("open data: %s made anew", name)


@job
def sweep_files() -> None:
    """Forget rows whose dossier never came, and delete kept files that nothing names any more.

    Raises sweeping.TooMany: somebody must then look.
    """
    feed.forget_early(clock.now() - timedelta(days=EARLY_DAYS))
    log.info("%s kept files swept", sweeping.sweep(uploads.is_kept))


@job
def take_upload(upload_id: str) -> None:
    """Take the next rows of a table that an officer uploaded, and come back for the rest.

    Raises LookupError when the kept table is gone: somebody must then look.
    """
    upload = uploads.find(upload_id)
    if upload is None:
        raise LookupError("the uploaded table is not among the kept files")
    if uploads.take_piece(upload):
        uploads.send(upload)


@job
def take_mapped(last_id: int) -> None:
    """Take in the next of the rows that waited for a word which was mapped, and come back for the rest."""
    if mapping.take_piece(last_id):
        queue.put("progress.take_mapped", last_id=last_id)


def _mended(found: recounting.Count) -> Mapping[Key, tuple[int, int]]:
    actions.mend(found)
    return found.wrong


def _reading_first(read: Callable[[], Read], write: Callable[[Read], Written]) -> Written:
    """Write what was found out by reading; on SQLite, whose one writer a job is, nobody waits for the reading."""
    session.rollback()
    found = read()
    session.rollback()
    session.connection(execution_options={"writes": True})
    return write(found)


def _told(subscriber_id: int, url: str, secret: str, changes: feed_queries.Changes) -> bool:
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
