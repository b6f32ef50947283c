"""A fact that a release ships is known by the digest of its content, in whatever database it was loaded."""

import json
from collections.abc import Mapping
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

#: One row as it is shipped: column → value.
Content = Mapping[str, Any]

#: What rows are made from: the data, and the rules that read them.
ROOMS = ("catalogue", "forms", "law")
SUFFIXES = frozenset((".csv", ".json", ".py"))


def digest(content: Content) -> str:
    """The content in sixteen letters. An empty column says as much as none, so that a row written before a column
    was there and one written after it are alike."""
    told = {key: value for key, value in content.items() if not _empty(value)}
    text = json.dumps(told, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_plain)
    return sha256(text.encode()).hexdigest()[:16]


def of_release() -> str:
    """One digest for everything that rows are loaded from: the same as last time, and there is nothing to load."""
    root = Path(__file__).parents[1]
    whole = sha256()
    for path in sorted(path for room in ROOMS for path in (root / room).rglob("*") if path.suffix in SUFFIXES):
        whole.update(f"{path.relative_to(root).as_posix()}\0".encode() + path.read_bytes() + b"\0")
    return whole.hexdigest()[:16]


def _empty(value: Any) -> bool:
    return value is None or value is False or (isinstance(value, str | list | tuple | dict) and not value)


def _plain(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"no fact is a {type(value).__name__}")
