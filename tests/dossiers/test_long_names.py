"""Names of foreigners that grow when they are made ready for search."""
import pytest
from flask import Flask

from portal.dossiers import actions
from portal.forms.application import Application
from portal.kit import text
from portal.kit.db import session
from tests import make


@pytest.mark.parametrize("name", ["한" * 80, "한" * 200, "ß" * 200, "Ǆ" * 200, "ﬃ" * 200, "an " * 66], ids=range(6))
def test_a_name_that_fits_fits_when_it_is_folded(app: Flask, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Taken apart, the 80 syllables of a Korean name were 240 letters, and PostgreSQL's column has 200."""
    monkeypatch.setattr(Application, "holder", name)
    dossier = make.draft()
    actions.submit(dossier, by=dossier.applicant)
    session.commit()
    assert len(dossier.holder_folded) <= 200


def test_syllables_of_korean_stay_letters_of_their_own() -> None:
    assert text.fold("김 Tuấn") == "김 tuan"
