import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.people.contacts import channel_of, parse_contact, shown


@pytest.mark.parametrize("typed", ["0912 345 678", "0912.345.678", "+84 912 345 678", "84912345678",
    "(091) 2345678"])
def test_a_vietnamese_number_has_one_stored_form(typed):
    assert parse_contact(typed) == ("phone", "+84912345678")


def test_a_number_from_abroad_says_its_country():
    assert parse_contact("+81 90 1234 5678") == ("phone", "+819012345678")


def test_an_address_is_folded_to_small_letters():
    assert parse_contact("  Minh.Anh@Example.VN ") == ("email", "minh.anh@example.vn")


@pytest.mark.parametrize(("typed", "reason"), [
    ("", "empty"), ("   ", "empty"), ("12345", "phone"), ("0123", "phone"), ("minh", "email"), ("minh@",
    "email"),
    ("@example.vn", "email"), ("a@b", "email"), ("a b@example.vn", "email"), ("a@example.vn, b@example.vn",
    "email"),
    ("a@example.vn\r\nBcc: b@example.vn", "email"), ("a@@example.vn", "email"), (".a@example.vn", "email"),
    ("a..b@example.vn", "email"), ("a@-example.vn", "email"), ("a@1.2.3.4", "email"), ("a@" + "x" * 255,
    "email"),
])
def test_anything_else_is_refused_with_its_reason(typed, reason):
    with pytest.raises(ValueError, match=f"^{reason}$"):
        parse_contact(typed)


@given(st.text(max_size=300))
def test_whatever_is_typed_gives_a_contact_that_is_stable_or_a_reason(typed):
    try:
        kind, contact = parse_contact(typed)
    except ValueError as error:
        assert str(error) in ("empty", "email", "phone")
    else:
        assert parse_contact(contact) == (kind, contact)
        assert not any(sign.isspace() for sign in contact)


def test_each_kind_has_its_channel_and_its_shown_form():
    assert (channel_of("a@example.vn"), channel_of("+84912345678")) == ("email", "sms")
    assert (shown("+84912345678"), shown("+819012345678"), shown(None)) == ("0912345678", "+819012345678", "")
