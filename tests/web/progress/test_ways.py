"""Where pages of figures lead, what they say while they are empty, and what marks and numbers look like."""
import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient

from portal.intake.criteria import Activity
from portal.kit.db import session
from portal.progress.models import ProgressCalibration
from portal.web.progress import publishers


@pytest.fixture(autouse=True)
def november(app: Any) -> Any:
    with time_machine.travel(datetime(2026, 11, 22, 3, tzinfo=UTC), tick=False):
        yield


def main(client: FlaskClient, path: str) -> str:
    """What stands between the head and the foot."""
    return client.get(path).text.partition("<main")[2].partition("</main>")[0]


@pytest.mark.parametrize("page, leads_to", [
    ("/services/H17/1.001193", "/progress/procedures/1.001193"), ("/services/H17/1.001193", "/progress/H17"),
    ("/procedures/1.001193", "/progress/procedures/1.001193"),
    ("/progress/procedures/1.001193", "/procedures/1.001193"), ("/progress/H17", "/services?agency=H17"),
    ("/progress/sectors/ho-tich", "/services?sector=ho-tich")])
def test_what_a_service_asks_and_how_it_is_delivered_lead_to_each_other(
        client: FlaskClient, page: str, leads_to: str) -> None:
    assert f'href="{leads_to}"' in main(client, page)
    assert client.get(leads_to).status_code == 200


@pytest.mark.parametrize("path", ["/progress/calibration", "/progress/publishers", "/progress/services-by-level"])
def test_every_page_of_figures_leads_to_the_others_and_says_where_one_is(client: FlaskClient, path: str) -> None:
    here = re.findall(r'<a href="([^"]+)" aria-current="true"', main(client, path))
    assert here == [path]


def test_what_is_empty_says_what_will_stand_there_and_when(client: FlaskClient) -> None:
    assert "Ngay đêm sau ngày đầu tiên" in main(client, "/progress/calibration")
    assert "Chưa cơ quan nào có ước tính riêng" in main(client, "/progress/calibration")
    assert "ngay khi hồ sơ đầu tiên được tiếp nhận" in main(client, "/progress/sectors")
    for page in ("/progress", "/progress/H17"):
        assert "Biểu đồ từng tháng sẽ hiện" in main(client, page) and "<svg role" not in main(client, page)


def test_how_often_the_estimate_was_right_is_a_share(client: FlaskClient) -> None:
    session.add(ProgressCalibration(day=date(2026, 11, 20), judged=1200, within=1080))
    session.commit()
    page = main(client, "/progress/calibration").replace("\u00a0", " ")
    assert ">90 % (1.200)<" in page and 'class="empty"' not in page
    assert "Cứ 100 ước tính được đối chiếu trong 90 ngày qua thì 90 ước tính đúng (trong tổng số 1.200)" in page


def test_who_publishes_is_said_by_word_and_mark_and_with_the_houses_numbers(
        client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = Activity(last_at=datetime(2026, 11, 20, 3, tzinfo=UTC), offered=1338, told=1003, rows=3508, rejected=1400)
    monkeypatch.setattr(publishers.room, "activity", lambda on, lines: {line.id: seen for line in lines})
    page = main(client, "/progress/publishers")
    row = page.partition("/progress/publishers/H17")[2].partition("</tr>")[0]
    told = re.findall(r'<span class="yes-no is-(\w+)"><svg[^>]*><path d="([^"]+)"/></svg> (\w+)</span>', row)
    assert [(look, word) for look, _mark, word in told] == [
        ("late", "không"), ("done", "có"), ("done", "có"), ("late", "không")]
    assert len({mark for _look, mark, _word in told}) == 2, "the mark differs, not the colour alone"
    assert re.findall(r'class="num">([^<]+)<', row) == ["20/11/2026", "1.003/1.338", "3.508", "1.400"]
    assert "<progress" in page and "<meter" not in page
