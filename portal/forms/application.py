"""An application: a form's definition, the answers and the files, put together once.

Everything that is asked of an application is asked here: what applies, what is missing, what is wrong, whose case it
is, and how it reads. A question that does not apply counts as not answered, whatever was answered before.
"""
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from portal.forms.definition import PAPERS, rules_of
from portal.forms.rule_words import message, where
from portal.forms.rules import Rule
from portal.forms.types import TYPES, Question
from portal.forms.types.question import Words, meets
from portal.kit import clock
from portal.kit.i18n import say

OTHER_FILES = {"vi": "Tệp khác", "en": "Other files"}
LONGEST_HOLDER = 200


class Attached(Protocol):
    """A file that was handed in for the question `key`."""

    @property
    def key(self) -> str: ...

    @property
    def name(self) -> str: ...


@dataclass(frozen=True)
class Gap:
    """A required thing that is not there: where it is asked, its key, its two-language label, its type."""

    step: str
    key: str
    label: Words
    kind: str = "text"

    @property
    def message(self) -> str:
        """What to do, in the reader's language."""
        return TYPES[self.kind].ask(say(self.label))


@dataclass(frozen=True)
class Problem:
    """Something that is not right: the step and the question to mend it, and what to do, in the reader's language."""

    step: str
    key: str
    message: str


@dataclass(frozen=True)
class Section:
    """A step as it reads. Rows: {"key": the question, "value": its answer, "" where there is none}."""

    key: str
    title: str
    rows: tuple[dict[str, str], ...]

    @property
    def of_papers(self) -> bool:
        return self.key == PAPERS


@dataclass(frozen=True)
class Hidden:
    """What was answered or attached and no longer applies: it is not handed in."""

    step: str
    key: str
    label: Words
    value: str


