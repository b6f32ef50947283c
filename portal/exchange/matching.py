"""Which document somebody means, where no id says so: how a reference is read, how like a candidate is to it, and what
a person's choice teaches. Pure: what was said and candidates in, ranked proposals out."""
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Any

from portal.exchange import identity
from portal.kit import text
from portal.kit.text import N_

MOST = 5
LEAST_PERCENT = 20
NEAR_DAYS = 3
#: the longest of what is learned (exchange_alias.said)
LONGEST = 200


class Match(StrEnum):
    """By what a document was found. `learned`: a person said once what this participant means; `likely`: number and
    notation alone, among what went to this participant; `reference`: the dossier that both are about; `cited`: its
    text names it; `chosen`: a person said so."""

    id = "id"
    number = "number"
    learned = "learned"
    likely = "likely"
    reference = "reference"
    cited = "cited"
    chosen = "chosen"


#: How sure (percent) it is that this document is meant.
SURE: Mapping[Match, int] = {Match.id: 100, Match.number: 95, Match.learned: 95, Match.likely: 80, Match.reference: 75,
                             Match.cited: 60, Match.chosen: 100}
MATCH_WORDS: Mapping[Match, str] = {
    Match.id: N_("Matched by the document's id"), Match.number: N_("Matched by agency, day, number and notation"),
    Match.learned: N_("Matched as a person once decided for this sender"),
    Match.likely: N_("Matched by number and notation among what this sender was sent"),
    Match.reference: N_("Matched by the dossier that both are about"),
    Match.cited: N_("Matched by a number that its text names"), Match.chosen: N_("Matched by a person")}


@dataclass(frozen=True)
class About:
    """What is said of the document that a status is about or a document answers (exchange.facts.about)."""

    organ: str = ""
    number: str = ""
    notation: str = ""
    day: date | None = None
    said: str = ""
    key: str | None = None

    @property
    def code(self) -> str:
        return "/".join(part for part in (self.number, self.notation) if part)

    @property
    def by_number(self) -> str | None:
        """The key that a document of this organ, day, number and notation has."""
        if not (self.organ and self.day and self.notation):
            return None
        return identity.numbered(self.organ, self.day, self.code)


def read(plain: Mapping[str, Any]) -> About:
    """What a row keeps of it; whatever is missing or no day is left out."""
    said = {name: str(plain.get(name) or "") for name in ("organ", "number", "notation")}
    return About(**said, day=_day(plain.get("day")), said=str(plain.get("document_id") or ""),
                 key=plain.get("key") or None)


def _day(said: object) -> date | None:
    try:
        return datetime.fromisoformat(str(said)).date() if said else None
    except ValueError:
        return None


_KEY = re.compile(r"([^,?]+),(\d{4}-\d{2}-\d{2}),([^/]*)/?(.*)")
_TYPED = re.compile(r"(\d+\w?)?\s*/?\s*(.*)")


def of_key(key: str) -> About:
    """What a document's key itself says: organ, day, number and notation; nothing of a UUID."""
    found = _KEY.fullmatch(key)
    return About(found[1], found[3], found[4], _day(found[2]), key=key) if found else About(key=key or None)


def typed(words: str) -> About:
    """What a person typed to find a document by: 120, 120/CV-STN, CV-STN."""
    found = _TYPED.fullmatch(" ".join(words.split()))
    return About(number=found[1] or "", notation=found[2].upper()) if found else About()


def near_numbers(number: str) -> list[str]:
    """The numbers that somebody may have meant: two digits swapped."""
    swapped = [number[:n] + number[n + 1] + number[n] + number[n + 2:] for n in range(len(number) - 1)]
    return [one for one in swapped if one != number][:MOST]


_CITED = re.compile(r"\bso:?\s+(\d{1,6}\w?)\s*/\s*([\w&/.-]{2,60})(?:,?\s+ngay\s+(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}))?")
_ANSWERS = re.compile(r"\b(tra loi|phuc dap|ho[i]? am|thuc hien|gop y|bao cao|theo)\b")
_SHORTEST = 3


_REMINDS = re.compile(r"\b(don doc|nhac|hoi thuc|khan truong tra loi)\b")


def reminds(words: str) -> bool:
    """Whether a letter about an earlier one says that it reminds of it."""
    return _REMINDS.search(text.fold(words)) is not None


def cited(words: str) -> list[About]:
    """The documents whose number a text names as what it answers: "trả lời Công văn số 120/CV-STN ngày 03/11/2026"."""
    plain = text.fold(words)
    if not _ANSWERS.search(plain):
        return []
    return [About(number=number, notation=notation.rstrip(".-/").upper(), day=_named_day(day, month, year))
            for number, notation, day, month, year in _CITED.findall(plain)[:MOST] if len(notation) >= _SHORTEST]


def _named_day(day: str, month: str, year: str) -> date | None:
    try:
        return date(int(year), int(month), int(day)) if year else None
    except ValueError:
        return None


@dataclass(frozen=True)
class Candidate:
    """A document that may be meant. `went_to`: it was sent to who speaks of it."""

    document_id: int
    organ: str
    number: str
    notation: str
    day: date | None
    subject: str = ""
    went_to: bool = False
    awaited: bool = False


@dataclass(frozen=True)
class Proposal:
    """How likely it is meant (percent), and the reasons, the heaviest first (msgids)."""

    document_id: int
    percent: int
    reasons: tuple[str, ...]


#: What each agreement counts for. Number and notation are most of what is meant; a subject only decides between them.
_NUMBER, _NOTATION, _ORGAN, _DAY, _WENT, _AWAITED, _SUBJECT = 32, 20, 14, 16, 12, 4, 16


