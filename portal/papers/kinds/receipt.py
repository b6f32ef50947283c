"""Giấy tiếp nhận hồ sơ và hẹn trả kết quả: given when a dossier is accepted. Pure."""
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from portal.law.papers import PaperForm, PaperKind
from portal.papers.facts import PaperFacts, form_of
from portal.papers.words import moment_in_words


@dataclass(frozen=True, slots=True)
class HandedIn:
    """One line of the papers handed in, and how many of each kind."""

    label: str
    originals: int = 0
    certified: int = 0
    copies: int = 0  # photocopies, or electronic files


@dataclass(frozen=True, kw_only=True)
class ReceiptFacts(PaperFacts):
    """Giấy tiếp nhận hồ sơ và hẹn trả kết quả.

    `due_at` None: the law sets no limit, or none is known; `limit_text` then says which. `fee_text` in the words of the
    service's page, empty: not printed.
    """

    paper: ClassVar[PaperKind] = PaperKind.receipt

    papers: tuple[HandedIn, ...]
    sets: int = 1
    limit_text: str
    received_at: datetime
    due_at: datetime | None
    return_place: str
    book_number: str
    order_number: str
    fee_text: str = ""

    @property
    def control_slip(self) -> PaperForm:
        """The slip with which the office's copy of the receipt travels."""
        return form_of(PaperKind.control, self.issued_on)

    @property
    def received(self) -> str:
        """Item 4 in words."""
        return moment_in_words(self.received_at)

    @property
    def due(self) -> str:
        """Item 5 in words."""
        return moment_in_words(self.due_at) if self.due_at else self.limit_text
