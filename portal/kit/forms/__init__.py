"""The form kit: questions that print themselves, keep what was typed and say in words what is wrong.

In a template `{{ form.name() }}` (or the macro `field`) prints the whole question: label, help, control.
"""

from typing import Any

from flask import has_request_context, request
from flask_wtf import FlaskForm

from portal.kit.forms.attachments import Attachment, Kept, kinds_words, size_words
from portal.kit.forms.choices import Choice, Choices, Select, Tick, YesNo
from portal.kit.forms.dates import DateParts
from portal.kit.forms.fields import (
    AGAIN,
    Answer,
    Hidden,
    LongText,
    MoneyField,
    NameField,
    NumberField,
    Password,
    TextField,
)
from portal.kit.forms.messages import Messages
from portal.kit.i18n import _

__all__ = [
    "Answer",
    "Attachment",
    "Choice",
    "Choices",
    "DateParts",
    "Form",
    "Hidden",
    "Kept",
    "LongText",
    "MoneyField",
    "NameField",
    "NumberField",
    "Password",
    "Select",
    "TextField",
    "Tick",
    "YesNo",
    "kinds_words",
    "size_words",
]


class Form(FlaskForm):
    """A form whose every message, the libraries' own too, speaks the reader's language."""

    class Meta(FlaskForm.Meta):
        def get_translations(self, form: Any) -> Messages:
            return Messages()

    @property
    def asks_again(self) -> bool:
        """The reader only asked for another list (the wards of a province): show the page, judge nothing."""
        return has_request_context() and AGAIN in request.form

    def validate(self, extra_validators: Any = None) -> bool:
        return not self.asks_again and super().validate(extra_validators=extra_validators)

    def judge_given(self) -> None:
        """Say what is not right in a page that is opened again as it was left. What was left blank is not blamed."""
        for field in self.questions():
            if not isinstance(field, Attachment) and (field.process_errors or not field.blank()):
                field.validate(self)

    @property
    def can_ask_again(self) -> bool:
        """Whether a question brings a button of its own: Enter must then still press the form's main one."""
        return any(getattr(field, "asks_again", False) for field in self)

    def questions(self) -> list[Any]:
        """The fields to print, in order, without the hidden ones."""
        return [field for field in self if isinstance(field, Answer) and not isinstance(field, Hidden)]

    def problems(self) -> list[tuple[str, str]]:
        """(id to lead to, message) for the summary, in the page's order; "" where no field can mend it."""
        found = [("", str(message)) for message in self.form_errors]
        for field in self:
            visible = isinstance(field, Answer) and not isinstance(field, Hidden)
            found += field.problems() if visible else [("", _(str(message))) for message in field.errors]
        return found
