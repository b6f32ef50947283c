"""Settings from outside: read as what they are, or refused in words before anything starts."""
from datetime import timedelta

import pytest

from config import Default
from portal import create_app
from portal.kit import settings
from portal.kit.settings import Unset

DEFAULTS = {name: getattr(Default, name) for name in dir(Default) if name.isupper()}


def read(**given: str) -> dict[str, object]:
    return settings.read(DEFAULTS, {f"PORTAL_{name}": words for name, words in given.items()})


@pytest.mark.parametrize("words", ["0", "no", "No", "off", "false", "False", ""])
@pytest.mark.parametrize("name", ["DEMONSTRATION", "INSECURE_HTTP"])
def test_no_in_any_way_of_writing_it_is_no(name: str, words: str) -> None:
    assert read(**{name: words}) == {name: False}


@pytest.mark.parametrize("words", ["1", "yes", "ON", "true", "True"])
def test_yes_in_any_way_of_writing_it_is_yes(words: str) -> None:
    assert read(DEMONSTRATION=words) == {"DEMONSTRATION": True}


@pytest.mark.parametrize(("name", "words", "value"), [
    ("SECRET_KEY", "12345678901234567890123456789012", "12345678901234567890123456789012"),
    ("PUBLISHER_NAME", "2026", "2026"),
    ("IDLE_OFFICER", "600", timedelta(minutes=10)),
    ("JOB_LEASE_S", "2.5", 2.5),
    ("TRUSTED_HOSTS", '["portal.example", "www.portal.example"]', ["portal.example", "www.portal.example"]),
    ("TRUSTED_HOSTS", "portal.example, [::1]", ["portal.example", "[::1]"]),
    ("CALL_NETWORKS", '["10.0.0.0/8"]', ["10.0.0.0/8"]),
    ("CALL_NETWORKS", "", []), ("EXCHANGE_PATIENCE_S", "10, 60,0.5", [10.0, 60.0, 0.5]),
    ("EXCHANGE_PATIENCE_S", "[10, 60]", [10.0, 60.0]), ("EXCHANGE_LEASE_S", "300", 300.0),
    ("SMTP_URL", "", None),
    ("SMTP_URL", "smtps://user:p%40ss@mail.example:465", "smtps://user:p%40ss@mail.example:465"),
    ("OWNER_DATABASE_URL", "postgresql://owner@/x?host=/run/y", "postgresql://owner@/x?host=/run/y"),
])
def test_a_setting_is_of_the_kind_of_its_default(name: str, words: str, value: object) -> None:
    assert read(**{name: words}) == {name: value}


@pytest.mark.parametrize(("name", "words"), [
    ("DEMONSTRATION", "maybe"), ("TRUSTED_PROXIES", "many"), ("TRUSTED_PROXIES", "-1"), ("TRUSTED_PROXIES", "1.5"),
    ("MAX_CONTENT_LENGTH", "60MB"), ("IDLE_OFFICER", "ten"), ("JOB_LEASE_S", "0"), ("JOB_LEASE_S", "inf"),
    ("JOB_LEASE_S", "nan"), ("ARGON2_PASSES", "0"), ("TRUSTED_HOSTS", ""), ("TRUSTED_HOSTS", '{"a": 1}'),
    ("TRUSTED_HOSTS", "https://portal.example"), ("CALL_NETWORKS", "nets"), ("CALL_NETWORKS", '["10.0.0.0/99"]'),
    ("DATABASE_URL", ""), ("DATABASE_URL", "nonsense"), ("DATABASE_URL", "mysql://a/b"),
    ("OWNER_DATABASE_URL", "sqlite:///x"), ("PUBLIC_URL", "portal.example"), ("SMTP_URL", "smtp://host:notaport"),
    ("SMTP_URL", "mail.example:25"), ("TRUSTED_PROXIES", "21"), ("MAIL_FROM", "nobody"), ("MAIL_FROM", ""),
    ("PUBLISHER_CONTACT", "the office"), ("FILES_FOLDER", ""), ("MAX_CONTENT_LENGTH", "0"), ("IDLE_OFFICER", "0"),
    ("SESSION_COOKIE_SAMESITE", "None"), ("PUBLIC_READS_PER_MINUTE", "99999999999999999999"),
    *(("EXCHANGE_PATIENCE_S", words) for words in ("", "[]", "abc", "{}", '["x"]', "[10", "10;60", "-1", "1e9", "nan")),
    ("EXCHANGE_BYTES", "abc"), ("EXCHANGE_BYTES", "0"), ("EXCHANGE_LEASE_S", "0"), ("EXCHANGE_LEASE_S", "1e15"),
])
def test_what_cannot_be_read_is_refused_by_name(name: str, words: str) -> None:
    with pytest.raises(Unset, match=f"^PORTAL_{name} cannot be read: "):
        read(**{name: words})


def test_a_refusal_does_not_repeat_a_secret() -> None:
    with pytest.raises(Unset) as refused:
        read(DATABASE_URL="postgress://portal:s3cret@host/x")
    assert "s3cret" not in str(refused.value)


