"""NIST SP 800-63B-4 and OWASP ASVS 5.0, 6.2."""
import unicodedata

import pytest

from portal.kit import db
from portal.kit.db import transaction
from portal.people import passwords

PHRASE = "bốn con ngựa trắng ngoài đồng"


def test_asvs_v6_2_1_fourteen_characters_are_too_few_and_fifteen_enough():
    assert passwords.fault("xe đạp xanh lá"[:14]) == "short"
    assert passwords.fault("xe đạp xanh lá!") is None


def test_asvs_v6_2_1_length_counts_letters_and_not_the_marks_they_are_typed_with():
    assert passwords.fault(unicodedata.normalize("NFD", "ộ ễ ậ ỡ ừ ẫ")) == "short"


def test_asvs_v6_2_9_at_most_128_characters():
    long = (PHRASE + " và nhiều chữ nữa ") * 5
    assert passwords.fault(long[:128]) is None
    assert passwords.fault(long[:129]) == "long"


@pytest.mark.parametrize("password", [
    "toàn chữ thường thôi", "ALL CAPITALS ARE FINE", "🐎🔋📎🌧️🪜🧊🎻🦆🧵🪁🥕🛶🗿🧭🪺",
    "8302 9174 6625 0183", PHRASE,
])
def test_asvs_v6_2_5_no_rule_about_kinds_of_characters(password):
    assert passwords.fault(password) is None


@pytest.mark.parametrize("password", ["aaaaaaaaaaaaaaaa", "abababababababab", "1212121212121212"])
def test_fewer_than_five_different_characters_are_refused(password):
    assert passwords.fault(password) == "few"


@pytest.mark.parametrize("password", [
    "matkhau123456789", "Mật khẩu 123456789", "anhyeuemnhieulam", "Anh yêu em nhiều lắm", "vietnamvodich2018",
    "password12345678", "123456789012345", "qwertyuiop123456", "admin@123456789", "iloveyou19051990",
    "Việt Nam Hà Nội 1990", "987654321098765", "12341234123412345", "qwertyuiopasdfghjkl",
])
def test_asvs_v6_2_4_what_is_guessed_first_is_refused(password):
    assert passwords.fault(password) in ("simple", "few")


def test_what_anybody_knows_of_the_person_is_refused():
    known = ("Nguyễn Thị Minh Anh", "minhanh.nguyen@example.vn", "+84912345678", "0912345678")
    assert passwords.fault("nguyenthiminhanh1990", *known) == "simple"
    assert passwords.fault("Minh Anh 0912345678", *known) == "simple"
    assert passwords.fault("minhanh.nguyen@example.vn", *known) == "simple"
    assert passwords.fault("Minh Anh thích ăn bún riêu", *known) is None


def test_asvs_v6_2_9_the_same_words_composed_and_decomposed_fit(app):
    kept = passwords.hash(unicodedata.normalize("NFC", PHRASE))
    assert passwords.fits(kept, unicodedata.normalize("NFD", PHRASE))


def test_asvs_v6_2_8_nothing_is_cut_off(app):
    kept = passwords.hash("x" * 128 + "a")
    assert passwords.fits(kept, "x" * 128 + "a")
    assert not passwords.fits(kept, "x" * 128 + "b")


def test_argon2id_with_the_parameters_of_the_settings(app, monkeypatch):
    kept = passwords.hash(PHRASE)
    assert kept.startswith("$argon2id$v=19$m=8,t=1,p=1$")
    assert not passwords.is_outdated(kept)
    monkeypatch.setitem(app.config, "ARGON2_PASSES", 2)
    assert passwords.is_outdated(kept)
    assert passwords.fits(kept, PHRASE)


def test_nobody_and_a_broken_hash_fit_nothing(app):
    assert not passwords.fits(None, PHRASE)
    assert not passwords.fits("not a hash", PHRASE)


def test_asvs_v6_3_8_the_costly_part_is_done_for_nobody_too(app, monkeypatch):
    verified = []

    class Counting:
        def hash(self, password):
            return "kept"

        def verify(self, kept, password):
            verified.append(kept)
            return True

    monkeypatch.setattr(passwords, "_hasher", lambda: Counting())
    assert not passwords.fits(None, PHRASE)
    assert passwords.fits("of somebody", PHRASE)
    assert verified == ["kept", "of somebody"]


def test_a_first_password_meets_the_rules_and_is_never_the_same(app):
    made = {passwords.one_time().shown for _ in range(500)}
    assert len(made) == 500
    assert all(passwords.fault(password) is None for password in made)


def test_nothing_is_hashed_or_checked_while_others_wait_for_a_transaction(app):
    kept = passwords.hash("bốn con ngựa trắng ngoài đồng")
    for slow in (lambda: passwords.hash("x"), lambda: passwords.fits(kept, "x"), passwords.one_time):
        with pytest.raises(db.Inside), transaction():
            slow()
