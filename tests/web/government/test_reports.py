"""Reports on their pages: filled in by the agency, by two people at once, checked, submitted, returned, approved."""
import html
import json
import re
from io import BytesIO
from typing import Any

import pytest

from portal.kit import clock
from portal.kit.db import session
from portal.oversight import measures
from portal.oversight.measures import Known, Measure
from portal.oversight.models import Report
from portal.oversight.reports import actions, queries, templates
from portal.web.government.oversight.report_words import FACT_WORDS, fact_lines
from tests import make
from tests.oversight import made

TOTALS = {"total_received": "90", "total_settled": "80", "total_settled_late": "2", "total_pending": "20",
          "total_settled_in_time": "78"}


@pytest.fixture
def report(app: Any, monkeypatch: pytest.MonkeyPatch) -> Report:
    """One that was begun; the portal knows how much was received."""
    monkeypatch.setattr(measures, "MEASURES", {"dossiers_received": Measure(
        "Dossiers received", "dossiers", lambda agencies, _first, _last: {
            one.id: Known(90, facts={"received": 90}) for one in agencies})})
    found = made.report()
    actions.begin(found, make.staff("drafter", "H17"))
    session.commit()
    return found


def address(report: Report, what: str = "") -> str:
    return f"/government/oversight/reports/{report.id}{what}"


