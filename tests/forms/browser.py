"""What a browser would post: the values of all controls of a piece of a page."""
from html.parser import HTMLParser
from typing import Any

from werkzeug.datastructures import MultiDict


class _Controls(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.posted: MultiDict[str, str] = MultiDict()
        self.select: str | None = None
        self.textarea: str | None = None
        self.text = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {key: value or "" for key, value in attributes}
        if tag == "select":
            self.select = given["name"]
        elif tag == "option" and self.select and "selected" in given:
            self.posted.add(self.select, given["value"])
        elif tag == "textarea":
            self.textarea, self.text = given["name"], ""
        elif tag == "input" and given.get("type") not in ("file", "submit") and (
                given.get("type") not in ("radio", "checkbox") or "checked" in given):
            self.posted.add(given["name"], given.get("value", ""))

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self.select = None
        elif tag == "textarea" and self.textarea:
            self.posted.add(self.textarea, self.text.removeprefix("\n"))
            self.textarea = None


def posted(page: Any) -> MultiDict[str, str]:
    """The controls of a page as they stand."""
    reader = _Controls()
    reader.feed(str(page))
    return reader.posted
