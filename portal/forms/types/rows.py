"""Questions that are answered in rows: as many as there are people, places, lines of a report.

Rows are added and taken away by buttons of the form itself: the page comes back with one row more or less and with all
that was typed, so no script is needed. An empty row is left out.
"""
import re
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup
from werkzeug.datastructures import MultiDict
from wtforms.utils import unset_value

from portal.forms.types.question import (
    Question,
    QuestionType,
    Words,
    check_words,
    fields_for,
    meets,
    named,
    whole_numbers,
)
from portal.kit.forms import AGAIN, Form, widgets
from portal.kit.forms.fields import Answer
from portal.kit.forms.widgets import tag
from portal.kit.i18n import LANGUAGES, _, number, say

MOST = 50  # rows, where the definition sets no other limit
HIGHEST = 200
ROW: Words = {"vi": "Dòng", "en": "Row"}


def too_many(label: str, most: int, count: int) -> str:
    return _("“%(label)s” takes at most %(most)s rows; it has %(count)s", label=label, most=number(most),
             count=number(count))


class RowsField(Answer):
    """Rows of the same questions. Data: a list of dicts; posted as <name>-rows (how many) and <name>-<n>-<key>."""

    def __init__(self, label: Any = "", *, row_form: type[Form], row: str, least: int, most: int, widget: Any,
                 **more: Any) -> None:
        self.row_form, self.row, self.least, self.most = row_form, row, least, most
        self.forms: list[Form] = []
        super().__init__(label, widget=widget, **more)

    asks_again = True

    @property
    def first_id(self) -> str:
        return f"{self.id}-group"

    def name_of(self, place: int) -> str:
        """Person 1, Person 2 …"""
        return f"{self.row} {place + 1}"

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        # One answer, many posted values: WTForms would look for one.
        value = self.default if data is unset_value else data
        self.process_errors, self.errors = [], []
        self.object_data = self.data = value() if callable(value) else value
        if formdata is None or f"{self.name}-rows" not in formdata:
            self._show(self.data if isinstance(self.data, list) else [])
        else:
            self._take(formdata)

    def _show(self, rows: Sequence[Mapping[str, Any]]) -> None:
        wanted = max(len(rows), self.least, 1 if self.required else 0)
        self.forms = [self._row_form(n, None, rows[n] if n < len(rows) else {}) for n in range(min(wanted, HIGHEST))]

    def _row_form(self, place: int, formdata: Any, data: Mapping[str, Any]) -> Form:
        return self.row_form(formdata, data=data, prefix=f"{self.name}-{place}", meta={"csrf": False})

    def _take(self, formdata: Any) -> None:
        typed = str(formdata.get(f"{self.name}-rows"))
        count = min(int(typed), HIGHEST) if re.fullmatch(r"[0-9]{1,4}", typed) else 0
        kept, add = self._asked_for(str(formdata.get(AGAIN, "")), count)
        self.forms = [self._row_form(n, self._renumbered(formdata, old, n), {}) for n, old in enumerate(kept)]
        if add and len(self.forms) < self.most:
            self.forms.append(self._row_form(len(self.forms), None, {}))
        self.data = [row.data for row in self.forms]

    def _asked_for(self, button: str, count: int) -> tuple[list[int], bool]:
        """The places of the rows that stay, and whether one more is wanted."""
        places = list(range(count))
        if button == f"{self.name}:add":
            return places, True
        removed = [place for place in places if button == f"{self.name}:remove:{place}"]
        if removed and count > self.least:
            places.remove(removed[0])
        return places, False

    def _renumbered(self, formdata: Any, old: int, new: int) -> MultiDict[str, Any]:
        before, after = f"{self.name}-{old}-", f"{self.name}-{new}-"
        return MultiDict((after + key.removeprefix(before), value) for key in formdata if key.startswith(before)
                         for value in formdata.getlist(key))

    def blank(self) -> bool:
        return not self.data

    def ask(self) -> str:
        return _("Fill in at least one row of “%(label)s”", label=self.label.text)

    def pre_validate(self, form: Any) -> None:
        self._leave_out_empty()
        super().pre_validate(form)

    def _leave_out_empty(self) -> None:
        """A row in which nothing was written counts only as long as fewer would be too few."""
        filled = [row for row in self.forms if not _empty(row)]
        if len(filled) < len(self.forms):
            kept = filled or self.forms[:1]
            kept += [row for row in self.forms if row not in kept][:max(self.least - len(kept), 0)]
            self.forms = [row for row in self.forms if row in kept]
        self.data = [row.data for row in filled]

    def check(self) -> None:
        count = len(self.data)
        # judged first: what is kept of too many rows, or too few, is what applies and is right in each
        wrong = [n for n, row in enumerate(self.forms) if not row.validate()]
        self.data = [row.data for row in self.forms]
        if count < self.least:
            self.refuse(_("“%(label)s” needs at least %(least)s rows; it has %(count)s", label=self.label.text,
                          least=number(self.least), count=number(count)))
        if count > self.most:
            self.refuse(too_many(self.label.text, self.most, count))
        if wrong:
            self.refuse(self._check_again())

    def problems(self) -> list[tuple[str, str]]:
        """Each of a row's own mistakes with the row named, then what is wrong with the whole."""
        within = [(target, f"{self.name_of(n)}: {named(field.label.text, message)}")
                  for n, row in enumerate(self.forms) for field in row if isinstance(field, Answer)
                  for target, message in field.problems()]
        whole = [message for message in self.errors if not within or message != self._check_again()]
        return within + [(self.first_id, named(self.label.text, str(message))) for message in whole]

    def blame(self, key: str, message: str) -> None:
        """`key` is <name>-<row>-<question> where one cell is meant."""
        place, _dash, inner = key.removeprefix(f"{self.short_name}-").partition("-")
        if not (place.isdecimal() and int(place) < len(self.forms) and inner in self.forms[int(place)]):
            super().blame(key, message)
            return
        others = [message for message in self.errors if message != self._check_again()]
        self.forms[int(place)][inner].blame(inner, message)
        self.errors = [self._check_again(), *others]

    def _check_again(self) -> str:
        """The rows with mistakes, by name."""
        names = ", ".join(self.name_of(n) for n, row in enumerate(self.forms) if row.errors)
        return _("Check again in “%(label)s”: %(rows)s", label=self.label.text, rows=names)

    def keepable(self) -> tuple[bool, Any]:
        """Of each row what was right, so that one mistake loses nobody."""
        if self.data is None:  # the question is not put
            return True, None
        rows = [{field.short_name: field.data for field in row
                 if isinstance(field, Answer) and not field.blank() and field.keepable()[0]} for row in self.forms]
        return True, [row for row in rows if row]


