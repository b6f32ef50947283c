"""Which text of law is in force for which matter on a day, so that pages and papers cite the law of their own date.

Pure. `confidence`: high, its text was read in a public copy; medium, one secondary source; low, from memory.
"""
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from portal.kit.text import N_


class Kind(StrEnum):
    """What kind of text it is."""

    law = "law"
    resolution = "resolution"
    decree = "decree"
    decision = "decision"
    circular = "circular"


#: for pages, in the reader's language
WORDS: dict[Kind, str] = {
    Kind.law: N_("Law %(number)s"), Kind.resolution: N_("Resolution %(number)s"), Kind.decree: N_("Decree %(number)s"),
    Kind.decision: N_("Decision %(number)s"), Kind.circular: N_("Circular %(number)s")}
_VIETNAMESE = {Kind.law: "Luật", Kind.resolution: "Nghị quyết", Kind.decree: "Nghị định", Kind.decision: "Quyết định",
               Kind.circular: "Thông tư"}


class Matter(StrEnum):
    """What a text rules."""

    one_stop = "one_stop"
    paper_forms = "paper_forms"
    dossier_code = "dossier_code"
    data_sharing = "data_sharing"
    procedures_online = "procedures_online"
    service_levels = "service_levels"
    online_services = "online_services"
    system_functions = "system_functions"
    quality_index = "quality_index"
    control_reports = "control_reports"
    fee_relief = "fee_relief"
    fee_receipts = "fee_receipts"
    paper_layout = "paper_layout"
    personal_data = "personal_data"
    sign_in = "sign_in"
    civil_status = "civil_status"


class Confidence(StrEnum):
    """How surely a fact is known."""

    high = "high"
    medium = "medium"
    low = "low"


@dataclass(frozen=True)
class Instrument:
    """One text: a decree and its number."""

    kind: Kind
    number: str

    def __str__(self) -> str:
        """As papers cite it, which are always in Vietnamese."""
        return f"{_VIETNAMESE[self.kind]} {self.number}"


@dataclass(frozen=True)
class Amendment:
    """What amended a text, in force from a day."""

    instrument: Instrument
    valid_from: date


@dataclass(frozen=True)
class Text:
    """The text or texts that rule one matter together, the first to be cited first. Days are included; None: open."""

    instruments: tuple[Instrument, ...]
    valid_from: date
    confidence: Confidence
    amendments: tuple[Amendment, ...] = ()
    valid_to: date | None = None

    def amended_by(self, day: date) -> tuple[Instrument, ...]:
        """What had amended it by this day."""
        return tuple(each.instrument for each in self.amendments if each.valid_from <= day)


class NoText(LookupError):
    """No text is known that ruled this matter on this day."""

    def __init__(self, matter: Matter, day: date) -> None:
        super().__init__(f"no text is known for {matter} on {day:%Y-%m-%d}")
        self.matter, self.day = matter, day


def _text(day: date, confidence: Confidence, *instruments: Instrument, until: date | None = None,
          amended: tuple[tuple[Instrument, date], ...] = ()) -> Text:
    return Text(instruments, day, confidence, tuple(Amendment(*each) for each in amended), until)


_H, _M, _L = Confidence.high, Confidence.medium, Confidence.low


def _law(number: str) -> Instrument:
    return Instrument(Kind.law, number)


def _decree(number: str) -> Instrument:
    return Instrument(Kind.decree, f"{number}/NĐ-CP")


def _decision(number: str) -> Instrument:
    return Instrument(Kind.decision, f"{number}/QĐ-TTg")


def _circular(number: str) -> Instrument:
    return Instrument(Kind.circular, number)


def _resolution(number: str) -> Instrument:
    return Instrument(Kind.resolution, number)


