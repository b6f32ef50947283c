"""What has to be documented is, and with the figures of the code."""
import inspect
import re
from pathlib import Path

import pytest

import config
from portal.kit.forms.attachments import TAKEN
from portal.kit.proving import archives, pdf, pictures
from portal.people import passwords
from portal.web.account import counting

pytestmark = pytest.mark.once
PAGE = (Path(__file__).parents[2] / "docs" / "security.md").read_text()


def part(title: str) -> str:
    return PAGE.split(f"## {title}\n")[1].split("\n## ")[0]


def test_asvs_v5_1_1_kinds_endings_and_sizes_are_documented() -> None:
    said = part("Files")
    assert all(f".{ending}" in said for ending in TAKEN)
    assert f"{config.Default.ATTACHMENT_BYTES // 10**6} MB a file" in said
    assert f"{config.Default.DOSSIER_BYTES // 10**6} MB a dossier" in said
    assert f"{archives.MOST_MEMBERS:,} members" in said and f"{pdf.MOST_PAGES:,} pages" in said
    assert f"{pictures.MOST_PIXELS // 10**6} million points" in said and "is not kept" in said


def test_asvs_v6_1_1_how_guessing_is_slowed_down_is_documented() -> None:
    assert "counting.py" in part("Guessing") and "Nobody's account is closed" in part("Guessing")
    for name, function in inspect.getmembers(counting, inspect.isfunction):
        if function.__module__ == counting.__name__ and not name.startswith("_"):
            assert function.__doc__, f"{name} says what it counts"


def test_asvs_v6_1_2_the_words_that_make_no_password_are_listed() -> None:
    listed = set(passwords._COMMON_WORDS.split())
    said = re.findall(r"[a-z]+", part("Words that make no password").split("this portal's own:")[1].split("…")[0])
    assert len(said) >= 4 and set(said) <= listed
    assert f"{passwords.LEAST} to {passwords.MOST} characters" in part("Words that make no password")


def test_asvs_v6_1_3_every_way_to_come_in_is_documented() -> None:
    said = part("Ways to come in")
    ways = ("password", "TOTP", "passkey", "recovery", "first password", "key", "command line")
    assert all(way in said for way in ways)


def test_asvs_v7_1_1_idle_time_and_lifetime_are_documented() -> None:
    said, settings = part("Sessions"), config.Default
    minutes = [int(span.total_seconds() // 60) for span in (settings.IDLE_OFFICER, settings.IDLE_CITIZEN)]
    assert f"{minutes[0]} minutes without use, citizens after {minutes[1]}" in said
    assert f"everybody after {int(settings.SESSION_LIMIT.total_seconds() // 3600)} hours" in said and "NIST" in said


def test_asvs_v7_1_2_how_many_sessions_one_may_have_is_documented() -> None:
    assert "any number of sessions" in part("Sessions")


def test_asvs_v13_1_1_whom_the_portal_talks_to_is_documented() -> None:
    said = part("Whom the portal talks to")
    assert all(whom in said for whom in ("database", "mail server", "subscribers", "virus scanner"))


def test_asvs_v14_1_1_data_are_sorted_by_protection() -> None:
    assert re.findall(r"^\| (open|personal|sensitive|secret) \|", part("Levels of protection"), re.MULTILINE) == [
        "open", "personal", "sensitive", "secret"]


def test_asvs_v14_1_2_each_level_says_what_protects_it() -> None:
    said = part("Levels of protection")
    assert all(word in said for word in ("no-store", "row security", "Argon2id", "each look", "digests", "Kept:"))


def test_asvs_v16_1_1_what_is_logged_is_documented() -> None:
    said = part("Logs")
    assert all(word in said for word in ("portal.security", "security_event", "look", "JSON", "UTC", "two years"))
