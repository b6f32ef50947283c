"""A spreadsheet of tasks, understood line by line: what would be given to whom, and what is wrong in which cell. Pure.

Nothing is guessed: what can be read in two ways is a problem of its cell, with the way out in its words.
"""
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from functools import partial
from typing import Any, NamedTuple

from portal.intake.columns import plain
from portal.kit.text import N_
from portal.oversight import tables
from portal.oversight.tables import Doubtful, Heading, Problem, Row, Table

MOST_ROWS, MOST_TASKS = 500, 10_000
LONGEST = {"mark": 20, "number": 60, "issuer": 200, "article": 80, "words": 4000, "product": 1000, "source": 300,
           "condition": 500, "parent": 160, "leads": 4000, "others": 4000, "deadline": 600, "probe": 400, "public": 20}
HEADINGS = (
    Heading("mark", {"vi": "TT", "en": "No."}, ("STT", "Số thứ tự")),
    Heading("number", {"vi": "Số, ký hiệu văn bản", "en": "Number of the decision"},
            ("Số văn bản", "Số ký hiệu", "Văn bản giao"), required=True),
    Heading("issuer", {"vi": "Cơ quan ban hành", "en": "Issued by"}, required=True),
    Heading("issued_on", {"vi": "Ngày ban hành", "en": "Issued on"}, ("Ngày văn bản", "Ngày ký")),
    Heading("article", {"vi": "Điều, khoản", "en": "Article"}, ("Điều khoản", "Điều")),
    Heading("words", {"vi": "Nội dung nhiệm vụ", "en": "Task"}, ("Nhiệm vụ", "Nội dung"), required=True),
    Heading("product", {"vi": "Sản phẩm", "en": "Product"}, ("Kết quả, sản phẩm", "Sản phẩm dự kiến", "Kết quả")),
    Heading("leads", {"vi": "Cơ quan chủ trì", "en": "Lead agencies"}, ("Chủ trì", "Đơn vị chủ trì"), required=True),
    Heading("others", {"vi": "Cơ quan phối hợp", "en": "Co-operating agencies"}, ("Phối hợp", "Đơn vị phối hợp")),
    Heading("deadline", {"vi": "Thời hạn", "en": "Deadline"}, ("Thời hạn hoàn thành", "Hạn", "Hạn hoàn thành"),
            required=True),
    Heading("probe", {"vi": "Cổng tự kiểm tra", "en": "Probe"}, ("Tự kiểm tra",)),
    Heading("parent", {"vi": "Thuộc nhiệm vụ", "en": "Part of"}, ("Nhiệm vụ cha",)),
    Heading("public", {"vi": "Công khai", "en": "Public"}),
    Heading("source", {"vi": "Nguồn", "en": "Source"}, ("Ghi nguồn",)),
)
NAMED = {heading.key: heading for heading in HEADINGS}
EVERY = {"hang thang": "month", "every month": "month", "monthly": "month", "hang quy": "quarter",
         "every quarter": "quarter", "quarterly": "quarter", "hang nam": "year", "every year": "year", "yearly": "year"}
NONE = frozenset({"khong", "khong thoi han", "khong co thoi han", "khong xac dinh", "none", "no deadline"})
TRUTHS = {"co": True, "x": True, "yes": True, "true": True, "khong": False, "no": False, "false": False}
ALL = frozenset({"tat ca", "tat ca cac bo nganh dia phuong", "cac bo nganh dia phuong", "all"})
CENTRAL = frozenset({"tat ca cac bo co quan ngang bo", "cac bo co quan ngang bo", "cac bo nganh", "all ministries",
                     "tat ca cac bo", "cac bo", "tat ca cac bo nganh", "all ministries and central bodies"})
PROVINCES = frozenset({"tat ca cac tinh thanh pho", "cac tinh thanh pho", "tat ca cac tinh", "cac dia phuong",
                       "tat ca tinh thanh pho", "all provinces", "all provinces and cities"})
