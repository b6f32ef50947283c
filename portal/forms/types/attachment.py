"""A paper of the application: files instead of an answer."""
from typing import Any

from flask import current_app
from markupsafe import Markup

from portal.forms.types.question import Question, QuestionType, boxes
from portal.kit import forms
from portal.kit.i18n import _, say


class Attachment(QuestionType):
    kind, of_file = "attachment", True

    def field(self, q: Question, common: dict[str, Any]) -> Any:
        return forms.Attachment(max_bytes=current_app.config["ATTACHMENT_BYTES"], **common)

    def load(self, q: Question, kept: Any) -> None:
        return None

    def ask(self, label: str) -> str:
        return _("Attach “%(label)s”", label=label)

    def blank(self, q: Question) -> Markup:
        return boxes([say(q["label"])])
