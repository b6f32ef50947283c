"""Templates: all compile, none brings style, handlers or anything from elsewhere."""
import re
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import StrictUndefined, nodes

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "templates"
ALL = sorted(str(p.relative_to(FOLDER)) for p in FOLDER.rglob("*") if p.is_file())
PAGES = [name for name in ALL if name.endswith(".html") and not name.startswith("papers/")]


def test_a_word_that_is_missing_is_an_error_and_not_a_gap(app: Flask) -> None:
    assert app.jinja_env.undefined is StrictUndefined
    assert app.jinja_env.autoescape is not False


@pytest.mark.parametrize("name", ALL)
def test_it_compiles(app: Flask, name: str) -> None:
    app.jinja_env.get_template(name)


@pytest.mark.parametrize("name", PAGES)
def test_it_has_no_inline_style_no_handler_and_nothing_from_elsewhere(name: str) -> None:
    text = re.sub(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", "", (FOLDER / name).read_text(), flags=re.S)
    assert not re.search(r"<style\b|\bstyle\s*=", text)
    assert not re.search(r"(?<![\w-])on[a-z]+\s*=\s*[\"']", text, re.I)
    assert not re.search(r"javascript:", text, re.I)
    assert not re.search(r"(?:src|href|action)\s*=\s*[\"']?\s*(?:https?:)?//", text)
    for script in re.findall(r"<script\b[^>]*>", text):
        assert ("nonce=" in script and "src=" in script) or "application/json" in script, script
    assert not re.search(r"\|\s*safe\b", (FOLDER / name).read_text())


@pytest.mark.parametrize("name", PAGES)
def test_its_forms_that_change_something_carry_a_token(app: Flask, name: str) -> None:
    text = (FOLDER / name).read_text()
    for form in re.findall(r"<form\b[^>]*method=\"post\"[^>]*>(.*?)</form>", text, re.S | re.I):
        assert re.search(r"csrf_token|\b(?:fields|hidden)\(\w*form\)", form), form


def test_a_template_speaks_through_the_catalogue_of_words_only(app: Flask) -> None:
    """No page has Vietnamese written into it: it would stay Vietnamese in English."""
    vietnamese = re.compile(r"[àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵ]", re.I)
    for name in PAGES:
        for node in app.jinja_env.parse((FOLDER / name).read_text()).find_all(nodes.TemplateData):
            assert not vietnamese.search(node.data), f"{name}: {node.data.strip()[:60]}"


@pytest.mark.parametrize("place", sorted((ROOT / "static").rglob("*.mjs")) + sorted((ROOT / "static").rglob("*.css")),
                         ids=lambda p: p.name)
def test_scripts_and_styles_bring_nothing_from_elsewhere(place: Path) -> None:
    text = place.read_text()
    assert not re.search(r"(?:url\(|import|from)\s*[\"'(]?\s*(?:https?:)?//", text)
    assert not re.search(r"\beval\(|new Function\(|innerHTML|document\.write", text)
