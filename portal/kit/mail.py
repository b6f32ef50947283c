"""Electronic mail, by the server named in SMTP_URL."""
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from flask import current_app

from portal.kit import clock, db
from portal.kit.deadline import TooLong, within

WAIT_S = 10.0  # for one answer
DEADLINE_S = 20.0  # for all of them
PERMANENT = 500  # RFC 5321, 4.2.1: the same letter will be refused again
OURS = (530, 534, 535, 538)  # RFC 4954: how this portal signs in is refused, and no letter
# Names that never are anybody's (RFC 2606, RFC 6761).
RESERVED = (".example", ".test", ".invalid", ".localhost", "@example.com", "@example.net", "@example.org")


class NotSent(Exception):
    """The server did not take the letter; later it may."""


class Refused(Exception):
    """The server will never take this letter: nobody has the address, or its content is not wanted."""


def is_set() -> bool:
    """Whether this portal can send mail."""
    return bool(current_app.config["SMTP_URL"])


def is_reserved(address: str) -> bool:
    """Whether `address` is one that can exist nowhere, as demonstration people have."""
    return address.lower().endswith(RESERVED)


def letter(to: str, subject: str, body: str, key: str) -> EmailMessage:
    """A plain-text letter. `key` makes its Message-ID, so that one sent twice is seen as one.

    ValueError for an address that could add headers or recipients of its own.
    """
    sender = current_app.config["MAIL_FROM"]
    if any(ord(sign) <= 32 or sign in ",;:<>\"()[]\\" for sign in to) or to.count("@") != 1:
        raise ValueError("not one plain mail address")
    message = EmailMessage()
    message["From"] = sender
    message["To"] = to
    message["Subject"] = " ".join(subject.split())
    message["Date"] = format_datetime(clock.now())
    message["Message-ID"] = f"<{key}@{sender.rpartition('@')[2].rstrip('>')}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(body)
    return message


def send(message: EmailMessage) -> None:
    """Hand `message` to the server. smtps:// is TLS from the start, smtp:// once it is offered, and
    without it nothing is sent unless MAIL_WITHOUT_TLS says so.

    Raises Refused, NotSent, OSError or smtplib.SMTPException, and all of it within DEADLINE_S: a server that drips an
    answer without end is left. A name and password are never sent in the clear; no error says to whom it was.
    """
    db.slow("sending mail")
    url = urlsplit(current_app.config["SMTP_URL"])
    try:
        with within(DEADLINE_S), _connected(url) as server:
            _sign_in(server, url)
            _hand_over(server, message)
    except TooLong as error:
        raise NotSent(f"the mail server took longer than {DEADLINE_S:g} s") from error


@contextmanager
def _connected(url: SplitResult) -> Iterator[smtplib.SMTP]:
    """It connects when it is made, and a connection that is cut short must be closed all the same; smtplib's own
    `with` would say good-bye and wait for the answer."""
    kind, port, more = (smtplib.SMTP_SSL, 465, {"context": ssl.create_default_context()}) \
        if url.scheme == "smtps" else (smtplib.SMTP, 25, {})
    server: Any = kind.__new__(kind)
    try:
        server.__init__(url.hostname or "localhost", url.port or port, timeout=WAIT_S, **more)
        yield server
    finally:
        server.close()


def _sign_in(server: smtplib.SMTP, url: SplitResult) -> None:
    server.ehlo()
    if url.scheme != "smtps" and server.has_extn("starttls"):
        server.starttls(context=ssl.create_default_context())
        server.ehlo()
    if not isinstance(server.sock, ssl.SSLSocket):
        if url.username:
            raise smtplib.SMTPNotSupportedError("the mail server offers no TLS for the password")
        if not current_app.config["MAIL_WITHOUT_TLS"]:
            raise smtplib.SMTPNotSupportedError("the mail server offers no TLS, and PORTAL_MAIL_WITHOUT_TLS is not set")
    if url.username:
        server.login(unquote(url.username), unquote(url.password or ""))


def _hand_over(server: smtplib.SMTP, message: EmailMessage) -> None:
    """Once the server has said yes the letter is sent: its good-bye is not waited for."""
    try:
        server.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        code = next(iter(error.recipients.values()))[0]
        raise (Refused if code >= PERMANENT else NotSent)(f"the recipient was refused: {code}") from None
    except smtplib.SMTPSenderRefused as error:
        final = error.smtp_code >= PERMANENT and error.smtp_code not in OURS
        raise (Refused if final else NotSent)(f"the letter was refused: {error.smtp_code}") from None
    except smtplib.SMTPNotSupportedError:
        raise Refused("the server takes no address of such letters") from None  # RFC 6531, and it offers none of it
    except smtplib.SMTPDataError as error:
        raise (Refused if error.smtp_code >= PERMANENT else NotSent)(f"answered {error.smtp_code}") from None
    with suppress(OSError, smtplib.SMTPException):
        server.putcmd("quit")