_CONDITION = re.compile(r"\s*(?:điều kiện|condition|khi có điều kiện)\s*:\s*(.*)", re.I | re.S)
_PROBE = re.compile(r"([^()]+?)\s*(?:\(([^()]*)\))?", re.S)

#: What is said of a cell of this spreadsheet, beside tables.WORDS.
WORDS: Mapping[str, str] = {
    "no_deadline": N_("“%(said)s” is no deadline. Write a day as 31/12/2026, “hằng tháng”, “hằng quý” or “hằng năm”, "
                      "“điều kiện: …”, or “không thời hạn”."),
    "due_before_issued": N_("%(due)s lies before the day of the decision, %(issued)s."),
    "issued_later": N_("%(issued)s is still to come: a decision that was given has a day that has been."),
    "unknown_agency": N_("no agency of today is called “%(said)s”. The list of names and codes is in the template."),
    "unknown_agency_near": N_("no agency of today is called “%(said)s”. Is “%(near)s” meant?"),
    "former_agency": N_("“%(said)s” exists no longer, since %(until)s. Name the agency that took over: %(now)s."),
    "two_roles": N_("%(names)s answers for the task already, and is not named as co-operating too."),
    "unknown_probe": N_("“%(said)s” is nothing that the portal looks at. The list is in the template."),
    "probe_wants": N_("what the portal looks at needs more: %(name)s. %(why)s"),
    "no_truth": N_("“%(said)s”: write “có” or “không”."),
    "doubled": N_("the same task stands in line %(line)s already."),
    "given_already": N_("the same task was given already, on %(day)s. Take this line out."),
    "no_parent": N_("“%(said)s” is no TT of a line above, and no decision of that number is here."),
    "parent_unclear": N_("%(n)s tasks come from “%(said)s”. Write its article too, as “%(example)s”."),
    "not_a_part": N_("this task cannot be a part of that one."),
    "mark_doubled": N_("TT “%(said)s” stands in line %(line)s already, so it is not clear which line is meant."),
    "shifted": N_("the cells of this line seem to have moved by one column to the %(way)s. Move them back under their "
                  "headings."),
    "too_many_tasks": N_("the file gives %(n)s tasks to agencies; at most %(most)s fit in one file. Split it."),
}
WAYS = {1: N_("right"), -1: N_("left")}


class Former(NamedTuple):
    """An agency that exists no longer: its last day, and who took over."""

    until: date | None
    now: tuple[str, ...]


@dataclass(frozen=True)
class Known:
    """What a spreadsheet is compared with. `agencies`: what each is called, folded → its id; `names`: id → name;
    `provinces`: ids; `former`: folded name → what became of it. `probes`: what each is called, folded → its key;
    `complete`: what a probe is given, with what stands where nothing is (raises ValueError with `name`, `words`)."""

    agencies: Mapping[str, int]
    names: Mapping[int, str]
    provinces: frozenset[int]
    former: Mapping[str, Former]
    probes: Mapping[str, str]
    complete: Callable[..., dict[str, Any]]
    today: date


@dataclass
class Line:
    """A line: `said`, its cells by key as they may be shown; `given`: as it would be given (see `_given`), None where
    something is wrong."""

    number: int
    said: dict[str, str]
    given: dict[str, Any] | None = None
    problems: list[Problem] = field(default_factory=list)


def understand(table: Table, known: Known) -> tuple[list[Line], list[Problem]]:
    """Every line, and all problems in the order of the table: those of the whole first, then line by line."""
    lines = [_line(table, row, known) for row in table.rows]
    _compare(table, lines)
    whole = list(table.problems)
    tasks = sum(len(line.given["leads"]) + len(line.given["others"]) for line in lines if line.given)
    if tasks > MOST_TASKS:
        whole.insert(0, Problem("", "too_many_tasks", {"n": tasks, "most": MOST_TASKS}))
    return lines, whole + [problem for line in lines for problem in line.problems]


