"""V13: how it is set up."""
import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

import config
from portal import create_app
from portal.kit import callout, row_security, settings
from portal.kit.settings import Unset
from portal.oversight.rows import APPEND_ONLY
from tests.conftest import open_house

pytestmark = pytest.mark.once
ROOT = Path(__file__).parents[2]


def test_asvs_v13_2_1_machines_show_who_they_are(client: Any) -> None:
    for headers in ({}, {"Authorization": "Bearer nothing"}):
        assert client.post("/api/v1/progress/batches", json={}, headers=headers).status_code == 401
        said = client.post("/api/national/DongBoTrangThaiHoSo", json={}, headers=headers)
        assert said.status_code in (401, 404) or (said.get_json() or {}).get("error_code") not in ("0", 0, None)


def test_asvs_v13_2_2_the_application_has_no_more_rights_than_it_needs() -> None:
    said = " ".join(row_security._rights("app"))
    assert "REVOKE CREATE ON SCHEMA public FROM app" in said and "REVOKE ALL ON ALL TABLES" in said
    assert {"event", "look", "security_event", "exchange_event"} <= set(APPEND_ONLY)


def test_asvs_v13_2_3_no_default_credential() -> None:
    assert config.Default.SECRET_KEY is None and config.Default.SMTP_URL is None
    assert not config.Default.DEMONSTRATION


@pytest.mark.parametrize("url", [
    "http://portal.example/x", "https://127.0.0.1/x", "https://localhost/", "https://169.254.169.254/latest",
    "https://[::ffff:127.0.0.1]/", "file:///etc/passwd", "https://10.0.0.1/"])
def test_asvs_v13_2_4_only_what_is_on_the_open_internet_is_called(url: str) -> None:
    with pytest.raises(callout.NotAllowed):
        callout.check(url)


def test_asvs_v13_2_5_papers_are_drawn_without_a_network(app: Flask) -> None:
    from portal.kit import pdf  # noqa: PLC0415
    source = Path(pdf.__file__).read_text()
    assert "url_fetcher" in source, "what a paper may load is decided by us"


def test_asvs_v13_3_1_no_secret_stands_in_the_source() -> None:
    """Secrets come by settings; what looks like one in the source is a test's or a word for a field."""
    secret = re.compile(r"""(?:secret_key|password|token|api_key)\s*[:=]\s*["'][A-Za-z0-9+/_-]{16,}["']""",
                        re.IGNORECASE)
    found = [(path.name, match[0]) for path in (*(ROOT / "portal").rglob("*.py"), ROOT / "config.py")
             for match in secret.finditer(path.read_text())]
    assert [one for one in found if "testing-only" not in one[1]] == []


@pytest.mark.parametrize("secret", ["", "short"])
def test_asvs_v13_3_1_a_weak_secret_is_refused(secret: str) -> None:
    class Weak(config.Default):
        SECRET_KEY = secret
        DATABASE_URL = "sqlite:///:memory:"

    with pytest.raises(RuntimeError):
        create_app(Weak)


def test_asvs_v13_3_2_one_use_does_not_read_the_key_of_another(app: Flask) -> None:
    from portal.kit import secret_keys  # noqa: PLC0415
    assert secret_keys.key("codes") != secret_keys.key("tokens") != secret_keys.key("security_log")


@pytest.mark.parametrize("url", ["/.git/config", "/.git/HEAD", "/static/.git/HEAD", "/.svn/entries", "/.env"])
def test_asvs_v13_4_1_nothing_of_the_version_control_is_served(client: Any, url: str) -> None:
    assert client.get(url).status_code == 404


def test_asvs_v13_4_2_nothing_for_debugging(app: Flask) -> None:
    assert not app.debug and not getattr(config.Default, "DEBUG", False)
    assert "werkzeug.debug" not in (ROOT / "portal" / "cli" / "serve.py").read_text()
    with pytest.raises(Unset):
        settings.read({"DEMONSTRATION": False}, {"PORTAL_DEMONSTRATION": "perhaps"})


@pytest.mark.parametrize("url", ["/static/", "/static/css/", "/static/js", "/static"])
def test_asvs_v13_4_3_no_folder_is_listed(client: Any, url: str) -> None:
    assert client.get(url).status_code in (404, 308)


def test_asvs_v13_4_4_no_trace(client: Any) -> None:
    for url in ("/", "/sign-in", "/api", "/my/dossiers"):
        assert client.open(url, method="TRACE").status_code in (404, 405)


def test_asvs_v13_4_5_what_watches_says_no_more_than_well_or_not(client: Any) -> None:
    for url in ("/healthz", "/readyz"):
        said = client.get(url).get_data(as_text=True)
        assert "Traceback" not in said and "postgres" not in said and "sqlite" not in said and "/var" not in said
    for url in ("/metrics", "/debug", "/console", "/admin/console", "/server-status"):
        assert client.get(url).status_code == 404


def test_asvs_v13_2_2_one_role_for_owner_and_application_is_refused(tmp_path: Path) -> None:
    url = "postgresql://portal@127.0.0.1/portal"
    with pytest.raises(Unset, match="two roles"):
        open_house(url, tmp_path, OWNER_DATABASE_URL=url)