#: of each matter the texts that followed one another, oldest first. What only filled the time before is left out.
TEXTS: dict[Matter, tuple[Text, ...]] = {
    Matter.one_stop: (
        _text(date(2015, 5, 15), _L, _decision("09/2015")),
        _text(date(2018, 6, 21), _L, _decree("61/2018"), amended=((_decree("107/2021"), date(2021, 12, 6)),)),
        _text(date(2025, 7, 1), _H, _decree("118/2025"),
              amended=((_decree("367/2025"), date(2025, 12, 31)), (_decree("309/2026"), date(2026, 8, 5))))),
    Matter.paper_forms: (
        _text(date(2019, 1, 6), _M, _circular("01/2018/TT-VPCP")),
        _text(date(2025, 9, 15), _M, _circular("03/2025/TT-VPCP"))),
    Matter.dossier_code: (
        _text(date(2019, 1, 6), _M, _circular("01/2018/TT-VPCP")), _text(date(2025, 7, 1), _H, _decree("118/2025"))),
    Matter.data_sharing: (
        _text(date(2023, 5, 25), _L, _circular("01/2023/TT-VPCP")),
        _text(date(2026, 1, 25), _H, _circular("04/2025/TT-VPCP"))),
    Matter.procedures_online: (
        _text(date(2020, 5, 22), _M, _decree("45/2020"), amended=((_decree("310/2026"), date(2026, 8, 5)),)),),
    # the four levels are still what the portal shows beside the class
    Matter.service_levels: (_text(date(2011, 8, 1), _L, _decree("43/2011")),),
    Matter.online_services: (
        _text(date(2011, 8, 1), _L, _decree("43/2011")), _text(date(2022, 8, 15), _M, _decree("42/2022")),
        _text(date(2026, 7, 1), _H, _law("148/2025/QH15"), _decree("224/2026"))),
    Matter.system_functions: (
        _text(date(2023, 12, 31), _L, _circular("21/2023/TT-BTTTT"),
              amended=((_circular("11/2025/TT-BKHCN"), date(2025, 8, 1)),)),),
    Matter.quality_index: (_text(date(2022, 6, 23), _M, _decision("766")),),
    Matter.control_reports: (
        _text(date(2017, 12, 15), _L, _circular("02/2017/TT-VPCP")),
        _text(date(2026, 8, 1), _H, _circular("09/2026/TT-BTP"))),
    Matter.fee_relief: (
        _text(date(2026, 8, 15), _H, _resolution("66.22/2026/NQ-CP"), _circular("117/2026/TT-BTC"),
              until=date(2027, 2, 28)),),
    Matter.fee_receipts: (
        _text(date(2022, 7, 1), _M, _decree("123/2020"), amended=((_decree("70/2025"), date(2025, 6, 1)),)),
        _text(date(2026, 7, 1), _H, _law("108/2025/QH15"), _decree("254/2026"), _circular("91/2026/TT-BTC"))),
    Matter.paper_layout: (_text(date(2020, 3, 5), _H, _decree("30/2020")),),
    Matter.personal_data: (
        _text(date(2023, 7, 1), _M, _decree("13/2023")),
        _text(date(2026, 1, 1), _M, _law("91/2025/QH15"), _decree("356/2025"))),
    Matter.sign_in: (
        _text(date(2022, 10, 20), _L, _decree("59/2022")), _text(date(2026, 7, 20), _M, _decision("29/2026"))),
    Matter.civil_status: (
        _text(date(2016, 1, 1), _M, _law("60/2014/QH13")), _text(date(2027, 3, 1), _H, _law("03/2026/QH16"))),
}


def in_force(matter: Matter, day: date) -> Text:
    """The text that rules this matter on this day. Raises NoText."""
    for text in reversed(TEXTS[matter]):
        if text.valid_from <= day and (text.valid_to is None or day <= text.valid_to):
            return text
    raise NoText(matter, day)


def cited(matter: Matter, day: date, article: str = "") -> str:
    """As a paper cites it: "Điều 17 Nghị định 118/2025/NĐ-CP (được sửa đổi, bổ sung bởi …)". Raises NoText."""
    text = in_force(matter, day)
    names = " và ".join(str(instrument) for instrument in text.instruments)
    amended = text.amended_by(day)
    tail = f" (được sửa đổi, bổ sung bởi {', '.join(map(str, amended))})" if amended else ""
    return f"{article} {names}{tail}".strip()
