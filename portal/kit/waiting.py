"""Files that came with a form while a question stands between: kept aside until the form is posted on.

They lie unproven under the files folder as pieces of files do, so that the nightly sweep takes what nobody came for.
A name that only we can make (sealed, bound to one session) brings them back, once.
"""
import json
import re
import secrets
from collections.abc import Iterable
from pathlib import Path

from flask import current_app, request
from werkzeug.datastructures import FileStorage, MultiDict

from portal.kit import disk, files, secret_keys, throttle
from portal.kit.db import transaction

USE, POSTS = "waiting files", "waiting posts"
MOST = 10


def keep(uploads: Iterable[tuple[str, FileStorage]], owner: str) -> str:
    """Lay the files aside; the ticket that brings them back to `owner`. "" where there is none, or too much of it: at
    once, on this disk, or of one owner on a day (UPLOAD_BYTES_A_DAY), who need not ever come for it. Not inside a
    transaction."""
    given = [(field, one) for field, one in uploads if one.filename]
    if not given or len(given) > MOST or not disk.has_room():
        return ""
    kept, left = list[tuple[str, str, str]](), int(current_app.config["DOSSIER_BYTES"])
    for field, one in given:
        name = f"{secrets.token_hex(1)}/.part-{secrets.token_hex(16)}"
        place = files.where(name)
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        one.save(place)
        left -= place.stat().st_size
        kept.append((field, one.filename or "", name))
    if left < 0 or not _may(owner, int(current_app.config["DOSSIER_BYTES"]) - left):
        for _field, _name, path in kept:
            files.forget(path)
        return ""
    return secret_keys.seal(USE, owner, json.dumps(kept).encode())


def _may(owner: str, size: int) -> bool:
    try:
        with transaction():
            throttle.spend_today("waiting bytes", owner, size, limit=int(current_app.config["UPLOAD_BYTES_A_DAY"]))
    except throttle.TooMany:
        return False
    return True


def bring_back(ticket: str, owner: str) -> bool:
    """Put the files into this request, as if they had come with it; False where they are gone or are not `owner`'s."""
    try:
        kept = json.loads(secret_keys.unseal(USE, owner, ticket))
    except (secret_keys.Unsealable, ValueError):
        return False
    found: MultiDict[str, FileStorage] = MultiDict(request.files)
    for field, name, path in kept:
        place = files.where(path)
        try:
            stream = place.open("rb")
        except FileNotFoundError:
            return False
        place.unlink()  # once: what is open stays readable
        found.add(field, FileStorage(stream, filename=name, name=field))
    request.files = found  # type: ignore[assignment]
    return True


def keep_post(owner: str, target: str, fields: list[tuple[str, str]]) -> str:
    """Lay aside what was typed, sealed for `owner`, and where it was sent; the name that brings it back."""
    token = secrets.token_hex(16)
    place = _post(token)
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        place.write_text(secret_keys.seal(POSTS, f"{owner} {token}", json.dumps([target, fields]).encode()))
    except OSError:  # a full disk: nothing can be kept
        place.unlink(missing_ok=True)
        return ""
    return token


def kept_post(owner: str, token: str) -> tuple[str, list[tuple[str, str]]] | None:
    """Where it was sent and what was typed; None where there is none of `owner`'s. It stays until the nightly sweep."""
    if not re.fullmatch(r"[0-9a-f]{32}", token):
        return None
    try:
        target, fields = json.loads(secret_keys.unseal(POSTS, f"{owner} {token}", _post(token).read_text()))
    except (OSError, ValueError):
        return None
    return target, [(name, value) for name, value in fields]


def _post(token: str) -> Path:
    return files.where(f"{token[:2]}/.part-post-{token}")
