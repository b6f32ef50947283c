"""Who is who in an application: who hands it in, whose case it is, who acts for whom.

What is said of a party is that party's own: a name never stands beside somebody else's number or address.

A form says so by the keys of its questions: `applicant_name`, `applicant_id`, `applicant_address` … are one person,
`child_name`, `child_id` … another. What nobody was asked stays empty.
"""
from collections.abc import Iterable
from typing import NamedTuple

from portal.forms.application import LONGEST_HOLDER, Application
from portal.kit.text import name_key

APPLICANT = "applicant"
#: Where forms ask for a part of somebody under another key than that person's own.
ELSEWHERE = {("applicant", "address"): ("permanent_address", "old_address"),
             ("applicant", "number"): ("passport_number",)}
PARTS = {"number": ("id", "passport", "number"), "address": ("address",), "phone": ("phone",), "email": ("email",)}
#: Answers by which the applicant acts for the holder on a power of attorney.
AUTHORISED = (("relationship", "authorised"), ("for_whom", "other"))
#: Who acts in law for another: for an organisation, for somebody under age.
IN_LAW = ("representative", "guardian_name")


class Party(NamedTuple):
    """One person or organisation as papers print it; "" for what is not known of it."""

    name: str
    number: str = ""
    address: str = ""
    phone: str = ""
    email: str = ""


class Parties(NamedTuple):
    applicant: Party
    holder: Party
    representative: str


def of(application: Application, account: Party) -> Parties:
    """The three of an application. `account`: who is signed in, by name and contact."""
    applicant = _applicant(application, account)
    holder = _holder(application, applicant)
    return Parties(applicant, holder, _representative(application, applicant, holder))


def _applicant(application: Application, account: Party) -> Party:
    """As declared; the account's owner where the form does not ask who hands it in. The account's contact stands only
    beside the account's own name."""
    declared = application.words_of("applicant_name")
    typed = _party(application, APPLICANT, declared or account.name)
    if not _same(typed.name, account.name):
        return typed
    if not declared and (own := _named(application, account.name)):
        typed = typed._replace(number=own.number, address=own.address)
    return typed._replace(phone=typed.phone or account.phone, email=typed.email or account.email)


def _holder(application: Application, applicant: Party) -> Party:
    key = str(application.definition.get("holder") or "")
    name = application.holder or application.words_of("organisation_name")[:LONGEST_HOLDER]
    if not name or _same(name, applicant.name):
        return applicant
    return _party(application, _prefix(key), name) if application.holder and _prefix(key) else Party(name)


def _representative(application: Application, applicant: Party, holder: Party) -> str:
    for key in IN_LAW:
        if name := application.words_of(key):
            return name
    for_another = not _same(holder.name, applicant.name)
    if application.values.get("applies_as") == "organisation" or (for_another and any(
            application.values.get(key) == value for key, value in AUTHORISED)):
        return applicant.name
    return ""


def _named(application: Application, name: str) -> Party | None:
    """The person of this name among those whom the form asks about."""
    for key in application.values:
        if key.endswith("_name") and key != "organisation_name" and _same(application.words_of(key), name):
            return _party(application, _prefix(key), name)
    return None


def _party(application: Application, prefix: str, name: str) -> Party:
    said = {part: _first(application, (*(f"{prefix}_{end}" for end in ends), *ELSEWHERE.get((prefix, part), ())))
            for part, ends in PARTS.items()}
    return Party(name, **said)


def _first(application: Application, keys: Iterable[str]) -> str:
    return next((words for key in keys if (words := application.words_of(key))), "")


def _prefix(key: str) -> str:
    return key.removesuffix("_name") if key.endswith("_name") else ""


def _same(one: str, other: str) -> bool:
    return name_key(one) == name_key(other)
