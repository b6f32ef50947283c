"""The frame of a page (head, navigation, foot) is written once for each language and each way into it.

Most of a small page is its frame, and for who has not signed in it differs only where a mark stands: in the
page's own parts, its addresses and its nonce. With a cookie the page is written whole, as everywhere.
Pieces of pages that know nothing but what they are given are written once for all that says the same.
"""
import re
from collections.abc import Hashable
from functools import lru_cache
from typing import Any

from flask import current_app, get_template_attribute, render_template, request
from markupsafe import Markup, escape

from portal.kit.i18n import lang, origin, other_language_url, this_url
from portal.kit.web import csp_nonce

MOST_FRAMES = 200
MOST_PIECES = 500  # of 3 KB at most, as a rule
_MARK = re.compile("\0([a-z_]+)\0")  # no text of ours has the character, and HTML forbids it


def render_framed(template: str, **facts: Any) -> str:
    """What `render_template` writes. `template` extends `layout`, and has no other blocks than kit/frame.html."""
    if request.environ.get("HTTP_COOKIE"):
        return render_template(template, **facts)
    title, *named = _MARK.split(render_template(template, layout="kit/parts.html", mark_of=_mark, **facts))
    parts = dict(zip(named[::2], named[1::2], strict=True))
    parts |= {"title": title, "csp_nonce": csp_nonce(), "this_url": escape(this_url()), "origin": escape(origin()),
              "other_language_url": escape(other_language_url())}
    pieces = _frame(bool(parts["aside"].strip())).copy()
    pieces[1::2] = [parts[name] for name in pieces[1::2]]
    return "".join(pieces)


def piece(template: str, macro: str, *says: Hashable) -> Markup:
    """What a macro of a template writes that is not imported with the page's context: it can know nothing but what it
    is given and the reader's language, which stands in the root of the addresses."""
    return _piece(request.root_path, template, macro, says)


@lru_cache(maxsize=MOST_PIECES)
def _piece(_root: str, template: str, macro: str, says: tuple[Hashable, ...]) -> Markup:
    return Markup(get_template_attribute(template, macro)(*says))


def _frame(with_aside: bool) -> list[str]:
    """The frame in pieces, every second one the name of a part."""
    frames: dict[Any, list[str]] = current_app.extensions.setdefault("frames", {})
    key = (lang(), request.root_path, request.endpoint, with_aside)
    if key not in frames:
        if len(frames) >= MOST_FRAMES:
            frames.clear()
        marks = {name: _marking(name) for name in ("csp_nonce", "this_url", "origin", "other_language_url")}
        frames[key] = _MARK.split(render_template("kit/frame.html", with_aside=with_aside, mark_of=_mark, **marks))
    return frames[key]


def _mark(name: str) -> str:
    return f"\0{name}\0"


def _marking(name: str) -> Any:
    return lambda: _mark(name)
