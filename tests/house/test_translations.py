"""Every word on the screen exists in both languages: English in the source, Vietnamese in the catalogue."""
import ast
import re
import unicodedata
from collections import Counter
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

pytestmark = pytest.mark.once
ROOT = Path(__file__).parents[2]
PO = ROOT / "portal/translations/vi/LC_MESSAGES/messages.po"
# the words of our code beside gettext's own: `_l` is gettext said later, `N_` only keeps a msgid
KEYWORDS = {"_": None, "_l": None, "N_": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2)}
JINJA = {"extensions": "jinja2.ext.i18n", "encoding": "utf-8", "silent": "false"}
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")


def said() -> dict[str, str]:
    """Every msgid of the code and the templates, and where it is said."""
    found: dict[str, str] = {}
    places = (("portal", [("**.py", "python")]), ("templates", [("**.html", "jinja2"), ("**.txt", "jinja2")]))
    for folder, methods in places:
        options = {pattern: JINJA for pattern, method in methods if method == "jinja2"}
        for name, line, message, _comments, _context in extract_from_dir(
                ROOT / folder, methods, options, keywords=KEYWORDS, strip_comment_tags=True):
            msgid = message[0] if isinstance(message, tuple) else message
            found.setdefault(msgid, f"{folder}/{name}:{line}")
    return found


@pytest.fixture(scope="module")
def catalogue() -> Catalog:
    with PO.open("rb") as file:
        return read_po(file, "vi")


def text_of(string: str | tuple[str, ...] | list[str]) -> str:
    return string if isinstance(string, str) else string[0]


def test_everything_said_has_a_vietnamese_translation(catalogue: Catalog) -> None:
    missing = {msgid: where for msgid, where in said().items()
               if (entry := catalogue.get(msgid)) is None or not text_of(entry.string).strip()}
    assert missing == {}


def test_nothing_is_translated_that_nobody_says(catalogue: Catalog) -> None:
    """Words that are handed on before they are translated stand in the code as plain strings."""
    words = set(said()) | {node.value for place in (ROOT / "portal").rglob("*.py")
                           for node in ast.walk(ast.parse(place.read_text()))
                           if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    assert [text_of(entry.id) for entry in catalogue if entry.id and text_of(entry.id) not in words] == []


def test_no_translation_is_a_guess(catalogue: Catalog) -> None:
    assert [entry.id for entry in catalogue if entry.id and entry.fuzzy] == []


def test_placeholders_are_the_same_in_both_languages(catalogue: Catalog) -> None:
    for entry in catalogue:
        if entry.id:
            english, vietnamese = text_of(entry.id), text_of(entry.string)
            if not isinstance(entry.id, str):  # one form in Vietnamese, which may leave out "num" of "1 day"
                english = entry.id[-1]
            assert Counter(PLACEHOLDER.findall(english)) == Counter(PLACEHOLDER.findall(vietnamese)), english


def test_vietnamese_is_written_in_composed_letters_and_with_its_marks(catalogue: Catalog) -> None:
    for entry in catalogue:
        if entry.id:
            text = text_of(entry.string)
            assert text == unicodedata.normalize("NFC", text)
            assert "  " not in text and text == text.strip()


@pytest.mark.once
def test_putting_a_date_off_is_called_one_thing(catalogue: Catalog) -> None:
    """"Hẹn lại ngày trả" everywhere; the law's own name of the paper, of which it speaks otherwise, stays."""
    said = [str(message.string) for message in catalogue if "gia hạn" in str(message.string).lower()]
    assert said == ["Văn bản xin lỗi và đề nghị gia hạn thời gian giải quyết"]
