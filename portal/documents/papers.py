"""The papers that an office gives to a person, as plain facts: what is printed, no more and no less.

Numbers and titles are those of the edition of the forms on the day of the paper (`portal/law/papers.py`). The facts are
stored, printed and attached to the PDF as facts.json, so that a machine reads what a person reads. Papers are legal
forms and therefore always in Vietnamese. Pure: no database, no request, no clock.
"""

import json
import unicodedata
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, date, datetime
from typing import Any, ClassVar

from portal.kit import pdf
from portal.kit.clock import VN
from portal.law.papers import PaperForm, PaperKind, form_at

SIZES = ("A5", "A4")  # the circular's size, and the size that provinces in fact print on
DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
STYLESHEET = "papers.css"


def day_in_words(day: date) -> str:
    """ngày 05 tháng 02 năm 2026: a zero before days below 10 and months 1 and 2 (NĐ 30/2020, phụ lục I)."""
    month = f"{day.month:02d}" if day.month < 3 else str(day.month)
    return f"ngày {day.day:02d} tháng {month} năm {day.year}"


def moment_in_words(moment: datetime) -> str:
    """09 giờ 30 phút, ngày 22 tháng 11 năm 2026, Vietnam's time. ValueError without a zone."""
    if moment.tzinfo is None:
        raise ValueError("a moment on a paper needs its time zone")
    local = moment.astimezone(VN)
    return f"{local:%H} giờ {local:%M} phút, {day_in_words(local.date())}"


def _three_digits(number: int, *, whole: bool) -> list[str]:
    """The words for 0–999; `whole` when nothing stands before them, so that hundreds may be left unsaid."""
    hundreds, rest = divmod(number, 100)
    tens, units = divmod(rest, 10)
    words = [] if whole and not hundreds else [DIGITS[hundreds], "trăm"]
    if tens == 0:
        return words + (["linh"] if words and units else []) + ([DIGITS[units]] if units else [])
    words += ["mười"] if tens == 1 else [DIGITS[tens], "mươi"]
    if units == 5:
        return [*words, "lăm"]
    if units == 1 and tens > 1:
        return [*words, "mốt"]
    return words + ([DIGITS[units]] if units else [])


def _number(number: int, *, whole: bool = True) -> list[str]:
    if number >= 10**9:
        billions, rest = divmod(number, 10**9)
        return [*_number(billions), "tỷ", *(_number(rest, whole=False) if rest else [])]
    words: list[str] = []
    for size, name in ((10**6, "triệu"), (10**3, "nghìn"), (1, "")):
        part, number = divmod(number, size)
        if part:
            words += [*_three_digits(part, whole=whole and not words), *([name] if name else [])]
    return words


def money_in_words(amount: int) -> str:
    """Mười nghìn đồng: as receipts spell sums. ValueError below zero."""
    if amount < 0:
        raise ValueError("a sum on a paper cannot be negative")
    return f"{' '.join(_number(amount) or ['không'])} đồng".capitalize()


def masked(identity_number: str) -> str:
    """All but the last three letters as stars; masking twice changes nothing (Luật 91/2025)."""
    return "*" * max(len(identity_number) - 3, 0) + identity_number[-3:]


@dataclass(frozen=True, slots=True)
class HandedIn:
    """One line of the papers handed in, and how many of each kind."""

    label: str
    originals: int = 0
    certified: int = 0
    copies: int = 0  # photocopies, or electronic files


@dataclass(frozen=True, kw_only=True)
class PaperFacts:
    """What the head, the parties and the foot of all papers share.

    `number` is the whole number as printed (0123/TTPVHCC). `signed_by`: the organisation whose digital
    signature the file carries, empty when it carries none. `demonstration`: the data or form is a sample.
    """

    paper: ClassVar[PaperKind]

    parent_body: str
    unit_name: str
    number: str
    place: str
    issued_on: date
    dossier_code: str
    applicant_name: str
    holder_name: str
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

    def __post_init__(self) -> None:
        for each in fields(self):
            value = getattr(self, each.name)
            if isinstance(value, str):
                object.__setattr__(self, each.name, _one_line(value))
        object.__setattr__(self, "identity_number", masked(self.identity_number))
        for url in (self.verify_url, self.progress_url):
            if not url.startswith(("https://", "http://")):
                raise ValueError("the addresses on a paper are web addresses")

    @property
    def form(self) -> PaperForm:
        """The form in the edition of the day on which the paper was issued."""
        return _form(self.paper, self.issued_on)

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
        return f"documents/{self.paper}.html"

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


