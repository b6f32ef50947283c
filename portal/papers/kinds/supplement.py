"""Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ: given when papers are asked for. Pure."""
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from portal.law.papers import PaperKind
from portal.papers.facts import PaperFacts, numbered
from portal.papers.words import day_in_words


@dataclass(frozen=True, kw_only=True)
class SupplementFacts(PaperFacts):
    """Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ. `answer_by` None: no day was set. `replaces`: number and
    day of the paper whose place it takes, "" for a first wording."""

    paper: ClassVar[PaperKind] = PaperKind.supplement

    items: tuple[str, ...]
    reason: str
    contact_name: str
    contact_phone: str
    answer_by: date | None = None
    replaces: str = ""

    @property
    def numbered(self) -> list[str]:
        """What is asked for, line by line."""
        return numbered(self.items)

    @property
    def answer_by_words(self) -> str:
        """The last day to answer, in words; empty where none was set."""
        return day_in_words(self.answer_by) if self.answer_by else ""
