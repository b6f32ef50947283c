"""How much a message may be. A stranger wrote it: every measure has its end."""
from dataclasses import dataclass

KIB, MIB = 1024, 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """Bytes unless said otherwise. `size`: the whole message, which a file of 50 MB fits as base64 (67 MB) in lines;
    `prolog`: before the root; `token`: one tag, comment or instruction; `text`: of one field; `header`: of all fields;
    `references`: of each list of what it answers, replaces, or names of dossiers, every one of which is looked for;
    `files`: how many; `unpacked`: all of them once unpacked, `file` one; `ratio`: unpacked to packed, judged from
    `ratio_from` on; `directory`: a zip's list of its members; `seconds`: of this thread's own work."""

    size: int = 72 * MIB
    prolog: int = 64 * KIB
    token: int = 256 * KIB
    text: int = 256 * KIB
    header: int = 4 * MIB
    depth: int = 32
    elements: int = 20_000
    attributes: int = 32
    name: int = 128
    receivers: int = 2_000
    references: int = 200
    files: int = 100
    file: int = 64 * MIB
    unpacked: int = 128 * MIB
    ratio: int = 100
    ratio_from: int = 1 * MIB
    directory: int = 256 * KIB
    seconds: float = 60.0


LIMITS = Limits()
