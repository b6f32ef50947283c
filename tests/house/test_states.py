"""A state that nobody lists cannot exist: every state stands on every list, every step at its door."""
import re
from pathlib import Path

import pytest

from portal.dossiers import papers
from portal.dossiers.states import FINAL, LOOKS, OPEN, STATES, STEPS, Side, State, Step, Tab, in_tab
from portal.law.statuses import Status
from portal.papers.facts import PAPERS
from portal.web.words import DESK_STATES, STATE_WORDS
from tests import make
from tests.house.conftest import Stage
from tests.house.matrix import ROWS

NOTICES = Path(__file__).parents[2] / "templates" / "notices"
# the applicant's pages are named after what is done on them
PAGES = {Step.begin: "citizen.begin", Step.submit: "citizen.check"}


def badge(look: str, words: str) -> re.Pattern[str]:
    return re.compile(rf'<span class="tag is-{look}"><svg[^>]*>.*?</svg>{re.escape(words)}</span>')


@pytest.mark.parametrize("state", [s for s in State if s is not State.draft])
def test_the_applicant_finds_it_on_the_list_and_on_its_page(stage: Stage, state: State) -> None:
    browser, dossier_id = stage.browser("owner"), stage.dossiers[state]
    mark = badge(STATES[state].look, str(STATE_WORDS[state]))
    listed = browser.get("/my/dossiers").text
    [line] = [part for part in listed.split("<h3>") if part.startswith(f'<a href="/my/dossiers/{dossier_id}"')]
    assert mark.search(line)
    assert mark.search(browser.get(f"/my/dossiers/{dossier_id}").text)


def test_the_owner_alone_finds_the_draft(stage: Stage) -> None:
    listed = stage.browser("owner").get("/my/dossiers").text
    assert f'"/my/dossiers/{stage.dossiers["draft"]}"' in listed and badge("still", "Bản nháp").search(listed)


@pytest.mark.parametrize("state", [s for s in State if s is not State.draft])
def test_the_office_finds_it_by_its_code_and_in_the_queue_while_it_is_open(stage: Stage, state: State) -> None:
    browser, code = stage.browser("holder"), stage.codes[state]
    mark = badge(STATES[state].look, str(DESK_STATES[state]))

    def row(address: str) -> str:
        lines = [part for part in browser.get(address).text.split("<tr>")[1:] if code in part]
        assert len(lines) <= 1
        return lines[0] if lines else ""

    assert mark.search(row(f"/officer/queue?q={code}"))
    if state is State.withdrawn:  # before anybody took it up: it is nobody's work
        browser.post(f"/officer/dossiers/{stage.dossiers[state]}/why", data=make.WHY)
    assert mark.search(browser.get(f"/officer/dossiers/{stage.dossiers[state]}").text)
    assert bool(row("/officer/queue")) == (state in OPEN) == (state not in FINAL)
    for tab in Tab:
        assert bool(row(f"/officer/queue?tab={tab}")) == (state in in_tab(tab))
    assert bool(row("/officer/queue?tab=new")) == (state is State.submitted)


@pytest.mark.parametrize("state", [s for s in State if s is not State.draft])
def test_the_public_page_has_the_badge_of_its_status(stage: Stage, state: State) -> None:
    page = stage.browser("anonymous").get(f"/progress/{stage.codes[state]}").text
    look = LOOKS[STATES[state].status or Status.registered]
    assert f'<p class="cluster"><span class="tag is-{look}">' in page


@pytest.mark.parametrize("step", list(Step))
def test_every_step_has_its_row_in_the_matrix(step: Step) -> None:
    """What time does is done by a job and has no door."""
    if STEPS[step].side is Side.time:
        return
    door = "officer" if STEPS[step].side is Side.office else "citizen"
    assert ("POST", PAGES.get(step, f"{door}.{step}")) in {(row.method, row.endpoint) for row in ROWS}


@pytest.mark.parametrize("step", list(Step))
def test_the_notice_and_the_paper_of_a_step_exist(step: Step) -> None:
    if notice := STEPS[step].notice:
        assert {path.name for path in (NOTICES / notice).iterdir()} == {"subject.txt", "body.txt"}
    if paper := STEPS[step].paper:
        assert paper in papers.FACTS and paper in PAPERS