class Application:
    """`definition`, `answers` as JSON keeps them, `attachments`: the files that count."""

    def __init__(self, definition: Mapping[str, Any] | None, answers: Mapping[str, Any],
                 attachments: Iterable[Attached] = ()) -> None:
        self.definition = definition or {"steps": []}
        self.answers = answers
        self.files: dict[str, list[Any]] = {}
        for attachment in attachments:
            self.files.setdefault(attachment.key, []).append(attachment)

    @cached_property
    def asked(self) -> tuple[tuple[str, Question], ...]:
        """Every question that applies, with the key of its step, in the form's order."""
        found: list[tuple[str, Question]] = []
        here: set[str] = set()
        for step in self.definition["steps"]:
            for q in step["fields"]:
                condition = q.get("show_if")
                if condition is None or (condition["field"] in here and meets(
                        self.answers.get(condition["field"]), condition["equals"])):
                    here.add(q["key"])
                    found.append((step["key"], q))
        return tuple(found)

    @cached_property
    def values(self) -> dict[str, Any]:
        """The values of the questions that apply and are answered; the names of its files for a paper."""
        found: dict[str, Any] = {}
        for _step, q in self.asked:
            kind = TYPES[q["kind"]]
            value = [one.name for one in self.files.get(q["key"], ())] if kind.of_file \
                else kind.load(q, self.answers.get(q["key"]))
            if kind.given(value):
                found[q["key"]] = value
        return found

    @property
    def steps(self) -> list[dict[str, Any]]:
        """The steps to go through, each with the questions that apply.

        Questions that depend on one of the same step stay: the page itself shows or hides them.
        """
        keys = {q["key"] for _step, q in self.asked}
        steps = []
        for step in self.definition["steps"]:
            here = {q["key"] for q in step["fields"] if q["key"] in keys}
            asked = [q for q in step["fields"] if q["key"] in keys or (q.get("show_if") or {}).get("field") in here]
            if asked:
                steps.append({**step, "fields": asked})
        return steps

    @cached_property
    def gaps(self) -> list[Gap]:
        """What is still missing, in the form's order. A "no" and a zero are answers; an empty text is not."""
        missing = []
        for step, q in self.asked:
            kind, value = TYPES[q["kind"]], self.values.get(q["key"])
            if kind.of_file:
                missing += [Gap(step, q["key"], q["label"], kind.kind)] if q.get("required") and value is None else []
            else:
                missing += [Gap(step, key, label, kind.kind if key == q["key"] else "text")
                            for key, label in kind.gaps(q, value)]
        return missing

    @cached_property
    def errors(self) -> list[Problem]:
        """Answers that are not right, each by itself or beside the others. What is missing is among the gaps."""
        alone = [Problem(step, key, message) for step, q in self.asked if q["key"] in self.values
                 for key, message in TYPES[q["kind"]].problems(q, self.values[q["key"]])]
        missing = {gap.key for gap in self.gaps}
        return alone + [problem for _rule, problem in self.broken if problem.key not in missing]

    @cached_property
    def broken(self) -> list[tuple[Rule, Problem]]:
        """The rules between answers that do not hold, each with what to say and where."""
        steps = {q["key"]: step for step, q in self.asked}
        questions = {q["key"]: q for _step, q in self.asked}
        book = rules_of(self.definition)
        return [(broken.rule, Problem(steps[at.question], at.key, message(broken, book, questions)))
                for broken in book.broken(self.values, clock.today())
                if (at := where(broken, questions)) is not None]

    @cached_property
    def sections(self) -> list[Section]:
        """The answers in words, step by step; of papers the names of the files."""
        sections = []
        for step in self.definition["steps"]:
            rows = tuple({"key": say(q["label"]), "value": self._shown(q)}
                         for at, q in self.asked if at == step["key"])
            if rows:
                sections.append(Section(step["key"], say(step["title"]), rows))
        return sections

    @cached_property
    def hidden(self) -> list[Hidden]:
        """What was given to questions that no longer apply; it is left out when the application is handed in."""
        return [Hidden(step, q["key"], q["label"], words) for step, q in self._not_asked
                if (words := self._shown(q, TYPES[q["kind"]].load(q, self.answers.get(q["key"]))))] + [
            Hidden("", key, OTHER_FILES, ", ".join(one.name for one in held))
            for key, held in self.files.items() if key not in self._keys]

    @property
    def _not_asked(self) -> list[tuple[str, Question]]:
        asked = {q["key"] for _step, q in self.asked}
        return [(step["key"], q) for step in self.definition["steps"] for q in step["fields"] if q["key"] not in asked]

    @property
    def papers(self) -> list[Question]:
        """The papers that apply."""
        return [q for _step, q in self.asked if TYPES[q["kind"]].of_file]

    @property
    def holder(self) -> str:
        """Whose case it is by the form; "" where the form does not say."""
        return str(self.values.get(self.definition.get("holder") or "", ""))[:LONGEST_HOLDER]

    @property
    def answers_to_send(self) -> dict[str, Any]:
        """The answers of the questions that apply, as JSON."""
        return {q["key"]: TYPES[q["kind"]].dump(q, self.values[q["key"]]) for _step, q in self.asked
                if q["key"] in self.values and not TYPES[q["kind"]].of_file}

    @property
    def files_to_drop(self) -> list[Any]:
        """Files of papers that no longer apply, or that this form does not know."""
        asked = {q["key"] for q in self.papers}
        return [one for key, held in self.files.items() if key not in asked for one in held]

    @property
    def _keys(self) -> set[str]:
        return {q["key"] for step in self.definition["steps"] for q in step["fields"]}

    def words_of(self, key: str) -> str:
        """The answer to one question in plain words; "" where there is none, or it does not apply."""
        q = next((q for _step, q in self.asked if q["key"] == key), None)
        value = self.values.get(key)
        return "" if q is None or value is None or TYPES[q["kind"]].of_file else TYPES[q["kind"]].words(q, value)

    def _shown(self, q: Question, value: Any = None) -> str:
        kind = TYPES[q["kind"]]
        if kind.of_file:
            return ", ".join(one.name for one in self.files.get(q["key"], ()))
        value = self.values.get(q["key"]) if value is None else value
        return kind.shown(q, value) if kind.given(value) else ""
