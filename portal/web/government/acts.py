"""What can be done with a document next, by whom: the buttons of its page. Who may is asked again when it is done."""
from typing import Any, NamedTuple

from flask import url_for

from portal.exchange import handling, reach, reminders
from portal.exchange.models import Copy, Document
from portal.exchange.registers import Tally
from portal.kit.i18n import _l
from portal.people.models import Person


class Act(NamedTuple):
    """A button. `at_once`: it posts; else it leads to a page that asks for what is needed."""

    words: Any
    url: str
    key: str
    at_once: bool = False
    danger: bool = False


class Verb(NamedTuple):
    """What a receiver does. `name`: of handling.possible; `permissions`: any of these."""

    name: str
    endpoint: str
    words: Any
    permissions: tuple[str, ...]
    key: str
    at_once: bool = False
    danger: bool = False


#: The most likely first.
VERBS = (
    Verb("answer_recall", "government.answer_recall", _l("Answer the recall"), ("document.recall",), "h"),
    Verb("register", "government.register_copy", _l("Register"), ("document.register",), "r", at_once=True),
    Verb("start", "government.start_copy", _l("Begin the work"), ("document.work",), "s", at_once=True),
    Verb("assign", "government.assign_copy", _l("Say whose work it is"), ("document.assign",), "g"),
    Verb("answer", "government.answer_copy", _l("Write the answer"), ("document.send", "document.work"), "a",
         at_once=True),
    Verb("finish", "government.finish_copy", _l("It is dealt with"), ("document.work",), "f", at_once=True),
    Verb("refuse", "government.refuse_copy", _l("Send it back"), ("document.register",), "x", danger=True),
)


def acts_of(person: Person, copy: Copy) -> list[Act]:
    """On the receiver's desk, the most likely first."""
    possible = set(handling.possible(copy))
    if copy.answered_at is None and copy.in_number is not None and copy.recall != "agreed":
        possible.add("answer")
    return [Act(verb.words, url_for(verb.endpoint, copy_id=copy.id), verb.key, verb.at_once, verb.danger)
            for verb in VERBS
            if verb.name in possible and any(reach.may(person, name, copy) for name in verb.permissions)]


def sender_acts(person: Person, document: Document, tally: Tally | None) -> list[Act]:
    """With the sender: of a draft, to write on and to send; of what was sent, what the sender may still say."""
    sends = reach.may(person, "document.send", document)
    if document.state == "draft":
        writes = sends or reach.may(person, "document.work", document)
        found = [_act(document, "send_document", _l("Check and send"), "s")] if sends else []
        return [*found, *([_act(document, "write", _l("Write on"), "e")] if writes else [])]
    found = []
    if sends:
        found += [_act(document, "update", _l("Update it"), "u"), _act(document, "replace", _l("Replace it"), "p",
                                                                       at_once=True)]
        if document.due_on is not None and reminders.awaited(document):
            found.insert(0, _act(document, "remind", _l("Remind who has not answered"), "n"))
    if reach.may(person, "document.recall", document) and tally and tally.receivers:
        found.append(_act(document, "recall", _l("Ask it back"), "t", danger=True))
    return found


def _act(document: Document, view: str, words: Any, key: str, *, at_once: bool = False, danger: bool = False) -> Act:
    return Act(words, url_for(f"government.{view}", document_id=document.id), key, at_once, danger)
