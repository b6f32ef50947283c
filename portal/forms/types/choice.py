"""One of several answers offered."""
import re
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from portal.forms.expressions import Gives
from portal.forms.types.question import Question, QuestionType, boxes, check_words
from portal.kit import forms
from portal.kit.i18n import _, say

FEW = 8  # up to so many are shown at once, more are a list
_VALUE = re.compile(r"[a-z][a-z0-9_]{0,59}")


def offered(q: Question) -> list[tuple[str, str]]:
    """(value, words) in order."""
    return [(option["value"], say(option["label"])) for option in q["options"]]


class Choice(QuestionType):
    kind, gives, fits_cell = "choice", Gives.choice, True
    parts = frozenset(("options",))

    def check(self, q: Question, place: str) -> None:
        options = q.get("options")
        if not isinstance(options, list) or len(options) < 2:
            raise ValueError(f"{place}.options: a choice has at least two")
        values = [option.get("value") if isinstance(option, Mapping) else None for option in options]
        good = all(isinstance(value, str) and _VALUE.fullmatch(value) for value in values)
        if not good or len(set(values)) < len(values):
            raise ValueError(f"{place}.options: values must differ and be snake_case ASCII")
        for option in options:
            check_words(option.get("label"), f"{place}.options.{option['value']}")

    def field(self, q: Question, common: dict[str, Any]) -> Any:
        return (forms.Select if len(q["options"]) > FEW else forms.Choice)(choices=offered(q), **common)

    def ask(self, label: str) -> str:
        return _("Choose an answer for “%(label)s”", label=label)

    def words(self, q: Question, value: str) -> str:
        return dict(offered(q)).get(value, value)

    def blank(self, q: Question) -> Markup:
        return boxes([label for _value, label in offered(q)])

    def example(self, q: Question, n: int = 0) -> Any:
        return q["options"][n % len(q["options"])]["value"]
