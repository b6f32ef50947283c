"""What an office says on a paper, as plain facts: what is printed, no more and no less. Each paper has its own file.

Numbers and titles are those of the edition of the forms on the day of the paper (`portal/law/papers.py`). The facts are
frozen with the act, printed and attached to the PDF as facts.json, so that a machine reads what a person reads. Papers
are legal forms and therefore always in Vietnamese. Pure: no database, no request, no clock.
"""
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import UTC, date, datetime
from types import UnionType
from typing import Any, ClassVar, get_args, get_type_hints

from portal.kit.clock import VN
from portal.kit.text import letters_no_font_has, normal, without_invisible
from portal.law.papers import PaperForm, PaperKind, form_at
from portal.papers.words import day_in_words

#: every paper that can be issued, by its kind; a paper registers itself by being defined
PAPERS: dict[str, type["PaperFacts"]] = {}


def masked(identity_number: str) -> str:
    """All but the last three letters as stars; masking twice changes nothing (Luật 91/2025)."""
    return "*" * max(len(identity_number) - 3, 0) + identity_number[-3:]


def masked_name(name: str) -> str:
    """Nguyễn Thị Minh Anh → N. T. M. Anh: enough to compare with a paper in one's hand; of a single word its first
    letter."""
    *before, last = name.split() or [""]
    return " ".join([f"{word[:1]}." for word in before] + [last if before else f"{last[:1]}***" if last else ""])


@dataclass(frozen=True, kw_only=True)
class PaperFacts:
    """What the head, the parties and the foot of all papers share.

    Three parties: who handed it in (`applicant_name`, with the number, address and contact that are that one's own),
    whose case it is, and who acts for that one, each "" where there is none.

    `number` is the whole number as printed (0123/TTPVHCC). `signed_by`: the organisation whose digital
    signature the file carries, empty when it carries none. `demonstration`: the data or form is a sample.
    """

    paper: ClassVar[PaperKind]
    lines: ClassVar[tuple[str, ...]] = ()  # fields whose line breaks stay

    parent_body: str
    unit_name: str
    number: str
    place: str
    issued_on: date
    dossier_code: str
    applicant_name: str
    holder_name: str
    holder_number: str = ""
    representative_name: str = ""
    address: str
    phone: str
    email: str
    identity_number: str = ""
    content: str
    officer_name: str
    verification_code: str
    verify_url: str
    progress_url: str
    signed_by: str = ""
    demonstration: bool = False

    def __init_subclass__(cls) -> None:
        PAPERS[cls.paper] = cls

    def __post_init__(self) -> None:
        for each in fields(self):
            value = getattr(self, each.name)
            if isinstance(value, str):
                clean = _lines if each.name in self.lines else _one_line
                object.__setattr__(self, each.name, clean(value))
            elif isinstance(value, tuple) and all(isinstance(one, str) for one in value):
                object.__setattr__(self, each.name, tuple(_lines(one) for one in value))
        for name in ("identity_number", "holder_number"):
            object.__setattr__(self, name, masked(getattr(self, name)))
        for url in (self.verify_url, self.progress_url):
            if not url.startswith(("https://", "http://")):
                raise ValueError("the addresses on a paper are web addresses")

    @property
    def form(self) -> PaperForm:
        """The form in the edition of the day on which the paper was issued."""
        return form_of(self.paper, self.issued_on)

    @property
    def form_number(self) -> str:
        return self.form.number

    @property
    def name(self) -> str:
        """The title that the law gives it."""
        return self.form.title

    @property
    def template(self) -> str:
        """The template that prints these facts."""
        return f"papers/{self.paper}.html"

    @property
    def title(self) -> str:
        """The document's title: the paper's name and the dossier's code, nobody's name."""
        return f"{self.name} {self.dossier_code}"

    @property
    def place_and_day(self) -> str:
        """Đà Nẵng, ngày 22 tháng 11 năm 2026."""
        return f"{self.place}, {day_in_words(self.issued_on)}"

    @property
    def made_at(self) -> str:
        """The moment written into the file (ISO 8601): noon in Vietnam on the day of the paper."""
        day = self.issued_on
        return datetime(day.year, day.month, day.day, 12, tzinfo=VN).astimezone(UTC).isoformat()


def form_of(kind: PaperKind, day: date) -> PaperForm:
    """The form of a paper on a day. ValueError where the edition of that day has none."""
    form = form_at(kind, day)
    if form is None:
        raise ValueError(f"no edition of the forms had a paper {kind} on {day:%Y-%m-%d}")
    return form


def _one_line(text: str) -> str:
    """NFC, control and direction-changing letters dropped, runs of blanks as one: what print can show. Letters that no
    font has are refused where they are typed; what slipped through is named by its number, never left blank."""
    kept = "".join(c if c.isprintable() else " " if c.isspace() else "" for c in without_invisible(text))
    line = " ".join(normal("NFC", kept).split())
    for letter in letters_no_font_has(line):
        line = line.replace(letter, f"[U+{ord(letter):04X}]")
    return line


def _lines(text: str) -> str:
    """The same, line by line; empty lines are left out."""
    return "\n".join(line for each in text.splitlines() if (line := _one_line(each)))


_MARKED = re.compile(r"[-–—+*•·]\s*\S|\(?(?:\d{1,2}|[a-zđ])[.)/]\s", re.IGNORECASE)


def numbered(lines: Iterable[str]) -> list[str]:
    """Lines with their numbers, 1. 2. 3.; what was typed with a dash, a number or a letter before it stays as typed."""
    found, n = [], 0
    for line in lines:
        if not _MARKED.match(line):
            n += 1
            line = f"{n}. {line}"
        found.append(line)
    return found


def to_plain(facts: PaperFacts) -> dict[str, Any]:
    """The facts as JSON knows them, with their kind under "paper"; dates and moments in ISO 8601."""

    def simple(value: Any) -> Any:
        if isinstance(value, date):
            return value.isoformat()
        return list(value) if isinstance(value, tuple) else value

    return {"paper": facts.paper, **{key: simple(value) for key, value in asdict(facts).items()}}


def from_plain(plain: Mapping[str, Any]) -> PaperFacts:
    """The facts that `to_plain` wrote, in this release or an earlier one: what no field is for any more is left out.

    KeyError: unknown kind; TypeError: a field too few.
    """
    kind = PAPERS[plain["paper"]]
    types = get_type_hints(kind)
    given = {each.name: plain[each.name] for each in fields(kind) if each.name in plain}
    return kind(**{name: _typed(types[name], value) for name, value in given.items()})


def _typed(kind: Any, value: Any) -> Any:
    """A value of JSON as the type that the paper gives its field."""
    if isinstance(kind, UnionType):
        kind = next((each for each in get_args(kind) if each is not type(None)), None)
    if value is None:
        return None
    if isinstance(value, list):
        of = get_args(kind)[0] if get_args(kind) else None
        return tuple(_typed(of, each) for each in value)
    if isinstance(value, Mapping):
        return kind(**value)
    return kind.fromisoformat(value) if kind in (date, datetime) and value else value
