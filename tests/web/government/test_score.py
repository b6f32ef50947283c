"""The score of Decision 766 on its desk pages: of one's own place, with its dossiers; of all agencies without any."""
import json
import re
from io import BytesIO
from typing import Any

import pytest
import time_machine
from sqlalchemy import func, select

from portal.dossiers.models import Look
from portal.kit.db import session
from portal.oversight import publishing
from portal.oversight.models import PortalAnswer
from portal.oversight.score.formulas import INDICATORS, points
from tests import make
from tests.oversight.score.lived import DAY, PERIOD, lived

HERE = "/government/oversight/score/H17"
AT = {"period": PERIOD}


@pytest.fixture(autouse=True)
def in_november(app: Any) -> Any:
    with time_machine.travel(make.OCTOBER + 40 * DAY, tick=True):
        yield


def measured(period: str = PERIOD) -> None:
    make.done("oversight.score.measure", period=period)


def test_a_leader_reads_the_agencys_score_and_which_dossiers_lost_points(sign_in: Any) -> None:
    late = lived(("accept", 0.1), ("decide", 20))
    lived(("accept", 0.1), ("decide", 0.2))
    measured()
    client = sign_in(make.staff("leader", "H17"))
    assert client.get("/government/oversight/score").headers["Location"].endswith(HERE)
    page = client.get(HERE, query_string=AT).text
    assert "tháng 10 năm 2026" in page and "10,00/20" in page and "Cổng này chưa có thanh toán trực tuyến" in page
    assert "còn 58 trong 100 điểm chưa đo" in page, "42 points can be measured without a report"
    page = client.get(f"{HERE}/progress", query_string=AT).text
    assert late.code in page and f"/officer/dossiers/{late.id}" in page and "giải quyết xong quá hạn" in page
    assert session.scalar(select(func.count(Look.id))) == 0, "a list is no look; the dossier's own page writes one"


def test_the_head_of_a_unit_reads_that_units_and_no_other(sign_in: Any) -> None:
    mine, other = make.department("Sở Tư pháp"), make.department("Sở Y tế")
    here, there = lived(("accept", 0.1), ("decide", 20), unit=mine), lived(("accept", 0.1), ("decide", 20), unit=other)
    measured()
    client = sign_in(make.staff("head_of_unit", mine))
    assert client.get("/government/oversight/score").headers["Location"].endswith(f"{HERE}?unit={mine.id}")
    page = client.get(f"{HERE}/progress", query_string=AT | {"unit": mine.id}).text
    assert here.code in page and there.code not in page
    for address in (HERE, f"{HERE}?unit={other.id}", f"{HERE}/progress", f"{HERE}/progress?unit={other.id}"):
        assert client.get(address).status_code == 404, address


def test_a_drafter_reads_counts_and_no_dossier(sign_in: Any) -> None:
    late = lived(("accept", 0.1), ("decide", 20))
    measured()
    page = sign_in(make.staff("drafter", "H17")).get(f"{HERE}/progress", query_string=AT).text
    assert "0/1" in page and late.code not in page and "chỉ hiện với người được xem hồ sơ" in page


def test_another_agencys_score_is_not_there_and_a_reader_has_none(sign_in: Any) -> None:
    leader = sign_in(make.staff("leader", "H17"))
    assert leader.get("/government/oversight/score/H26").status_code == 404
    assert leader.get("/government/oversight/score/agencies").status_code == 403
    assert sign_in(make.staff("read_only", "H17")).get(HERE).status_code == 403
    assert leader.get(f"{HERE}/no-such").status_code == 404 and leader.get(f"{HERE}?unit=1").status_code == 404


def test_who_watches_sees_every_agency_and_no_dossier(sign_in: Any) -> None:
    late = lived(("accept", 0.1), ("decide", 20))
    measured()
    client = sign_in(make.staff("overseer"))
    page = client.get("/government/oversight/score/agencies", query_string=AT).text
    assert "Thành phố Đà Nẵng" in page and "quá ít" in page, "one dossier gives no rank"
    page = client.get(f"{HERE}/progress", query_string=AT).text
    assert "0/1" in page and late.code not in page


@pytest.mark.parametrize("period", ["2026-13", "x", "0001-01", "9999-12", "2021-12", "2026-12"])
def test_what_is_no_period_shows_the_running_month(sign_in: Any, period: str) -> None:
    page = sign_in(make.staff("leader", "H17")).get(HERE, query_string={"period": period})
    assert page.status_code == 200 and "tháng 11 năm 2026" in page.text


