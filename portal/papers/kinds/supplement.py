"""Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ: given when papers are asked for. Pure."""
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from portal.law.papers import PaperKind
from portal.papers.facts import PaperFacts
from portal.papers.words import day_in_words


@dataclass(frozen=True, kw_only=True)
class SupplementFacts(PaperFacts):
    """Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ. `answer_by` None: no day was set."""

    paper: ClassVar[PaperKind] = PaperKind.supplement

    items: tuple[str, ...]
    reason: str
    contact_name: str
    contact_phone: str
    answer_by: date | None = None

    @property
    def answer_by_words(self) -> str:
        """The last day to answer, in words; empty where none was set."""
        return day_in_words(self.answer_by) if self.answer_by else ""
