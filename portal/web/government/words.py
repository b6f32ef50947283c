"""The words of what becomes of documents, one place for every page of this door."""
from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from portal.catalogue import queries as catalogue
from portal.exchange import registers
from portal.exchange.due import soon_until
from portal.exchange.models import Copy, Document
from portal.exchange.registers import Tally
from portal.exchange.states import CODES, How, Recall, State
from portal.kit import clock
from portal.kit.files import tidy_name
from portal.kit.i18n import Later, _, _l, ngettext, number, short_day

CODE_WORDS: Mapping[str, Later] = {code: _l(rule.words) for code, rule in CODES.items()}
STATE_WORDS: Mapping[str, Later] = {str(rule.state): CODE_WORDS[code] for code, rule in CODES.items() if rule.state}
LOOKS: Mapping[str, str] = {State.sent: "still", State.arrived: "waiting", State.refused: "late",
                            State.registered: "working", State.assigned: "working", State.in_work: "working",
                            State.done: "done"}
RECALL_WORDS: Mapping[str, Later] = {Recall.asked: _l("Recall asked for"), Recall.agreed: _l("Given back"),
                                     Recall.refused: _l("Recall refused")}
RECALL_LOOKS: Mapping[str, str] = {Recall.asked: "waiting", Recall.agreed: "still", Recall.refused: "late"}
HOW_WORDS: Mapping[str, Later] = {
    How.sent: _l("the sender's act"), How.status: _l("a status message"),
    How.fetched: _l("its system fetched it"), How.entered: _l("entered in the register here"),
    How.answer: _l("a document that answers it"), How.dossier: _l("a dossier linked to it"),
    How.directive: _l("a task linked to it"), How.person: _l("somebody's word"), How.clock: _l("the clock")}
SIGNATURES: Mapping[str, tuple[str, Later]] = {
    "valid": ("done", _l("Signed, and verified against a certificate of the sender that is known here")),
    "not-verifiable": ("waiting", _l("Signed, but nobody here can say by whom: no certificate of the sender fits. It "
                                     "does not count as verified")),
    "invalid": ("late", _l("The signature is wrong: what came is not what was signed")),
    "none": ("still", _l("Not signed electronically"))}
RECEIVER_PARTS: Mapping[str, Later] = {
    registers.EVERY: _l("All receivers"), registers.UNANSWERED: _l("Not answered"),
    registers.LATE: _l("Answer is late"), registers.REFUSED: _l("Refused it"), registers.BACK: _l("Asked back")}
BUSINESS_WORDS: Mapping[str, Later] = {
    "new": _l("As it was issued"), "recall": _l("Recall"), "update": _l("Update"), "replace": _l("Replaces another")}
PRIORITIES: Mapping[int, Later] = {0: _l("Ordinary"), 1: _l("Urgent"), 2: _l("Most urgent"), 3: _l("Express")}


class Due(NamedTuple):
    """By when an answer is awaited, in words; `look`: working | waiting (soon) | late | done."""

    words: str
    look: str


def due(of: Copy) -> Due | None:
    """How the time for an answer stands at one receiver; None where none is awaited, or no longer: it was refused,
    given back, replaced or taken from the list."""
    if of.answered_at is not None:
        late = of.due_on is not None and clock.day_of(of.answered_at) > of.due_on
        return Due(_("Answered late, on %(day)s", day=short_day(of.answered_at)) if late
                   else _("Answered on %(day)s", day=short_day(of.answered_at)), "done")
    over = of.state == State.refused or of.recall == Recall.agreed or of.replaced_at or of.removed_at
    return due_on(of.due_on) if of.due_on is not None and not over else None


def due_on(day: date) -> Due:
    """How long there is until a day."""
    left = (day - clock.today()).days
    if left < 0:
        return Due(ngettext("%(num)s day late", "%(num)s days late", -left), "late")
    if left == 0:
        return Due(_("To be answered today"), "waiting")
    words = ngettext("%(num)s day left", "%(num)s days left", left)
    return Due(words, "waiting" if day <= soon_until(clock.today(), catalogue.calendar()) else "working")


def number_of(document: Any) -> str:
    """120/CV-STN, as people write it; "" where it has none yet."""
    if document.state == "draft" and not document.number:
        return ""
    return "/".join(part for part in (document.number, document.notation) if part)


def file_of(document: Any, ending: str) -> str:
    """The name of a file that is saved of a document. Its number is whatever its sender wrote."""
    return f"{tidy_name(number_of(document).replace('/', '-')) or 'van-ban'}.{ending}"


def in_a_sentence(document: Document, tally: Tally | None) -> str:
    """How a document stands at its receivers: answers first where some are awaited, else who has it."""
    if tally is None or not tally.receivers:
        return _("No receiver.")
    of = number(tally.receivers)
    if document.due_on is not None or tally.answered:
        said = [_("%(n)s of %(all)s answered", n=number(tally.answered), all=of)]
    else:
        said = [_("%(n)s of %(all)s have it", n=number(tally.arrived), all=of)]
    if tally.late:
        said.append(_("%(n)s late", n=number(tally.late)))
    if tally.refused:
        said.append(_("%(n)s refused", n=number(tally.refused)))
    if tally.recall or tally.recalled:
        said.append(_("asked back, %(n)s of %(all)s gave it back", n=number(tally.recalled),
                      all=number(tally.recall + tally.recalled)))
    return ", ".join(said)
