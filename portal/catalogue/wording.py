"""Cleaning the wording of crawled procedure records: names, sectors, papers and numbers of laws."""

import re
from typing import Any

from portal.kit.text import fold

#: The index cut longer names here, in the middle of a word.
INDEX_CUT = 199
#: The national list has two spellings of some sectors; the slug joins them, this one is shown.
SECTOR_NAMES = {"thi-dua-khen-thuong": "Thi đua, khen thưởng"}

_CODE_IN_BRACKETS = re.compile(r"\(\s*\d\.\d{6}\s*\)")
_LIST_MARK = re.compile(r"^(?:[-+*•]|\(?[ivx]{1,4}\)[\s.]*|\(\d+\)|\d+[.)](?=\s)|[a-zđ]\))[\s.]*")
_GLUED_FILE = re.compile(r"(?:Đơn|Văn bản|TK|Mẫu|[A-Z]{2,})[^\s]*(?: [^\s]+){0,3}\.docx?$")
_CUT_FILE = re.compile(r"(?<=[a-zà-ỹ])(?=Văn bản…$)Văn bản")
#: Lines of a record's list that introduce or explain papers and are none themselves.
_NO_PAPER = re.compile(
    r"^(?:Ngoài giấy tờ nêu trên|Giá trị sử dụng của giấy tờ|Người ủy quyền và người được ủy quyền|\*?Lưu ý"
    r"|Nội dung khai báo|Khi có người|Người có yêu cầu|Trong đó|Công dân chuẩn bị)",
    re.IGNORECASE,
)
_CONDITIONAL = re.compile(
    r"\b(?:nếu|trường hợp|đối với|khi chưa|t[ùu][yỳ] (?:theo|từng)|[uủ][yỷ] quyền|giấy giới thiệu)\b",
    re.IGNORECASE,
)
_REFUSAL = re.compile(
    r"^phiếu từ chối|lý do từ chối|sửa đổi, bổ sung hồ sơ|nội dung cần sửa đổi", re.IGNORECASE
)
_LAW = re.compile(
    r"^(\d+(?:\.\d+)?)/(\d{4})/((?:NĐ-CP|NQ-CP|QĐ-TTg|TTLT-[A-Z-]+|TT-[A-ZĐ]+|QH\d{1,2}|[A-ZĐ-]+))$"
)
#: Bodies that issue circulars. A number followed by a stray capital of the next title ends with one of these.
_ISSUERS = frozenset(
    (
        "BCA",
        "BCT",
        "BGDĐT",
        "BGTVT",
        "BKHĐT",
        "BKHCN",
        "BLĐTBXH",
        "BNG",
        "BNV",
        "BNNPTNT",
        "BNNMT",
        "BQP",
        "BTC",
        "BTNMT",
        "BTTTT",
        "BTP",
        "BVHTTDL",
        "BXD",
        "BYT",
        "NHNN",
        "TTCP",
        "VPCP",
    )
)


#: How the line of a paper list begins: what kind of paper it is, for readers of English.
_PAPER_KINDS = {
    "Declaration": ("tờ khai",), "Application": ("đơn", "giấy đề nghị", "đề nghị"),
    "Authorisation": ("văn bản ủy quyền", "văn bản uỷ quyền"), "Written request": ("văn bản đề nghị",),
    "Passport or identity card": ("hộ chiếu",),
    "Identity document": ("giấy tờ tuỳ thân", "giấy tờ tùy thân", "căn cước"),
    "Birth certificate": ("giấy khai sinh",), "Notification of birth": ("giấy chứng sinh",),
    "Medical certificate": ("giấy khám sức kh",), "Certificate": ("giấy chứng nhận",),
    "Letter of introduction": ("giấy giới thiệu",), "Drawings": ("bản vẽ",), "Copy": ("bản sao",),
    "Minutes": ("biên bản",), "Contract": ("hợp đồng",), "Charter": ("điều lệ",), "List": ("danh sách",),
    "Written commitment": ("cam kết",), "Notice": ("thông báo",), "Report": ("báo cáo",),
    "Decision": ("quyết định",), "Draft": ("dự thảo",),
    "Photograph": ("ảnh",), "Permit": ("giấy phép",), "Document": ("văn bản",),
}


