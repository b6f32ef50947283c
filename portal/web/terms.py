"""Terms of a service in the reader's words, for every door: its limits by case, what it costs today, the law."""
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol

from flask import Flask

from portal.catalogue import english, fee_wording
from portal.catalogue.cases import Case
from portal.catalogue.copies import Copies
from portal.kit import clock
from portal.kit.i18n import _, lang, say, translated
from portal.law import texts
from portal.law.fees import Rate
from portal.law.limits import Limit
from portal.law.texts import Instrument, Matter, in_force
from portal.web.words import limit_in_words


class Terms(Protocol):
    """A version of a service, from the database or from memory."""

    @property
    def limit(self) -> Limit: ...

    @property
    def limit_cases(self) -> tuple[Case, ...]: ...

    @property
    def fee_rates(self) -> tuple[Rate, ...]: ...

    @property
    def main_channel(self) -> str: ...


class Named(Protocol):
    """A procedure, from the database or from memory."""

    @property
    def code(self) -> str: ...

    @property
    def name(self) -> str: ...


@dataclass(frozen=True)
class FeeLine:
    """What one case costs, in words: `case` is "" where no cases are told apart; `notes` must stand beside it."""

    case: str
    amount: str
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Fees:
    """What it costs by one way of filing. `notes` hold for every case."""

    lines: tuple[FeeLine, ...]
    notes: tuple[str, ...]


def procedure_name(procedure: Named) -> str:
    """What a page calls it: in English by our own translation, where there is one; else by its official name."""
    return (english.name_of(procedure.code) if lang() == "en" else None) or procedure.name


def fee_text(terms: Terms, case: str = "", channel: str | None = None) -> str:
    """What it costs today, one text for lists."""
    return translated(fee_wording.short(terms.fee_rates, terms.limit_cases, day=clock.today(),
                                        channel=channel or terms.main_channel, case=case))


def fees_by(terms: Terms, channel: str, day: date, *, case: str = "", copies: Copies | None = None) -> Fees:
    """What each case costs by this way of filing, or the one that is known, with the copies that are asked for."""
    told = fee_wording.lines(terms.fee_rates, terms.limit_cases, day=day, channel=channel, case=case)
    lines = [FeeLine(_named(line.case.name) if line.case else "", translated(line.amount),
                     tuple(translated(note) for note in line.notes))
             for line in fee_wording.with_copies(told, copies)]
    shared = tuple(note for note in lines[0].notes if all(note in line.notes for line in lines))
    return Fees(tuple(replace(line, notes=tuple(note for note in line.notes if note not in shared))
                      for line in lines), shared)


def case_limits(terms: Terms) -> list[tuple[str, str]]:
    """The cases that have a limit of their own: name in words, "" where the record names none, and limit."""
    return [(_named(case.name), limit_in_words(case.limit)) for case in terms.limit_cases if case.limit]


def law_cited(matter: Matter, day: date) -> str:
    """The text in force on this day in the reader's language; with what amended it."""
    text = in_force(matter, day)
    named = ", ".join(_instrument(each) for each in text.instruments)
    amended = ", ".join(_instrument(each) for each in text.amended_by(day))
    return _("%(text)s, amended by %(amended)s", text=named, amended=amended) if amended else named


def _instrument(instrument: Instrument) -> str:
    return _(texts.WORDS[instrument.kind], number=instrument.number)


def _named(name: Mapping[str, str] | None) -> str:
    return say(name) if name else ""


def init_app(app: Flask) -> None:
    app.jinja_env.globals.update(fee_text=fee_text, procedure_name=procedure_name)
