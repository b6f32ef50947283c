"""Files handed in: what is kept already, what comes new, and the limits said before they are met."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup
from werkzeug.datastructures import FileStorage
from wtforms.validators import StopValidation

from portal.kit import disk
from portal.kit.forms import widgets
from portal.kit.forms.fields import Answer
from portal.kit.i18n import _, number

TAKEN = ("pdf", "jpg", "jpeg", "jfif", "png", "heic", "heif", "docx")  # from people, as endings of names
OTHER_NAMES = ("jpeg", "jfif", "heif")  # of kinds that are named already


def kinds_words(kinds: Sequence[str] = TAKEN) -> str:
    """Kinds of files as people know them: PDF, JPG, PNG."""
    return ", ".join(kind.upper() for kind in kinds if kind not in OTHER_NAMES)


@dataclass(frozen=True)
class Kept:
    """A file that the portal has. `key` comes back in Attachment.dropped when its removal is ticked."""

    key: str
    name: str
    size: int  # bytes
    url: str = ""


def size_words(size: int) -> str:
    """Bytes as people say them: 350 KB, 2,4 MB."""
    if size < 1_000_000:
        return f"{max(1, round(size / 1000))} KB"
    return f"{number(round(size / 1_000_000, 1))} MB"


class FileInput:
    """The files kept, each with a box to remove it, then the chooser."""

    def __call__(self, field: Any, **more: Any) -> Markup:
        attributes = widgets.input_attributes(field) | {
            "type": "file",
            "multiple": field.max_files > 1,
            "accept": ",".join(f".{kind}" for kind in field.kinds),
        }
        chooser = widgets.tag("input", **attributes | more)
        return widgets.block(field, self._kept(field) + chooser)

    def _kept(self, field: Any) -> Markup:
        lines = [self._line(field, place, one) for place, one in enumerate(field.kept)]
        return widgets.tag("ul", Markup("").join(lines), class_="kept") if lines else Markup("")

    def _line(self, field: Any, place: int, one: Kept) -> Markup:
        name = widgets.tag("a", one.name, href=one.url) if one.url else widgets.tag("span", one.name)
        own = f"{field.id}-drop-{place + 1}"
        box = widgets.tag(
            "input",
            type="checkbox",
            id=own,
            name=f"{field.name}-drop",
            value=one.key,
            checked=one.key in field.dropped,
        )
        words = Markup('{}<span class="vh"> {}</span>').format(_("Remove"), one.name)
        size = widgets.tag("span", size_words(one.size), class_="quiet small")
        return widgets.tag(
            "li",
            widgets.tag("span", name, class_="name") + size + widgets.tag("label", box + words, for_=own),
        )


class Attachment(Answer):
    """Files. Data: list of new FileStorage; `dropped`: keys of kept files to remove.

    Set `form.<field>.kept = [Kept(…), …]` before validating: a paper handed in already satisfies `required`.
    Only names and sizes are judged here; what a file truly is, the store proves when it keeps it.
    """

    widget: Any = FileInput()

    def __init__(
        self,
        label: Any = "",
        *,
        max_bytes: int = 10_000_000,
        max_files: int = 5,
        kinds: Sequence[str] = TAKEN,
        **more: Any,
    ) -> None:
        self.max_bytes, self.max_files, self.kinds = max_bytes, max_files, tuple(kinds)
        self.kept: list[Kept] = []
        self.dropped: list[str] = []
        super().__init__(label, **more)

    def help_text(self) -> str:
        limits = _(
            "%(kinds)s; each file at most %(size)s, at most %(count)s files",
            kinds=kinds_words(self.kinds),
            size=size_words(self.max_bytes),
            count=self.max_files,
        )
        return f"{self.help} {limits}".strip() + ("." if disk.has_room() else ". " + _(
            "No files can be taken just now: the portal's disk is full."))

    def process_data(self, value: Any) -> None:
        self.data: list[FileStorage] = []

    def process(self, formdata: Any, *rest: Any, **more: Any) -> None:
        super().process(formdata, *rest, **more)
        if formdata is not None:
            self.dropped = [key for key in formdata.getlist(f"{self.name}-drop") if isinstance(key, str)]

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        self.data = [one for one in valuelist if isinstance(one, FileStorage) and one.filename]

    def remaining(self) -> list[Kept]:
        """What stays of what was kept."""
        return [one for one in self.kept if one.key not in self.dropped]

    def blank(self) -> bool:
        return not self.data and not self.remaining()

    def ask(self) -> str:
        return _("Attach “%(label)s”", label=self.label.text)

    def check(self) -> None:
        """Each file is judged by itself: what one lacks does not keep the others out, which stay in `data`."""
        if len(self.data) + len(self.remaining()) > self.max_files:
            self.data = []  # which of them are meant, nobody can tell
            self.refuse(
                _("“%(label)s” takes at most %(count)s files", label=self.label.text, count=self.max_files)
            )
        good, wrong = list[FileStorage](), list[str]()
        for one in self.data:
            try:
                self._check_file(one)
                good.append(one)
            except StopValidation as refused:
                wrong.append(str(refused))
        self.data = good
        if wrong:
            self.errors = [*self.errors, *wrong[:-1]]
            self.refuse(wrong[-1])

    def _check_file(self, one: FileStorage) -> None:
        name = one.filename or ""
        if os.path.splitext(name)[1].lower().lstrip(".") not in self.kinds:
            self.refuse(
                _(
                    "“%(name)s” is not one of the kinds taken: %(kinds)s",
                    name=name,
                    kinds=kinds_words(self.kinds),
                )
            )
        size = one.stream.seek(0, os.SEEK_END)
        one.stream.seek(0)
        if size == 0:
            self.refuse(_("“%(name)s” is empty. Choose the file again", name=name))
        if size > self.max_bytes:
            self.refuse(
                _(
                    "“%(name)s” has %(size)s; the limit is %(limit)s. Scan it smaller or split it",
                    name=name,
                    size=size_words(size),
                    limit=size_words(self.max_bytes),
                )
            )
