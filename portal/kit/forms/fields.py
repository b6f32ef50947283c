"""Questions answered in text: what is typed is tidied, judged, and never lost."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import Any

from wtforms import Field
from wtforms.validators import StopValidation

from portal.kit.forms import widgets
from portal.kit.i18n import _, number
from portal.kit.text import clean_name, letters_no_font_has, normal, without_invisible

AGAIN = "_again"  # the name of a button that only changes what the page asks: such a post is not judged
LONGEST_CLEANED = 20_000  # characters of a name; what is longer is refused as it is
BACKWARDS = "\u202e"  # never pasted by accident, as other marks of direction are


def tidy(typed: str, lines: bool = False) -> tuple[str, bool]:
    """`typed` composed (NFC) and trimmed, without invisible signs, which come along when text is pasted, and without
    control characters; whether any of these had to go."""
    text = without_invisible(normal("NFC", typed.replace("\r\n", "\n").replace("\r", "\n")))
    text = text if lines else text.replace("\t", " ")
    allowed = "\n\t" if lines else ""
    clean = "".join(c for c in text if c in allowed or unicodedata.category(c) != "Cc")
    return clean.strip(), clean != text or BACKWARDS in typed


class Answer(Field):
    """What all our questions share: label, help, whether an answer is needed, and when the question is put.

    `show_if` = (name of another field of the form, value): the question counts only when that is its answer.
    """

    autocomplete: str | None = None
    unmarked = False  # True: not marked as optional, though it may stay blank
    asks_again = False  # True: brings a button of its own, named AGAIN

    def __init__(
        self,
        label: Any = "",
        *,
        help: Any = "",
        required: bool = True,
        autocomplete: str | None = None,
        width: str = "",
        show_if: tuple[str, str] | None = None,
        validators: Sequence[Callable[..., None]] = (),
        **more: Any,
    ) -> None:
        super().__init__(label, list(validators), **more)
        self.help, self.required, self.width, self.show_if = help, required, width, show_if
        self.autocomplete = autocomplete or self.autocomplete

    @property
    def first_id(self) -> str:
        """Where the error summary's link leads."""
        return self.id

    def help_text(self) -> str:
        return str(self.help)

    def blank(self) -> bool:
        return self.data is None or self.data == "" or self.data == []

    def ask(self) -> str:
        """What to say when the answer is missing."""
        return _("Fill in “%(label)s”", label=self.label.text)

    def check(self) -> None:
        """A field's own rule, on an answer that is given; raises through `refuse`."""

    def refuse(self, message: str) -> None:
        raise StopValidation(message)

    def problems(self) -> list[tuple[str, str]]:
        """(id to lead to, message) for the summary."""
        return [(self.first_id, _(str(message))) for message in self.errors]

    def blame(self, key: str, message: str) -> None:
        """Say what is wrong with an answer that was right by itself; `key` is this field's, or one's within it."""
        if message not in self.errors:
            self.errors = [*self.errors, message]

    def keepable(self) -> tuple[bool, Any]:
        """Whether there is something right to keep, and what: all of the answer, or none of it."""
        return not self.errors, self.data

    def shown_in(self, form: Any) -> bool:
        """Whether the question is put at all, given the answer that it depends on."""
        if self.show_if is None or self.show_if[0] not in form:
            return True
        return form[self.show_if[0]].has_value(self.show_if[1])

    def has_value(self, value: str) -> bool:
        return str(self.data) == value

    def validate(self, form: Any, extra_validators: Any = ()) -> bool:
        if not self.shown_in(form):
            self.data, self.process_errors, self.errors = None, [], []
            return True
        return super().validate(form, extra_validators)

    def pre_validate(self, form: Any) -> None:
        if self.process_errors:
            raise StopValidation()
        if self.blank():
            raise StopValidation(self.ask() if self.required else "")
        self.check()


class TextField(Answer):
    """One line of text, at most `max` characters, at least `min`. Data: str, "" when blank.

    `printed`: it stands on a paper, so letters that no paper can print are refused.
    """

    widget: Any = widgets.TextInput()
    lines = False
    inputmode: str | None = None
    input_type = "text"
    spellcheck: str | None = None

    def __init__(
        self, label: Any = "", *, max: int = 200, min: int = 0, suffix: str = "", printed: bool = False, **more: Any
    ) -> None:
        self.max, self.min, self.suffix, self.printed = max, min, suffix, printed
        self.typed: str | None = None
        super().__init__(label, **more)

    def process_data(self, value: Any) -> None:
        self.data = "" if value is None else str(value)

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        given = valuelist[0] if valuelist and isinstance(valuelist[0], str) else ""
        self.typed, forbidden = tidy(given, self.lines)
        self.data = self.typed
        if forbidden:
            raise ValueError(
                _(
                    "Delete the invisible control characters from “%(label)s”; they were left out below",
                    label=self.label.text,
                )
            )
        if len(self.typed) > self.max:
            raise ValueError(
                _(
                    "“%(label)s” may have at most %(max)s characters; it has %(count)s now",
                    label=self.label.text,
                    max=number(self.max),
                    count=number(len(self.typed)),
                )
            )
        if self.typed:
            if self.printed:
                refuse_unprinted(self.label.text, self.typed)
            self.data = self.read(self.typed)

    def read(self, typed: str) -> Any:
        """The value of a text that is not empty; ValueError with the message when it has none."""
        return typed

    def shown(self) -> str:
        """What stands in the box: what was typed, else the value."""
        return self.typed if self.typed is not None else self.write(self.data)

    def write(self, value: Any) -> str:
        return "" if value is None else str(value)

    def check(self) -> None:
        if self.min and len(str(self.data)) < self.min:
            self.refuse(
                _("“%(label)s” needs at least %(min)s characters", label=self.label.text, min=self.min)
            )