def _empty(row: Form) -> bool:
    return all(field.blank() and not field.process_errors for field in row if isinstance(field, Answer))


def add_button(field: RowsField) -> Markup:
    if len(field.forms) >= field.most:
        return tag("p", _("%(most)s rows are the most there can be", most=number(field.most)), class_="help")
    words = _("Add one more: %(row)s", row=field.row[:1].lower() + field.row[1:])
    return tag("button", words, type="submit", name=AGAIN, value=f"{field.name}:add", class_="button secondary small",
               formnovalidate=True, formaction=f"#{field.id}-{len(field.forms)}", data_row_button=True)


def remove_button(field: RowsField, place: int) -> Markup:
    """None where fewer rows would be too few."""
    if len(field.forms) <= max(field.least, 1 if field.required else 0):
        return Markup("")
    words = Markup('{}<span class="vh"> {}</span>').format(_("Take away"), field.name_of(place))
    return tag("button", words, type="submit", name=AGAIN, value=f"{field.name}:remove:{place}",
               class_="button link small", formnovalidate=True, formaction=f"#{field.id}-group", data_row_button=True)


def whole(field: RowsField, rows: Markup, **more: Any) -> Markup:
    """The fieldset around the rows: how many there are goes along, so that a page without a script can say it."""
    count = tag("input", type="hidden", name=f"{field.name}-rows", value=str(len(field.forms)))
    return widgets.group(field, count + rows + add_button(field), data_rows=field.id, tabindex="-1", **more)


