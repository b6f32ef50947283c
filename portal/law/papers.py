"""The papers of a dossier: which exist in which edition of the forms, by what number and title. Pure.

Circular 01/2018/TT-VPCP numbers six, Circular 03/2025/TT-VPCP seven: the notice of stopping is new and is 05, so that
the control slip became 06 and the register 07. Titles are the law's own and stand in Vietnamese on the papers; WORDS
names the same papers for pages, in the reader's language. A paper keeps the edition of the day on which it was issued.
"""
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from portal.kit.text import N_
from portal.law.texts import TEXTS, Matter, Text


class PaperKind(StrEnum):
    """What a paper is for."""

    receipt = "receipt"
    supplement = "supplement"
    refusal = "refusal"
    extension = "extension"
    stop = "stop"
    control = "control"
    register = "register"


WORDS: dict[PaperKind, str] = {
    PaperKind.receipt: N_("Receipt of a dossier with the day of its result"),
    PaperKind.supplement: N_("Request to supplement a dossier"),
    PaperKind.refusal: N_("Refusal of a dossier"),
    PaperKind.extension: N_("Apology and new day of the result"),
    PaperKind.stop: N_("Notice that work on a dossier has stopped"),
    PaperKind.control: N_("Control slip of a dossier"),
    PaperKind.register: N_("Register of dossiers"),
}


@dataclass(frozen=True)
class PaperForm:
    """A paper as one edition has it: its two-digit number and its title."""

    kind: PaperKind
    number: str
    title: str


@dataclass(frozen=True)
class Edition:
    """The forms of one circular."""

    key: str
    text: Text
    forms: tuple[PaperForm, ...]

    @property
    def name(self) -> str:
        """The circular, as papers cite it."""
        return str(self.text.instruments[0])

    def form(self, kind: str) -> PaperForm | None:
        """The form of a paper; None where this edition has none."""
        return next((form for form in self.forms if form.kind == kind), None)


_TT_01, _TT_03 = TEXTS[Matter.paper_forms]
TT_01_2018 = Edition("tt-01-2018", _TT_01, (
    PaperForm(PaperKind.receipt, "01", "Giấy tiếp nhận hồ sơ và hẹn trả kết quả"),
    PaperForm(PaperKind.supplement, "02", "Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ"),
    PaperForm(PaperKind.refusal, "03", "Phiếu từ chối tiếp nhận giải quyết hồ sơ"),
    PaperForm(PaperKind.extension, "04", "Phiếu xin lỗi và hẹn lại ngày trả kết quả"),
    PaperForm(PaperKind.control, "05", "Phiếu kiểm soát quá trình giải quyết hồ sơ"),
    PaperForm(PaperKind.register, "06", "Sổ theo dõi hồ sơ")))
TT_03_2025 = Edition("tt-03-2025", _TT_03, (
    PaperForm(PaperKind.receipt, "01", "Giấy tiếp nhận hồ sơ và hẹn trả kết quả"),
    PaperForm(PaperKind.supplement, "02", "Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ"),
    PaperForm(PaperKind.refusal, "03", "Phiếu từ chối tiếp nhận, giải quyết hồ sơ"),
    PaperForm(PaperKind.extension, "04", "Văn bản xin lỗi và đề nghị gia hạn thời gian giải quyết"),
    PaperForm(PaperKind.stop, "05", "Thông báo dừng giải quyết hồ sơ"),
    PaperForm(PaperKind.control, "06", "Phiếu kiểm soát quá trình giải quyết hồ sơ"),
    PaperForm(PaperKind.register, "07", "Sổ theo dõi hồ sơ")))
#: oldest first
EDITIONS = (TT_01_2018, TT_03_2025)
_BY_KEY = {edition.key: edition for edition in EDITIONS}


def at(day: date) -> Edition:
    """The edition of what is issued on this day; before the first, that one."""
    return next((edition for edition in reversed(EDITIONS) if edition.text.valid_from <= day), EDITIONS[0])


def by_key(key: str) -> Edition:
    """The edition that a paper keeps. Raises KeyError for another word."""
    return _BY_KEY[key]


def form_at(kind: str, day: date) -> PaperForm | None:
    """The form of a paper that is issued on this day; None where none exists: before 15/9/2025 no stop notice."""
    return at(day).form(kind)
