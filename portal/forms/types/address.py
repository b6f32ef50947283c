"""Where somebody lives: province, then ward (two levels since 1 July 2025), then house and street."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from markupsafe import Markup
from wtforms.utils import unset_value

from portal.forms import places
from portal.forms.types.question import Question, QuestionType
from portal.kit.forms import widgets
from portal.kit.forms.fields import AGAIN, Answer, tidy, unprinted
from portal.kit.i18n import _
from portal.kit.text import letters_no_font_has

PARTS = ("province", "ward", "line")
Places = Iterable[tuple[str, str]]  # (code, name)
LIMIT = 200


class AddressInput:
    """Two lists and a line. Without a script the button "Show wards" brings the page back with them."""

    def __call__(self, field: Any, **more: Any) -> Markup:
        controls = self._province(field) + self._ward(field) + self._line(field)
        attributes = {"data-wards-url": field.address_of_wards()} | more
        return widgets.group(field, controls, **attributes)

    def _part(self, field: Any, part: str, words: str, control: Markup, after: Markup | str = "") -> Markup:
        label = widgets.tag("label", words, for_=f"{field.id}-{part}")
        return widgets.tag("div", label + control + after, class_="part")

    def _attributes(self, field: Any, part: str, width: str, autocomplete: str) -> dict[str, Any]:
        return {
            "id": f"{field.id}-{part}",
            "name": f"{field.name}-{part}",
            "class_": f"input {width}",
            "autocomplete": autocomplete if field.autocomplete else None,
            "aria-invalid": "true" if field.errors and part in field.wrong else None,
        }

    def _province(self, field: Any) -> Markup:
        attributes = self._attributes(field, "province", "w-20", "address-level1") | {"data-province": True}
        box = widgets.select(field.provinces(), field.typed["province"], _("Choose"), **attributes)
        return self._part(field, "province", _("Province or city"), box)

    def _ward(self, field: Any) -> Markup:
        attributes = self._attributes(field, "ward", "w-20", "address-level2")
        words = _("Ward, commune or special zone")
        if field.wards is None:
            return self._part(
                field,
                "ward",
                words,
                widgets.tag("input", type="text", value=field.typed["ward"], **attributes),
            )
        box = widgets.select(
            field.wards_of(field.typed["province"]),
            field.typed["ward"],
            _("Choose"),
            **attributes | {"data-ward": True},
        )
        again = widgets.tag(
            "button",
            _("Show the wards of this province"),
            type="submit",
            name=AGAIN,
            value=field.name,
            class_="button link small",
            formnovalidate=True,
            data_again=True,
        )
        failed = _("The ward list did not come. Press “Show the wards of this province”")
        status = widgets.tag(
            "span",
            "",
            role="status",
            class_="vh",
            data_status=True,
            data_failed=failed,
            data_ready=_("# wards to choose from"),
        )
        return self._part(field, "ward", words, box, again + status)

    def _line(self, field: Any) -> Markup:
        attributes = self._attributes(field, "line", "", "address-line1")
        return self._part(
            field,
            "line",
            _("House number, street, hamlet"),
            widgets.tag("input", type="text", value=field.typed["line"], **attributes),
        )


class AddressField(Answer):
    """Province, ward and line. Data: {"province": code, "ward": code, "line": str}, None when all is blank.

    `provinces`: (code, name) pairs or a callable giving them. `wards`: province code → (code, name) pairs;
    None where no list exists: the ward is then typed. `wards_url`: the address (or a callable) to which the
    script adds a province's code and gets [{"code", "name"}, …].
    """

    widget: Any = AddressInput()

    def __init__(
        self,
        label: Any = "",
        *,
        provinces: Places | Callable[[], Places] = (),
        wards: Callable[[str], Places] | None = None,
        wards_url: str | Callable[[], str] = "",
        **more: Any,
    ) -> None:
        self._provinces, self.wards, self._wards_url = provinces, wards, wards_url
        self.asks_again = wards is not None
        self.typed = dict.fromkeys(PARTS, "")
        self.wrong: set[str] = set()
        super().__init__(label, **more)

    @property
    def first_id(self) -> str:
        return f"{self.id}-{next((part for part in PARTS if part in self.wrong), 'province')}"

    def provinces(self) -> list[tuple[str, str]]:
        given = self._provinces() if callable(self._provinces) else self._provinces
        return [(str(code), str(name)) for code, name in given]

    def wards_of(self, province: str) -> list[tuple[str, str]]:
        if self.wards is None or not province:
            return []
        return [(str(code), str(name)) for code, name in self.wards(province)]

    def address_of_wards(self) -> str | None:
        return (self._wards_url() if callable(self._wards_url) else self._wards_url) or None

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        # One answer, three posted values: WTForms would look for one.
        value = self.default if data is unset_value else data
        self.process_errors, self.errors = [], []
        self.object_data = value
        self.process_data(value() if callable(value) else value)
        if formdata is None:
            return
        forbidden = False
        for part in PARTS:
            text = formdata.get(f"{self.name}-{part}")
            self.typed[part], removed = tidy(text if isinstance(text, str) else "")
            forbidden = forbidden or removed
        self.raw_data = list(self.typed.values())
        self._forget_foreign_ward()
        self.data = dict(self.typed) if any(self.typed.values()) else None
        if forbidden:
            self.process_errors.append(
                _(
                    "Delete the invisible control characters from “%(label)s”; they were left out below",
                    label=self.label.text,
                )
            )

    def process_data(self, value: Any) -> None:
        self.typed = {part: str((value or {}).get(part) or "") for part in PARTS}
        self.data = dict(self.typed) if any(self.typed.values()) else None

    def _forget_foreign_ward(self) -> None:
        """The province was changed: the old ward means nothing there, the new list is offered."""
        if self.wards is not None and self.typed["ward"] not in dict(self.wards_of(self.typed["province"])):
            self.typed["ward"] = ""

    def ask(self) -> str:
        self.wrong = set(PARTS)
        return _("Fill in “%(label)s”", label=self.label.text)

    def check(self) -> None:
        if self.typed["province"] not in dict(self.provinces()):
            self._wrong("province", _("Choose the province or city of “%(label)s”", label=self.label.text))
        if not self.typed["ward"]:
            self._wrong("ward", _("Choose the ward or commune of “%(label)s”", label=self.label.text))
        if not self.typed["line"]:
            self._wrong(
                "line", _("Fill in house number, street or hamlet of “%(label)s”", label=self.label.text)
            )
        for part in ("ward", "line"):
            if unknown := letters_no_font_has(self.typed[part]):  # papers print the address
                self._wrong(part, unprinted(self.label.text, unknown))
            if len(self.typed[part]) > LIMIT:
                self._wrong(
                    part,
                    _(
                        "A line of “%(label)s” may have at most %(max)s characters; it has %(count)s now",
                        label=self.label.text,
                        max=LIMIT,
                        count=len(self.typed[part]),
                    ),
                )

    def _wrong(self, part: str, message: str) -> None:
        self.wrong = {part}
        self.refuse(message)


def address_in_words(value: Mapping[str, str]) -> str:
    """1 Bạch Đằng, Phường Hải Châu, Đà Nẵng. Codes that are not known are left as they are."""
    ward = dict(places.wards(value.get("province", ""))).get(value.get("ward", ""), value.get("ward", ""))
    province = dict(places.provinces()).get(value.get("province", ""), value.get("province", ""))
    return ", ".join(part for part in (value.get("line", ""), ward, province) if part)


class Address(QuestionType):
    kind = "address"
    parts = frozenset(("in_agency",))  # it must lie where the agency is that receives the application

    def check(self, q: Question, place: str) -> None:
        if q.get("in_agency", True) is not True:
            raise ValueError(f"{place}.in_agency: only true")

    def field(self, q: Question, common: dict[str, Any]) -> Any:
        return AddressField(
            provinces=places.provinces, wards=places.wards, wards_url=places.wards_url, **common
        )

    def load(self, q: Question, kept: Any) -> dict[str, str] | None:
        return kept if isinstance(kept, dict) and all(isinstance(kept.get(part, ""), str) for part in PARTS) else None

    def words(self, q: Question, value: dict[str, str]) -> str:
        return address_in_words(value)

    def blank(self, q: Question) -> Markup:
        asked = (_("House number, street, hamlet"), _("Ward, commune or special zone"), _("Province or city"))
        return Markup("").join(widgets.tag("span", words, class_="rule") for words in asked)

    def example(self, q: Question, n: int = 0) -> dict[str, str]:
        return {"province": "48", "ward": "20195", "line": f"{n + 1} Bạch Đằng"}
