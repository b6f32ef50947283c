"""One secret, many keys: none tells another, and the secret can be exchanged while people are signed in."""
from collections.abc import Iterator

import pytest
from flask import Flask
from itsdangerous import BadSignature, URLSafeTimedSerializer

from portal.kit import secret_keys
from portal.kit.secret_keys import Unsealable

NEW, OLD = "the new secret, long enough for the start", "the old secret, long enough for the start"
pytestmark = pytest.mark.once


@pytest.fixture
def bare() -> Iterator[Flask]:
    app = Flask("bare")
    app.config.update(SECRET_KEY=NEW, SECRET_KEY_FALLBACKS=[])
    with app.app_context():
        yield app


def test_each_use_has_a_key_of_its_own_and_none_is_the_secret(bare: Flask) -> None:
    made = {use: secret_keys.key(use) for use in ("cookies", "forms", "codes", "counting", "nonces", "tokens")}
    assert len(set(made.values())) == len(made)
    assert all(len(key) == 32 and key != NEW.encode()[:32] for key in made.values())
    assert secret_keys.key("codes") == made["codes"]


def test_what_was_sealed_opens_for_its_use_and_owner_alone(bare: Flask) -> None:
    sealed = secret_keys.seal("second factors", "person 7", b"JBSWY3DPEHPK3PXP")
    assert secret_keys.unseal("second factors", "person 7", sealed) == b"JBSWY3DPEHPK3PXP"
    assert secret_keys.seal("second factors", "person 7", b"JBSWY3DPEHPK3PXP") != sealed
    for use, owner, said in (("second factors", "person 8", sealed), ("codes", "person 7", sealed),
                             ("second factors", "person 7", sealed[:-5] + "AAAA="), ("second factors", "person 7", ""),
                             ("second factors", "person 7", "đ"), ("second factors", "person 7", "AAAA")):
        with pytest.raises(Unsealable):
            secret_keys.unseal(use, owner, said)


def test_a_secret_is_exchanged_and_what_it_made_is_still_read(bare: Flask) -> None:
    bare.config["SECRET_KEY"] = OLD
    sealed, signed = secret_keys.seal("x", "me", b"kept"), serializer().dumps("kept")
    of_last_release = URLSafeTimedSerializer(OLD, salt="s").dumps("kept")

    bare.config.update(SECRET_KEY=NEW, SECRET_KEY_FALLBACKS=[OLD])
    assert secret_keys.unseal("x", "me", sealed) == b"kept"
    assert serializer().loads(signed) == serializer().loads(of_last_release) == "kept"
    anew, signed_anew = secret_keys.seal("x", "me", b"kept"), serializer().dumps("kept")

    bare.config["SECRET_KEY_FALLBACKS"] = []  # the exchange is over
    assert secret_keys.unseal("x", "me", anew) == b"kept" and serializer().loads(signed_anew) == "kept"
    with pytest.raises(Unsealable):
        secret_keys.unseal("x", "me", sealed)
    with pytest.raises(BadSignature):
        serializer().loads(signed)


def serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret_keys.signing_keys("cookies"), salt="s")
