"""One line of text."""
from typing import Any

from wtforms.validators import ValidationError

from portal.forms.expressions import Gives
from portal.forms.types.question import Question, QuestionType, whole_numbers
from portal.kit import forms
from portal.kit.forms.fields import unprinted
from portal.kit.i18n import _, say
from portal.kit.text import letters_no_font_has

LONGEST = 200  # characters, where the definition sets no other limit


class Text(QuestionType):
    kind, gives, fits_cell = "text", Gives.text, True
    #: `printed`: it stands on papers; `begins`: its first words; `never`: words it must not have; `digits`: so many
    parts = frozenset(("min", "max", "printed", "begins", "never", "digits"))

    def check(self, q: Question, place: str) -> None:
        whole_numbers(q, place, "min", "max", "digits")
        if not isinstance(q.get("begins", ""), str):
            raise ValueError(f"{place}.begins: must be words")
        if not isinstance(q.get("never", []), list) or not all(isinstance(one, str) for one in q.get("never", [])):
            raise ValueError(f"{place}.never: must be a list of words")
        if not isinstance(q.get("printed", False), bool):
            raise ValueError(f"{place}.printed: must be true or false")

    def field(self, q: Question, common: dict[str, Any]) -> Any:
        def shape(_form: Any, field: Any) -> None:
            if field.data and (wrong := _wrong(q, field.data)):
                raise ValidationError(wrong)

        return forms.TextField(min=q.get("min", 0), max=q.get("max", LONGEST), printed=q.get("printed", False),
                               validators=(shape,), **common)

    def problems(self, q: Question, value: str) -> list[tuple[str, str]]:
        """A draft may hold what was typed before the letters were judged."""
        unknown = letters_no_font_has(value) if q.get("printed") else []
        wrong = unprinted(say(q["label"]), unknown) if unknown else _wrong(q, value)
        return [(q["key"], wrong)] if wrong else []

    def example(self, q: Question, n: int = 0) -> str:
        if "digits" in q:
            return str(10 ** (q["digits"] - 1) + n)
        own = "Nguyễn Văn Ẩn" if n == 0 else f"Nguyễn Văn Ẩn {n + 1}"
        return f"{q['begins']} {own}" if "begins" in q else own


def _wrong(q: Question, value: str) -> str:
    """What a text lacks of the shape that the question wants, "" where it has it."""
    label, plain = say(q["label"]), " ".join(value.lower().split())
    first = q.get("begins", "").lower()
    if first and (not plain.startswith(f"{first} ") or plain == first):
        return _("“%(label)s” begins with “%(words)s”, followed by a name of its own", label=label, words=q["begins"])
    if found := next((one for one in q.get("never", ()) if one in plain), None):
        return _("“%(label)s” must not have the words “%(words)s”", label=label, words=found)
    if "digits" in q and not (value.isascii() and value.isdecimal() and len(value) == q["digits"]):
        return _("“%(label)s” has %(n)s digits", label=label, n=q["digits"])
    return ""
