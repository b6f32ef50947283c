"""Electronic mail, by the server named in SMTP_URL."""
import smtplib
import ssl
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import unquote, urlsplit

from flask import current_app

from portal.kit import clock

TIMEOUT_S = 10
# Names that never are anybody's (RFC 2606, RFC 6761).
RESERVED = (".example", ".test", ".invalid", ".localhost", "@example.com", "@example.net", "@example.org")


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
    """Hand `message` to the server. smtps:// is TLS from the start, smtp:// as soon as it is offered.

    Raises OSError or smtplib.SMTPException; a name and password are never sent in the clear.
    """
    url = urlsplit(current_app.config["SMTP_URL"])
    context = ssl.create_default_context()
    host = url.hostname or "localhost"
    server = (smtplib.SMTP_SSL(host, url.port or 465, timeout=TIMEOUT_S, context=context)
              if url.scheme == "smtps" else smtplib.SMTP(host, url.port or 25, timeout=TIMEOUT_S))
    with server:
        server.ehlo()
        if url.scheme != "smtps" and server.has_extn("starttls"):
            server.starttls(context=context)
            server.ehlo()
        if url.username:
            if not isinstance(server.sock, ssl.SSLSocket):
                raise smtplib.SMTPNotSupportedError("the mail server offers no TLS for the password")
            server.login(unquote(url.username), unquote(url.password or ""))
        server.send_message(message)
