"""V14: what is kept from whom."""
import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from portal.kit.db import Base
from tests import make

pytestmark = pytest.mark.once  # what a database changes of it is tested in the rooms

ROOT = Path(__file__).parents[2]


@pytest.mark.once
def test_asvs_v14_2_1_nothing_sensitive_in_addresses(app: Flask) -> None:
    """Forms that carry a name, a contact or a secret are posted; addresses name things by numbers and codes."""
    for path in (ROOT / "templates").rglob("*.html"):
        for form in re.findall(r"<form\b.*?</form>", path.read_text(), re.DOTALL):
            if 'method="get"' in form or "method=" not in form.split(">")[0]:
                assert not re.search(r'name="(?:password|contact|code_typed|email|phone)"', form), path.name
    words = {argument for rule in app.url_map.iter_rules() for argument in rule.arguments}
    assert not words & {"token", "password", "contact", "email", "phone", "name_typed", "person"}


def test_asvs_v14_2_2_no_cache_keeps_what_is_personal(app: Flask, sign_in: Any) -> None:
    dossier = make.dossier("checking")
    client = sign_in(dossier.applicant)
    for url in ("/my/dossiers", f"/my/dossiers/{dossier.id}", "/account", "/account/notices", "/services", "/"):
        assert client.get(url).headers["Cache-Control"] in ("no-store", "private, no-store"), url


def test_asvs_v14_2_3_nothing_goes_to_third_parties(app: Flask, client: Any) -> None:
    for url in ("/", "/services", "/progress", "/sign-in", "/verify"):
        answer = client.get(url)
        loaded = re.findall(r'<(?:script|link|img|iframe|source)[^>]+(?:src|href)="(https?://[^"]+)"', answer.text)
        assert [one for one in loaded if "://localhost" not in one and "://127.0.0.1" not in one] == [], url
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "http" not in policy


def test_asvs_v14_2_4_secrets_are_never_kept_as_they_are(app: Flask, sign_in: Any) -> None:
    person = make.officer()
    secret, client = make.app_of(person), sign_in(person)
    token = client.get_cookie("portal").value
    from portal.kit.db import session  # noqa: PLC0415
    kept = repr([session.execute(table.select()).all() for table in Base.metadata.sorted_tables
                 if table.name in ("person", "sign_in", "second_factor", "recovery_code", "registration")])
    assert person.email in kept, "it does look at the rows"
    for hidden in (make.PASSWORD, secret, token):
        assert hidden not in kept


def test_asvs_v14_3_1_nothing_stays_after_signing_out(app: Flask, sign_in: Any) -> None:
    person = make.citizen()
    client = sign_in(person)
    client.get("/account")
    client.post("/sign-out")
    cookie = client.get_cookie("portal")
    assert client.get("/account").status_code == 303 and person.name not in (cookie.value if cookie else "")


def test_asvs_v14_3_2_personal_pages_are_not_stored(app: Flask, sign_in: Any) -> None:
    dossier, officer = make.dossier("submitted"), make.officer()
    client = sign_in(officer)
    for url in ("/officer/queue", f"/officer/dossiers/{dossier.id}", "/account"):
        assert client.get(url).headers["Cache-Control"] == "no-store"


@pytest.mark.once
def test_asvs_v14_3_3_the_browsers_storage_holds_nothing_personal() -> None:
    """What scripts keep is a switch, and what a page keeps of a form is in this tab alone."""
    uses = {path.name for path in (ROOT / "static" / "js").rglob("*.mjs")
            if re.search(r"localStorage|indexedDB|document\.cookie", path.read_text())}
    assert uses <= {"shortcuts.mjs"}
