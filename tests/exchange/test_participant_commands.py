"""`flask exchange participants`, `add-participant`, `end-participant`."""
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from portal.cli.exchange import group
from portal.cli.people import people
from portal.exchange import participants, secrets
from portal.kit.db import session
from tests.exchange import make


@pytest.fixture
def run(app: Flask) -> Callable[..., Any]:
    def run(*words: str, typed: str | None = None) -> Any:
        answer = app.test_cli_runner().invoke(group, words, input=typed)
        session.expire_all()
        return answer

    return run


def test_a_system_is_added_and_the_last_word_is_its_secret(run: Callable[..., Any]) -> None:
    answer = run("add-participant", "H17", "--way", "axis", "--system", "thu-17", "--profile", "csharp")
    assert answer.exit_code == 0, answer.output
    found = participants.by_system("thu-17")
    assert found and (found.code, found.state, found.profile) == ("H17", "connected", "csharp")
    assert secrets.of(found) == (answer.output.split()[-1],)


def test_a_system_keeps_its_secret_which_is_typed_and_not_shown(run: Callable[..., Any]) -> None:
    answer = run("add-participant", "H17.05", "--name", "Sở Tư pháp", "--way", "axis", "--system", "thu-05",
                 "--own-secret", typed=f"{make.SECRET}\n")
    found = participants.by_system("thu-05")
    assert answer.exit_code == 0 and make.SECRET not in answer.output
    assert found and secrets.of(found) == (make.SECRET,) and found.parent_code == "H17"


def test_another_portal_is_added_with_its_address_and_key(run: Callable[..., Any]) -> None:
    answer = run("add-participant", "G01", "--way", "push", "--address", "https://bo.example/api/exchange/v1",
                 "--upstream", typed="dvc_khoa-thu-nghiem\n")
    found = participants.live("G01")
    assert answer.exit_code == 0 and found and found.upstream and secrets.push_key(found) == "dvc_khoa-thu-nghiem"


@pytest.mark.parametrize("words", [
    ("không", "--way", "pages"), ("H17.05", "--way", "pages"), ("H17", "--way", "axis"), ("H17", "--way", "push"),
    ("H26", "--way", "pages"), ("H17", "--way", "axis", "--system", "thu-h26"), ("H17", "--way", "post")])
def test_what_makes_no_sense_is_refused_in_words(run: Callable[..., Any], words: tuple[str, ...]) -> None:
    make.participant("H26", "axis")
    answer = run("add-participant", *words)
    assert answer.exit_code != 0 and "Traceback" not in answer.output and participants.live("H17") is None


def test_who_takes_part_is_listed_until_it_is_ended(run: Callable[..., Any]) -> None:
    make.participant("H26", "axis")
    assert "H26\taxis\tvnpt\tthu-h26" in run("participants").output
    assert run("end-participant", "H26", "Sáp nhập").exit_code == 0
    assert run("participants").output == "" and "H26" in run("participants", "--state", "ended").output
    assert run("end-participant", "H26", "Sáp nhập").exit_code == 1


def test_a_key_that_operators_issue_opens_the_calls_of_the_exchange(app: Flask, run: Callable[..., Any]) -> None:
    run("add-participant", "H17", "--way", "api")
    told = app.test_cli_runner().invoke(people, ("issue-key", "H17", "--scope", "exchange"))
    answer = app.test_client().get("/api/exchange/v1/participants",
                                   headers={"Authorization": f"Bearer {told.output.split()[-1]}"})
    assert [one["code"] for one in answer.get_json()["participants"]] == ["H17"]
