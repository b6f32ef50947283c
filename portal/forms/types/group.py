"""Rows of several questions each, one under the other: people, places."""
from typing import Any

from markupsafe import Markup

from portal.forms.types.question import Question
from portal.forms.types.rows import Rows, RowsField, remove_button, whole
from portal.kit.forms.widgets import tag
from portal.kit.i18n import say

BLANK_ROWS = 2  # on paper, where the definition asks for no more


class GroupInput:
    """A card for each row."""

    def __call__(self, field: RowsField, **more: Any) -> Markup:
        return whole(field, Markup("").join(self._card(field, n) for n in range(len(field.forms))))

    def _card(self, field: RowsField, n: int) -> Markup:
        own = f"{field.id}-{n}"
        title = tag("span", field.name_of(n), id=f"{own}-title", class_="row-title")
        top = tag("div", title + remove_button(field, n), class_="spread")
        questions = Markup("").join(inner() for inner in field.forms[n].questions())
        return tag("div", top + questions, id=own, class_="row-card", role="group", tabindex="-1",
                   aria_labelledby=f"{own}-title")


class Group(Rows):
    kind = "group"

    def widget(self, q: Question) -> GroupInput:
        return GroupInput()

    def shown(self, q: Question, value: Any) -> Markup:
        """A list of rows, each a list of label and answer."""
        return tag("ol", Markup("").join(tag("li", self._row(q, row)) for row in value), class_="row-list")

    def _row(self, q: Question, row: Any) -> Markup:
        pairs = (tag("div", tag("dt", say(inner["label"])) + tag("dd", words)) for inner in self.asked(q, row)
                 if (words := self.cell(inner, row)))
        return tag("dl", Markup("").join(pairs))

    def blank(self, q: Question) -> Markup:
        return Markup("").join(self._blank_row(q, n + 1) for n in range(max(q.get("min", 0), BLANK_ROWS)))

    def _blank_row(self, q: Question, n: int) -> Markup:
        title = tag("p", f"{say(self.row(q))} {n}", class_="row-title")
        entries = (tag("div", tag("p", say(inner["label"])) + self.types[inner["kind"]].blank(inner), class_="entry")
                   for inner in q["fields"])
        return tag("div", title + Markup("").join(entries), class_="blank-row")