def hidden(page: str, name: str) -> Any:
    """What a page carries along."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, name
    return html.unescape(found[1])


def carried(page: str) -> dict[str, str]:
    return {name: hidden(page, name) for name in ("bases", "theirs", "told")}


def rows(*given: dict[str, Any]) -> dict[str, str]:
    return {"dossiers-rows": str(len(given))} | {
        f"dossiers-{n}-{key}": str(value) for n, row in enumerate(given) for key, value in row.items()}


def whole(report: Report) -> None:
    by = make.staff("drafter", "H17")
    actions.save(report, made.answers_07a(), dict(report.answers), by)
    session.commit()


def test_a_drafter_begins_what_is_owed_and_meets_what_the_portal_knows(sign_in: Any) -> None:
    found, client = made.report("nq36a_quarter"), sign_in(make.staff("drafter", "H17"))
    listed = client.get("/government/oversight/reports").text
    assert "Báo cáo quý về thực hiện Nghị quyết 36a/NQ-CP" in listed and "quý IV năm 2026" in listed
    assert "Chưa bắt đầu" in client.get(address(found)).text
    begun = client.post(address(found, "/begin"))
    assert begun.headers["Location"].endswith("/fill/plan")
    page = client.get(address(found, "/fill/connection")).text
    assert "Cổng ghi nhận" in page and "reason-connected" in page


def test_another_agencys_report_is_not_there(sign_in: Any, report: Report) -> None:
    client = sign_in(make.staff("leader", "H26"))
    for what in ("", "/fill/totals", "/check"):
        assert client.get(address(report, what)).status_code == 404
    for what in ("/begin", "/submit", "/fill-again", "/fill/totals"):
        assert client.post(address(report, what)).status_code == 404
    for listed in ("/government/oversight/reports", "/government/oversight/reports?agency=H17"):
        assert not re.findall(r"oversight/reports/\d+", client.get(listed).text)


def test_a_step_is_saved_and_the_next_one_follows(sign_in: Any, report: Report) -> None:
    client = sign_in(make.staff("drafter", "H17"))
    page = client.get(address(report, "/fill/totals")).text
    assert 'value="90"' in page and json.loads(hidden(page, "bases"))["total_received"] == 90
    posted = TOTALS | {"total_settled_in_time": "77"}
    answer = client.post(address(report, "/fill/totals"), data=posted | carried(page))
    assert answer.status_code == 303 and answer.headers["Location"].endswith("/fill/totals"), "77 + 2 are not 80"
    page = client.get(address(report, "/fill/totals")).text
    again = client.post(address(report, "/fill/totals"), data=posted | carried(page))
    assert again.headers["Location"].endswith("/fill/sectors"), "what was said is not said twice"
    session.expire_all()
    assert report.answers["total_settled_in_time"] == 77


@pytest.mark.parametrize("carried_along", [
    "[" * 100_000, '{"a":' * 100_000, '{"total_received": "\\ud800"}', "[]", "3"])
def test_what_the_page_carries_may_be_anything(sign_in: Any, report: Report, carried_along: str) -> None:
    client = sign_in(make.staff("drafter", "H17"))
    answer = client.post(address(report, "/fill/totals"), data=TOTALS | {
        "total_settled": "81", "bases": carried_along, "theirs": carried_along})
    assert answer.status_code in (303, 409)


def test_what_does_not_add_up_is_said_on_the_page_with_its_row(sign_in: Any, report: Report) -> None:
    client = sign_in(make.staff("drafter", "H17"))
    page = client.get(address(report, "/fill/sectors")).text
    posted = rows(made.row(online_full=41)) | carried(page)
    assert client.post(address(report, "/fill/sectors"), data=posted).headers["Location"].endswith("/fill/sectors")
    page = client.get(address(report, "/fill/sectors")).text
    assert "Hộ tịch: “(3) Tổng số hồ sơ phải giải quyết” ghi 100" in page and "41 + 20 + 5 + 25 + 10 = 101" in page
    english = html.unescape(client.get("/en" + address(report, "/fill/sectors")).text)
    assert "“(3) Dossiers to settle, all” is 100, and its parts are 41 + 20 + 5 + 25 + 10 = 101." in english


def test_what_is_no_number_stays_as_it_was_typed(sign_in: Any, report: Report) -> None:
    me = make.staff("drafter", "H17")
    client = sign_in(me)
    page = client.get(address(report, "/fill/totals")).text
    answer = client.post(address(report, "/fill/totals"), data=TOTALS | {"total_settled": "tám mươi"} | carried(page))
    assert answer.status_code == 422 and "tám mươi" in answer.text
    session.expire_all()
    assert report.answers["total_pending"] == 20 and "total_settled" not in report.answers
    back = client.get(address(report, "/fill/totals")).text
    assert 'value="tám mươi"' in back and "số nguyên" in back
    assert "tám mươi" not in sign_in(make.staff("leader", "H17")).get(address(report, "/fill/totals")).text


def test_two_windows_with_other_fields_both_win(sign_in: Any, report: Report) -> None:
    one, two = sign_in(make.staff("drafter", "H17")), sign_in(make.staff("leader", "H17"))
    pages = [client.get(address(report, "/fill/totals")).text for client in (one, two)]
    empty = {"total_received": "90", "total_settled": "", "total_settled_late": "", "total_pending": "",
             "total_settled_in_time": "", "share_in_time": ""}
    one.post(address(report, "/fill/totals"), data=empty | {"total_settled": "80"} | carried(pages[0]))
    late = two.post(address(report, "/fill/totals"), data=empty | {"total_pending": "20"} | carried(pages[1]))
    session.expire_all()
    assert (report.answers["total_settled"], report.answers["total_pending"]) == (80, 20)
    assert late.status_code == 422, "something is still empty"
    assert 'value="80"' in late.text and json.loads(hidden(late.text, "bases"))["total_settled"] == 80


def test_two_windows_with_the_same_field_show_both_answers_to_choose_from(sign_in: Any, report: Report) -> None:
    drafter = make.staff("drafter", "H17", name="Lê Thị Soạn")
    one, two = sign_in(drafter), sign_in(make.staff("leader", "H17"))
    pages = [client.get(address(report, "/fill/totals")).text for client in (one, two)]
    one.post(address(report, "/fill/totals"), data=TOTALS | {"total_settled": "81"} | carried(pages[0]))
    clash = two.post(address(report, "/fill/totals"), data=TOTALS | carried(pages[1]))
    assert clash.status_code == 409 and "Lê Thị Soạn" in clash.text
    assert 'name="choose-total_settled" value="mine"' in clash.text
    session.expire_all()
    assert report.answers["total_settled"] == 81
    silent = two.post(address(report, "/fill/totals"), data=TOTALS | carried(clash.text))
    assert silent.status_code == 409, "who chooses nothing is asked again"
    kept = two.post(address(report, "/fill/totals"), data=TOTALS | carried(silent.text) | {
        "choose-total_settled": "theirs"})
    session.expire_all()
    assert kept.status_code == 303 and report.answers["total_settled"] == 81
    again = two.post(address(report, "/fill/totals"), data=TOTALS | carried(silent.text) | {
        "choose-total_settled": "mine"})
    session.expire_all()
    assert again.status_code == 303 and report.answers["total_settled"] == 80


def test_one_cell_that_both_changed_leaves_the_other_cells_to_both(sign_in: Any, report: Report) -> None:
    whole(report)
    one, two = sign_in(make.staff("drafter", "H17")), sign_in(make.staff("leader", "H17"))
    pages = [client.get(address(report, "/fill/sectors")).text for client in (one, two)]
    one.post(address(report, "/fill/sectors"), data=rows(made.row(by_post=6, in_person=24)) | carried(pages[0]))
    clash = two.post(address(report, "/fill/sectors"), data=carried(pages[1]) | rows(
        made.row(by_post=7, pending_late=2)))
    assert clash.status_code == 409 and 'value="24"' in clash.text, "what the other changed elsewhere stands in mine"
    kept = two.post(address(report, "/fill/sectors"), data=carried(clash.text) | {"choose-dossiers": "mine"} | rows(
        made.row(by_post=7, in_person=24, pending_late=2)))
    session.expire_all()
    assert kept.status_code == 303
    [row] = report.answers["dossiers"]
    assert (row["by_post"], row["in_person"], row["pending_late"]) == (7, 24, 2)


def test_a_page_that_lost_what_it_showed_writes_over_nothing(sign_in: Any, report: Report) -> None:
    whole(report)
    client = sign_in(make.staff("drafter", "H17"))
    answer = client.post(address(report, "/fill/totals"), data=TOTALS | {"total_settled": "5", "bases": "{"})
    session.expire_all()
    assert answer.status_code == 409 and report.answers["total_settled"] == 80


def test_a_row_is_added_without_a_script(sign_in: Any, report: Report) -> None:
    client = sign_in(make.staff("drafter", "H17"))
    page = client.get(address(report, "/fill/sectors")).text
    more = client.post(address(report, "/fill/sectors"), data=rows(made.row()) | carried(page) | {
        "_again": "dossiers:add"})
    assert more.status_code == 200 and "dossiers-1-sector" in more.text and hidden(more.text, "bases") == hidden(
        page, "bases")


def test_another_number_than_the_portals_wants_a_reason_and_the_watcher_reads_it(sign_in: Any, report: Report) -> None:
    whole(report)
    client = sign_in(make.staff("leader", "H17"))
    page = client.get(address(report, "/fill/totals")).text
    posted = TOTALS | {"total_received": "91", "reason-total_received": ""} | carried(page)
    client.post(address(report, "/fill/totals"), data=posted)
    page = client.get(address(report, "/fill/totals")).text
    assert "Nêu lý do: số ghi khác số của Cổng" in page
    assert re.search(r'<a href="#reason-\w+">Nêu lý do “[^”]+” ghi khác số của Cổng</a>', page), "said on top as well"
    assert client.post(address(report, "/submit")).status_code == 422
    client.post(address(report, "/fill/totals"), data=posted | carried(page) | {
        "reason-total_received": "Một hồ sơ ngoài hệ thống", "total_received": "91"})
    session.expire_all()
    assert report.reasons == {"total_received": "Một hồ sơ ngoài hệ thống"}
    assert "Một hồ sơ ngoài hệ thống" in sign_in(make.staff("overseer")).get(address(report, "/review")).text


def test_a_warning_is_noted_and_the_leader_submits(sign_in: Any, report: Report) -> None:
    made.report(name="2026-Q3", state="approved", answers=made.answers_07a(
        made.row(pending=10, pending_in_time=9), total_received=300))
    whole(report)
    drafter, leader = sign_in(make.staff("drafter", "H17")), sign_in(make.staff("leader", "H17"))
    page = drafter.get(address(report, "/check")).text
    assert "note-received_jump" in page and "quý III năm 2026" in page and "Lãnh đạo cơ quan" in page
    assert drafter.post(address(report, "/submit")).status_code == 403
    refused = leader.post(address(report, "/submit"), data={"note-received_jump": " "})
    assert refused.status_code == 422
    drafter.post(address(report, "/check"), data={"note-received_jump": "Cấp xã tiếp nhận từ 01/10"})
    assert leader.post(address(report, "/submit")).status_code == 303
    session.expire_all()
    assert report.state == "submitted" and report.notes == {"received_jump": "Cấp xã tiếp nhận từ 01/10"}
    late = drafter.post(address(report, "/fill/totals"), data=TOTALS)
    assert late.status_code == 409 and "Báo cáo đã nộp" in late.text


def test_it_is_returned_by_field_and_approved(sign_in: Any, report: Report) -> None:
    whole(report)
    leader, watcher = sign_in(make.staff("leader", "H17")), sign_in(make.staff("overseer"))
    assert leader.post(address(report, "/submit")).status_code == 303
    empty = watcher.post(address(report, "/return"), data={"comment-total_settled": " "})
    assert empty.status_code == 422
    assert watcher.post(address(report, "/return"), data={"comment-total_settled": "Xem lại"}).status_code == 303
    page = leader.get(address(report)).text
    assert "Xem lại" in page and "Trả lại để chỉnh sửa" in page
    assert "Xem lại" in leader.get(address(report, "/fill/totals")).text
    assert leader.post(address(report, "/approve")).status_code == 403
    leader.post(address(report, "/submit"))
    assert watcher.post(address(report, "/approve")).status_code == 303
    assert watcher.post(address(report, "/approve")).status_code == 409
    assert watcher.get("/oversight?on=2026-12-31").status_code == 200, "an agency's figures break no public page"
    assert isinstance(watcher.get("/oversight.json?on=2026-12-31").get_json(), list)
    assert watcher.post(address(report, "/reopen"), data={"reason": ""}).status_code == 422
    assert watcher.post(address(report, "/reopen"), data={"reason": "Sai số"}).status_code == 303
    session.expire_all()
    assert [one.code for one in queries.events(report.id)][-3:] == ["submitted", "approved", "reopened"]


def test_nobody_signs_or_approves_what_they_have_not_seen(sign_in: Any, report: Report) -> None:
    """A page that was opened before somebody changed the report decides on nothing; what was typed there stays."""
    whole(report)
    drafter, watcher = make.staff("drafter", "H17"), make.staff("overseer")
    leader = sign_in(make.staff("leader", "H17"))
    page = leader.get(address(report, "/check")).text
    actions.save(report, {"total_settled": 79}, {"total_settled": 80}, drafter)
    session.commit()
    late = leader.post(address(report, "/submit"), data={"seen": hidden(page, "seen")})
    assert late.status_code == 409 and "đã thay đổi" in late.text and report.state == "open"
    actions.save(report, {"total_settled": 80}, {"total_settled": 79}, drafter)
    session.commit()
    assert leader.post(address(report, "/submit"), data={"seen": hidden(page, "seen")}).status_code == 303, "as it was"
    first = sign_in(watcher)
    page = first.get(address(report, "/review")).text
    actions.send_back(report, make.staff("overseer"), "Xem lại")
    actions.override(report, {"total_received": "Đếm lại"}, drafter)
    actions.submit(report, drafter)
    session.commit()
    for act in ("/approve", "/return"):
        late = first.post(address(report, act), data={"seen": hidden(page, "seen"), "comment-total_settled": "Số cũ?"})
        assert late.status_code == 409 and "đã thay đổi" in late.text and "Số cũ?" in late.text
    session.expire_all()
    assert report.state == "submitted"
    page = first.get(address(report, "/review")).text
    assert first.post(address(report, "/approve"), data={"seen": hidden(page, "seen")}).status_code == 303


def test_the_signed_report_is_attached_and_read_by_who_may(sign_in: Any, report: Report) -> None:
    client = sign_in(make.staff("drafter", "H17"))
    page = client.get(address(report, "/fill/papers")).text
    client.post(address(report, "/fill/papers"), data=carried(page) | {
        "signed_report": (BytesIO(make.PDF), "bao-cao.pdf")}, content_type="multipart/form-data")
    [file] = queries.files(report)
    assert client.get(address(report, f"/files/{file.id}")).data == make.PDF
    assert sign_in(make.staff("leader", "H26")).get(address(report, f"/files/{file.id}")).status_code == 404
    other = made.report("tt09_08")
    assert client.get(address(other, f"/files/{file.id}")).status_code == 404, "of another report"


def test_filling_in_again_says_what_it_leaves(sign_in: Any, report: Report) -> None:
    client = sign_in(make.staff("drafter", "H17"))
    assert client.post(address(report, "/fill-again")).status_code == 303
    assert [one.code for one in queries.events(report.id)] == ["filled", "filled"]


def test_the_watcher_sees_all_and_finds_what_waits(sign_in: Any, report: Report) -> None:
    made.report("tt09_08", at="H26", state="submitted")
    client = sign_in(make.staff("overseer"))
    page = client.get("/government/oversight/reports?part=submitted").text
    assert "biểu 08" in page and "biểu 07a" not in page
    page = client.get("/government/oversight/reports?agency=H17").text
    assert "biểu 07a" in page and "biểu 08" not in page


def test_what_figures_are_counted_from_has_words(app: Any) -> None:
    """Of every measure that a shipped template fills in; those of a day are dates, and not as they are kept."""
    day = clock.today()
    wanted = {one.measure for each in templates.shipped() for one in templates.read(each.definition).prefill.values()}
    facts = [found.facts for measure in wanted for found in measures.look(
        measure, [make.agency("H17")], day.replace(day=1), day).values()]
    assert any(facts) and {key for each in facts for key in each} <= set(FACT_WORDS)
    assert fact_lines({"facts": {"since": "2026-03-01", "last": "2026-03-01T20:00:00+00:00", "told": 1200}}) == [
        ("Kết nối từ ngày", "01/03/2026"), ("Nhận gần nhất", "02/03/2026"), ("Thủ tục có công khai", "1.200")]
