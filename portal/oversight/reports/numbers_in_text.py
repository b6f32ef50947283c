"""Numbers as people write them into sentences: "đã triển khai 78 dịch vụ", "trên 46 %", "1.102". Pure."""
import re
from collections.abc import Iterable, Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

from portal.kit.text import normal

#: longer ones are numbers of accounts and the like, and would be tried at each of their figures again
_NUMBER = r"\d{1,3}(?:[.,\u00a0\u202f ]\d{3}){1,5}(?!\d)|\d{1,18}(?!\d)"
#: between words that name a figure and its number: "đạt 78", "là: 78", "(78"
_LINK = r"[\s:(–-]*(?:(?:là|đạt|gồm|có|được|bằng|khoảng|is|are|was|were|of)[\s:]+)?"
#: words before a number that make it a day, a time or a place in a text, and no figure
_NOT_AFTER = "".join(rf"(?<!\b{word}\s)" for word in (
    "ngày", "tháng", "quý", "năm", "điều", "khoản", "mục", "phần", "day", "year", "article"))
_SHARE = re.compile(r"^\s*(?P<over>>|trên|hơn|over|more than)?\s*(?P<number>\d{1,3}(?:[.,]\d{1,4})?)\s*%?\s*$", re.I)


class Number(NamedTuple):
    """A number that a text says of something, with the words around it."""

    value: int
    words: str


class Share(NamedTuple):
    """A share of a hundred as it is written: "94", "46,6"; `over`: more than that, and less than the next."""

    value: Decimal
    typed: str
    over: bool


def numbers_beside(text: str, names: Iterable[str]) -> Iterator[Number]:
    """Every number that stands directly before or after one of these names, the first of "78/83" alone; not a share,
    a day or a number that is part of a word such as 36a."""
    plain, seen = normal("NFC", text), set[int]()
    for name in sorted(names, key=len, reverse=True):  # a longer name that holds a shorter one is meant
        words = r"\s+".join(re.escape(word) for word in normal("NFC", name).split())
        before = rf"(?<![\w/.,-]){_NOT_AFTER}(?P<before>{_NUMBER})(?:\s*/\s*\d[\d.]*)?\s+{words}(?!\w)"
        after = rf"(?<!\w){words}{_LINK}(?P<after>{_NUMBER})(?![\w%]|\s*%|[.,/-]\d)"
        for found in re.finditer(f"{before}|{after}", plain, re.IGNORECASE):
            typed = found["before"] or found["after"]
            at = found.start("before" if found["before"] else "after")
            if at not in seen:
                seen.add(at)
                yield Number(int(re.sub(r"\D", "", typed)), " ".join(found.group().split()))


def share_in(answer: Any) -> Share | None:
    """The share that an answer says, as a number or in words; None where it says none."""
    if isinstance(answer, int) and not isinstance(answer, bool):
        return Share(Decimal(answer), str(answer), over=False)
    found = _SHARE.match(answer) if isinstance(answer, str) else None
    if found is None:
        return None
    return Share(Decimal(found["number"].replace(",", ".")), " ".join(answer.replace("%", "").split()),
                 over=found["over"] is not None)


def fits(said: Share, exact: Decimal) -> bool:
    """Whether a share that was worked out is what was written: rounded half up to as many places, or just above it."""
    step = Decimal(1).scaleb(int(said.value.as_tuple().exponent))
    if said.over:
        return said.value < exact < said.value + step
    return exact.quantize(step, ROUND_HALF_UP) == said.value
