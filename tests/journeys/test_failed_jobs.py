"""An administrator looks after work that failed: lets one be tried again, gives another up, and it is written down."""
from collections.abc import Callable
from typing import Any

import pytest

from portal.kit import clock
from portal.kit.db import session, transaction
from portal.kit.jobs import Job
from tests import make
from tests.journeys.conftest import Portal, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.real_commits]
ERRORS = ("NotSent: the mail server took longer than 20 s", "OSError: [Errno 28] No space left on device")


def fail(portal: Portal) -> list[int]:
    with portal.app.app_context(), transaction():
        failed = [Job(name=name, lane=lane, args={f"{thing}_id": 0}, failures=6, error=error, dead_at=clock.now())
                  for name, lane, thing, error in (("notices.deliver", "outside", "message", ERRORS[0]),
                                                   ("papers.draw", "slow", "paper", ERRORS[1]))]
        session.add_all(failed)
        session.flush()
        return [job.id for job in failed]


@pytest.mark.parametrize("scripted", [True, False], ids=["with JavaScript", "without"])
def test_failed_jobs_are_decided_about(portal: Portal, visit: Callable[..., Visitor], made: Callable[..., Any],
                                       scripted: bool) -> None:
    keeper = visit(scripted=scripted)
    administrator = made(make.administrator)
    again, given_up = fail(portal)
    keeper.sign_in(administrator.email)
    keeper.go("/admin/jobs")
    keeper.says("Tác vụ lỗi", *ERRORS)
    keeper.examine("failed jobs")
    keeper.press(f"form[action='/admin/jobs/{again}/retry'] button")
    keeper.says("sẽ được thử lại")
    give_up = f"form[action='/admin/jobs/{given_up}/give-up'] button"
    if scripted:
        keeper.page.click(give_up)
        keeper.says(f"Bỏ tác vụ {given_up}?")
        keeper.press("dialog button[value=yes]")
    else:
        keeper.press(give_up)
    keeper.says("Đã bỏ tác vụ", "Quyết định gần đây", administrator.name)
    keeper.examine("failed jobs, decided about")
    assert keeper.complaints == []
    left = portal.look_up(lambda: {job.id: (job.dead_at, job.done_at) for job in session.query(Job).filter(
        Job.id.in_((again, given_up)))})
    assert left[again] == (None, None) and left[given_up][1]
