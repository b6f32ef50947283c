"""What a national report of a day is, as plain data that can be frozen, read by anybody and worked out again. Pure.

    {"form", "key", "on", "period", "title", "words",
     "figures":  each that is said, or compared with, by its id: indicator, group, value, as_published, unit,
                 denominator, on, source, confidence, names, checks …; never a number without them
     "derived":  {"id", "of", "rule", "from": [ids], "result", "unit"}, and where the result is held against what was
                 published: {"against": {"id", "part"}, "agrees"}
     "tables":   {"key", "words", "columns", "rows", "totals", "picks"}: columns with a `rule` are worked out from
                 others (arithmetic.py); a table that `groups` another is worked out from that; `detail`: too long
                 for paper
     "sections": {"key", "words", "paragraph", "notes", "figures", "tables", "charts"}}

Numbers of figures are decimal numbers as text, with the digits of their source. Words are {"vi", "en"}.
"""
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from portal.kit.text import N_
from portal.oversight.checks import PARTITIONS, SUMS, Check, opposite
from portal.oversight.figures import GROUP_WORDS, OFFICE, THEME_WORDS, UNIT_WORDS, Figure, Group, Indicator, Theme
from portal.oversight.national import arithmetic
from portal.oversight.periods import days_of, period_of

FORM = "portal-national-report/1"
KEY = "nation"
SECTIONS: Mapping[str, str] = {theme.value: words for theme, words in THEME_WORDS.items()} | {
    Theme.readiness.value: N_("Indices and rankings")}
REPEATED_FOR = timedelta(days=366)  # an older figure says nothing of this day any more
Words = dict[str, str]
Say = Callable[..., Words]

#: The fixed words of a report, printed from the data alone.
WORDS: Mapping[str, str] = {
    "as_of": N_("As of"), "unofficial": N_("Put together by the portal from the sources that are named. It is not a "
                                           "document of any authority."),
    "open": N_("What does not close"), "on": N_("day"), "as_published": N_("as published"), "source": N_("Source"),
    "names": N_("Named"), "since": N_("Since"), "points": N_("percentage points"), "fails": N_("Does not close"),
    "sum": N_("Added up"), "nothing": N_("No figure is known for this section."), "nobody": N_("nobody"),
    "total": N_("All"), "edition": N_("Edition of the report"), "published": N_("published on"),
    "correction": N_("Corrected because"),
    "confidence_M": N_("read in a copy"), "confidence_L": N_("from memory"), "in_time": N_("Handed in in time"),
    "late": N_("Handed in late"), "missing": N_("Not delivered yet"), "awaited": N_("Not due yet"),
    "draft": N_("Draft, not published"), "office": OFFICE}
ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X")


class Built(NamedTuple):
    """What of a section comes from elsewhere than published figures. `charts`: see `chart_of_table`."""

    tables: Sequence[Mapping[str, Any]] = ()
    notes: Sequence[Words] = ()
    charts: Sequence[Mapping[str, Any]] = ()


