"""What a procedure costs, read from the wording of its record.

The amount never stands without its conditions: exemptions and cases are split out and shown beside it.
Amounts are whole đồng. A record's "Miễn phí" next to notes that name a fee gives way to the notes.
"""

import re
from dataclasses import dataclass
from typing import NewType

#: Whole Vietnamese đồng.
Money = NewType("Money", int)

#: No fee of the State is smaller; "90 VNĐ" and "100 VNĐ" in the records lost their thousands.
LEAST_FEE = 1_000
NOT_STATED = ("", "không có thông tin")
FREE = "miễn phí"

_AMOUNT = re.compile(r"(\d{1,3}(?:[.,]\d{3})+|\d+)\s*(?:việt nam đồng|vnđ|vnd|đồng|đ)(?!\w)", re.IGNORECASE)
_FOREIGN = re.compile(r"\d[\d.,]*\s*(?:usd|eur)\b", re.IGNORECASE)
_FEE_NAMED = re.compile(r"\b(?:lệ phí|phí|mức thu)\b", re.IGNORECASE)
#: Ends of sentences and list dashes; not the dot in 135.000.
_SENTENCE_END = re.compile(r"(?:[;\n]|\.(?=\s|$)|(?:^|\s)[-+*](?=\s))")
_EXEMPTION = re.compile(r"\b(?:miễn|giảm|không thu|không phải nộp|đối tượng)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Fee:
    """`amount` is None when the record gives none that can be charged; `text` is its wording, "" for none.

    `exemptions` tell who pays less or nothing, `conditions` how the amount is counted: both shown beside it.
    """

    amount: Money | None
    text: str
    exemptions: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()

    @property
    def free(self) -> bool:
        return self.amount == 0

    @property
    def beside(self) -> str:
        """Everything that must stand next to the amount, in one text."""
        return " ".join(f"{part}." for part in self.conditions + self.exemptions)


def parse(raw: str, notes: str = "") -> Fee:
    """The fee of one channel from its `phi_raw` and, where the record was read again, its notes."""
    head, rest = _head(raw)
    sentences = _sentences(rest) + _sentences(notes)
    text, amount = head, _amount(head)
    if amount is None and _AMOUNT.match(head):
        text, sentences = "", [f"Bản ghi quốc gia ghi “{head}”, chưa rõ mức", *sentences]
    if not amount:
        text, amount = _named_in(sentences) or (text, amount)
    return Fee(
        amount,
        "" if text.lower() in NOT_STATED else text,
        exemptions=tuple(s for s in sentences if _EXEMPTION.search(s)),
        conditions=tuple(s for s in sentences if not _EXEMPTION.search(s)),
    )


def _head(raw: str) -> tuple[str, str]:
    """The amount and the words behind it: "8.000 đồng, hộ nghèo miễn" → ("8.000 đồng", "hộ nghèo miễn")."""
    text = " ".join(raw.split())
    if text.lower().startswith(FREE):
        end = len(FREE)
    else:
        found = _AMOUNT.match(text) or _FOREIGN.match(text)
        end = found.end() if found else len(text)
    return text[:end], text[end:].strip(" /,.;:")


def _amount(head: str) -> Money | None:
    if head.lower() in NOT_STATED or _FOREIGN.match(head):
        return None
    if head.lower() == FREE:
        return Money(0)
    return _first_money(head)


def _first_money(text: str) -> Money | None:
    found = _AMOUNT.search(text)
    if not found:
        return None
    amount = int(re.sub(r"[.,]", "", found.group(1)))
    return Money(amount) if amount >= LEAST_FEE else None


def _named_in(sentences: list[str]) -> tuple[str, Money] | None:
    """The sentence of the notes that names a fee, and the fee; a sentence about who is exempt names none."""
    for sentence in sentences:
        amount = _first_money(sentence)
        if amount and _FEE_NAMED.search(sentence) and not _EXEMPTION.search(sentence):
            return sentence, amount
    return None


def _sentences(text: str) -> list[str]:
    parts = (" ".join(part.split()) for part in _SENTENCE_END.split(text))
    return [part for part in (_unwrapped(part) for part in parts) if part]


def _unwrapped(text: str) -> str:
    return text[1:-1].strip() if text.startswith("(") and text.endswith(")") else text
