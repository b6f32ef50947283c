"""Rows of short answers under the same headings: lists with numbers, lines of a report."""
from typing import Any

from markupsafe import Markup

from portal.forms.types.question import Question, QuestionType
from portal.forms.types.rows import Rows, RowsField, remove_button, whole
from portal.kit.forms.widgets import tag
from portal.kit.i18n import _, say

BLANK_ROWS = 5  # on paper, where the definition asks for no more


class TableInput:
    """A row of controls for each row; on a narrow screen they stand one under the other, each with its label."""

    def __call__(self, field: RowsField, **more: Any) -> Markup:
        body = Markup("").join(self._row(field, n) for n in range(len(field.forms)))
        if not field.forms:
            return whole(field, Markup(""), data_table=True)
        heads = [tag("th", _("Row no."), scope="col")]
        heads += [tag("th", inner.label.text, scope="col") for inner in field.forms[0].questions()]
        heads.append(tag("td", ""))
        head = tag("thead", tag("tr", Markup("").join(heads)))
        return whole(field, tag("table", head + tag("tbody", body), class_="row-table"), data_table=True)

    def _row(self, field: RowsField, n: int) -> Markup:
        number = tag("span", str(n + 1), class_="row-number", aria_hidden="true")
        cells = [tag("th", number + tag("span", field.name_of(n), class_="row-title"), scope="row")]
        cells += [tag("td", inner()) for inner in field.forms[n].questions()]
        cells.append(tag("td", remove_button(field, n)))
        return tag("tr", Markup("").join(cells), id=f"{field.id}-{n}", tabindex="-1")


class Table(Rows):
    kind = "table"

    def takes(self, inner: QuestionType) -> bool:
        return super().takes(inner) and inner.fits_cell

    def widget(self, q: Question) -> TableInput:
        return TableInput()

    def shown(self, q: Question, value: Any) -> Markup:
        """The table as it was filled in."""
        rows = [[str(n), *(self.cell(inner, row) for inner in q["fields"])] for n, row in enumerate(value, 1)]
        return self._table(q, rows, "shown")

    def blank(self, q: Question) -> Markup:
        count = max(q.get("min", 0), BLANK_ROWS)
        return self._table(q, [[str(n), *("" for _inner in q["fields"])] for n in range(1, count + 1)], "blank")

    def _table(self, q: Question, rows: list[list[str]], look: str) -> Markup:
        titles = [_("Row no."), *(say(inner["label"]) for inner in q["fields"])]
        heads = (tag("th", title, scope="col") for title in titles)
        body = (tag("tr", tag("th", first, scope="row") + Markup("").join(tag("td", one) for one in others))
                for first, *others in rows)
        whole_table = tag("table", tag("thead", tag("tr", Markup("").join(heads)))
                          + tag("tbody", Markup("").join(body)), class_=f"row-table {look}")
        return tag("div", whole_table, class_="scroll", tabindex="0", role="group", aria_label=say(q["label"]))
