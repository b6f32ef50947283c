"""All types of question by their names in a definition. A new one needs its file and its line here."""
from typing import Any

from portal.forms.types.address import Address
from portal.forms.types.attachment import Attachment
from portal.forms.types.choice import Choice
from portal.forms.types.choices import Choices
from portal.forms.types.citizen_id import CitizenId
from portal.forms.types.confirmation import Confirmation
from portal.forms.types.date import Date
from portal.forms.types.email import Email
from portal.forms.types.group import Group
from portal.forms.types.long_text import LongText
from portal.forms.types.money import Money
from portal.forms.types.name import Name
from portal.forms.types.number import Number
from portal.forms.types.phone import Phone
from portal.forms.types.question import Question, QuestionType
from portal.forms.types.table import Table
from portal.forms.types.text import Text
from portal.forms.types.yes_no import YesNo

__all__ = ["TYPES", "Question", "QuestionType", "in_words"]

TYPES: dict[str, QuestionType] = {each.kind: each for each in (
    Text(), Name(), LongText(), Number(), Money(), Date(), Choice(), Choices(), YesNo(), Confirmation(),
    CitizenId(), Phone(), Email(), Address(), Attachment(),
)}
TYPES |= {each.kind: each for each in (Group(TYPES), Table(TYPES))}


def in_words(q: Question, kept: Any) -> str:
    """An answer as JSON kept it, as a person reads it in their own language; "" when there is none."""
    kind = TYPES[q["kind"]]
    value = kind.load(q, kept)
    return kind.words(q, value) if kind.given(value) else ""
