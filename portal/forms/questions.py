"""From a form's definition, which is data, to a WTForms class for one step of it, and answers back to words."""
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from flask import current_app

from portal.forms import places
from portal.kit import forms, i18n
from portal.kit.i18n import _, say
from portal.people import contacts

Question = Mapping[str, Any]
LINE, TEXT = 200, 2000


def _options(q: Question) -> list[tuple[str, str]]:
    return [(o["value"], say(o["label"])) for o in q.get("options", ())]


def _address(q: Question, common: dict[str, Any]) -> forms.Address:
    return forms.Address(provinces=places.provinces, wards=places.wards, wards_url=places.wards_url, **common)


def _attachment(_q: Question, common: dict[str, Any]) -> forms.Attachment:
    return forms.Attachment(max_bytes=current_app.config["ATTACHMENT_BYTES"],
                            kinds=("pdf", "jpg", "jpeg", "png", "docx"), **common)


MAKERS: dict[str, Callable[[Question, dict[str, Any]], Any]] = {
    "text": lambda q, c: forms.TextField(max=q.get("max", LINE), **c),
    "long_text": lambda q, c: forms.LongText(max=q.get("max", TEXT), **c),
    "number": lambda q, c: forms.NumberField(min=q.get("min"), max=q.get("max"), **c),
    "money": lambda q, c: forms.MoneyField(min=q.get("min", 0), max=q.get("max"), **c),
    "date": lambda q, c: forms.DateParts(past=q.get("past", False), future=q.get("future", False), **c),
    "choice": lambda q, c: (forms.Select if len(q["options"]) > 8 else forms.Choice)(choices=_options(q), **c),
    "choices": lambda q, c: forms.Choices(choices=_options(q), **c),
    "yes_no": lambda q, c: forms.YesNo(**c),
    "citizen_id": lambda q, c: forms.CitizenId(**c),
    "phone": lambda q, c: forms.Phone(**c),
    "email": lambda q, c: forms.Email(**c),
    "address": _address,
    "attachment": _attachment,
}


def form_for(step: Mapping[str, Any]) -> type[forms.Form]:
    """A form class with the questions of one step, in order. Unknown kinds raise KeyError."""
    here = {q["key"] for q in step["fields"]}
    made: dict[str, Any] = {}
    for q in step["fields"]:
        condition = q.get("show_if")
        inside = condition and condition["field"] in here
        equals = "yes" if inside and condition["equals"] is True else \
            "no" if inside and condition["equals"] is False else inside and str(condition["equals"])
        common = {"label": say(q["label"]), "help": say(q.get("help")), "required": bool(q.get("required")),
                  "autocomplete": q.get("autocomplete"),
                  "show_if": (condition["field"], equals) if inside else None}
        made[q["key"]] = MAKERS[q["kind"]](q, common)
    return type("Step", (forms.Form,), made)


def plain(value: Any) -> Any:
    """A form's data as JSON keeps it."""
    return value.isoformat() if isinstance(value, date) else value


def in_words(q: Question, value: Any) -> str:
    """An answer as a person reads it, in the reader's language; "" when there is none."""
    kind = q["kind"]
    if value in (None, "", [], {}):
        return ""
    if kind == "yes_no":
        return _("Yes") if value else _("No")
    if kind in ("choice", "choices"):
        labels = dict(_options(q))
        chosen = value if isinstance(value, list) else [value]
        return ", ".join(labels.get(one, str(one)) for one in chosen)
    if kind == "date":
        return i18n.short_day(date.fromisoformat(value))
    if kind == "money":
        return i18n.money(value)
    if kind == "number":
        return i18n.number(value)
    if kind == "address":
        return address_in_words(value)
    return contacts.shown(str(value)) if kind == "phone" else str(value)


def address_in_words(value: Mapping[str, str]) -> str:
    """1 Bạch Đằng, Phường Hải Châu, Đà Nẵng. Codes that are not known are left as they are."""
    ward = dict(places.wards(value.get("province", ""))).get(value.get("ward", ""), value.get("ward", ""))
    province = dict(places.provinces()).get(value.get("province", ""), value.get("province", ""))
    return ", ".join(part for part in (value.get("line", ""), ward, province) if part)
