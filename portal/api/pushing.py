"""The one way of rows into the room, whatever door they came through."""
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from portal.api import guard
from portal.api.problems import Problem
from portal.intake import feed
from portal.kit.db import session, transaction
from portal.kit.i18n import _


def push(rows: Sequence[Mapping[str, Any]], *, channel: Literal["api", "national"], idempotency_key: str,
         body_sha256: str, mend: bool = False, again: bool = False) -> feed.BatchAnswer:
    """Take rows that fields.kept has cleaned, for the agency of the key that opened. Raises Problem.

    `mend`: what only adds to a status is left out where it is wrong. `again`: a batch of which not everything was taken
    is taken anew. With a key for trying out all is answered and taken back.
    """
    try:
        with transaction():
            key = guard.me()
            attempt = session.begin_nested() if key.dry_run else None
            answer = feed.ingest(key.agency, rows, channel=channel, idempotency_key=idempotency_key,
                                 body_sha256=body_sha256, key_id=key.id, mend=mend, again=again)
            if attempt is not None:
                attempt.rollback()
            return answer
    except feed.KeyReused:
        raise Problem("key_reused", _("Give a new body a new key; the old pair is answered as before."),
                      field="Idempotency-Key") from None
