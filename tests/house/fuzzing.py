"""Requests that no browser sends, for every door: a right one, of which something is put out of order.

The same seed makes the same requests. What is odd in them is of kinds that broke portals before: numbers and moments
beyond any column, letters that databases cannot keep, names of eighty syllables, fields twice and of another kind.
"""
import json
import os
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from werkzeug.routing import Rule

from portal.api.national.views import SERVICES
from tests import make
from tests.api.conftest import a_row
from tests.house.conftest import Stage
from tests.house.matrix import ACTORS, ROWS, Row
from tests.house.test_routes import address

PORTAL = Path(__file__).parents[2] / "portal"
DOORS = ("public", "progress", "account", "citizen", "officer", "admin", "api v1", "national")

# What is typed or sent where something else was expected; lone halves of surrogates become bytes that are no UTF-8.
ODD = (
    "", " ", "\t\r\n", "0", "-1", "-0", "1e400", "1" * 25, "9" * 400, "2147483648", "9223372036854775808", "٣٤٥", "²",
    "½", "NaN", "Infinity", "null", "true", "[]", "{}", "[[[[[[[[[[[[", "\0", "a\0b", "\x1b[31m", "\x7f", "\ud800",
    "\udfff", "\ufeff", "\u202eđảo", "\u200b\u200b", "\u2028", "e\u0301" * 300, "\u0301" * 900, "Nguyễn Văn " * 40,
    "an " * 80, "x" * 5_000, "🐉" * 50, "Ⱥ" * 300, "İ" * 200, "ﬃ" * 200, "%", "%00", "%s%n%d", "%(name)s", "{{7*7}}",
    "${7*7}", "{0}", "' OR '1'='1", "'; DROP TABLE person; --", "\\", "\\x", "%_%", "*", "(" * 200,
    "<script>alert(1)</script>", "<!--", "&amp", "../../../../etc/passwd", "..%2f..", "C:\\con", "//evil.example",
    "javascript:alert(1)", "http://169.254.169.254/", "0001-01-01", "0001-01-01T00:00:00+00:00",
    "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+00:00~1",
    "9999-12-31T23:59:59.999999-23:59~9", "2026-01-01T00:00:00+00:00~99999999999999999999", "2026-01-01T00:00:00~1",
    "2026-02-30", "29/02/2025", "00010101000000", "99991231235959", "20261301000000", "24:00", "1-1-1", "0000-00-00",
    "2026-W53", "+99999-01-01", "status_unknown~~", "~", "~~~~", "=cmd|' /C calc'!A0", "1.001193", "H17",
    "H17-261119-0001", "H17-999999-9999999999", "000.00.01.G03-210915-0001", "000." * 60, "kinh-te", "20242", "en",
    "xlsx")
HEADERS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Accept-Language", ("xx", "vi;q=9", "," * 500)),
    ("Cookie", ("portal=", "portal=x.y.z", "portal=" + "a" * 3000, "=;;=")),
    ("If-None-Match", ('"', 'W/"' + "f" * 32 + '"', "*")),
    ("If-Modified-Since", ("Thu, 01 Jan 0001 00:00:00 GMT", "x")),
    ("Range", ("bytes=0-", "bytes=9-1", "bytes=" + ",".join("0-1" for _ in range(200)), "x=1")),
    ("Content-Type", ("text/plain", "application/json", "multipart/form-data", "multipart/form-data; boundary=",
                      "application/x-www-form-urlencoded; charset=utf-16", "application/json; charset=zz", ";")),
    ("Content-Encoding", ("gzip", "br", "gzip, gzip")),
    ("Authorization", ("Bearer", "Bearer \xff", "Basic OjpA", "Bearer a b")),
    ("Idempotency-Key", ("", "é", "k" * 81, "k 1")),
    ("Signature-Input", ("sig=()", 'a=("@method");created=' + "9" * 12)),
    ("Signature", ("sig=:AA==:", ":::")), ("Content-Digest", ("sha-256=:AA==:", "sha-256=::", "md5=:x:")),
    ("X-Forwarded-For", ("1.2.3.4, ::1", "x" * 300)), ("Forwarded", ("for=_x",)),
    ("X-HTTP-Method-Override", ("DELETE",)),
    ("Referer", ("//evil.example/%00", "http://[", "x" * 2000)), ("Accept", ("application/json", "*", "x" * 500)))


@dataclass
class Asked:
    """A request, ready to be sent, and who sends it."""

    actor: str
    method: str
    url: str
    body: Any = None
    headers: list[tuple[str, str]] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{self.actor}: {self.method} {self.url[:200]!r} {self.headers!r:.200} {self.body!r:.600}"


