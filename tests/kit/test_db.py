"""The engine: what an error says goes into logs, and tells nothing of people."""
import traceback

import pytest
from flask import Flask
from sqlalchemy.exc import IntegrityError

from portal.kit.db import session
from portal.people.models import Person
from tests import make

MAIL = "an.le@example.vn"


def test_an_error_of_the_database_names_nobody(app: Flask) -> None:
    make.citizen(email=MAIL)
    with pytest.raises(IntegrityError) as caught, session.begin_nested():
        session.add(Person(name="Lê Văn Ẩn", email=MAIL, password_hash="kept"))
    said = "".join(traceback.format_exception(caught.value))
    assert "person" in said and "INSERT" in said  # what failed is still told
    assert MAIL not in said and "Lê Văn Ẩn" not in said
