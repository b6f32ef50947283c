"""OWASP ASVS 5.0, levels 1 and 2, chapters V5, V6, V7, V13, V14, V16: every requirement, in our words, each with tests
by its number (`test_asvs_v6_2_1_…`, wherever they stand) or with the reason why it does not apply here.

`python -m tests.asvs.table` writes docs/asvs.md; a test holds it to this table.
"""
import re
from collections import Counter
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

TESTS = Path(__file__).parents[1]
DOCUMENT = TESTS.parent / "docs" / "asvs.md"
NUMBERED = re.compile(r"def (test_asvs_v(\d+)_(\d+)_(\d+)_\w+)")
CHAPTERS = {5: "Files", 6: "Authentication", 7: "Sessions", 13: "Configuration", 14: "Data protection",
            16: "Logging and errors"}


class Requirement(NamedTuple):
    level: int
    words: str
    not_ours: str = ""


_NO_PROVIDER = "nobody signs in through another provider of identities"
REQUIREMENTS: Mapping[str, Requirement] = {
    "5.1.1": Requirement(2, "kinds, endings and sizes of files are documented, and what becomes of a harmful one"),
    "5.2.1": Requirement(1, "only files of a size that can be processed"),
    "5.2.2": Requirement(1, "ending and content of every file agree, by reading it"),
    "5.2.3": Requirement(2, "what is packed is held to size and number before it is unpacked"),
    "5.3.1": Requirement(1, "nothing uploaded is run by the server"),
    "5.3.2": Requirement(1, "paths are made here, never from a sender's name"),
    "5.4.1": Requirement(2, "downloads carry a name of ours in Content-Disposition"),
    "5.4.2": Requirement(2, "names in headers are encoded"),
    "5.4.3": Requirement(2, "what comes from outside is scanned for known harm"),
    "6.1.1": Requirement(1, "how guessing is slowed down is documented, and how nobody is locked out by it"),
    "6.1.2": Requirement(2, "words of this portal that make no password are listed"),
    "6.1.3": Requirement(2, "every way to come in is documented with its strength"),
    "6.2.1": Requirement(1, "15 characters at least"),
    "6.2.2": Requirement(1, "people change their password"),
    "6.2.3": Requirement(1, "which takes the present one"),
    "6.2.4": Requirement(1, "common passwords are refused"),
    "6.2.5": Requirement(1, "no rule about kinds of characters"),
    "6.2.6": Requirement(1, "fields of passwords are masked"),
    "6.2.7": Requirement(1, "pasting and managers of passwords work"),
    "6.2.8": Requirement(1, "a password is checked as it was typed"),
    "6.2.9": Requirement(2, "64 characters and more are taken"),
    "6.2.10": Requirement(2, "no password runs out by age"),
    "6.2.11": Requirement(2, "words of this portal and of the person make no password"),
    "6.2.12": Requirement(2, "passwords known from breaches are refused"),
    "6.3.1": Requirement(1, "guessing is slowed down as documented"),
    "6.3.2": Requirement(1, "no account is there by default"),
    "6.3.3": Requirement(2, "a second factor opens what works on others' data"),
    "6.3.4": Requirement(2, "no way in is undocumented or weaker"),
    "6.4.1": Requirement(1, "first passwords are random, end soon and must be changed"),
    "6.4.2": Requirement(1, "no hints and no secret questions"),
    "6.4.3": Requirement(2, "a new password does not go past the second factor"),
    "6.4.4": Requirement(2, "who lost the second factor is known again as at the beginning"),
    "6.5.1": Requirement(2, "a code opens once"),
    "6.5.2": Requirement(2, "recovery codes are kept like passwords"),
    "6.5.3": Requirement(2, "codes and secrets come from the system's random numbers"),
    "6.5.4": Requirement(2, "codes have 20 bits at least"),
    "6.5.5": Requirement(2, "codes end: sent ones after 10 minutes, those of an app after their step"),
    "6.6.1": Requirement(2, "telephones as a second factor only beside something stronger",
                         "no second factor is sent by telephone: an app or a passkey"),
    "6.6.2": Requirement(2, "a sent code is bound to the request that it was sent for"),
    "6.6.3": Requirement(2, "guessing a sent code is limited"),
    "6.8.1": Requirement(2, "identities of several providers do not mix", _NO_PROVIDER),
    "6.8.2": Requirement(2, "signatures of assertions are checked", _NO_PROVIDER),
    "6.8.3": Requirement(2, "assertions are used once", _NO_PROVIDER),
    "6.8.4": Requirement(2, "the strength that a provider tells is checked", _NO_PROVIDER),
    "7.1.1": Requirement(2, "idle time and lifetime of sessions are documented"),
    "7.1.2": Requirement(2, "how many sessions one may have is documented"),
    "7.1.3": Requirement(2, "sessions of a federation are documented", _NO_PROVIDER),
    "7.2.1": Requirement(1, "the server checks each session"),
    "7.2.2": Requirement(1, "tokens are made for each session"),
    "7.2.3": Requirement(1, "tokens have 128 random bits"),
    "7.2.4": Requirement(1, "signing in makes a new token and drops the old one"),
    "7.3.1": Requirement(2, "an idle session ends"),
    "7.3.2": Requirement(2, "every session ends after its lifetime"),
    "7.4.1": Requirement(1, "signing out ends the session on the server"),
    "7.4.2": Requirement(1, "a closed account's sessions end"),
    "7.4.3": Requirement(2, "other sessions end with a changed password"),
    "7.4.4": Requirement(2, "signing out is in sight on every page"),
    "7.4.5": Requirement(2, "administrators end somebody's sessions"),
    "7.5.1": Requirement(2, "what signs one in is changed only after showing oneself again"),
    "7.5.2": Requirement(2, "people see and end their sessions"),
    "7.6.1": Requirement(2, "lifetimes of a federation are kept", _NO_PROVIDER),
    "7.6.2": Requirement(2, "a session begins by somebody's own act", _NO_PROVIDER),
    "13.1.1": Requirement(2, "whom the portal talks to is documented"),
    "13.2.1": Requirement(2, "parts of the portal show who they are to each other"),
    "13.2.2": Requirement(2, "and have no more rights than they need"),
    "13.2.3": Requirement(2, "no default credential"),
    "13.2.4": Requirement(2, "whom the portal may call is listed"),
    "13.2.5": Requirement(2, "what the server may load is listed"),
    "13.3.1": Requirement(2, "secrets come from outside the source"),
    "13.3.2": Requirement(2, "and are read by who needs them"),
    "13.4.1": Requirement(1, "no folder of the version control is served"),
    "13.4.2": Requirement(2, "nothing for debugging in production"),
    "13.4.3": Requirement(2, "no listing of folders"),
    "13.4.4": Requirement(2, "no TRACE"),
    "13.4.5": Requirement(2, "no documentation or watching address that is not meant for all"),
    "14.1.1": Requirement(2, "data are sorted by how much they need protection"),
    "14.1.2": Requirement(2, "each level says what protects it"),
    "14.2.1": Requirement(1, "nothing sensitive in addresses"),
    "14.2.2": Requirement(2, "no cache of the server keeps what is personal"),
    "14.2.3": Requirement(2, "nothing goes to third parties"),
    "14.2.4": Requirement(2, "the protection of each level is there"),
    "14.3.1": Requirement(1, "nothing stays in the browser after signing out"),
    "14.3.2": Requirement(2, "personal pages are not stored"),
    "14.3.3": Requirement(2, "the browser's storage holds nothing personal"),
    "16.1.1": Requirement(2, "what is logged where, and for how long, is documented"),
    "16.2.1": Requirement(2, "an event says when, where, who and what"),
    "16.2.2": Requirement(2, "in UTC"),
    "16.2.3": Requirement(2, "logs go where they are said to go"),
    "16.2.4": Requirement(2, "machines read them"),
    "16.2.5": Requirement(2, "and find nothing that must not be logged"),
    "16.3.1": Requirement(2, "every sign-in is logged, taken or refused"),
    "16.3.2": Requirement(2, "every refused access is logged"),
    "16.3.3": Requirement(2, "tries to go round the controls are logged"),
    "16.3.4": Requirement(2, "unexpected errors are logged"),
    "16.4.1": Requirement(2, "nobody writes a line of their own into a log"),
    "16.4.2": Requirement(2, "nobody changes or reads them who should not"),
    "16.4.3": Requirement(2, "they can go to another machine"),
    "16.5.1": Requirement(2, "an error page says nothing of the inside"),
    "16.5.2": Requirement(2, "what is outside may be away"),
    "16.5.3": Requirement(2, "a failure opens nothing"),
}