class _Fields(HTMLParser):
    """The fields of a page's forms, with what they hold; files by their names alone."""

    def __init__(self) -> None:
        super().__init__()
        self.typed: dict[str, str] = {}
        self.files: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if tag not in ("input", "select", "textarea", "button", "option") or not (name := said.get("name")):
            return
        if said.get("type") == "file":
            self.files.add(name)
        else:
            self.typed.setdefault(name, said.get("value") or "1")


class Fuzzer:
    """Makes requests for one door of a furnished house."""

    def __init__(self, stage: Stage, door: str, key: str = "") -> None:
        self.stage, self.door, self.key = stage, door, key
        self.rng = random.Random(f"{door}{os.environ.get('PORTAL_TEST_SEED', '')}")
        self.rules = [(method, rule) for rule in stage.app.url_map.iter_rules() for method in rule.methods or ()
                      if rule.endpoint != "static" and method != "OPTIONS" and self._belongs(rule)]
        self.rows: dict[tuple[str, str], list[Row]] = {}
        for row in ROWS:
            self.rows.setdefault((row.method, row.endpoint), []).append(row)
        self.arguments = sorted({name for place in PORTAL.rglob("*.py") for name in re.findall(
            r"(?:args\.get|args\.getlist|_whole)\(\s*\"(\w+)\"", place.read_text())} | {"page", "size", "q", "code"})
        self.pages: dict[tuple[str, str], _Fields] = {}

    def _belongs(self, rule: Rule) -> bool:
        if self.door in ("api v1", "national"):
            return rule.endpoint.startswith("api.") and ("/national/" in rule.rule) == (self.door == "national")
        return rule.endpoint.startswith(f"{self.door}.")

    def requests(self, n: int) -> Iterator[Asked]:
        """The first `n` of this door."""
        for _ in range(n):
            method, rule = self.rng.choice(self.rules)
            yield self._json(rule, method) if self.door in ("api v1", "national") and method == "POST" \
                else self._page(rule, method)

    def odd(self) -> str:
        """Something out of order."""
        if self.rng.random() < 0.85:
            return self.rng.choice(ODD)
        return "".join(chr(self.rng.choice((self.rng.randrange(32, 127), self.rng.randrange(0xD800),
                                            self.rng.randrange(0xE000, 0x110000))))
                       for _ in range(self.rng.randrange(30)))

    def _page(self, rule: Rule, method: str) -> Asked:
        row = self.rng.choice(self.rows.get((method, rule.endpoint)) or self.rows.get(("GET", rule.endpoint)) or
                              [Row(method, rule.endpoint, dict.fromkeys(ACTORS, 200))])
        inside = [actor for actor in ACTORS if row.expected[actor] in (200, 303, 409, 422)]
        actor = self.rng.choice(inside if inside and self.rng.random() < 0.85 else ACTORS)
        url = self._address(rule, row)
        asked = Asked(actor, method, with_query(url, self._query()), headers=self._headers())
        if method == "POST":
            asked.body = self._form(asked, row, url)
        return asked

    def _address(self, rule: Rule, row: Row) -> str:
        """As it is written, but for one part now and then."""
        right = address(self.stage, row) if row.endpoint == rule.endpoint and row in ROWS else rule.rule
        path, _mark, query = right.partition("?")
        if rule.arguments and self.rng.random() < 0.4:
            parts = path.split("/")
            parts[self.rng.randrange(1, len(parts))] = quoted(self.odd())
            path = "/".join(parts)
        return ("/en" if self.rng.random() < 0.2 else "") + path + (f"?{query}" if query else "")

    def _query(self) -> str:
        if self.rng.random() < 0.35:
            return ""
        pairs = [(self.rng.choice(self.arguments), self.odd()) for _ in range(self.rng.randrange(1, 4))]
        return "&".join(f"{name}={quoted(value)}" for name, value in pairs)

    def _headers(self) -> list[tuple[str, str]]:
        some = self.rng.sample(HEADERS, k=self.rng.choice((0, 0, 0, 1, 2)))
        return [(name, self.rng.choice(values)) for name, values in some]

    def _form(self, asked: Asked, row: Row, url: str) -> Any:
        """The fields that the page shows, some of them out of order; now and then no form at all."""
        if self.rng.random() < 0.05:
            return self.rng.choice((b"", b"\xff" * 100, b"a=%ff&%", b"--\r\n", b"{}", b"a=1&" * 2_000))
        fields = self._fields(asked.actor, url)
        typed: dict[str, Any] = fields.typed | dict(row.data)
        for name in self.rng.sample(sorted(typed), k=min(len(typed), self.rng.randrange(4))):
            typed[name] = self.rng.choice((self.odd(), self.odd(), [self.odd(), self.odd()]))
        if typed and self.rng.random() < 0.2:
            typed.pop(self.rng.choice(sorted(typed)))
        if self.rng.random() < 0.2:
            typed[self.odd() or "x"] = self.odd()
        if fields.files and self.rng.random() < 0.7:
            asked.headers = [pair for pair in asked.headers if pair[0] != "Content-Type"]
            return {bytes_of(name).decode("utf-8", "replace"): said_whole(value) for name, value in typed.items()} | {
                name: (BytesIO(self._file()), said_whole(self.odd()) or "x") for name in fields.files}
        if not any(name == "Content-Type" for name, _value in asked.headers):
            asked.headers.append(("Content-Type", "application/x-www-form-urlencoded"))
        return urlencode([(bytes_of(name), bytes_of(each)) for name, value in typed.items()
                          for each in (value if isinstance(value, list) else [value])]).encode()

    def _file(self) -> bytes:
        return self.rng.choice((
            b"", make.PDF, b"%PDF-1.4\n", b"PK\x03\x04" + b"\0" * 40, b"\xff\xd8\xff\xe0" + b"\0" * 40,
            b"\x89PNG\r\n\x1a\n" + b"\0" * 30, b"a;b\n1;2\n", b"\xff\xfe\0\0", bytes_of(self.odd())))

    def _fields(self, actor: str, url: str) -> _Fields:
        if (actor, url) not in self.pages:
            page = self.pages[actor, url] = _Fields()
            with self.stage.undone():
                answer = self.stage.browser(actor).get(url)
                if answer.mimetype == "text/html":
                    page.feed(answer.text)
                answer.close()
        return self.pages[actor, url]

    def _json(self, rule: Rule, method: str) -> Asked:
        service = self.rng.choice((*SERVICES, quoted(self.odd()) or "x"))
        url = rule.rule.replace("<service>", service)
        body: Any = {"records": [a_row() for _ in range(self.rng.randrange(1, 4))]}
        if self.door == "national":
            data = [{"MaHoSo": "H17-261119-0001", "MaTTHC": "1.001193", "TrangThaiHoSo": "2", "KenhThucHien": "2",
                     "NgayNopHoSo": "20261119083000", "NgayTiepNhan": "20261119090000", "NgayHenTra": "20261125170000",
                     "ThoiDiemXuLy": "20261119090000", "TrangThai": "2", "TaiLieuNop": [], "DonViXuLy": "H17"}]
            body = {"session": self.key, "service": service, "madonvi": "H17", "isUpdating": "true", "data": data}
        for _ in range(self.rng.randrange(1, 4)):
            body = self._put_out_of_order(body)
        headers = self._headers()
        given = {name for name, _value in headers}
        for name, value in (("Content-Type", "application/json"), ("Authorization", f"Bearer {self.key}"),
                            ("Idempotency-Key", f"k{self.rng.randrange(10**9)}")):
            if name not in given and self.rng.random() < 0.95:
                headers.append((name, value))
        text = json.dumps(body).encode()
        if self.rng.random() < 0.1:
            cut = self.rng.randrange(len(text) + 1)
            text = text[:cut] + bytes_of(self.odd()) + text[cut + self.rng.randrange(3):]
        return Asked("anonymous", method, with_query(url, self._query()), text, headers)

    def _put_out_of_order(self, value: Any) -> Any:
        if isinstance(value, dict) and value and self.rng.random() < 0.9:
            name = self.rng.choice(sorted(value))
            changed = dict(value)
            if (luck := self.rng.random()) < 0.05:
                changed.pop(name)
            elif luck < 0.1:
                changed[self.odd()] = changed.pop(name)
            else:
                changed[name] = self._put_out_of_order(value[name])
            return changed
        if isinstance(value, list) and value and self.rng.random() < 0.9:
            at = self.rng.randrange(len(value))
            return [*value[:at], self._put_out_of_order(value[at]), *value[at + 1:]]
        return self.rng.choice((self.odd(), self.odd(), self.odd(), 0, -1, 2**53, 2**63, 1e308, 1.5, True, None, [], {},
                                [[]], {"": ""}, [None], "a" * 20_000))


def said_whole(value: Any) -> Any:
    """The same without what no form can send beside files."""
    if isinstance(value, list):
        return [said_whole(each) for each in value]
    return bytes_of(str(value)).decode("utf-8", "replace")


def bytes_of(text: Any) -> bytes:
    """As bytes; halves of surrogate pairs too, which is no UTF-8."""
    return str(text).encode("utf-8", "surrogatepass")


def quoted(text: str) -> str:
    """As a part of an address."""
    return quote(bytes_of(text), safe="")


def with_query(url: str, query: str) -> str:
    """The address with these arguments beside its own."""
    return f"{url}{'&' if '?' in url else '?'}{query}" if query else url
