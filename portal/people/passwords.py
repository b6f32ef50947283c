"""Passwords: how they are kept (Argon2id) and which are good enough.

Length counts, composition does not (NIST SP 800-63B-4; OWASP ASVS 5.0, 6.2): no rule about capitals or
signs, any letter of any language, and only what guessers try first is refused.
"""
import re
import secrets
from functools import cache
from itertools import pairwise
from typing import Any, NamedTuple, NewType

from flask import current_app

from portal.kit import db
from portal.kit.text import fold
from portal.kit.text import normal as unicode_normal

LEAST, MOST = 15, 128
DIFFERENT = 5
FAULTS = ("short", "long", "few", "simple")
# No letters that look like another or like a figure.
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"

# What guessers put together first, folded, Vietnamese habits among them.
_COMMON_WORDS = """
password passwd pass matkhau matkhaucuatoi mk admin administrator quantri root user guest demo test login
dangnhap dangky taikhoan welcome xinchao chao hello master secret bimat
anhyeuem emyeuanh anhyeuemnhieulam emyeuanhnhieulam yeuem yeuanh anhnhoem emnhoanh iloveyou iluvu love
loveyou loveyouforever forever yeumainmai yeumaimai mainyeu maiyeu mai yeu nhieu lam anh em toi cuatoi giadinh
toiyeuvietnam yeuvietnam toiyeuem vietnam vietnamvodich vodich vn viet nam hanoi saigon hochiminh tphcm
danang haiphong cantho hue dalat vungtau bacho bachoco tuhao doclap tudo hanhphuc doclaptudohanhphuc
conghoaxahoichunghiavietnam chinhphu nhanuoc dichvucong congdichvucong dvc hoso canbo congan
bongda manchester manutd chelsea liverpool arsenal barcelona ronaldo messi football princess dragon monkey
sunshine superman batman naruto pokemon
qwerty qwertyuiop qwertyui asdf asdfgh asdfghjkl zxcv zxcvbn zxcvbnm qwer qaz wsx edc qazwsx qazwsxedc
abc abcd abcde abcdef abcdefgh abcdefghijklmnopqrstuvwxyz xyz letmein trustno1 changeme computer internet
google facebook zalo tiktok youtube samsung iphone apple viettel vinaphone mobifone vnpt
boconganh bome me ba bo con conyeu meyeu beyeu congchua hoangtu mattroi
thangmot thanghai phattai phatloc tailoc manmay maymanphattai songlau
"""
Hashed = NewType("Hashed", str)  # what `hash` made of a password, and nothing that somebody typed


class OneTime(NamedTuple):
    """A first password: as it is told once, and as it is kept."""

    shown: str
    kept: Hashed


_COMMON = frozenset(_COMMON_WORDS.split())


def normal(password: str) -> str:
    """The one form that is hashed: NFC, so that a password typed as base letter and mark still fits."""
    return unicode_normal("NFC", password)


def fault(password: str, *known: str) -> str | None:
    """Why `password` is not good enough: one of FAULTS, or None when it is.

    `known` is what anybody may know of the person, such as the name and the contact.
    """
    password = normal(password)
    if len(password) < LEAST:
        return "short"
    if len(password) > MOST:
        return "long"
    if len(set(password)) < DIFFERENT:
        return "few"
    bare = _bare(password)
    return "simple" if bare and _made_of(bare, _COMMON | _pieces(known)) else None


def _bare(text: str) -> str:
    return "".join(ch for ch in fold(text) if ch.isalnum())


def _pieces(known: tuple[str, ...]) -> frozenset[str]:
    """What is known of the person, whole and in words: "Lê Văn An" → levanan, le, van, an."""
    whole = {_bare(text) for text in known}
    parts = {_bare(word) for text in known for word in re.split(r"[\s@.+_-]+", text)}
    return frozenset(piece for piece in whole | parts if len(piece) > 1)


def _made_of(text: str, pieces: frozenset[str]) -> bool:
    """Whether `text` is nothing but `pieces` and short or regular runs of figures, in any order."""
    reached = {0}
    for start in range(len(text)):
        if start not in reached:
            continue
        reached |= {start + len(piece) for piece in pieces if text.startswith(piece, start)}
        run = re.match(r"\d+", text[start:])
        if run and (start == 0 or not text[start - 1].isdigit()) and _is_easy_run(run.group()):
            reached.add(start + run.end())
    return len(text) in reached


def _is_easy_run(figures: str) -> bool:
    """A date, a year, a counting up or down, one pattern over and over."""
    if len(figures) <= 8:
        return True
    steps = {(int(b) - int(a)) % 10 for a, b in pairwise(figures)}
    again = re.fullmatch(r"(\d{1,4})\1+\d{0,3}|(?:(\d)\2{2,})+", figures)  # 12341234…, 111222333…
    return len(steps) == 1 or again is not None


def _hasher() -> Any:
    return _hasher_of(current_app.config["ARGON2_PASSES"], current_app.config["ARGON2_MEMORY_KIB"])


@cache
def _hasher_of(passes: int, memory_kib: int) -> Any:
    import argon2

    return argon2.PasswordHasher(time_cost=passes, memory_cost=memory_kib, parallelism=1)


@cache
def _hash_of_nobody(hasher: Any) -> str:
    return str(hasher.hash(secrets.token_urlsafe(16)))


def hash(password: str) -> Hashed:
    """What is kept of `password`. Slow on purpose: before a transaction, never in one."""
    db.slow("hashing a password")
    return Hashed(str(_hasher().hash(normal(password))))


def fits(kept: str | None, password: str) -> bool:
    """Whether `password` is the one that `kept` was made of. For nobody (None) the same work is done."""
    from argon2.exceptions import InvalidHashError, VerificationError

    db.slow("checking a password")
    hasher = _hasher()
    nobody = _hash_of_nobody(hasher)
    try:
        # past the longest that can be set, one more sign decides as well as a million
        return bool(hasher.verify(kept or nobody, normal(password[:MOST * 4]))) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(kept: str) -> bool:
    """Whether `kept` was made with other parameters than those in force."""
    return bool(_hasher().check_needs_rehash(kept))


def one_time() -> OneTime:
    """A first password to hand over on paper or by telephone: four groups, about 79 bits. Slow like `hash`."""
    shown = "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(4))
    return OneTime(shown, hash(shown))
