"""How a question looks: label above, help under it, the error, then the control. HTML only, no rules."""

from collections.abc import Iterable
from typing import Any

from markupsafe import Markup, escape
from wtforms.widgets import html_params

from portal.kit.i18n import _, number

WARNING = Markup(
    '<svg class="icon" viewBox="0 0 16 16" aria-hidden="true"><path d="M8 1 .6 14.500h14.800L8 1Z'
    'm-.9 4.500h1.800v4.800H7.100V5.500Zm0 6h1.800v1.700H7.100v-1.700Z"/></svg>'
)


def tag(element: str, inner: Any = None, /, **attributes: Any) -> Markup:
    """One element; attributes that are None or False are left out. Without `inner` it has no end tag."""
    kept = {key: value for key, value in attributes.items() if value is not None and value is not False}
    opening = Markup("<{} {}>" if kept else "<{}{}>").format(
        Markup(element), html_params(**kept) if kept else ""
    )
    return opening if inner is None else Markup("{}{}</{}>").format(opening, inner, Markup(element))


def help_id(field: Any) -> str | None:
    return f"{field.id}-help" if field.help_text() else None


def error_id(field: Any) -> str | None:
    return f"{field.id}-error" if field.errors else None


def described_by(field: Any, *more: str | None) -> str | None:
    """The ids of everything that explains the field, in reading order; None when nothing does."""
    return " ".join(filter(None, (help_id(field), error_id(field), *more))) or None


def label_words(field: Any) -> Markup:
    """The label, with "(optional)" after it where an answer is not needed."""
    words = escape(str(field.label.text))
    if field.required or field.unmarked:
        return words
    return words + Markup(' <span class="optional">({})</span>').format(_("optional"))


def help_line(field: Any) -> Markup:
    words = field.help_text()
    return tag("p", words, id=help_id(field), class_="help") if words else Markup("")


def error_line(field: Any) -> Markup:
    if not field.errors:
        return Markup("")
    words = Markup("<br>").join(escape(str(message)) for message in field.errors)
    return tag(
        "p",
        Markup('{}<span><span class="vh">{}: </span>{}</span>').format(WARNING, _("Error"), words),
        id=error_id(field),
        class_="error",
    )


def _wrapper(field: Any) -> dict[str, Any]:
    attributes: dict[str, Any] = {"class_": "field has-error" if field.errors else "field"}
    if field.show_if is not None:
        beside = field.name.removesuffix(field.short_name) + field.show_if[0]  # in a row, the question of that row
        attributes |= {"data-show-field": beside, "data-show-equals": field.show_if[1]}
    return attributes


def block(field: Any, control: Markup, label: bool = True) -> Markup:
    """A question with one control."""
    top = tag("label", label_words(field), for_=field.id, class_="label") if label else Markup("")
    return tag("div", top + help_line(field) + error_line(field) + control, **_wrapper(field))


def group(field: Any, controls: Markup, *, leads: bool = False, **attributes: Any) -> Markup:
    """A question with several controls: a fieldset, its label the legend.

    The legend has the field's own id, so that links reach it, unless `leads`: the first control has it then.
    """
    top = tag("legend", label_words(field), id=None if leads else field.id, class_="label")
    return tag(
        "fieldset",
        top + help_line(field) + error_line(field) + controls,
        **_wrapper(field),
        id=f"{field.id}-group",
        aria_describedby=described_by(field),
        **attributes,
    )


def input_attributes(field: Any) -> dict[str, Any]:
    """What every control of one value carries."""
    return {
        "id": field.id,
        "name": field.name,
        "aria-describedby": described_by(field),
        "aria-invalid": "true" if field.errors else None,
        "autocomplete": field.autocomplete,
        "class_": f"input {field.width}".strip(),
        **(field.render_kw or {}),
    }


class TextInput:
    """One line of text; `suffix` (a unit such as ₫) stands after it."""

    def __call__(self, field: Any, **more: Any) -> Markup:
        control = tag(
            "input",
            **input_attributes(field)
            | {
                "type": field.input_type,
                "value": field.shown(),
                "inputmode": field.inputmode,
                "spellcheck": field.spellcheck,
            }
            | more,
        )
        if field.suffix:
            control = tag("div", control + tag("span", field.suffix, aria_hidden="true"), class_="affix")
        return block(field, control)


class TextBox:
    """Several lines with the limit under them; the script says how many characters are left."""

    def __call__(self, field: Any, **more: Any) -> Markup:
        count_id = f"{field.id}-count"
        attributes = input_attributes(field) | {
            "aria-describedby": described_by(field, count_id),
            "rows": field.rows,
            "data-count": field.max,
        }
        limit = tag(
            "p",
            _("%(max)s characters at most", max=number(field.max)),
            id=count_id,
            class_="count",
            data_left=_("# characters left"),
            data_over=_("# characters too many"),
        )
        # The line break after <textarea> is eaten by the browser, so that a first empty line survives.
        return block(field, tag("textarea", "\n" + field.shown(), **attributes | more) + limit)


class HiddenInput:
    """No label and no error beside it: its errors stand in the summary."""

    def __call__(self, field: Any, **more: Any) -> Markup:
        return tag("input", type="hidden", id=field.id, name=field.name, value=field.shown(), **more)


class Picks:
    """Radios or checkboxes, one under the other; the first carries the field's own id, so links reach it."""

    def __init__(self, kind: str, beside: bool = False) -> None:
        self.kind, self.beside = kind, beside

    def __call__(self, field: Any, **more: Any) -> Markup:
        rows = Markup("").join(
            self._row(field, place, *option) for place, option in enumerate(field.options())
        )
        return group(field, tag("div", rows, class_="side" if self.beside else "options"), leads=True, **more)

    def _row(self, field: Any, place: int, value: str, words: str, hint: str) -> Markup:
        own = field.id if place == 0 else f"{field.id}-{place + 1}"
        box = tag(
            "input",
            type=self.kind,
            id=own,
            name=field.name,
            value=value,
            checked=field.picked(value),
            aria_describedby=f"{own}-hint" if hint else None,
            aria_invalid="true" if field.errors and self.kind == "checkbox" else None,
        )
        under = tag("p", hint, id=f"{own}-hint", class_="help") if hint else Markup("")
        return tag("div", box + tag("label", words, for_=own) + under, class_="option")


class TickBox:
    """One checkbox with its sentence beside it."""

    def __call__(self, field: Any, **more: Any) -> Markup:
        box = tag(
            "input",
            type="checkbox",
            value="1",
            checked=bool(field.data),
            **input_attributes(field) | {"class_": None} | more,
        )
        row = tag("div", box + tag("label", label_words(field), for_=field.id), class_="option")
        return block(field, row, label=False)


def select(options: Iterable[tuple[str, str]], chosen: str, empty: str, **attributes: Any) -> Markup:
    """A <select> whose first line asks for a choice."""
    lines = [tag("option", empty, value="")]
    lines += [tag("option", words, value=value, selected=value == chosen) for value, words in options]
    return tag("select", Markup("").join(lines), **attributes)


class SelectBox:
    """A list to choose one from."""

    def __call__(self, field: Any, **more: Any) -> Markup:
        options = [(value, words) for value, words, _hint in field.options()]
        return block(field, select(options, field.shown(), _("Choose"), **input_attributes(field) | more))