class Rows(QuestionType):
    """A question with questions of its own, `fields`, asked `min` to `max` times; `row` names one of them."""

    parts = frozenset(("fields", "row", "min", "max"))

    def __init__(self, types: Mapping[str, QuestionType]) -> None:
        self.types = types

    def takes(self, inner: QuestionType) -> bool:
        """Whether a question of this type may stand in a row."""
        return not inner.of_file and not isinstance(inner, Rows) and inner.kind != "confirmation"

    def check(self, q: Question, place: str) -> None:
        whole_numbers(q, place, "min", "max")
        if not 0 <= q.get("min", 0) <= q.get("max", MOST) <= HIGHEST:
            raise ValueError(f"{place}.max: from min to {HIGHEST}")
        if "row" in q:
            check_words(q["row"], f"{place}.row")
        if not isinstance(q.get("fields"), list) or not q["fields"]:
            raise ValueError(f"{place}.fields: a row asks for something")

    def field(self, q: Question, common: dict[str, Any]) -> Any:
        row_form = type("Row", (Form,), fields_for(q["fields"], self.types))
        return RowsField(row_form=row_form, row=say(self.row(q)), least=max(q.get("min", 0), int(common["required"])),
                         most=q.get("max", MOST), widget=self.widget(q), **common)

    def widget(self, q: Question) -> Any:
        raise TypeError(f"{self.kind} has no widget")

    def asked(self, q: Question, row: Mapping[str, Any]) -> list[Question]:
        """The questions of a row that apply, given its own answers."""
        found: list[Question] = []
        for inner in q["fields"]:
            condition = inner.get("show_if")
            if condition is None or (any(one["key"] == condition["field"] for one in found)
                                     and meets(row.get(condition["field"]), condition["equals"])):
                found.append(inner)
        return found

    def dump(self, q: Question, value: Any) -> list[dict[str, Any]]:
        known = {inner["key"]: inner for inner in q["fields"]}
        return [{key: self.types[known[key]["kind"]].dump(known[key], one) for key, one in row.items()
                 if one is not None} for row in value or ()]

    def load(self, q: Question, kept: Any) -> list[dict[str, Any]] | None:
        """Each row with the values of its questions that apply."""
        if not isinstance(kept, list) or not all(isinstance(row, Mapping) for row in kept):
            return None
        return [{inner["key"]: value for inner in self.asked(q, row) if (value := self.types[inner["kind"]].load(
            inner, row.get(inner["key"]))) is not None} for row in kept]

    def gaps(self, q: Question, value: Any) -> list[tuple[str, Words]]:
        if not value or len(value) < q.get("min", 0):
            return [(q["key"], q["label"])] if q.get("required") or value else []
        return [(f"{q['key']}-{n}-{key}", {language: f"{self.row(q)[language]} {n + 1}: {label[language]}"
                                           for language in LANGUAGES})
                for n, row in enumerate(value) for inner in self.asked(q, row)
                for key, label in self.types[inner["kind"]].gaps(inner, row.get(inner["key"]))]

    def problems(self, q: Question, value: Any) -> list[tuple[str, str]]:
        """A draft keeps rows beyond the most, so that nobody loses them: they keep it from being handed in."""
        most = q.get("max", MOST)
        whole = [(q["key"], too_many(say(q["label"]), most, len(value)))] if len(value) > most else []
        return whole + [(f"{q['key']}-{n}-{key}", f"{say(self.row(q))} {n + 1}: {message}")
                for n, row in enumerate(value) for inner in self.asked(q, row) if inner["key"] in row
                for key, message in self.types[inner["kind"]].problems(inner, row[inner["key"]])]

    def row(self, q: Question) -> Words:
        """What one row is called."""
        words: Words = q.get("row", ROW)
        return words

    def cell(self, inner: Question, row: Mapping[str, Any]) -> str:
        """One answer of a row in words, "" where there is none."""
        value = row.get(inner["key"])
        return "" if value is None else self.types[inner["kind"]].words(inner, value)

    def words(self, q: Question, value: Any) -> str:
        """A line for each row: 1. Name: …; Date of birth: …"""
        return "\n".join(f"{n}. " + "; ".join(
            f"{say(inner['label'])}: {words}" for inner in self.asked(q, row) if (words := self.cell(inner, row)))
            for n, row in enumerate(value, 1))

    def example(self, q: Question, n: int = 0) -> list[dict[str, Any]]:
        count = max(q.get("min", 0), 2) if q.get("max", MOST) > 1 else 1
        rows: list[dict[str, Any]] = []
        for place in range(count):
            row: dict[str, Any] = {}
            for inner in q["fields"]:
                if inner in self.asked(q, row):
                    row[inner["key"]] = self.types[inner["kind"]].example(inner, n + place)
            rows.append(row)
        return rows
