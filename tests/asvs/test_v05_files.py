"""V5: what is handed in and given out as a file."""
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from portal.files import actions
from portal.files import queries as files
from portal.files.models import FileState
from portal.kit import files as kept
from portal.kit.db import session
from portal.kit.files import Refused
from portal.kit.proving import archives
from tests import make

pytestmark = pytest.mark.once  # what a database changes of it is tested in the rooms

ODD = '../../etc/"x\r\nSet-Cookie: a=b\u202e.pdf'


def refused(content: bytes, name: str) -> str:
    with pytest.raises(Refused) as error:
        actions.prove(BytesIO(content), name)
    return error.value.reason


def test_asvs_v5_2_1_what_is_too_large_is_not_taken(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "ATTACHMENT_BYTES", 100)
    assert refused(make.PDF + b" " * 200, "a.pdf") == "too_large"
    assert app.config["MAX_CONTENT_LENGTH"] <= 100 * 1024 * 1024


@pytest.mark.parametrize(("content", "name"), [
    (b"MZ\x90\x00 a program", "a.pdf"), (make.PDF, "a.exe"), (b"<html><script>1</script>", "a.png"),
    (b"\xff\xd8\xff\xe0 not a picture", "a.jpg"), (b"PK\x03\x04 nothing packed", "a.docx")])
def test_asvs_v5_2_2_ending_and_content_agree(app: Flask, content: bytes, name: str) -> None:
    assert refused(content, name) in kept.REASONS


def test_asvs_v5_2_3_what_is_packed_is_counted_before_it_is_unpacked(app: Flask) -> None:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        for n in range(archives.MOST_MEMBERS + 1):
            archive.writestr(f"word/{n}.xml", "")
    assert refused(packed.getvalue(), "a.docx") in ("bomb", "archive")


def test_asvs_v5_3_1_no_address_leads_into_the_folder_of_files(app: Flask, client: Any) -> None:
    folder = Path(app.config["FILES_FOLDER"]).resolve()
    assert not folder.is_relative_to(Path(str(app.static_folder)).resolve())
    for url in ("/static/../var/files", "/var/files/", "/files/", "/static/%2e%2e/config.py"):
        assert client.get(url).status_code == 404


def test_asvs_v5_3_2_paths_are_made_here(app: Flask) -> None:
    blob = actions.prove(BytesIO(make.PDF), ODD).blob
    where = kept.where(blob.path).resolve()
    assert where.is_relative_to(kept.root()) and "etc" not in blob.path and "\u202e" not in blob.path


def _given_out(app: Flask, sign_in: Any) -> Any:
    dossier = make.draft()
    actions.attach(dossier.owner, "other", "Giấy tờ", actions.prove(BytesIO(make.PDF), ODD), by_id=dossier.applicant_id)
    given = files.attachments_of(dossier.owner)[-1]
    return sign_in(dossier.applicant).get(f"/my/dossiers/{dossier.id}/attachments/{given.id}")


def test_asvs_v5_4_1_downloads_are_named_by_us(app: Flask, sign_in: Any) -> None:
    with _given_out(app, sign_in) as answer:
        assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_asvs_v5_4_2_names_in_headers_are_encoded(app: Flask, sign_in: Any) -> None:
    with _given_out(app, sign_in) as answer:
        said = answer.headers["Content-Disposition"]
        assert said.isascii() and "\r" not in said and ".." not in said and "Set-Cookie" not in dict(answer.headers)


def test_asvs_v5_4_3_what_was_not_found_clean_is_not_given_out(app: Flask, sign_in: Any) -> None:
    dossier = make.dossier("checking")
    given = files.attachments_of(dossier.owner)[0]
    browser, url = sign_in(dossier.applicant), f"/my/dossiers/{dossier.id}/attachments/{given.id}"
    with browser.get(url) as answer:
        assert answer.status_code == 200
    given.file.state = FileState.refused
    session.commit()
    with browser.get(url) as answer:
        assert not answer.data.startswith(b"%PDF")
