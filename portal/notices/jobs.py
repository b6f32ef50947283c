"""Delivery, after the commit."""
from portal.kit import clock, mail
from portal.kit.queue import job
from portal.notices import actions, queries
from portal.people import actions as accounts
from portal.people import queries as people
from portal.people.contacts import channel_of


@job
def deliver(message_id: int) -> None:
    """Mail a message once. Without a server it stays where it is: the portal itself shows it."""
    message = queries.message(message_id)
    if message is None or message.sent_at or message.channel != "email" or not message.address:
        return
    if not mail.is_set() or mail.is_reserved(message.address):
        return
    mail.send(mail.letter(message.address, message.subject, message.body, f"notice-{message.id}"))
    message.sent_at = clock.now()


@job
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
    else:
        name = "password_code" if person and person.active else "no_account"
    if name.endswith("_code"):
        facts["code"] = accounts.code_of(row)
    actions.send_to(channel_of(row.contact), row.contact, name, language, **facts)


@job
def password_changed(person_id: int) -> None:
    """Tell somebody that their password was changed (OWASP ASVS 6.3.7)."""
    actions.tell(person_id, "password_changed", "/account")
