"""Machines' keys: shown once, two at a time, gone at once."""
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from portal.cli.people import people
from portal.kit import clock
from portal.kit.db import session
from portal.people import keys
from portal.people.models import ApiKey
from tests import make


def test_a_key_opens_for_its_agency_and_is_not_kept(app: Flask) -> None:
    key, secret = keys.issue(make.agency(), ["progress"])
    found = keys.find(secret)
    assert found is not None and (found.id, found.agency.key, found.scopes) == (key.id, "H17", {"progress"})
    kept = session.execute(select(*ApiKey.__table__.c).where(ApiKey.id == key.id)).one()
    assert not any(secret in str(value) for value in kept) and secret.endswith(key.hint)


def test_a_wrong_key_opens_nothing(app: Flask) -> None:
    _key, secret = keys.issue(make.agency(), ["progress"])
    assert keys.find(secret + "x") is None and keys.find("") is None


def test_two_live_at_a_time_so_that_they_can_be_changed(app: Flask) -> None:
    first, _ = keys.issue(make.agency(), ["progress"])
    keys.issue(make.agency(), ["progress"])
    with pytest.raises(keys.TooManyKeys):
        keys.issue(make.agency(), ["progress"])
    keys.revoke(first)
    third, _ = keys.issue(make.agency(), ["progress"])
    assert third in keys.live_keys(make.agency()) and first not in keys.live_keys(make.agency())
    keys.issue(make.agency("H26"), ["progress"])


def test_a_revoked_key_opens_nothing_any_more(app: Flask) -> None:
    key, secret = keys.issue(make.agency(), ["progress"])
    keys.revoke(key)
    assert keys.find(secret) is None


def test_an_unknown_scope_is_refused(app: Flask) -> None:
    with pytest.raises(ValueError, match="scope"):
        keys.issue(make.agency(), ["everything"])


def test_a_key_carries_several_scopes_and_counts_for_each(app: Flask) -> None:
    key, _ = keys.issue(make.agency(), ["progress", "exchange", "progress"])
    assert key.scopes == {"progress", "exchange"}
    keys.issue(make.agency(), ["progress"])
    with pytest.raises(keys.TooManyKeys):
        keys.issue(make.agency(), ["progress", "exchange"])
    keys.issue(make.agency(), ["exchange"])
    with pytest.raises(ValueError, match="scope"):
        keys.issue(make.agency(), [])


def test_its_use_is_noted_once_a_minute(app: Flask) -> None:
    key, secret = keys.issue(make.agency(), ["progress"])
    now = clock.now()
    uses = []
    for seconds in (0, 30, 61):
        with clock.pretend(now + timedelta(seconds=seconds)):
            keys.find(secret)
        uses.append(session.scalar(select(ApiKey.used_at).where(ApiKey.id == key.id)))
    assert uses == [now, now, now + timedelta(seconds=61)]


def test_keys_from_the_command_line(app: Flask) -> None:
    run = app.test_cli_runner().invoke
    issued = run(people, ["issue-key", "H17", "--scope", "progress"])
    assert issued.exit_code == 0, issued.output
    secret = issued.output.split()[-1]
    key = keys.find(secret)
    assert key is not None and key.agency.key == "H17"
    number = key.id
    both = run(people, ["issue-key", "H26", "--scope", "progress", "--scope", "exchange"])
    assert "for exchange, progress." in both.output
    assert "\tH26\texchange,progress\t" in run(people, ["list-keys"]).output
    listed = run(people, ["list-keys"]).output
    assert f"{number}\tH17\tprogress\t…{secret[-6:]}\tlive" in listed and secret not in listed
    assert run(people, ["revoke-key", str(number)]).exit_code == 0
    assert keys.find(secret) is None and "revoked" in run(people, ["list-keys"]).output
    assert run(people, ["issue-key", "nowhere", "--scope", "progress"]).exit_code == 1
    assert run(people, ["revoke-key", "99999"]).exit_code == 1


@pytest.mark.parametrize(("typed", "name"), [("H17", "Đà Nẵng"), ("000.00.00.H17", "Đà Nẵng"), (" h17 ", "Đà Nẵng")])
def test_a_key_is_issued_by_every_shape_of_an_agencys_id(app: Flask, typed: str, name: str) -> None:
    answer = app.test_cli_runner().invoke(people, ["issue-key", typed, "--scope", "progress"])
    assert answer.exit_code == 0 and name in answer.output
    found = keys.find(answer.output.split()[-1])
    assert found and found.agency.key == "H17"


def test_a_part_of_an_agency_gets_no_key_of_the_whole(app: Flask) -> None:
    for typed in ("H17.22", "000.00.22.H17"):
        assert app.test_cli_runner().invoke(people, ["issue-key", typed, "--scope", "progress"]).exit_code == 1