def rank(about: About, subject: str, candidates: Iterable[Candidate], most: int = MOST) -> list[Proposal]:
    """The likeliest first. `subject`: what is said in words, of an answer or beside a status."""
    found = [_judge(about, subject, one) for one in candidates]
    found = [one for one in found if one.percent >= LEAST_PERCENT]
    return sorted(found, key=lambda one: (-one.percent, -one.document_id))[:most]


def _judge(about: About, subject: str, one: Candidate) -> Proposal:
    parts = [*_numbers(about, one), *_organs(about, one), *_days(about, one), *_words(subject, one)]
    if one.went_to:
        parts.append((_WENT, 1.0, N_("it was sent to them")))
    if one.awaited:
        parts.append((_AWAITED, 1.0, N_("an answer is awaited")))
    reached = sum(weight * share for weight, share, _why in parts)
    possible = _WENT + _ORGAN * bool(about.organ) + _NUMBER * bool(about.number) + _NOTATION * bool(about.notation) \
        + _DAY * bool(about.day) + _SUBJECT * bool(subject) + _AWAITED * one.awaited
    reasons = sorted((part for part in parts if part[1] and part[2]), key=lambda part: -part[0] * part[1])
    return Proposal(one.document_id, min(99, round(100 * reached / possible)), tuple(why for *_how, why in reasons))


def _numbers(about: About, one: Candidate) -> list[tuple[int, float, str]]:
    found = []
    if about.number:
        share = _like_number(about.number, one.number)
        found.append((_NUMBER, share, N_("same number") if share == 1 else N_("a number like it")))
    if about.notation:
        share = _like_notation(about.notation, one.notation)
        found.append((_NOTATION, share, N_("same notation") if share == 1 else N_("a notation like it")))
    return found


def _like_number(said: str, meant: str) -> float:
    a, b = said.strip().lstrip("0").upper(), meant.strip().lstrip("0").upper()
    if a == b:
        return 1
    swapped = len(a) == len(b) > 1 and sorted(a) == sorted(b)
    return 0.5 if swapped or (len(a) == len(b) > 2 and sum(x != y for x, y in zip(a, b, strict=True)) == 1) else 0


def _like_notation(said: str, meant: str) -> float:
    a, b = (re.sub(r"[^a-z0-9]", "", text.fold(one)) for one in (said, meant))
    if a and a == b:
        return 1
    share = SequenceMatcher(None, a, b, autojunk=False).ratio() if a and b else 0
    return share * 0.8 if share >= 0.6 else 0


def _organs(about: About, one: Candidate) -> list[tuple[int, float, str]]:
    if not about.organ:
        return []
    said = identity.organ(about.organ)
    if said == one.organ:
        return [(_ORGAN, 1, N_("same agency"))]
    kin = one.organ.startswith(f"{said}.") or said.startswith(f"{one.organ}.")
    return [(_ORGAN, 0.6 if kin else 0, N_("an agency above or below it"))]


def _days(about: About, one: Candidate) -> list[tuple[int, float, str]]:
    if not about.day:
        return []
    apart = abs((one.day - about.day).days) if one.day else None
    if apart == 0:
        return [(_DAY, 1, N_("same day"))]
    turned = one.day and (one.day.day, one.day.month) == (about.day.month, about.day.day)
    near = turned or (apart is not None and apart <= NEAR_DAYS)
    return [(_DAY, 0.5 if near else 0, N_("day and month swapped") if turned else N_("a day near it"))]


def _words(subject: str, one: Candidate) -> list[tuple[int, float, str]]:
    a, b = set(text.words(subject)), set(text.words(one.subject))
    share = 2 * len(a & b) / (len(a) + len(b)) if a and b else 0
    return [(_SUBJECT, share if share >= 0.4 else 0, N_("a subject like it"))] if a else []


# What a choice teaches, and how it is used: said → meant, of one participant.

def lesson(kind: str, said: str) -> str:
    """The name under which something is learned: `id`, `organ`, `notation`, `code` (of a status), `from`."""
    return f"{kind} {' '.join(said.split()).upper()}"[:LONGEST]


def spoken(code: str, asker: str) -> str:
    """Of `from`: who speaks (an id), about documents of whom. It holds for these alone."""
    return f"{code} ({asker})"


def lessons(about: About, key: str, organ: str, notation: str) -> dict[str, str]:
    """What it teaches that by this the document with `key` was meant, of this organ and notation. The id itself; and
    where the organ or the notation was written another way, that too, so that the next document is known by itself."""
    found = {}
    if about.said or about.code:
        found[lesson("id", about.said or f"{about.organ},{about.code}")] = key
    if about.organ and identity.organ(about.organ) != organ:
        found[lesson("organ", about.organ)] = organ
    if about.notation and notation and " ".join(about.notation.split()).upper() != notation.upper() \
            and _like_notation(about.notation, notation):
        found[lesson("notation", about.notation)] = notation
    return found


def known_key(about: About, learned: Mapping[str, str]) -> str | None:
    """The key that was learned for exactly this."""
    return learned.get(lesson("id", about.said or f"{about.organ},{about.code}"))


def understood(about: About, learned: Mapping[str, str]) -> About:
    """The same with organ and notation as the portal writes them; its key is then made of these."""
    organ = learned.get(lesson("organ", about.organ), about.organ)
    notation = learned.get(lesson("notation", about.notation), about.notation)
    if (organ, notation) == (about.organ, about.notation):
        return about
    found = replace(about, organ=organ, notation=notation, key=None)
    return replace(found, key=found.by_number)
