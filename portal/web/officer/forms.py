"""What officers fill in: whole sections at once, each with its reason beside it."""
from collections.abc import Mapping, Sequence
from typing import Any

from flask import current_app

from portal.kit.forms import Attachment, Choice, Choices, Form, LongText, TextField
from portal.kit.i18n import _, _l, say

OTHER = "other"
REASON = 1000  # characters of one reason
NOTE = 2000
MOST_RESULTS = 3
KINDS = ("pdf", "docx", "jpg", "jpeg", "png")


class Asked(Choices):
    """The papers to ask for: at least one."""

    def ask(self) -> str:
        return _("Tick at least one paper to ask for")


class Ask(Form):
    """What is missing or wrong, and why: made by `ask_form`, which adds one reason for each paper."""

    asked = Asked(_l("What to ask for"))
    other_name = TextField(_l("Name of the other paper or information"), max=300, show_if=("asked", OTHER))

    def reason_of(self, key: str) -> Any:
        """The question for the reason of one paper."""
        return self[f"reason_{key}"]

    def items(self, papers: Sequence[Mapping[str, Any]], round: int) -> list[tuple[str, str, str]]:
        """(key, label, reason) of everything ticked; labels in Vietnamese, as form 02 prints them.

        What is not a paper of the form has a key of its own in each round: an answer with the same key would
        replace what was handed in for something else.
        """
        labels = {paper["key"]: paper["label"]["vi"] for paper in papers} | {OTHER: self.other_name.data}
        return [(f"{OTHER}_{round}" if key == OTHER else key, labels[key], self.reason_of(key).data)
                for key in self.asked.data]


def ask_form(papers: Sequence[Mapping[str, Any]]) -> Ask:
    """The form for the papers of one dossier."""
    questions = [(paper["key"], say(paper["label"])) for paper in papers]
    questions.append((OTHER, _("Another paper or a correction of the answers")))

    class AskForThese(Ask):
        pass

    for key, words in questions:
        setattr(AskForThese, f"reason_{key}", LongText(
            _("Reason: %(paper)s", paper=words), max=REASON, rows=2, show_if=("asked", key),
            help=_("Say what is wrong and what to hand in. It is printed on form 02 as it is.")))
    form = AskForThese()
    form.asked.choices = questions
    return form


class Refuse(Form):
    """Why the dossier is not accepted."""

    reason = LongText(_l("Reason for refusing"), max=NOTE, rows=5,
                      help=_l("One reason on each line, with the rule it rests on. Form 03 prints them."))


def result_files() -> Attachment:
    """The files of the result. Not required: some results are things, not files."""
    return Attachment(_l("Result as a file"), required=False, max_files=MOST_RESULTS, kinds=KINDS,
                      help=_l("The applicant can download it once the result is handed over."))


class WithResult(Form):
    """A form that ends with the files of the result: they are held to the limit of the configuration."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self["result"].max_bytes = current_app.config["ATTACHMENT_BYTES"]


class Decide(WithResult):
    """How the dossier ends."""

    outcome = Choice(_l("Outcome"), choices=lambda: (
        ("granted", _("Granted"), _("The applicant gets what was applied for.")),
        ("denied", _("Denied"), _("The applicant is told the reason."))))
    note = LongText(_l("Reason for denying"), max=NOTE, rows=4, show_if=("outcome", "denied"),
                    help=_l("The applicant reads it as it is written here."))
    result = result_files()


class HandOver(WithResult):
    """The last look before the result goes out; a file that was forgotten can be added."""

    result = result_files()