def _line(table: Table, row: Row, known: Known) -> Line:
    given, problems = _given(table, row, known)
    if len(problems) > 1 and (way := _shifted(table, row, known)):
        problems = [Problem(str(row.number), "shifted", {"way": way})]
    stops = any(problem.stops for problem in problems)
    said = {key: tables.shown_whole(cell) for key, cell in row.cells.items()}
    return Line(row.number, said, None if stops else given, problems)


def _given(table: Table, row: Row, known: Known) -> tuple[dict[str, Any], list[Problem]]:
    """(the fields of the directive, with `leads` and `others` as ids, days as ISO 8601, `parent` and `mark` as written;
    problems)."""
    problems: list[Problem] = []

    def cell(key: str, read: Callable[[Any], Any]) -> Any:
        try:
            return read(row.cells.get(key))
        except Doubtful as error:
            problems.append(Problem(table.at(row, key), error.reason, error.facts))
            return None

    found: dict[str, Any] = {key: cell(key, partial(_text, key)) for key in (
        "mark", "number", "issuer", "article", "words", "product", "source", "parent")}
    issued = cell("issued_on", lambda value: _issued(tables.day(value, "issued_on" in table.month_first), known.today))
    found |= {"issued_on": issued.isoformat() if issued else None,
              "public": cell("public", _truth), "leads": cell("leads", lambda value: _agencies("leads", value, known)),
              "others": cell("others", lambda value: _agencies("others", value, known))}
    found |= cell("deadline", lambda value: _deadline(value, issued, "deadline" in table.month_first)) or {}
    found |= cell("probe", lambda value: _probe(value, found.get("deadline") == "recurring", known)) or {}
    if both := set(found["leads"] or ()) & set(found["others"] or ()):
        problems.append(Problem(table.at(row, "others"), "two_roles", {
            "names": ", ".join(known.names[id_] for id_ in sorted(both))}, False))
        found["others"] = [id_ for id_ in found["others"] if id_ not in both]
    return found, problems


def _text(key: str, value: Any) -> str:
    said = tables.text(value, LONGEST[key])
    if not said and NAMED[key].required:
        raise Doubtful("missing")
    return said


def _issued(day: date | None, today: date) -> date | None:
    if day and day > today:
        raise Doubtful("issued_later", issued=f"{day:%d/%m/%Y}")
    return day


def _truth(value: Any) -> bool:
    said = tables.text(value, LONGEST["public"])
    if said and plain(said) not in TRUTHS:
        raise Doubtful("no_truth", said=tables.shown(said))
    return TRUTHS.get(plain(said), True)


def _deadline(value: Any, issued: date | None, month_first: bool) -> dict[str, Any]:
    """The fields of a directive that say when it is due."""
    empty: dict[str, Any] = {"deadline": "none", "due_on": None, "every": None, "condition": ""}
    if isinstance(value, str):
        said = tables.text(value, LONGEST["deadline"])
        if plain(said) in NONE:
            return empty
        if plain(said) in EVERY:
            return empty | {"deadline": "recurring", "every": EVERY[plain(said)]}
        if found := _CONDITION.fullmatch(said):
            condition = tables.text(found[1], LONGEST["condition"])
            if condition:
                return empty | {"deadline": "condition", "condition": condition}
            raise Doubtful("no_deadline", said=tables.shown(said))
    try:
        due = tables.day(value, month_first)
    except Doubtful as error:
        raise (Doubtful("no_deadline", **error.facts) if error.reason == "no_day" else error) from None
    if due is None:
        raise Doubtful("missing")
    if issued and due < issued:
        raise Doubtful("due_before_issued", due=f"{due:%d/%m/%Y}", issued=f"{issued:%d/%m/%Y}")
    return empty | {"deadline": "fixed", "due_on": due.isoformat()}


