"""What somebody may be reached at: an e-mail address or a telephone number, in one written form each."""
import re

MAX_EMAIL = 254  # RFC 5321, section 4.5.3.1.3
_LOCAL = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_LIKE_PHONE = re.compile(r"\+?[\d\s().\-]+")
GIVEN_BACK = "@closed.invalid"  # stands where the contact stood of somebody who closed the account
REASONS = ("empty", "email", "phone")


def parse_contact(text: str) -> tuple[str, str]:
    """`("email", folded address)` or `("phone", number in E.164)`.

    A number without a country is Vietnamese: 0912 345 678 → +84912345678. Raises ValueError whose text is
    the reason, one of REASONS: nothing was typed, not an e-mail address, not a telephone number.
    """
    text = text.strip()
    if not text:
        raise ValueError("empty")
    if _LIKE_PHONE.fullmatch(text):
        return "phone", _phone(text)
    return "email", _email(text)


def channel_of(contact: str) -> str:
    """The channel of notices that reaches a stored contact: "email" or "sms"."""
    return "email" if "@" in contact else "sms"


def shown(contact: str | None) -> str:
    """A stored contact as people write it: +84912345678 → 0912345678."""
    if not contact or contact.endswith(GIVEN_BACK):
        return ""
    return "0" + contact[3:] if contact.startswith("+84") else contact


def _email(text: str) -> str:
    local, at, domain = text.lower().rpartition("@")
    labels = domain.split(".")
    good = (at and len(text) <= MAX_EMAIL and len(local) <= 64 and _LOCAL.fullmatch(local)
            and len(labels) > 1 and all(_LABEL.fullmatch(label) for label in labels)
            and not labels[-1].isdigit())
    if not good:
        raise ValueError("email")
    return f"{local}@{domain}"


def _phone(text: str) -> str:
    import phonenumbers

    try:
        number = phonenumbers.parse(text, "VN")
    except phonenumbers.NumberParseException as error:
        raise ValueError("phone") from error
    if not phonenumbers.is_valid_number(number):
        raise ValueError("phone")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