def test_no_number_of_processes_is_refused_too() -> None:
    with pytest.raises(Unset, match="WEB_CONCURRENCY"):
        settings.read(DEFAULTS, {"WEB_CONCURRENCY": "two"})


def test_a_portal_is_not_made_with_a_wrong_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_TRUSTED_PROXIES", "many")
    with pytest.raises(Unset):
        create_app("config.Testing")


def test_a_portal_has_what_was_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_DEMONSTRATION", "no")
    monkeypatch.setenv("PORTAL_MAX_FORM_PARTS", "7")
    made = create_app("config.Testing")
    assert made.config["DEMONSTRATION"] is False
    assert made.config["MAX_FORM_PARTS"] == 7


@pytest.mark.parametrize(("name", "near"), [
    ("PORTAL_DEMONSTRATON", "PORTAL_DEMONSTRATION"), ("PORTAL_TRUSTED_HOST", "PORTAL_TRUSTED_HOSTS"),
    ("PORTAL_SMTP", "PORTAL_SMTP_URL"), ("PORTAL_PORT", "PORT"), ("PORTAL_HOST", "HOST"),
    ("PORTAL_SECRET_KEY_FALLBACK", "PORTAL_SECRET_KEY_FALLBACKS"),
])
def test_a_name_that_is_no_setting_is_refused_with_the_one_that_was_meant(name: str, near: str) -> None:
    with pytest.raises(Unset, match=f"^{name} is no setting; did you mean {near}\\?"):
        settings.read(DEFAULTS, {name: "1"})


def test_a_name_like_none_is_refused_all_the_same() -> None:
    with pytest.raises(Unset, match=r"^PORTAL_XYZZY is no setting\. config\.py lists"):
        settings.read(DEFAULTS, {"PORTAL_XYZZY": "1"})


def test_a_setting_of_flask_that_is_none_of_ours_is_refused() -> None:
    """Whoever could switch TESTING or DEBUG on by the environment would see tracebacks in production."""
    for name in ("TESTING", "DEBUG", "PROPAGATE_EXCEPTIONS"):
        with pytest.raises(Unset, match=f"PORTAL_{name} is no setting"):
            settings.read(DEFAULTS, {f"PORTAL_{name}": "1"})


def test_what_tests_tools_and_kubernetes_set_is_left_alone() -> None:
    assert settings.read(DEFAULTS, {
        "PORTAL_TEST_DATABASE": "sqlite", "PORTAL_REQUIRE_BROWSER": "1", "PORTAL_KEY": "dvc_x", "PORTAL_URL": "http://x",
        "PORTAL_SERVICE_HOST": "10.0.0.1", "PORTAL_SERVICE_PORT_HTTP": "80", "PORTAL_PORT": "tcp://10.0.0.1:80",
        "PORTAL_PORT_80_TCP_ADDR": "10.0.0.1"}) == {}


GOOD = {**DEFAULTS, "SECRET_KEY": "0123456789abcdef0123456789abcdef"}


@pytest.mark.parametrize("changed", [
    {"SECRET_KEY": "0123456789abcdef0123456789abcde"}, {"SECRET_KEY": "a" * 64}, {"SECRET_KEY": None},
    {"SECRET_KEY_FALLBACKS": ["short"]}, {"SECRET_KEY": "changeme" * 3},
])
def test_a_secret_that_can_be_guessed_is_refused(changed: dict[str, object]) -> None:
    settings.check(GOOD)
    with pytest.raises(Unset, match="PORTAL_SECRET_KEY") as refused:
        settings.check(GOOD | changed)
    assert "short" not in str(refused.value).replace("SECRET_KEY_FALLBACKS", "")


@pytest.mark.parametrize(("changed", "public"), [
    ({}, None), ({"TRUSTED_HOSTS": ["portal.test", "[::1]", "192.168.1.9", "may-chu", "portal.lan"]}, None),
    ({"PUBLIC_URL": "http://localhost:8000"}, None), ({"TRUSTED_HOSTS": ["dichvucong.gov.vn"]}, "dichvucong.gov.vn"),
    ({"TRUSTED_HOSTS": ["localhost", "203.119.72.1"]}, "203.119.72.1"), ({"TRUSTED_HOSTS": [".gov.vn"]}, "gov.vn"),
    ({"PUBLIC_URL": "https://portal.vn"}, "portal.vn"),
])
def test_a_demonstration_stands_in_public_only_where_that_is_said(changed: dict[str, object],
                                                                  public: str | None) -> None:
    shown = GOOD | {"DEMONSTRATION": True} | changed
    settings.check(shown | {"DEMONSTRATION_IN_PUBLIC": True})
    settings.check(shown | {"DEMONSTRATION": False})
    if public is None:
        settings.check(shown)
        return
    with pytest.raises(Unset, match="DEMONSTRATION_IN_PUBLIC"):
        settings.check(shown)
