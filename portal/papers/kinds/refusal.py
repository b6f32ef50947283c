"""Phiếu từ chối tiếp nhận, giải quyết hồ sơ: given when a dossier is not received. Pure."""
from dataclasses import dataclass, field
from typing import ClassVar

from portal.law.papers import PaperKind
from portal.papers.facts import PaperFacts, numbered


@dataclass(frozen=True, kw_only=True)
class RefusalFacts(PaperFacts):
    """Phiếu từ chối tiếp nhận, giải quyết hồ sơ."""

    paper: ClassVar[PaperKind] = PaperKind.refusal

    reasons: tuple[str, ...]
    contact_phone: str = field(default="")

    @property
    def numbered(self) -> list[str]:
        """The reasons, line by line."""
        return numbered(self.reasons)