class NameField(TextField):
    """The name of a person, as papers print it. Data: str, cleaned; "" when blank."""

    def __init__(self, label: Any = "", *, max: int = 200, min: int = 1, **more: Any) -> None:
        super().__init__(label, max=max, min=min, printed=True, **more)

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        given = valuelist[0] if valuelist and isinstance(valuelist[0], str) else ""
        super().process_formdata([clean_name(given) if len(given) <= LONGEST_CLEANED else given])
        if given.strip() and not self.typed:
            self.typed = tidy(given)[0]
            raise ValueError(_("Write “%(label)s” in letters", label=self.label.text))


def refuse_unprinted(label: str, typed: str) -> None:
    """ValueError that names the letters which no paper can print, so that none is sealed as a blank."""
    if unknown := letters_no_font_has(typed):
        raise ValueError(unprinted(label, unknown))


def unprinted(label: str, letters: Sequence[str]) -> str:
    """What to do where a text that papers print has letters that they cannot print."""
    return _("Papers cannot print %(letters)s in “%(label)s”. Write it in Latin letters, as on the passport",
             letters=", ".join(letters[:8]), label=label)


class LongText(TextField):
    """Several lines of text with a count of characters."""

    widget: Any = widgets.TextBox()
    lines = True

    def __init__(self, label: Any = "", *, max: int = 2000, rows: int = 5, **more: Any) -> None:
        self.rows = rows
        super().__init__(label, max=max, **more)


class NumberField(TextField):
    """A whole number, typed with or without group marks ("1.200", "1 200"). Data: int or None."""

    inputmode = "numeric"

    def __init__(
        self,
        label: Any = "",
        *,
        min: int | None = None,
        max: int | None = None,
        width: str = "w-10",
        **more: Any,
    ) -> None:
        super().__init__(label, max=30, width=width, **more)
        self.least, self.most = min, max

    def process_data(self, value: Any) -> None:
        self.data = None if value is None or value == "" else int(value)

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        self.data = None
        super().process_formdata(valuelist)
        self.data = self.data if isinstance(self.data, int) else None

    def read(self, typed: str) -> int:
        if re.fullmatch(r"-?[0-9]{1,15}", typed):
            return int(typed)
        if re.fullmatch(r"-?[0-9]{1,3}([., \u00a0\u202f][0-9]{3}){1,4}", typed):
            return int(re.sub(r"[^0-9-]", "", typed))
        self.data = None
        raise ValueError(self.not_a_number())

    def not_a_number(self) -> str:
        return _("Enter a whole number in “%(label)s”, for example 12", label=self.label.text)

    def check(self) -> None:
        if self.least is not None and self.data < self.least:
            self.refuse(
                _(
                    "“%(label)s” must be %(least)s or more",
                    label=self.label.text,
                    least=self.write_limit(self.least),
                )
            )
        if self.most is not None and self.data > self.most:
            self.refuse(
                _(
                    "“%(label)s” must be %(most)s or less",
                    label=self.label.text,
                    most=self.write_limit(self.most),
                )
            )

    def write_limit(self, value: int) -> str:
        return number(value)


class MoneyField(NumberField):
    """An amount in đồng, typed as "10000", "10.000" or "10.000 ₫". Data: int (đồng) or None."""

    def __init__(self, label: Any = "", *, min: int | None = 0, **more: Any) -> None:
        super().__init__(label, min=min, suffix="₫", **more)

    def read(self, typed: str) -> int:
        return super().read(re.sub(r"\s*(₫|đ|đồng|vnd|vnđ)\s*$", "", typed, flags=re.IGNORECASE))

    def not_a_number(self) -> str:
        return _("Enter an amount in đồng in “%(label)s”, for example 10.000", label=self.label.text)

    def write(self, value: Any) -> str:
        return "" if value is None else f"{value:,}".replace(",", ".")

    def write_limit(self, value: int) -> str:
        return f"{number(value)}\N{NO-BREAK SPACE}₫"


class Password(TextField):
    """A password, not trimmed and never sent back. `new` asks the browser to suggest one."""

    input_type, spellcheck = "password", "false"

    def __init__(
        self, label: Any = "", *, new: bool = False, min: int = 0, width: str = "w-20", **more: Any
    ) -> None:
        more.setdefault("autocomplete", "new-password" if new else "current-password")
        super().__init__(label, max=200, min=min, width=width, **more)

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        given = valuelist[0] if valuelist and isinstance(valuelist[0], str) else ""
        self.data = normal("NFC", given)
        if "\x00" in self.data or len(self.data) > self.max:
            self.data = ""
            raise ValueError(_("A password may have at most %(max)s characters", max=self.max))

    def shown(self) -> str:
        return ""


class Hidden(TextField):
    """A value that the page carries along. Data: str."""

    widget: Any = widgets.HiddenInput()

    def __init__(self, *, required: bool = False, max: int = 500, **more: Any) -> None:
        super().__init__("", required=required, max=max, **more)
