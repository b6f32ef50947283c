"""What the record of a procedure says that it costs, read from its wording; nobody checked it.

The amount never stands without its conditions: exemptions and cases are split out and shown beside it.
Amounts are whole đồng. A record's "Miễn phí" next to notes that name a fee gives way to the notes.
"""

import re
from dataclasses import dataclass
from typing import NewType

from portal.law.fees import FeeKind, Rate
from portal.law.texts import Confidence

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
_BY_PROVINCE = re.compile(r"hội đồng nhân dân|HĐND", re.IGNORECASE)
_EXEMPTION = re.compile(r"\b(?:miễn|giảm|không thu|không phải nộp|đối tượng)\b", re.IGNORECASE)


@dataclass(frozen=True)
class RecordedFee:
    """`amount` is None when the record gives none that can be charged; `text` is its wording, "" for none.

    `exemptions` tell who pays less or nothing, `conditions` how the amount is counted: both shown beside it.
    """

    amount: Money | None
    text: str
    exemptions: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    from_prose: bool = False

    @property
    def free(self) -> bool:
        return self.amount == 0

    @property
    def beside(self) -> str:
        """Everything that must stand next to the amount, in one text."""
        return " ".join(f"{part}." for part in self.conditions + self.exemptions)


def parse(raw: str, notes: str = "") -> RecordedFee:
    """The fee of one channel from its `phi_raw` and, where the record was read again, its notes."""
    head, rest = _head(raw)
    sentences = _sentences(rest) + _sentences(notes)
    text, amount = head, _amount(head)
    if amount is None and _AMOUNT.match(head):
        text, sentences = "", [f"Bản ghi quốc gia ghi “{head}”, chưa rõ mức", *sentences]
    named = None if amount else _named_in(sentences)
    if named:
        text, amount = named
    return RecordedFee(
        amount,
        "" if text.lower() in NOT_STATED else text,
        exemptions=tuple(s for s in sentences if _EXEMPTION.search(s)),
        conditions=tuple(s for s in sentences if not _EXEMPTION.search(s)),
        from_prose=named is not None,
    )


def rate(fee: RecordedFee, way: str, source: str, ran_together: bool = False) -> Rate:
    """What the record says of one way as a rate. Its "Miễn phí" was wrong in most records that were compared with
    a text of law, so that it is worth less than its amounts. `ran_together`: the cell of the fee is part of that
    of the limit."""
    beside, amount = fee.beside, fee.amount
    if ran_together:
        beside = "Trong bản ghi, ô mức phí bị dính vào ô thời hạn, chưa rõ mức."
    if _BY_PROVINCE.search(beside):
        kind, beside = FeeKind.by_province, " ".join(part for part in (_recorded(fee), beside) if part)
    elif fee.free:
        kind = FeeKind.free
    elif amount is not None:
        kind = FeeKind.known
    else:
        kind, beside = (FeeKind.range, " ".join((fee.text, beside)).strip()) if fee.text else (FeeKind.unknown, beside)
    return Rate(kind, amount if kind is FeeKind.known else None, channel=way, text=beside, source=source,
                confidence=Confidence.low if fee.free else Confidence.medium, from_prose=fee.from_prose)


def _recorded(fee: RecordedFee) -> str:
    return f"Bản ghi quốc gia ghi “{fee.text}”." if fee.text else ""


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
