"""Codes of an app, recovery codes: what fits, once, and how it is kept. OWASP ASVS 5.0, 6.5."""
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from portal.kit import secret_keys
from portal.kit.db import session
from portal.people import second_factors
from portal.people.models import Person, RecoveryCode, SecondFactor
from portal.people.places import device, network
from tests import make


def shown(person: Person, typed: str) -> bool:
    found = second_factors.look_up(person, typed)
    return found is not None and second_factors.use(found)


def test_the_codes_are_those_of_rfc_6238(app: Flask) -> None:
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # of the RFC's appendix B
    for seconds, digits in ((59, "287082"), (1111111109, "081804"), (2000000000, "279037")):
        assert second_factors.code_at(secret, seconds // second_factors.STEP_S) == digits


def test_asvs_v6_5_1_a_code_opens_once(app: Flask) -> None:
    with time_machine.travel("2026-11-20 09:00+07:00", tick=False):
        person = make.officer()
        code = make.code_of(make.app_of(person))
        assert shown(person, code[:3] + " " + code[3:])
        assert not shown(person, code)


def test_asvs_v6_5_1_of_two_that_show_it_at_once_one_comes_in(app: Flask) -> None:
    person = make.officer()
    secret = make.app_of(person)
    both = [second_factors.look_up(person, make.code_of(secret)) for _ in range(20)]
    assert [second_factors.use(one) for one in both if one].count(True) == 1
    codes = second_factors.new_codes()
    second_factors.keep_codes(person, codes)
    both = [second_factors.look_up(person, codes[0].shown) for _ in range(3)]
    assert [second_factors.use(one) for one in both if one].count(True) == 1


def test_asvs_v6_5_5_a_code_holds_for_its_step_and_one_to_either_side(app: Flask) -> None:
    with time_machine.travel("2026-11-20 09:00+07:00", tick=False) as at:
        person = make.officer()
        secret = make.app_of(person)
        early, late, now = make.code_of(secret, 2), make.code_of(secret, -2), make.code_of(secret)
        assert not shown(person, early) and not shown(person, late)
        at.shift(timedelta(seconds=30))
        assert shown(person, now), "a telephone that is half a minute slow"
        assert not shown(person, make.code_of(secret, -1)), "older than one that was used"
        assert shown(person, make.code_of(secret, 1)), "a telephone that is half a minute quick"


def test_an_app_whose_key_is_gone_opens_nothing_and_the_recovery_codes_still_do(
        app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """gitea 1851, ChurchCRM 5210: a backup put back under another key, and every sign-in was an answer of 500."""
    person = make.officer()
    secret, codes = make.app_of(person), second_factors.new_codes()
    second_factors.keep_codes(person, codes)
    monkeypatch.setitem(app.config, "SECRET_KEY", "another-key-" * 4)
    assert not shown(person, make.code_of(secret)) and second_factors.next_code(person) is None
    assert shown(person, codes[0].shown)
    another = make.app_of(person)
    assert shown(person, make.code_of(another)), "one that was added since"


def test_asvs_v6_5_a_secret_lies_sealed_and_only_in_its_owners_row(app: Flask) -> None:
    one, other = make.officer(), make.officer()
    secret = make.app_of(one)
    factor = second_factors.of(one)[0]
    assert secret not in factor.secret and second_factors.secret_of(factor) == secret
    session.add(SecondFactor(person_id=other.id, kind="app", name="x", secret=factor.secret))
    session.flush()
    with pytest.raises(secret_keys.Unsealable):
        second_factors.secret_of(second_factors.of(other)[0])


def test_a_factor_outlives_an_exchange_of_the_secret(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    person = make.officer()
    secret = make.app_of(person)
    monkeypatch.setitem(app.config, "SECRET_KEY_FALLBACKS", (app.config["SECRET_KEY"],))
    monkeypatch.setitem(app.config, "SECRET_KEY", "another secret, which is long enough too")
    assert shown(person, make.code_of(secret))


def test_asvs_v6_5_2_recovery_codes_are_ten_kept_like_passwords_and_open_once(app: Flask) -> None:
    person, other = make.citizen(), make.citizen()
    codes = second_factors.new_codes()
    second_factors.keep_codes(person, codes)
    kept = [row.code_hash for row in session.scalars(select(RecoveryCode))]
    assert len(codes) == 10 and all(one.startswith("$argon2id$") for one in kept) and len(set(kept)) == 10
    assert not shown(other, codes[0].shown)
    assert shown(person, codes[0].shown.upper().replace("-", " "))
    assert not shown(person, codes[0].shown)
    assert second_factors.codes_left(person) == 9
    second_factors.keep_codes(person, second_factors.new_codes())
    assert not shown(person, codes[1].shown), "void since there are new ones"


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "٣٣٣٣٣٣", "0" * 16, "x" * 500])
def test_what_is_no_code_opens_nothing(app: Flask, typed: str) -> None:
    person = make.officer()
    make.app_of(person)
    second_factors.keep_codes(person, second_factors.new_codes())
    assert second_factors.look_up(person, typed) is None


def test_the_staff_keep_one_and_a_citizen_may_go_without(app: Flask) -> None:
    officer, citizen = make.officer(), make.citizen()
    for person in (officer, citizen):
        make.app_of(person)
        second_factors.keep_codes(person, second_factors.new_codes())
    with pytest.raises(second_factors.Last):
        second_factors.remove(officer, second_factors.of(officer)[0])
    second_factors.remove(citizen, second_factors.of(citizen)[0])
    assert not second_factors.has_any(citizen) and not second_factors.codes_left(citizen)


@pytest.mark.once
@pytest.mark.parametrize(("address", "known"), [
    ("203.0.113.7", "203.0.113.0/24"), ("2001:db8:1:2::3", "2001:db8:1::/48"), ("::ffff:203.0.113.7", "203.0.113.0/24"),
    ("", None), ("unix:", None)])
def test_of_an_address_the_network_is_kept(address: str, known: str | None) -> None:
    assert network(address) == known


@pytest.mark.once
@pytest.mark.parametrize(("agent", "words"), [
    ("Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Mobile Safari/537.36",
     "Chrome, Android"),
    ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1 Version/17.0 Safari/604.1",
     "Safari, iPhone"),
    ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox, Windows"),
    ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/130 Safari/537.36 Edg/130.0", "Edge, Windows"),
    ("curl/8", None), ("<script>", None)])
def test_a_device_is_told_in_words(agent: str, words: str | None) -> None:
    assert device(agent) == words