def test_a_period_is_measured_when_somebody_asks(sign_in: Any) -> None:
    client = sign_in(make.staff("leader", "H17"))
    assert client.post(f"{HERE}/measure?period={PERIOD}").status_code == 303
    assert client.post("/government/oversight/score/H26/measure").status_code == 404


def test_the_national_portals_answers_stand_beside_ours_with_the_reason(sign_in: Any) -> None:
    lived(("accept", 0.1), ("decide", 20))
    measured()
    client = sign_in(make.staff("overseer"))
    address, said = "/government/oversight/score/answers", [
        {"agency": "H17", "period": PERIOD, "indicator": "2.1", "numerator": 3, "denominator": 4, "points": "15.00",
         "captured_on": "2026-11-02"},
        {"agency": "H17", "period": PERIOD, "indicator": "5.2", "numerator": 0, "denominator": 0, "points": "6.00",
         "captured_on": "2026-11-02"}]
    sent = {"source": "lấy ngày 2/11", "file": (BytesIO(json.dumps(said).encode()), "answers.json")}
    assert client.post(address, data=sent).status_code == 303
    page = client.get(HERE, query_string=AT).text
    assert "+15,00" in page and "tính nhiều trường hợp hơn" in page and "cho điểm tối đa khi mẫu số bằng 0" in page
    wrong = [said[0] | {"numerator": 9}, said[1] | {"agency": "H99"}]
    sent = {"source": "x", "file": (BytesIO(json.dumps(wrong).encode()), "answers.json")}
    answer = client.post(address, data=sent)
    assert answer.status_code == 422 and "9 trên 4" in answer.text
    assert session.scalar(select(func.count(PortalAnswer.id))) == 2, "nothing of a wrong file is kept"


def test_what_is_published_stays_and_can_be_worked_out_again(sign_in: Any, client: Any) -> None:
    for _turn in range(2):
        lived(("accept", 0.1), ("decide", 0.2))
    assert "Chưa có kỳ nào được công bố" in client.get("/oversight/score").text
    assert client.get("/oversight/score.json").status_code == 404
    watcher = sign_in(make.staff("overseer"))
    address = f"/government/oversight/score/agencies/publish?period={PERIOD}"
    assert "chưa được đo" in watcher.post(address).text
    measured()
    late = watcher.post(address, data={"seen": "2026-10-01T00:00:00+00:00"})
    assert late.status_code == 422 and "đã thay đổi" in late.text, "what is published is what was looked at"
    [shown] = re.findall(r'name="seen"[^>]* value="([^"]+)"', late.text)
    assert watcher.post(address, data={"seen": shown}).status_code == 303
    assert watcher.post(address).status_code == 422, "a correction says what was wrong"
    running = watcher.post("/government/oversight/score/agencies/publish?period=2026-11")
    assert running.status_code == 422 and "chưa hết" in running.text
    told = client.get(f"/oversight/score.json?period={PERIOD}").get_json()
    for one in told["agencies"]:
        for key, said in one["indicators"].items():
            if said["points"] is not None and said["whole"]:
                assert str(points(INDICATORS[key], said["part"], said["whole"])) == said["points"]
    here = next(one for one in told["agencies"] if one["key"] == "H17")
    assert here["indicators"]["progress"] == {"part": 2, "whole": 2, "points": None, "why": "too_few", "limit": None}
    assert here["rank"] is None and here["too_few"] and told["digest"] == publishing.digest(
        {name: value for name, value in told.items() if name not in ("edition", "published_at", "digest", "reason")})
    lived(("accept", 0.1), ("decide", 20))
    measured()
    assert client.get(f"/oversight/score/H17.json?period={PERIOD}").get_json()["agency"] == here, "frozen"
    assert watcher.post(address, data={"reason": "Thiếu một hồ sơ"}).status_code == 303
    page = client.get(f"/oversight/score?period={PERIOD}").text
    assert "Đính chính: Thiếu một hồ sơ" in page
    assert client.get(f"/oversight/score/H17.json?period={PERIOD}").get_json()["agency"]["received"] == 3
    page = client.get(f"/oversight/score/H17?period={PERIOD}").text
    assert "2/3" in page and "Quá ít trường hợp" in page and "Cổng này chưa tiếp nhận phản ánh, kiến nghị" in page
    assert client.get("/oversight/score/H99").status_code == 404
    assert client.get("/oversight/score?period=2026-09").status_code == 404


@pytest.mark.parametrize("unit", ["0000000001" + "9" * 30, "99999999999", "²", "-1"])
def test_a_unit_that_can_be_none_is_not_there(sign_in: Any, unit: str) -> None:
    client = sign_in(make.staff("overseer"))
    assert client.get(HERE, query_string={**AT, "unit": unit}).status_code == 404
