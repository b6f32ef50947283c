"""Questions answered by choosing."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from portal.kit.forms import widgets
from portal.kit.forms.fields import Answer
from portal.kit.i18n import _

Option = tuple[Any, ...]  # (value, words) or (value, words, hint)


class Choice(Answer):
    """One of a few: radios. `choices`: (value, words[, hint]) tuples or a callable that gives them.

    Data: the value through `coerce` (str unless told), None when nothing is chosen.
    """

    widget: Any = widgets.Picks("radio")

    def __init__(
        self,
        label: Any = "",
        *,
        choices: Iterable[Option] | Callable[[], Iterable[Option]] = (),
        coerce: Callable[[Any], Any] = str,
        **more: Any,
    ) -> None:
        self.choices, self.coerce = choices, coerce
        self.typed: list[str] | None = None
        super().__init__(label, **more)

    def options(self) -> list[tuple[str, str, str]]:
        """(value, words, hint) as text, in order."""
        given = self.choices() if callable(self.choices) else self.choices
        return [(str(value), str(words), str(hint[0]) if hint else "") for value, words, *hint in given]

    def process_data(self, value: Any) -> None:
        self.data = None if value is None or value == "" else self.coerce(value)

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        self.typed = [value for value in valuelist if isinstance(value, str) and value]
        self.data = self.take(self.typed)

    def take(self, typed: list[str]) -> Any:
        if not typed:
            return None
        try:
            return self.coerce(typed[0])
        except (TypeError, ValueError):
            raise ValueError(self.unknown()) from None

    def unknown(self) -> str:
        return _("Choose one of the answers offered for “%(label)s”", label=self.label.text)

    def ask(self) -> str:
        return _("Choose an answer for “%(label)s”", label=self.label.text)

    def check(self) -> None:
        if not self.given() <= {value for value, _words, _hint in self.options()}:
            self.refuse(self.unknown())

    def given(self) -> set[str]:
        return {str(self.data)}

    def picked(self, value: str) -> bool:
        return (
            value in self.typed
            if self.typed is not None
            else self.data is not None and str(self.data) == value
        )

    def shown(self) -> str:
        if self.typed is not None:
            return self.typed[0] if self.typed else ""
        return "" if self.data is None else str(self.data)


class Select(Choice):
    """One of many: a list."""

    widget: Any = widgets.SelectBox()


class Choices(Choice):
    """Any of several: checkboxes. Data: a list of values, empty when none is ticked."""

    widget: Any = widgets.Picks("checkbox")

    def process_data(self, value: Any) -> None:
        self.data = [self.coerce(one) for one in value or ()]

    def take(self, typed: list[str]) -> list[Any]:
        try:
            return [self.coerce(one) for one in dict.fromkeys(typed)]
        except (TypeError, ValueError):
            raise ValueError(self.unknown()) from None

    def given(self) -> set[str]:
        return {str(one) for one in self.data}

    def has_value(self, value: str) -> bool:
        return value in self.given()

    def picked(self, value: str) -> bool:
        return value in (self.typed if self.typed is not None else self.given())


class YesNo(Choice):
    """Yes or no. Data: bool, None when not answered."""

    widget: Any = widgets.Picks("radio", beside=True)

    def __init__(self, label: Any = "", **more: Any) -> None:
        super().__init__(label, choices=lambda: (("yes", _("Yes")), ("no", _("No"))), **more)

    def process_data(self, value: Any) -> None:
        self.data = {True: True, False: False, "yes": True, "no": False}.get(value)

    def take(self, typed: list[str]) -> bool | None:
        if typed and typed[0] not in ("yes", "no"):
            raise ValueError(self.unknown())
        return typed[0] == "yes" if typed else None

    def given(self) -> set[str]:
        return {"yes" if self.data else "no"}

    def has_value(self, value: str) -> bool:
        return self.data is not None and value.lower() in ({"yes", "true"} if self.data else {"no", "false"})

    def picked(self, value: str) -> bool:
        return self.data is not None and value in self.given()


class Tick(Answer):
    """One sentence to agree to. Data: bool; `required` means that it must be ticked."""

    widget: Any = widgets.TickBox()

    def process_data(self, value: Any) -> None:
        self.data = bool(value)

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        self.data = bool(valuelist) and valuelist[0] == "1"

    def blank(self) -> bool:
        return not self.data

    def ask(self) -> str:
        return _("Tick “%(label)s” to go on", label=self.label.text)