def title_of(day: date, say: Say) -> Words:
    """Of a quarter where the day ends one, else of the day."""
    if day == days_of(period_of(day, "quarter"))[1]:
        return say(N_("Delivery of e-government: national report, quarter %(quarter)s of %(year)s"),
                   quarter=ROMAN[(day.month - 1) // 3], year=day.year)
    return say(N_("Delivery of e-government: national report of %(day)s"), day=f"{day:%d/%m/%Y}")


def report(day: date, shown: Mapping[Figure, Sequence[Check]], earlier: Sequence[Figure], built: Mapping[str, Built],
           paragraphs: Mapping[str, str], say: Say) -> dict[str, Any]:
    """The report of a day. `shown`: its figures, each with its checks; `earlier`: those that they are compared with;
    `built`: by section."""
    ids = {one: f"f{n}" for n, one in enumerate(dict.fromkeys([*shown, *earlier]), 1)}
    derived = _Derived(ids, earlier)
    for figure in shown:
        derived.of(figure, list(shown))
    figures = [_plain(one, id_, one in shown, shown.get(one, ()), say) for one, id_ in ids.items()]
    return {"form": FORM, "key": KEY, "on": day.isoformat(), "period": period_of(day, "quarter"),
            "title": title_of(day, say), "words": {key: say(words) for key, words in WORDS.items()},
            "figures": figures, "derived": derived.made,
            "tables": [dict(table) for key in SECTIONS for table in built.get(key, Built()).tables],
            "sections": [_section(key, words, figures, derived.made, built.get(key, Built()), paragraphs, say)
                         for key, words in SECTIONS.items()]}


def _plain(one: Figure, id_: str, shown: bool, found: Iterable[Any], say: Say) -> dict[str, Any]:
    about = one.about
    return {"id": id_, "shown": shown, "indicator": one.indicator, "words": _name(about, say),
            "theme": about.theme.value, "group": one.group, "group_words": say(GROUP_WORDS[Group(one.group)]),
            "value": arithmetic.plain(one.value), "as_published": one.as_published, "unit": about.unit,
            "unit_words": say(UNIT_WORDS.get(about.unit, about.unit)), "denominator": one.denominator,
            "other_denominator": one.other_denominator, "share": one.share, "on": one.on.isoformat(),
            "source": one.source, "confidence": one.confidence, "names": list(one.names),
            "checks": [{"rule": check.rule, "ok": check.ok, "says": say(check.says, **check.facts)}
                       for check in found]}


def _name(about: Indicator, say: Say) -> Words:
    """Of a report's own indicator its words are data."""
    return {"vi": about.words, "en": about.english[0]} if about.english[0] else say(about.words)


class _Derived:
    """Collects what is worked out from figures."""

    def __init__(self, ids: Mapping[Figure, str], earlier: Sequence[Figure]) -> None:
        self.ids, self.earlier = ids, earlier
        self.made: list[dict[str, Any]] = []

    def of(self, figure: Figure, shown: Sequence[Figure]) -> None:
        """Its share, how it changed since the quarter before, and the sums of which it is the whole."""
        id_ = self.ids[figure]
        if figure.denominator:
            exact = arithmetic.share(figure.value, Decimal(figure.denominator))
            against = {"against": {"id": id_, "part": "share"},
                       "agrees": arithmetic.fits(figure.share, exact)} if figure.share else {}
            self._add(id_, "share", [id_], arithmetic.hundredths(exact), "percent", **against)
        before = self._before(figure)
        if before is not None:
            self._change(figure, before)
        self._sums(figure, shown)

    def _before(self, figure: Figure) -> Figure | None:
        begun, other = days_of(period_of(figure.on, "quarter"))[0], opposite(figure.indicator)
        found = [one for one in self.earlier if one.group == figure.group and one.on < begun
                 and (one.indicator == figure.indicator or (one.indicator == other and one.denominator))]
        return max(found, key=lambda one: (one.on, one.indicator == figure.indicator), default=None)

    def _change(self, figure: Figure, before: Figure) -> None:
        """Against the same indicator; against its opposite by what that leaves of its denominator."""
        id_, then, value = self.ids[figure], self.ids[before], before.value
        if before.indicator != figure.indicator:
            value = Decimal(before.denominator or 0) - before.value
            then = self._add(id_, "rest", [then], arithmetic.plain(value), figure.unit)
        self._add(id_, "difference", [id_, then], arithmetic.plain(figure.value - value), figure.unit,
                  since=before.on.isoformat())
        if before.indicator == figure.indicator and figure.denominator and before.denominator:
            points = arithmetic.share(figure.value, Decimal(figure.denominator)) - arithmetic.share(
                before.value, Decimal(before.denominator))
            self._add(id_, "points", [id_, then], arithmetic.hundredths(points), "points", since=before.on.isoformat())

    def _sums(self, figure: Figure, shown: Sequence[Figure]) -> None:
        """Parts beside their whole, whether they close or not; groups beside all that there are."""
        for whole, parts in SUMS:
            if figure.indicator == whole and (found := self._all(figure, parts, shown)):
                self._sum(figure, found, figure.value, "value")
        for names in PARTITIONS:
            if figure.indicator == names[0] and figure.denominator and (found := self._all(figure, names, shown)):
                self._sum(figure, found, Decimal(figure.denominator), "denominator")

    @staticmethod
    def _all(figure: Figure, names: Sequence[str], shown: Sequence[Figure]) -> list[Figure]:
        """Those of the figure's own day and source; a pair of opposites may be told by two."""
        found = [next((one for one in shown if (one.indicator, one.group, one.on) == (name, figure.group, figure.on)
                       and (one.source == figure.source or opposite(name))), None) for name in names]
        return [one for one in found if one] if None not in found else []

    def _sum(self, figure: Figure, parts: Sequence[Figure], whole: Decimal, part: str) -> None:
        total = sum((one.value for one in parts), Decimal(0))
        self._add(self.ids[figure], "sum", [self.ids[one] for one in parts], arithmetic.plain(total), figure.unit,
                  against={"id": self.ids[figure], "part": part}, agrees=total == whole)

    def _add(self, of: str, rule: str, from_: list[str], result: str, unit: str, **more: Any) -> str:
        id_ = f"d{len(self.made) + 1}"
        self.made.append({"id": id_, "of": of, "rule": rule, "from": from_, "result": result, "unit": unit} | more)
        return id_


def _section(key: str, words: str, figures: Sequence[Mapping[str, Any]], derived: Sequence[Mapping[str, Any]],
             built: Built, paragraphs: Mapping[str, str], say: Say) -> dict[str, Any]:
    mine = [one["id"] for one in figures if one["shown"] and one["theme"] == key]
    charts = _charts([one for one in figures if one["id"] in mine], derived, say)
    return {"key": key, "words": say(words), "paragraph": paragraphs.get(key, "").strip(), "notes": list(built.notes),
            "figures": mine, "tables": [table["key"] for table in built.tables], "charts": [*charts, *built.charts]}


def _charts(figures: Sequence[Mapping[str, Any]], derived: Sequence[Mapping[str, Any]],
            say: Say) -> list[dict[str, Any]]:
    """Of each indicator with a denominator its shares, a bar for each group."""
    found: dict[str, dict[str, Any]] = {}
    shares = {one["of"]: one["id"] for one in derived if one["rule"] == "share"}
    for one in figures:
        if one["id"] in shares:
            title = {language: say(N_("%(title)s, of every hundred"), title="%(title)s")[language] % {
                "title": words} for language, words in one["words"].items()}
            found.setdefault(one["indicator"], {"key": one["indicator"], "words": title, "of": []})["of"].append(
                shares[one["id"]])
    return list(found.values())


def column(key: str, words: Words, *, rule: str = "", of: Sequence[str] = (), total: bool = False, hidden: bool = False,
           **more: Any) -> dict[str, Any]:
    """A column of a table. `rule`, `of`: how it is worked out; `total`: it is added up; `hidden`: for machines;
    `unit`: "day", "code" (one of WORDS), "signed", "percent", where it is no number."""
    made: dict[str, Any] = {"key": key, "words": words} | more
    if rule:
        made |= {"rule": rule, "of": list(of)}
    return made | ({"total": True} if total else {}) | ({"hidden": True} if hidden else {})


def table(key: str, words: Words, columns: Sequence[Mapping[str, Any]], rows: Sequence[arithmetic.Row],
          picks: Sequence[Mapping[str, Any]] = (), **more: Any) -> dict[str, Any]:
    """A table with its derived columns, its totals, and the names of the rows of which something is just so. `picks`:
    {"key", "words", "column", "is"}. `more`: source, on, detail."""
    arithmetic.fill(columns, rows)
    return {"key": key, "words": words, "columns": list(columns), "rows": list(rows),
            "totals": arithmetic.totals(columns, rows) if rows else {},
            "picks": [dict(pick) | {"names": arithmetic.picked(rows, pick["column"], pick["is"])} for pick in picks]
            } | more


def table_of_groups(key: str, words: Words, detail: Mapping[str, Any], by: str,
                    columns: Sequence[Mapping[str, Any]], **more: Any) -> dict[str, Any]:
    """A table with a row for each value of a column of another table."""
    return {"key": key, "words": words, "groups": detail["key"], "by": by, "columns": list(columns),
            "rows": arithmetic.grouped(detail["rows"], by, columns), "totals": {}, "picks": []} | more


def chart_of_table(table: str, column: str, words: Words, most: int) -> dict[str, Any]:
    """Bars: the largest of a column."""
    return {"key": f"{table}_{column}", "words": words, "table": table, "column": column, "most": most}
