"""The code that proves a paper: typed from print by people, so it forgives, and no two errors pass as one.

Fifteen random letters (75 bits) of Crockford's base 32 and one check letter. The sixteen letters satisfy one
equation over the field of 32 elements with a different weight for each place, so every single wrong letter
and every swap of two letters is found before the database is asked.
"""

import re
import secrets
import unicodedata

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 16
_LOOK_ALIKE = str.maketrans({"O": "0", "I": "1", "L": "1"})
_SEPARATORS = re.compile(r"[\s\-.\u2010-\u2015\u2212]+")


def _doubled(element: int) -> int:
    """`element` times x in GF(32) with x^5 + x^2 + 1."""
    return (element << 1) ^ (0b100101 if element & 0b10000 else 0)


def _check(letters: str) -> str:
    """The last letter that makes the weighted sum of the whole code zero."""
    total = 0
    for letter in letters:  # Horner: the first letter ends with the highest weight, the check with weight 1
        total = _doubled(total ^ ALPHABET.index(letter))
    return ALPHABET[total]


def _grouped(letters: str) -> str:
    return "-".join(letters[i : i + 4] for i in range(0, LENGTH, 4))


def new_code() -> str:
    """A fresh verification code, XXXX-XXXX-XXXX-XXXX."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH - 1))
    return _grouped(letters + _check(letters))


def normalise(typed: str) -> str | None:
    """The code meant by what was typed (any case, blanks, dashes, O for 0, I or L for 1), or None."""
    if len(typed) > 100:
        return None
    letters = _SEPARATORS.sub("", unicodedata.normalize("NFKC", typed)).upper().translate(_LOOK_ALIKE)
    if len(letters) != LENGTH or any(letter not in ALPHABET for letter in letters):
        return None
    return _grouped(letters) if _check(letters[:-1]) == letters[-1] else None
