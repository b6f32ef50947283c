"""Văn bản xin lỗi và đề nghị gia hạn thời gian giải quyết: given when the office puts a due date off. Pure."""
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from portal.law.papers import PaperKind
from portal.papers.facts import PaperFacts
from portal.papers.words import moment_in_words


@dataclass(frozen=True, kw_only=True)
class ExtensionFacts(PaperFacts):
    """The old date, the new one and why (Decree 118/2025 art. 19(6)): once, at least a day before the old date."""

    paper: ClassVar[PaperKind] = PaperKind.extension
    lines = ("reason",)

    received_at: datetime
    old_due_at: datetime
    new_due_at: datetime
    reason: str

    @property
    def received(self) -> str:
        """When the dossier was received, in words."""
        return moment_in_words(self.received_at)

    @property
    def old_due(self) -> str:
        """The date that had been promised, in words."""
        return moment_in_words(self.old_due_at)

    @property
    def new_due(self) -> str:
        """The date that is promised now, in words."""
        return moment_in_words(self.new_due_at)
