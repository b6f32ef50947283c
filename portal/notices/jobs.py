"""Delivery, after the commit."""
from typing import Any, NamedTuple

from portal.kit import clock, jobs, mail
from portal.kit.jobs import Lane
from portal.notices import actions, queries
from portal.people import actions as accounts
from portal.people import closings, recovery, security_log
from portal.people import queries as people
from portal.people.contacts import channel_of
from portal.people.models import ClosingKind
from portal.people.permissions import Place, Role
from portal.people.security_log import KINDS
from portal.people.words import ROLE_WORDS

LIMIT_S = mail.DEADLINE_S + 5
A_DAY_S = (10, 60, 300, 1800, 7200, 21600, 43200)  # a mail server may be down overnight
A_CODE_S = (2, 5, 15, 60, 180)  # the code is dead soon


class Letter(NamedTuple):
    """What is about to be mailed."""

    message_id: int
    address: str
    subject: str
    body: str


def _letter(message_id: int) -> Letter | None:
    """None: sent already, or nothing to be mailed. Without a server it stays where it is: the portal shows it."""
    message = queries.message(message_id)
    if message is None or message.sent_at or message.channel != "email" or not message.address:
        return None
    if not mail.is_set() or mail.is_reserved(message.address):
        return None
    return Letter(message.id, message.address, message.subject, message.body)


@jobs.job(Lane.outside, limit_s=LIMIT_S, patience_s=A_DAY_S)
def deliver(message_id: int) -> Letter | None:
    """Mail a message; sent again because a worker died, it has the same Message-ID."""
    return _letter(message_id)


@jobs.job(Lane.codes, limit_s=LIMIT_S, patience_s=A_CODE_S)
def deliver_code(message_id: int) -> Letter | None:
    """The same for a code that somebody waits for."""
    return _letter(message_id)


@deliver.work
@deliver_code.work
def _mail(letter: Letter) -> bool:
    """Whether it was taken. False: it never will be. Raises what may be over later."""
    try:
        mail.send(mail.letter(letter.address, letter.subject, letter.body, f"notice-{letter.message_id}"))
    except mail.Refused:
        return False
    return True


@deliver.write
@deliver_code.write
def _note(letter: Letter, taken: bool) -> None:
    if taken:
        actions.sent(letter.message_id)
    else:
        actions.undeliverable(letter.message_id)


@deliver.dead
@deliver_code.dead
def _in_vain(message_id: int) -> None:
    actions.undeliverable(message_id)


@jobs.job(Lane.quick)
def send_code(registration_id: int, purpose: str, language: str) -> None:
    """Write the message that a contact gets when somebody gives it: a code, or why there is none."""
    actions.forget_codes()
    row = people.registration_by_id(registration_id)
    if row is None or row.expires_at <= clock.now():
        return
    person = people.person_by_contact(row.contact)
    facts = {}
    if purpose == accounts.REGISTER:
        name = "already_registered" if person else "registration_code"
    elif purpose == accounts.CONTACT:
        name = "contact_taken" if person else "contact_code"
    else:
        name = "password_code" if person and person.active else "no_account"
    if name.endswith("_code"):
        facts["code"] = accounts.code_of(row)
    actions.send_to(channel_of(row.contact), row.contact, name, language, **facts)


@jobs.job(Lane.quick)
def password_changed(person_id: int) -> None:
    """Tell somebody that their password was changed (OWASP ASVS 6.3.7)."""
    actions.tell(person_id, "password_changed", "/account")


@jobs.job(Lane.quick)
def account_changed(person_id: int, purpose: str) -> None:
    """Tell somebody what was changed about how their account is opened (OWASP ASVS 6.3.7)."""
    person = people.person(person_id)
    closing = closings.of(person) if person else None
    actions.tell(person_id, "account_changed", "/account", purpose=purpose,
                 reason=closing.reason if closing and closing.kind == ClosingKind.suspended else None)


@jobs.job(Lane.quick)
def recovery_asked(request_id: int) -> None:
    """Tell the person, and the administrators who may grant it, that a recovery is asked for."""
    request = recovery.by_id(request_id)
    if request is None:
        return
    facts: dict[str, Any] = {"who": request.person.name, "by": request.asked_by.name, "reason": request.reason,
             "until": request.open_until}
    actions.tell(request.person_id, "recovery_asked", own=True, **facts)
    link = f"/admin/people/{request.person_id}/recovery"
    actions.tell_role(Role.portal_administrator, None, "recovery_asked", link, own=False, **facts)
    for agency_id in dict.fromkeys(held.agency_id for held in request.person.roles if held.agency_id is not None):
        actions.tell_role(Role.agency_administrator, Place(agency_id), "recovery_asked", link, own=False, **facts)


@jobs.job(Lane.quick)
def recovery_decided(request_id: int) -> None:
    """Tell the person and both administrators what was decided."""
    request = recovery.by_id(request_id)
    if request is None or request.decided_by_id is None:
        return
    names = recovery.names_of(request)
    for person_id in recovery.people_of(request):
        actions.tell(person_id, "recovery_decided", granted=request.granted, who=names[request.person_id],
                     asked_by=names[request.asked_by_id], by=names[request.decided_by_id])


@jobs.job(Lane.quick)
def role_given(membership_id: int) -> None:
    """Tell somebody what they may do from now on, and where."""
    _tell_of_role(membership_id, "role_given")


@jobs.job(Lane.quick)
def role_ended(membership_id: int) -> None:
    """Tell somebody that a role of theirs has ended."""
    _tell_of_role(membership_id, "role_ended")


def _tell_of_role(membership_id: int, name: str) -> None:
    held = people.membership(membership_id)
    if held is not None:
        place = held.unit or held.agency
        actions.tell(held.person_id, name, "/account", role=ROLE_WORDS[held.role], until=held.ends_at,
                     place=place.name if place else None)


@jobs.job(Lane.quick)
def tell_administrators(event_id: int) -> None:
    """What an administrator did, to those of the portal and of the agency where it was done: none acts unseen."""
    event = security_log.event(event_id)
    if event is None:
        return
    named = people.names({one for one in (event.by_id, event.about_id) if one})
    facts: dict[str, Any] = {"what": KINDS[event.name].words, "by": named.get(event.by_id or 0), "at": event.at,
                             "about": named.get(event.about_id or 0),
                             "held": ROLE_WORDS.get(str(event.facts.get("role")))}
    link = f"/admin/security?name={event.name}"
    actions.tell_role(Role.portal_administrator, None, "security_event", link, **facts)
    if event.agency_id is not None:
        actions.tell_role(Role.agency_administrator, Place(event.agency_id), "security_event", link, **facts)
