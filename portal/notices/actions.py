"""Telling people what happened. A notice is written at once and delivered after the commit."""
from datetime import timedelta
from typing import Any

from flask import current_app
from sqlalchemy import delete, update

from portal.kit import clock, i18n, jobs, mail
from portal.kit.addresses import public_url
from portal.kit.db import session
from portal.kit.upsert import insert
from portal.notices import queries, words
from portal.notices.models import Message, MessageRead
from portal.people import queries as people
from portal.people.models import Person
from portal.people.permissions import Place

ACCOUNT = "/account"
FORGET_CODES_AFTER = timedelta(days=2)


def tell(person_id: int, name: str, link: str | None = None, **facts: Any) -> Message:
    """Leave the notice `name` for a person in the portal, and mail it where there is an address and a server.

    `link` is a path of this portal without a language. `facts` are plain values for the template.
    """
    person = people.person(person_id)
    if person is None:
        raise LookupError(f"no person {person_id}")
    mails = bool(person.email and mail.is_set() and not mail.is_reserved(person.email))
    subject, body = words.write(name, person.language, link=_address(link, person.language), **facts)
    message = Message(person_id=person_id, channel="email" if mails else "portal",
                      address=person.email if mails else None, subject=subject, body=body, link=link)
    session.add(message)
    session.flush()
    if message.address:
        jobs.put("notices.deliver", message_id=message.id)
    return message


def tell_role(role: str, place: Place | None, name: str, link: str | None = None, **facts: Any) -> Message:
    """Leave the notice `name` for whoever holds `role` at a place (None: for the whole portal), in Vietnamese.

    It stands in the portal alone: each who holds the role then sees it until they have read it.
    """
    subject, body = words.write(name, "vi", link=_address(link, "vi"), **facts)
    agency_id, unit_id = place or (None, None)
    message = Message(role=role, agency_id=agency_id, unit_id=unit_id, channel="portal", subject=subject, body=body,
                      link=link)
    session.add(message)
    session.flush()
    return message


def send_to(channel: str, address: str, name: str, language: str | None = None, **facts: Any) -> Message:
    """Send the notice `name` to an address ("email" or "sms") that need not be anybody's yet, and that waits for it."""
    subject, body = words.write(name, language or i18n.lang(), **facts)
    message = Message(channel=channel, address=address, subject=subject, body=body)
    session.add(message)
    session.flush()
    jobs.put("notices.deliver_code", message_id=message.id)
    return message


def sent(message_id: int) -> None:
    """Note that the mail server has it."""
    message = session.get(Message, message_id)
    if message is not None:
        message.sent_at, message.undeliverable_at = clock.now(), None


def undeliverable(message_id: int) -> None:
    """The message will not reach its address. Whose account it is reads so in the portal, where the message is too:
    once, until it was read, and not for each message anew."""
    message = session.get(Message, message_id, with_for_update=True)
    if message is None or message.sent_at or message.undeliverable_at:
        return
    message.undeliverable_at = clock.now()
    if message.person_id is None or (person := people.person(message.person_id)) is None:
        return
    subject, body = words.write("mail_undeliverable", person.language, link=_address(ACCOUNT, person.language),
                                address=message.address)
    if not queries.has_unread(person.id, subject):
        session.add(Message(person_id=person.id, channel="portal", subject=subject, body=body, link=ACCOUNT))
    session.flush()


def _address(link: str | None, language: str) -> str:
    """The whole address of a path, for a letter; "" without one."""
    return public_url() + ("/en" if language == "en" else "") + link if link else ""


def can_reach(channel: str) -> bool:
    """Whether a message by `channel` would arrive: mail needs a server; a demonstration shows both on a page.

    No gateway for text messages exists yet.
    """
    return bool(current_app.config["DEMONSTRATION"]) or (channel == "email" and mail.is_set())


def read_all(person: Person) -> None:
    """Note that the person has seen the notices. What was told to a role stays new for the others who hold it."""
    now = clock.now()
    session.execute(update(Message).where(Message.person_id == person.id, Message.read_at.is_(None))
                    .values(read_at=now))
    if seen := queries.unseen_by_role(person):  # pressed twice, it is noted once
        session.execute(insert(MessageRead).values([
            {"message_id": message_id, "person_id": person.id, "at": now} for message_id in seen
        ]).on_conflict_do_nothing())


def forget_codes() -> None:
    """Drop messages that belong to nobody's account and are days old: their codes are long dead."""
    session.execute(delete(Message).where(Message.person_id.is_(None), Message.role.is_(None),
                                          Message.at < clock.now() - FORGET_CODES_AFTER))
