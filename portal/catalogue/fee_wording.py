"""What a case costs, in words: the same on lists, sheets, the page before handing in, and the receipt. Pure: msgids."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from portal.catalogue.cases import Case
from portal.catalogue.copies import Copies
from portal.catalogue.rates import DIGITAL_CITIZEN, PUPIL_STUDENT_MERIT, RECORD
from portal.kit.text import N_, Dong, Message
from portal.law.fees import Fee, FeeKind, Rate, fee, next_change
from portal.law.texts import Confidence

CONDITIONS = {
    DIGITAL_CITIZEN: N_("who files online with e-ID level 2 and has put the five basic papers and those of the "
                        "procedure into VNeID")}
PERSONS = {PUPIL_STUDENT_MERIT: N_("Pupils, students, people with merit and their like")}
FREE = N_("Free")
FREE_UNCHECKED = N_("Free (by the national record, not checked)")
BY_PROVINCE = N_("Set by the provincial People's Council")
NOT_KNOWN = N_("Fee not known")


@dataclass(frozen=True)
class Line:
    """What one case costs: `case` is its name in both languages, None where no cases are told apart."""

    case: Case | None
    amount: Message
    notes: tuple[Message, ...]

    @property
    def whole(self) -> Message:
        """The case and what it costs."""
        return amount_of_case(self.case, self.amount)


def lines(rates: Sequence[Rate], cases: Iterable[Case], *, day: date, channel: str, case: str = "") -> list[Line]:
    """One line for the case, or, where it is not known, one for each case that costs something of its own."""
    keys = [case] if case else list(dict.fromkeys(
        rate.case for rate in rates if not rate.condition and rate.channel in (None, channel) and rate.holds(day)))
    by_key = {each.key: each for each in cases}
    return [_line(rates, by_key.get(key), day, channel, key) for key in keys or [""]]


def short(rates: Sequence[Rate], cases: Iterable[Case], *, day: date, channel: str, case: str = "",
          copies: Copies | None = None) -> Message:
    """All lines as one text, without what stands beside them; with what the copies cost."""
    told = with_copies(lines(rates, cases, day=day, channel=channel, case=case), copies)
    said = told[0].whole
    for line in told[1:]:
        said = Message("%(one)s; %(more)s", {"one": said, "more": line.whole})
    return said


def with_copies(told: Sequence[Line], copies: Copies | None) -> list[Line]:
    """The lines with that of the copies: in place of the only one, where nothing else is paid, else behind them."""
    if copies is None or copies.count == 0:
        return list(told)
    amount = copies_words(copies)
    if copies.only:
        return [replace(told[0], amount=amount), *told[1:]]
    return [*told, Line(None, Message(N_("Copies: %(amount)s"), {"amount": amount}), ())]


def copies_words(copies: Copies) -> Message:
    """8.000 ₫ for each copy; 3 copies × 8.000 ₫ = 24.000 ₫ where their number is known."""
    if copies.count is None:
        return Message(N_("%(each)s for each copy"), {"each": _dong(copies.each)})
    return Message(N_("%(count)s copies × %(each)s = %(total)s"),
                   {"count": copies.count, "each": _dong(copies.each), "total": _dong(copies.total)})


def amount_of_case(case: Case | None, amount: Message) -> Message:
    """“Cấp mới: 100.000 ₫”, or the amount alone."""
    if case is None or case.name is None:
        return amount
    return Message("%(case)s: %(amount)s", {"case": case.name, "amount": amount})


def amount_words(due: Fee) -> Message:
    """The amount, or what is known instead of one. It is never free for want of knowing."""
    rate = due.rate
    if due.kind is FeeKind.by_province:
        return Message(BY_PROVINCE)
    if rate is None or due.kind is FeeKind.unknown:
        return Message(NOT_KNOWN)
    if due.kind is FeeKind.free:
        return Message(FREE if rate.confidence is Confidence.high else FREE_UNCHECKED)
    if due.kind is FeeKind.known:
        return _dong(rate.amount or 0)
    return _range(rate)


def _line(rates: Sequence[Rate], case: Case | None, day: date, channel: str, key: str) -> Line:
    due = fee(rates, day=day, channel=channel, case=key)
    return Line(case, amount_words(due), tuple(_notes(rates, due, day, channel, key)))


def _notes(rates: Sequence[Rate], due: Fee, day: date, channel: str, key: str) -> Iterable[Message]:
    rate = due.rate
    if rate is not None:
        if rate.text and (due.kind is not FeeKind.range or rate.amount is not None):
            yield Message("%(text)s", {"text": rate.text})
        if rate.base is not None and rate.valid_to is not None:
            yield Message(N_("Lowered until %(day)s; the full fee is %(amount)s."),
                          {"day": _short(rate.valid_to), "amount": _dong(rate.base)})
    later = next_change(rates, day=day, channel=channel, case=key)
    lowered = rate is not None and rate.base is not None  # what it will be again was said already
    if later is not None and later[1].rate != rate and not lowered:
        yield Message(N_("From %(day)s: %(fee)s."), {"day": _short(later[0]), "fee": amount_words(later[1])})
    for other in rates:
        if other.person and other.holds(day) and other.channel in (None, channel) and other.case in ("", key):
            yield Message("%(who)s: %(amount)s.", {"who": Message(PERSONS[other.person]),
                                                   "amount": _dong(other.amount or 0)})
    for offer in due.offers:
        yield _offer(offer)
    if rate is not None and (due.kind is not FeeKind.unknown or rate.text):
        yield _source(rate)


def _offer(offer: Rate) -> Message:
    facts: dict[str, object] = {"who": Message(CONDITIONS[offer.condition]), "first": _short(offer.valid_from),
                                "last": _short(offer.valid_to)}
    if offer.kind is FeeKind.free:
        return Message(N_("Nothing to pay from %(first)s to %(last)s for one %(who)s. The portal cannot check this yet "
                          "and does not apply it by itself."), facts)
    amount = _dong(offer.amount or 0) if offer.kind is FeeKind.known else _range(offer)
    return Message(N_("%(amount)s from %(first)s to %(last)s for one %(who)s. The portal cannot check this yet and "
                      "does not apply it by itself."), facts | {"amount": amount})


def _source(rate: Rate) -> Message:
    """Where the amount stands, and how sure that is."""
    facts: dict[str, object] = {"source": rate.source}
    if rate.source == RECORD:
        if rate.from_prose:
            return Message(N_("Read from the notes of the national portal's record of about July 2026; not checked."))
        return Message(N_("By the national portal's record of about July 2026; not checked."))
    if rate.from_prose:
        return Message(N_("Read from the prose of a text: %(source)s."), facts)
    if rate.confidence is Confidence.high:
        return Message(N_("By %(source)s."), facts)
    return Message(N_("By one source, not checked: %(source)s."), facts)


def _range(rate: Rate) -> Message:
    if rate.amount is None:
        return Message("%(text)s", {"text": rate.text})
    return Message(N_("%(least)s to %(most)s"), {"least": _dong(rate.amount), "most": _dong(rate.most or rate.amount)})


def _dong(amount: int) -> Message:
    return Message("%(amount)s", {"amount": Dong(amount)})


def _short(day: date | None) -> str:
    return f"{day:%d/%m/%Y}" if day else "—"
