"""What people say for what names say: the list of abbreviations and synonyms that anybody may extend."""
import csv
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from portal.kit.text import words
from portal.search.spelling import spoken
from portal.search.vocabulary import Vocabulary

Words = tuple[str, ...]
Sayings = Mapping[Words, tuple[Words, ...]]

ABBREVIATIONS = Path(__file__).parent / "data" / "abbreviations.csv"
#: What people write around the thing that they look for; dropped only when the query finds nothing good with it.
AROUND = frozenset((
    "anh", "ai", "bi", "bao", "can", "cach", "cho", "chi", "co", "con", "cua", "dau", "de", "di", "duoc", "em", "gi",
    "giay", "ho", "hoi", "huong", "dan", "khi", "la", "lam", "minh", "muon", "nao", "nhieu", "nhu", "nop", "o",
    "online", "ra", "sao", "so", "tai", "the", "thi", "thu", "to", "toi", "tren", "trong", "truc", "tuc", "tuyen",
    "ve", "voi", "vo", "xin", "moi", "cu"))


def read_abbreviations(path: Path = ABBREVIATIONS) -> dict[Words, tuple[Words, ...]]:
    """What people say → what names say, folded; one synonym may have several meanings (CSV: said, meant).

    A synonym in capitals without spaces (BHXH) is read the other way too: names may have it in short.
    """
    meanings: dict[Words, list[Words]] = defaultdict(list)
    with path.open(encoding="utf-8", newline="") as lines:
        rows = [(row["said"], tuple(words(row["said"])), tuple(words(row["meant"]))) for row in csv.DictReader(lines)]
    for _, said, meant in rows:
        meanings[said].append(meant)
    for text, said, meant in rows:
        if text.isupper() and len(said) == 1 and len(meant) > 1 and said not in meanings[meant]:
            meanings[meant].append(said)
    return with_full_words({said: tuple(meant) for said, meant in meanings.items()})


def in_full(table: Sayings) -> dict[str, Words]:
    """Words that are short for several of one meaning: HKD, MST."""
    return {said[0]: meant[0] for said, meant in table.items()
            if len(said) == len(meant) == 1 and len(meant[0]) > 1 and len(said[0]) < len("".join(meant[0])) / 2}


def with_full_words(table: Mapping[Words, tuple[Words, ...]]) -> dict[Words, tuple[Words, ...]]:
    """The table with its synonyms also as they are without short forms: "mất cccd" as "mất căn cước công dân"."""
    more = dict(table)
    for said, meant in table.items():
        for at, word in enumerate(said if len(said) > 1 else ()):
            for full in table.get((word,), ()) if word.isascii() else ():
                if len(full) > 1:
                    more.setdefault((*said[:at], *full, *said[at + 1:]), meant)
    return more


def spoken_synonyms(table: Sayings, known: Vocabulary) -> dict[Words, tuple[Words, ...]]:
    """The table in one spelling; short forms that no name has are no reading of the long ones."""
    return {tuple(map(spoken, said)): kept for said, meant in table.items()
            if (kept := tuple(tuple(map(spoken, one)) for one in meant if len(one) > 1 or spoken(one[0]) in known))}
