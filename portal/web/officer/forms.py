"""What officers fill in: whole sections at once, each with its reason beside it."""
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask import current_app

from portal.dossiers.looks import REASONS
from portal.kit.forms import Attachment, Choice, Choices, DateParts, Form, LongText, Select, TextField, Tick
from portal.kit.i18n import _, _l, say

OTHER = "other"
LOOK_NOTE = 300
REASON = 1000  # characters of one reason
NOTE = 2000
MOST_RESULTS = 3


class Asked(Choices):
    """The papers to ask for: at least one."""

    def ask(self) -> str:
        return _("Tick at least one paper to ask for")


class Ask(Form):
    """What is missing or wrong, and why: made by `ask_form`, which adds one reason for each paper."""

    asked = Asked(_l("What to ask for"))
    other_name = TextField(_l("Name of the other paper or information"), max=300, show_if=("asked", OTHER),
                           printed=True)

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


class AskAgain(Ask):
    """Beyond what the rules allow: with the reason of the head of the unit."""

    head_reason = LongText(_l("Reason for asking once more"), max=NOTE, rows=3,
                           help=_l("Name the law that allows it, or what could not be known before. It stays with "
                                   "the dossier, and whoever reads it sees it."))


def ask_form(papers: Sequence[Mapping[str, Any]], kind: type[Ask] = Ask, asked: Iterable[Any] = ()) -> Any:
    """The form for the papers of one dossier, filled in with what is `asked` already."""
    questions = [(paper["key"], say(paper["label"])) for paper in papers]
    questions.append((OTHER, _("Another paper or a correction of the answers")))
    made = type("AskForThese", (kind,), {f"reason_{key}": LongText(
        _("Reason: %(paper)s", paper=words), max=REASON, rows=2, show_if=("asked", key), printed=True,
        help=_("Say what is wrong and what to hand in. It is printed on form 02 as it is."))
        for key, words in questions})
    form = made(data=_asked_already(asked, {key for key, _words in questions}))
    form.asked.choices = questions
    return form


def _asked_already(items: Iterable[Any], keys: set[str]) -> dict[str, Any]:
    given: dict[str, Any] = {"asked": []}
    for item in items:
        key = item.key if item.key in keys else OTHER
        given["asked"].append(key)
        given[f"reason_{key}"] = item.reason
        if key == OTHER:
            given["other_name"] = item.label
    return given


class Assign(Form):
    """To whom it is handed: the page names who can bring it further."""

    to = Select(_l("Colleague"), choices=())
    note = LongText(_l("Note to the colleague"), required=False, max=NOTE, rows=3)


class Transfer(Form):
    """To which unit of the agency it is passed."""

    unit = Select(_l("Unit"), choices=())
    reason = LongText(_l("Reason for passing it on"), max=NOTE, rows=3,
                      help=_l("The unit reads it. The applicant reads only which unit deals with the dossier now."))


class Why(Form):
    """Why somebody looks at a dossier that is not their own work."""

    reason = Choice(_l("Why you look at it"), choices=lambda: tuple(REASONS.items()))
    note = LongText(_l("In your own words"), required=False, max=LOOK_NOTE, rows=2,
                    help=_l("Needed for another reason than these. The heads of the agency can read it; the applicant "
                            "reads the reason alone."))


class TakeBack(Form):
    """Why nothing is asked for any more."""

    note = LongText(_l("Note to the applicant"), required=False, max=NOTE, rows=3)


class Extend(Form):
    """The day that is promised instead, and why."""

    day = DateParts(_l("New day of the result"), future=True, help=_l("A working day after the one that was promised."))
    reason = LongText(_l("Reason for the delay"), max=NOTE, rows=4, printed=True,
                      help=_l("The applicant reads it as it is written here, with the apology."))


class Refuse(Form):
    """Why the dossier is not accepted."""

    reason = LongText(_l("Reason for refusing"), max=NOTE, rows=5, printed=True,
                      help=_l("One reason on each line, with the rule it rests on. Form 03 prints them."))


def result_files() -> Attachment:
    """The files of the result. Not required: some results are things, not files."""
    return Attachment(_l("Result as a file"), required=False, max_files=MOST_RESULTS,
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
    on_paper = Tick(_l("The applicant has the result on paper"), required=False,
                    help=_l("Handed over at the counter or by post. Without a file this is how the result is given."))


MOST_ENCLOSED = 10


class AskOpinion(Form):
    """An opinion of another agency about the dossier."""

    receiver = Select(_l("Agency to be asked"), choices=())
    question = LongText(_l("What its opinion is asked on"), max=4000, rows=6,
                        help=_l("The agency reads it as it is written here."))
    due = DateParts(_l("Answer by"), future=True, help=_l("Within the time of the dossier, for example 5 12 2026"))
    papers = Choices(_l("Papers of the dossier to send along"), choices=(), required=False)
    files = Attachment(_l("Other files"), required=False, max_files=MOST_ENCLOSED)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self["files"].max_bytes = current_app.config["ATTACHMENT_BYTES"]


class NoteAnswer(Form):
    """An answer that came another way."""

    answer = LongText(_l("What the agency answered"), max=4000, rows=6,
                      help=_l("With how it came: by letter, by telephone, at a meeting. It is written down with your "
                              "name."))