def key(number: str) -> tuple[int, ...]:
    return tuple(int(part) for part in number.split("."))


@cache
def tests() -> Counter[str]:
    """How many tests each number has, in the whole suite."""
    found: Counter[str] = Counter()
    for path in TESTS.rglob("test_*.py"):
        found.update(".".join(match[1:]) for match in (m.groups() for m in NUMBERED.finditer(path.read_text())))
    return found


def document() -> str:
    """The page of the documentation."""
    lines = ["# OWASP ASVS 5.0, levels 1 and 2", "",
             "Chapters V5, V6, V7, V13, V14 and V16. Each requirement, in our words, is a test by its number (search",
             "the tests for `test_asvs_v6_2_1`), or does not apply here, with the reason. `tests/asvs/table.py` writes",
             "this page; the tests print how much is covered. [security.md](security.md) is what must be written down.",
             ""]
    for chapter, name in CHAPTERS.items():
        lines += [f"## V{chapter} {name}", "", "| no. | level | requirement | here |", "|---|---|---|---|"]
        lines += [_row(number, one) for number, one in REQUIREMENTS.items() if key(number)[0] == chapter]
        lines.append("")
    return "\n".join(lines)


def _row(number: str, one: Requirement) -> str:
    here = f"does not apply: {one.not_ours}" if one.not_ours else "tested"
    return f"| {number} | {one.level} | {one.words} | {here} |"


def summary() -> list[str]:
    """The coverage, chapter by chapter, as the tests print it."""
    lines = [f"{'chapter':<26}{'needed':>8}{'tested':>8}{'n/a':>6}{'tests':>7}"]
    for chapter, name in CHAPTERS.items():
        numbers = [number for number in REQUIREMENTS if key(number)[0] == chapter]
        away = sum(bool(REQUIREMENTS[number].not_ours) for number in numbers)
        tested = sum(number in tests() and not REQUIREMENTS[number].not_ours for number in numbers)
        lines.append(f"{f'V{chapter} {name}':<26}{len(numbers):>8}{tested:>8}{away:>6}"
                     f"{sum(tests()[number] for number in numbers):>7}")
    return lines


if __name__ == "__main__":
    DOCUMENT.write_text(document())
    print("\n".join(summary()))