def _probe(value: Any, recurring: bool, known: Known) -> dict[str, Any]:
    """A probe by its name or words, with what it is given in brackets: "services_at_level (level=4; share=100)"."""
    said = tables.text(value, LONGEST["probe"])
    if not said:
        return {"probe": None, "wanted": {}}
    found = _PROBE.fullmatch(said)
    key = known.probes.get(plain(found[1])) if found else None
    if found is None or key is None:
        raise Doubtful("unknown_probe", said=tables.shown(said))
    pairs = [pair.partition("=") for pair in (found[2] or "").split(";") if pair.strip()]
    try:
        wanted = known.complete(key, {name.strip(): given.strip() for name, _is, given in pairs}, recurring=recurring)
    except ValueError as error:
        raise Doubtful("probe_wants", name=getattr(error, "name", tables.shown(said)),
                       why=getattr(error, "words", "")) from None
    return {"probe": key, "wanted": wanted}


def _agencies(key: str, value: Any, known: Known) -> list[int]:
    """The agencies of a cell, by names, codes or groups, parted by semicolons or line breaks."""
    said = tables.text(value, LONGEST[key])
    if not said and NAMED[key].required:
        raise Doubtful("missing")
    found: dict[int, None] = {}
    for name in (part.strip(" .,") for part in re.split(r"[;\n]", said)):
        if name:
            found |= dict.fromkeys(_named(name, known))
    return list(found)


def _named(name: str, known: Known) -> list[int]:
    folded = plain(name)
    if folded in known.agencies:
        return [known.agencies[folded]]
    for group, chosen in ((ALL, lambda _id: True), (CENTRAL, lambda id_: id_ not in known.provinces),
                          (PROVINCES, lambda id_: id_ in known.provinces)):
        if folded in group:
            return [id_ for id_ in known.names if chosen(id_)]
    if former := known.former.get(folded):
        raise Doubtful("former_agency", said=tables.shown(name), now=", ".join(former.now) or "—",
                       until=f"{former.until:%d/%m/%Y}" if former.until else "—")
    near = get_close_matches(folded, known.agencies, 1, 0.75)
    if near:
        raise Doubtful("unknown_agency_near", said=tables.shown(name), near=known.names[known.agencies[near[0]]])
    raise Doubtful("unknown_agency", said=tables.shown(name))


def _shifted(table: Table, row: Row, known: Known) -> str | None:
    """Which way the cells of a line have moved, where moving them back by one column leaves nothing wrong."""
    by_place = {place: key for key, place in table.columns.items()}
    for step, way in WAYS.items():
        back = {by_place[place - step]: row.cells[key] for key, place in table.columns.items()
                if key in row.cells and place - step in by_place}
        if len(back) >= len(row.cells) - 1 and not any(
                problem.stops for problem in _given(table, Row(row.number, back), known)[1]):
            return way
    return None


def identity(number: str, article: str, words: str) -> tuple[str, str, str]:
    """By which two tasks are the same."""
    return plain(number), plain(article), plain(words)


def _compare(table: Table, lines: Sequence[Line]) -> None:
    """Tasks and marks that are there twice, and parts of lines above."""
    seen: dict[tuple[str, str, str], int] = {}
    marks: dict[str, int] = {}
    rows = {row.number: row for row in table.rows}
    for line in lines:
        if line.given is None:
            continue
        same = identity(line.given["number"], line.given["article"], line.given["words"])
        mark, parent = plain(line.given["mark"]), plain(line.given["parent"])
        if same in seen:
            line.problems.append(Problem(table.at(rows[line.number], "words"), "doubled", {"line": seen[same]}))
        if mark and mark in marks:
            line.problems.append(Problem(table.at(rows[line.number], "mark"), "mark_doubled", {
                "said": line.given["mark"], "line": marks[mark]}))
        line.given["parent_line"] = marks.get(parent) if parent else None
        seen.setdefault(same, line.number)
        if mark:
            marks.setdefault(mark, line.number)
        if any(problem.stops for problem in line.problems):
            line.given = None