@dataclass(frozen=True, kw_only=True)
class ReceiptFacts(PaperFacts):
    """Giấy tiếp nhận hồ sơ và hẹn trả kết quả.

    `due_at` None: the law sets no limit, or none is known; `limit_text` then says which. `fee_text` in the words of the
    service's page, empty: not printed.
    """

    paper: ClassVar[PaperKind] = PaperKind.receipt

    papers: tuple[HandedIn, ...]
    sets: int = 1
    limit_text: str
    received_at: datetime
    due_at: datetime | None
    return_place: str
    book_number: str
    order_number: str
    fee_text: str = ""

    @property
    def control_slip(self) -> PaperForm:
        """The slip with which the office's copy of the receipt travels."""
        return _form(PaperKind.control, self.issued_on)

    @property
    def received(self) -> str:
        """Item 4 in words."""
        return moment_in_words(self.received_at)

    @property
    def due(self) -> str:
        """Item 5 in words."""
        return moment_in_words(self.due_at) if self.due_at else self.limit_text


@dataclass(frozen=True, kw_only=True)
class SupplementFacts(PaperFacts):
    """Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ. `answer_by` None: no day was set."""

    paper: ClassVar[PaperKind] = PaperKind.supplement

    items: tuple[str, ...]
    reason: str
    contact_name: str
    contact_phone: str
    answer_by: date | None = None

    @property
    def answer_by_words(self) -> str:
        """The last day to answer, in words; empty where none was set."""
        return day_in_words(self.answer_by) if self.answer_by else ""


@dataclass(frozen=True, kw_only=True)
class RefusalFacts(PaperFacts):
    """Phiếu từ chối tiếp nhận, giải quyết hồ sơ."""

    paper: ClassVar[PaperKind] = PaperKind.refusal

    reasons: tuple[str, ...]
    contact_phone: str = field(default="")


PAPERS: dict[str, type[PaperFacts]] = {
    cls.paper: cls for cls in (ReceiptFacts, SupplementFacts, RefusalFacts)
}


def _form(kind: PaperKind, day: date) -> PaperForm:
    form = form_at(kind, day)
    if form is None:
        raise ValueError(f"no edition of the forms had a paper {kind} on {day:%Y-%m-%d}")
    return form


def _one_line(text: str) -> str:
    """NFC, control and direction-changing letters dropped, runs of blanks as one: what print can show."""
    kept = "".join(c if c.isprintable() else " " if c.isspace() else "" for c in text)
    return " ".join(unicodedata.normalize("NFC", kept).split())


def to_plain(facts: PaperFacts) -> dict[str, Any]:
    """The facts as JSON knows them, with their kind under "paper"; dates and moments in ISO 8601."""

    def simple(value: Any) -> Any:
        if isinstance(value, date):
            return value.isoformat()
        return list(value) if isinstance(value, tuple) else value

    return {"paper": facts.paper, **{key: simple(value) for key, value in asdict(facts).items()}}


def from_plain(plain: dict[str, Any]) -> PaperFacts:
    """The facts that `to_plain` wrote. KeyError: unknown kind; TypeError: a field too many or too few."""
    given: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in plain.items()
    }
    kind = PAPERS[given.pop("paper")]
    for name in ("issued_on", "answer_by"):
        if given.get(name):
            given[name] = date.fromisoformat(given[name])
    for name in ("received_at", "due_at"):
        if given.get(name):
            given[name] = datetime.fromisoformat(given[name])
    if "papers" in given:
        given["papers"] = tuple(HandedIn(**each) for each in given["papers"])
    return kind(**given)


def facts_json(facts: PaperFacts) -> bytes:
    """The facts.json that travels inside the PDF: UTF-8, sorted, the same bytes for the same facts."""
    return json.dumps(to_plain(facts), ensure_ascii=False, indent=1, sort_keys=True).encode()


def context(facts: PaperFacts, size: str = "A5") -> dict[str, Any]:
    """What the template of these facts needs: the facts, the page size and the QR code of the public page."""
    if size not in SIZES:
        raise ValueError(f"papers are printed on {' or '.join(SIZES)}, not on {size!r}")
    alt = f"Mã QR mở trang theo dõi công khai của hồ sơ {facts.dossier_code}"
    return {"facts": facts, "size": size, "qr": pdf.qr_svg(facts.progress_url, alt)}


def to_pdf(facts: PaperFacts, html: str) -> bytes:
    """The paper as a PDF/A-3a file from its rendered template, with facts.json inside."""
    return pdf.render(
        html,
        css=STYLESHEET,
        title=facts.title,
        attachments=[("facts.json", facts_json(facts), "Dữ liệu in trên giấy này, cho máy đọc")],
    )
