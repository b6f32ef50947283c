"""What can be done with a document next, by whom: the buttons of its page."""
from typing import Any, NamedTuple

from portal.exchange.models import Copy, Document
from portal.exchange.registers import Tally
from portal.people.models import Person


class Act(NamedTuple):
    """A button. `at_once`: it posts; else it leads to a page that asks for what is needed."""

    words: Any
    url: str
    key: str
    at_once: bool = False
    danger: bool = False


def acts_of(_person: Person, _copy: Copy) -> list[Act]:
    """On the receiver's desk, the most likely first."""
    return []


def sender_acts(_person: Person, _document: Document, _tally: Tally | None) -> list[Act]:
    """With the sender."""
    return []