def clean_name(name: str, from_index: bool = False) -> str:
    """The name without its own code in brackets and stray marks; one that the index cut ends in "…"."""
    cut = from_index and len(name) >= INDEX_CUT
    text = " ".join(_CODE_IN_BRACKETS.sub(" ", name).split()).rstrip(" :;.,")
    return f"{text}…" if cut else text


def slug(text: str) -> str:
    """The text for an address: "Hộ tịch" → "ho-tich", at most 110 characters."""
    return re.sub(r"[^a-z0-9]+", "-", fold(text)).strip("-")[:110].rstrip("-")


def sector_name(name: str) -> str:
    """The sector as shown: one spelling, a capital first, the country's name written right."""
    text = " ".join(name.split()).replace("Việt nam", "Việt Nam")
    text = text[:1].upper() + text[1:]
    return SECTOR_NAMES.get(slug(text), text)


def clean_papers(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A record's papers, each once: {"label", "copies", "kind" (bản chính, bản sao) or None, "conditional"}.

    Lines that only introduce others go; a number of copies that is no number of copies becomes one.
    """
    papers: dict[str, dict[str, Any]] = {}
    for item in items:
        label = clean_paper(item["ten_rut_gon"])
        if not label or _NO_PAPER.match(label) or label.endswith(("sau đây", "hồ sơ gồm")):
            continue
        copies = item["so_luong"] if 1 <= item["so_luong"] <= 20 else 1
        papers.setdefault(
            fold(label),
            {
                "label": label,
                "copies": copies,
                "kind": item["loai_ban"],
                "conditional": is_conditional(label),
            },
        )
    return list(papers.values())


def clean_paper(label: str) -> str:
    """One line of a paper list without list marks, the count in front, and file names glued to its end."""
    text = " ".join(label.split())
    while (shorter := _LIST_MARK.sub("", text)) != text:
        text = shorter
    text = re.sub(r"^0?1 bản chính\s+", "", text)
    text = re.sub(r";\s*\d.*$", "", text)
    text = _CUT_FILE.sub("", _GLUED_FILE.sub("", text)).strip(" .;:,")
    return text[:1].upper() + text[1:]


def is_conditional(label: str) -> bool:
    """Whether the label itself says that the paper is asked for in some cases only."""
    return _CONDITIONAL.search(label) is not None


def paper_in_english(label: str) -> str:
    """What kind of paper it is, and its official wording, which has no official translation."""
    kinds = (kind for kind, starts in _PAPER_KINDS.items() if label.lower().startswith(starts))
    return f"{next(kinds, 'Paper')}: “{label}”"


def clean_result(result: str) -> str | None:
    """What the applicant gets; None where the record names only a refusal, which is no result."""
    text = " ".join(result.split()).lstrip("-+ ").rstrip(" .;")
    return None if not text or _REFUSAL.search(text) else text


def clean_laws(numbers: list[str]) -> list[str]:
    """Numbers of legal texts, each once; what the crawl glued to them is taken off, fragments go."""
    cleaned = []
    for number in numbers:
        law = _clean_law(number)
        if law and law not in cleaned:
            cleaned.append(law)
    return cleaned


def _clean_law(number: str) -> str | None:
    number = re.sub(r"(QH\d\d)\d\d$", r"\1", number.strip())
    found = _LAW.match(number)
    if not found:
        return None
    count, year, kind = found.groups()
    count = re.sub(
        r"^(?:\d{4}\.|\d\d(?=\d\d$))", "", count
    )  # "2068/2020/QH14": a title that ended in "2020" came before
    body, dash, issuer = kind.rpartition("-")
    issuer = next((i for i in (issuer, issuer[:-1], issuer[:-2]) if i in _ISSUERS), issuer)
    return f"{count}/{year}/{body}{dash}{issuer}"
