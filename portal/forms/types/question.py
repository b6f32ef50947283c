"""What every type of question can do. One class for each type, one file for each class; the list is TYPES."""
from collections.abc import Mapping
from typing import Any, ClassVar

from markupsafe import Markup

from portal.forms.expressions import Gives
from portal.kit.forms.widgets import tag
from portal.kit.i18n import _, say

Question = Mapping[str, Any]
Words = Mapping[str, str]  # the same in "vi" and "en"
EVERY_PART = frozenset(("key", "kind", "label", "help", "required", "show_if", "autocomplete", "prefill", "take"))
NOTHING: tuple[Any, ...] = (None, "", [], {})


class QuestionType:
    """A type of question. An answer is a *value* here (a date, a number, a text …) and JSON where it is kept."""

    kind: ClassVar[str]
    parts: ClassVar[frozenset[str]] = frozenset()  # of the definition, beside EVERY_PART
    gives: ClassVar[Gives | None] = None  # what the rules between answers may do with it; None: nothing
    fits_cell = False  # short enough to stand in a table
    of_file = False  # answered by files, not by an answer

    def check(self, q: Question, place: str) -> None:
        """Raise ValueError naming the place when the type's own parts of a definition are wrong."""

    def field(self, q: Question, common: dict[str, Any]) -> Any:
        """The question on the page, which reads and judges what is typed. `common`: label, help, required …"""
        raise TypeError(f"{self.kind} has no field")

    def dump(self, q: Question, value: Any) -> Any:
        """A value as JSON keeps it."""
        return value

    def load(self, q: Question, kept: Any) -> Any:
        """The value of what JSON kept; None where that is no answer to such a question."""
        return kept if isinstance(kept, str) else None

    def given(self, value: Any) -> bool:
        """Whether there is an answer. A "no" and a zero are; an empty text is not."""
        return value not in NOTHING

    def gaps(self, q: Question, value: Any) -> list[tuple[str, Words]]:
        """What is required and not there: (key, label) of the question itself or of a question within it."""
        return [(q["key"], q["label"])] if q.get("required") and not self.given(value) else []

    def ask(self, label: str) -> str:
        """What to do where the answer is missing."""
        return _("Fill in “%(label)s”", label=label)

    def problems(self, q: Question, value: Any) -> list[tuple[str, str]]:
        """(key, message) for an answer that was right when it was typed and no longer is."""
        return []

    def words(self, q: Question, value: Any) -> str:
        """An answer that is given as a person reads it, in the reader's language."""
        return str(value)

    def shown(self, q: Question, value: Any) -> str:
        """The same on a page; markup where plain words are not enough."""
        return self.words(q, value)

    def blank(self, q: Question) -> Markup:
        """Where the answer is written by hand."""
        return lines(1)

    def example(self, q: Question, n: int = 0) -> Any:
        """A sensible answer as JSON; another one for another `n`."""
        raise TypeError(f"{self.kind} has no example")


def meets(given: Any, wanted: Any) -> bool:
    """Whether an answer, as JSON or as a value, is the one that a condition asks for."""
    return wanted in given if isinstance(given, list) else bool(given == wanted) and type(given) is type(wanted)


def lines(count: int) -> Markup:
    """Dotted lines to write on."""
    return Markup("").join(tag("span", "", class_="rule") for _line in range(count))


def boxes(labels: list[str]) -> Markup:
    """Boxes to tick, each with its words."""
    rows = (tag("li", tag("span", "", class_="tick") + Markup("{}").format(label)) for label in labels)
    return tag("ul", Markup("").join(rows), class_="ticks")


def whole_numbers(q: Question, place: str, *parts: str) -> None:
    """ValueError where one of `parts` is there and no whole number, or min is above max."""
    for part in parts:
        if not isinstance(q.get(part, 0), int) or isinstance(q.get(part), bool):
            raise ValueError(f"{place}.{part}: must be a whole number")
    if "min" in q and "max" in q and q["min"] > q["max"]:
        raise ValueError(f"{place}.min: is above max")


def check_words(words: Any, place: str) -> None:
    if not isinstance(words, Mapping) or not all(
            isinstance(words.get(language), str) and words[language].strip() for language in ("vi", "en")):
        raise ValueError(f"{place}: must have words in vi and en")


def fields_for(questions: list[Question], types: Mapping[str, QuestionType]) -> dict[str, Any]:
    """The fields of a form class by key, in order. A condition on another question among them is kept by the page."""
    here = {q["key"] for q in questions}
    made: dict[str, Any] = {}
    for q in questions:
        condition = q.get("show_if") or {"field": None, "equals": None}
        common = {"label": say(q["label"]), "help": say(q.get("help")), "required": bool(q.get("required")),
                  "autocomplete": q.get("autocomplete"),
                  "show_if": (condition["field"], _posted(condition["equals"])) if condition["field"] in here else None}
        made[q["key"]] = types[q["kind"]].field(q, common)
    return made


def named(label: str, message: str) -> str:
    """A message that names its question, by itself or with the label before it."""
    return message if label in message else f"“{label}”: {message}"


def _posted(value: Any) -> str:
    """What a browser sends for an answer that a condition names."""
    return "yes" if value is True else "no" if value is False else str(value)
