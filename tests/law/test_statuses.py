"""The national statuses: every group is told here once more, by hand, from the national list."""
from pathlib import Path

from babel.messages.pofile import read_po

import portal
from portal.law import statuses
from portal.law.statuses import ClockEffect, Status

PO = Path(portal.__file__).parent / "translations/vi/LC_MESSAGES/messages.po"


def test_the_ten_statuses_have_their_national_codes_and_a_name_each() -> None:
    assert [int(status) for status in Status] == list(range(1, 11))
    assert set(statuses.WORDS) == set(Status)
    assert len(set(statuses.WORDS.values())) == 10


def test_the_groups() -> None:
    assert {3, 7, 8, 10} == statuses.FINAL
    assert {9, 10} == statuses.DONE
    assert {3, 7, 8, 9, 10} == statuses.ENDED
    assert {3, 7, 8} == statuses.DROPPED
    assert {5, 6} == statuses.STOPS_CLOCK
    assert {2, 4} == statuses.RUNS_CLOCK
    assert {2, 4, 9, 10} == statuses.ACCEPTED
    assert {1, 3} == statuses.NOT_ACCEPTED
    assert {1, 2, 4, 5, 6} == statuses.OPEN
    assert {1, 2, 4} == statuses.WITH_OFFICE


def test_a_stopped_dossier_is_over() -> None:
    assert statuses.clock_effect(8) is ClockEffect.ends


def test_every_status_does_one_thing_to_the_clock() -> None:
    assert {status: str(statuses.clock_effect(status)) for status in range(1, 11)} == {
        1: "none", 2: "runs", 3: "ends", 4: "runs", 5: "stops", 6: "stops", 7: "ends", 8: "ends", 9: "ends",
        10: "ends"}


def test_the_vietnamese_words_on_pages_are_the_national_names() -> None:
    with PO.open("rb") as file:
        catalogue = read_po(file, "vi")
    assert {status: catalogue.get(words).string for status, words in statuses.WORDS.items()} == statuses.NATIONAL_NAMES
