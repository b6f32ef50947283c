"""The national messages: what agencies' software sends, and what it gets."""
from typing import Any

import pytest
from flask import Flask

from portal.intake.models import ProgressBatch, ProgressQuarantine
from portal.kit.db import session
from portal.progress.models import ProgressRecord
from tests.api.conftest import Keys, Post, a_row, problem

CODE = "H17-261119-0001"
DOSSIER = {"MaHoSo": CODE, "MaTTHC": "1.001193.000.00.00.H17", "TenTTHC": "Đăng ký khai sinh", "KenhThucHien": "2",
           "TrangThaiHoSo": "2", "NgayNopHoSo": "20261119083000", "NgayTiepNhan": "20261119090000",
           "NgayHenTra": "20261125170000"}
STEP = {"MaHoSo": CODE, "TrangThai": "4", "ThoiDiemXuLy": "20261119140000", "NgayKetThucTheoQuyDinh": "20261125170000"}
DONE = {"error_code": "0", "result": [{"MaHoSo": CODE, "error_code": "0", "message": ""}]}


def said(answer: Any) -> dict[str, Any]:
    """The answer without its words, which are the reader's language."""
    assert (answer.status_code, answer.mimetype) == (200, "application/json"), answer.text
    assert "Set-Cookie" not in answer.headers
    got = answer.get_json()
    assert got.pop("message")
    return got


def published(app: Flask, code: str = CODE) -> dict[str, Any]:
    return app.test_client().get(f"/api/v1/progress/{code}").get_json()


def test_a_dossier_is_synchronised(app: Flask, say: Post) -> None:
    assert said(say("DongBoHoSoMC", [DOSSIER])) == DONE
    got = published(app)
    assert (got["status"], got["channel"], got["procedure"]["code"]) == (2, "online", "1.001193")
    assert got["submitted_at"] == "2026-11-19T01:30:00Z" and got["received_at"] == "2026-11-19T02:00:00Z"
    assert got["due_at"] == "2026-11-25T10:00:00Z"


def test_one_object_is_a_list_of_one(say: Post) -> None:
    assert said(say("DongBoHoSoMC", DOSSIER)) == DONE


def test_a_step_moves_the_dossier(app: Flask, say: Post) -> None:
    say("DongBoHoSoMC", [DOSSIER])
    assert said(say("CapNhatTienDoHoSoMC", [STEP])) == DONE
    got = published(app)
    assert got["status"] == 4 and [step["status"] for step in got["steps"]] == [2, 4]
    assert got["procedure"]["code"] == "1.001193"


def test_a_step_that_comes_before_its_dossier_waits_for_it(app: Flask, say: Post) -> None:
    answer = said(say("CapNhatTienDoHoSoMC", [STEP]))
    assert answer["error_code"] == "2" and answer["result"][0]["error_code"] == "2"
    assert answer["result"][0]["MaHoSo"] == CODE and answer["result"][0]["message"]
    assert said(say("DongBoHoSoMC", [DOSSIER])) == DONE
    got = published(app)
    assert got["status"] == 4 and [step["status"] for step in got["steps"]] == [2, 4]


def test_a_step_of_another_agencys_dossier_is_not_taken(say: Post, push: Post, cast: Keys) -> None:
    push(a_row(code="H99-261119-0001"), key=cast.other)
    answer = said(say("CapNhatTienDoHoSoMC", [STEP | {"MaHoSo": "H99-261119-0001"}]))
    assert answer["error_code"] == "1" and answer["result"][0]["error_code"] == "1"


def test_a_life_in_national_messages(app: Flask, say: Post) -> None:
    waiting = DOSSIER | {"TrangThaiHoSo": "5", "DanhSachHoSoBoSung": [{"NgayBoSung": "20261119100000"}]}
    going_on = DOSSIER | {"TrangThaiHoSo": "4", "DanhSachHoSoBoSung": [
        {"NgayBoSung": "20261119100000", "NgayTiepNhanBoSung": "20261119150000", "NgayHenTraMoi": "20261126170000"}]}
    decided = going_on | {"TrangThaiHoSo": "9", "NgayKetThucXuLy": "20261120080000"}
    returned = decided | {"TrangThaiHoSo": "10", "NgayTra": "20261120090000"}
    for message in (DOSSIER, waiting, going_on, decided, returned):
        assert said(say("DongBoHoSoMC", [message])) == DONE
    got = published(app)
    assert got["status"] == 10 and [step["status"] for step in got["steps"]] == [2, 5, 4, 9, 10]
    assert got["finished_at"] == "2026-11-20T01:00:00Z"
    assert (got["first_due_at"], got["due_at"]) == ("2026-11-25T10:00:00Z", "2026-11-26T10:00:00Z")
    say("DongBoHoSoMC", list(reversed((DOSSIER, waiting, going_on, decided, returned))))
    assert published(app) == got, "any order and any repetition gives the same"


@pytest.mark.parametrize("status", ["1", "3"])
def test_before_acceptance_the_day_of_receipt_is_the_day_it_was_handed_in(app: Flask, say: Post, status: str) -> None:
    message = {k: v for k, v in DOSSIER.items() if k != "NgayNopHoSo"} | {
        "TrangThaiHoSo": status, "NgayTuChoi": "20261119100000"}
    assert said(say("DongBoHoSoMC", message)) == DONE
    got = published(app)
    assert (got["submitted_at"], got["received_at"]) == ("2026-11-19T02:00:00Z", None)


def test_the_same_message_again_changes_nothing(app: Flask, say: Post) -> None:
    first = say("DongBoHoSoMC", [DOSSIER])
    before = published(app)
    assert say("DongBoHoSoMC", [DOSSIER], isUpdating="true").data == first.data
    session.rollback()
    assert published(app) == before and session.query(ProgressBatch).count() == 1


@pytest.mark.parametrize("code", ["H17.14-240823-0001", "H17.20-20260609-0092637", "000.00.01.H17-210915-0001"])
def test_the_code_shapes_of_the_country_are_taken(say: Post, code: str) -> None:
    assert said(say("DongBoHoSoMC", DOSSIER | {"MaHoSo": code}))["result"] == [
        {"MaHoSo": code, "error_code": "0", "message": ""}]


@pytest.mark.parametrize("madonvi", ["H17", "H17.22.17", "000.17.22.H17", "000.00.00.H17", ""])
def test_both_shapes_of_an_agencys_id_are_understood(say: Post, madonvi: str) -> None:
    assert said(say("DongBoHoSoMC", DOSSIER, madonvi=madonvi)) == DONE


@pytest.mark.parametrize("madonvi", ["H26", "000.17.22.H26", "nobody", "Sở Tư pháp"])
def test_a_key_speaks_for_its_own_agency_only(say: Post, madonvi: str) -> None:
    assert said(say("DongBoHoSoMC", DOSSIER, madonvi=madonvi)) == {"error_code": "22", "result": []}
    session.rollback()
    assert session.query(ProgressRecord).count() == 0


def without_moments(status: str) -> dict[str, Any]:
    return DOSSIER | {"TrangThaiHoSo": status}


@pytest.mark.parametrize("paused", ["5", "6"])
def test_a_dossier_that_goes_on_is_not_left_in_its_pause(app: Flask, say: Post, friday: Any, paused: str) -> None:
    """None of these messages says when; they come one hour after the other."""
    for status in ("2", paused, "4"):
        assert said(say("DongBoHoSoMC", without_moments(status))) == DONE
        friday.shift(3600)
    got = published(app)
    assert (got["status"], got["stopped_at"]) == (4, None)
    assert [(step["status"], step["at"]) for step in got["steps"]] == [
        (2, "2026-11-19T02:00:00Z"), (int(paused), "2026-11-20T04:00:00Z"), (4, "2026-11-20T05:00:00Z")]


def test_a_pause_that_came_as_a_step_ends_too(app: Flask, say: Post, friday: Any) -> None:
    say("DongBoHoSoMC", DOSSIER)
    say("CapNhatTienDoHoSoMC", STEP | {"TrangThai": "5"})
    friday.shift(3600)
    say("DongBoHoSoMC", without_moments("4"))
    assert (published(app)["status"], published(app)["stopped_at"]) == (4, None)


def test_how_a_dossier_stands_told_again_is_no_news(app: Flask, say: Post, friday: Any) -> None:
    say("DongBoHoSoMC", DOSSIER)
    for _day in range(9):  # the date passes meanwhile
        say("DongBoHoSoMC", [without_moments("4"), without_moments("4")])
        friday.shift(24 * 3600)
    assert [step["status"] for step in published(app)["steps"]] == [2, 4]
    say("DongBoHoSoMC", without_moments("6"))
    friday.shift(3600)
    say("DongBoHoSoMC", without_moments("4"))
    assert [step["status"] for step in published(app)["steps"]] == [2, 4, 6, 4]
    say("DongBoHoSoMC", without_moments("4") | {"NgayHenTra": "20261225170000"})
    assert len(published(app)["steps"]) == 5, "another date is news"
    decided = without_moments("9") | {"NgayKetThucXuLy": "20261129210000"}
    say("DongBoHoSoMC", decided)
    friday.shift(3600)
    before = published(app)
    say("DongBoHoSoMC", without_moments("4") | {"NgayHenTra": "20261225170000"})
    assert published(app) == before, "nor is what changes nothing any more"
    batch = session.query(ProgressBatch).order_by(ProgressBatch.id.desc()).first()
    assert batch and (batch.unchanged, batch.delay_p50_s) == (1, None)


def test_statuses_of_one_message_come_in_its_order(app: Flask, say: Post) -> None:
    say("DongBoHoSoMC", [DOSSIER, without_moments("5"), without_moments("4")])
    assert [step["status"] for step in published(app)["steps"]] == [2, 5, 4]


def test_news_without_a_moment_says_nothing_of_how_late_it_is(say: Post) -> None:
    say("DongBoHoSoMC", without_moments("4"))
    batch = session.query(ProgressBatch).one()
    assert (batch.accepted, batch.delay_p50_s) == (1, None)


def test_a_clock_that_goes_before_ours_is_forgiven_without_a_moment_too(say: Post) -> None:
    assert said(say("DongBoHoSoMC", without_moments("4") | {"NgayTiepNhan": "20261120100300"})) == DONE


def test_an_unknown_status_without_a_moment_waits_once_while_it_is_the_last(say: Post, friday: Any) -> None:
    for status in ("Chờ trả", "Chờ trả", "Chờ ký", "Chờ trả"):
        assert said(say("DongBoHoSoMC", without_moments(status)))["result"][0]["error_code"] == "2"
        friday.shift(60)
    waits = session.query(ProgressQuarantine).order_by(ProgressQuarantine.id)
    assert [each.value for each in waits] == ["cho-tra", "cho-ky", "cho-tra"]


@pytest.mark.parametrize(("changed", "field", "says"), [
    ({"MaTTHC": ""}, "MaTTHC", "missing"), ({"MaHoSo": ""}, "MaHoSo", "missing"), ({"MaHoSo": "x"}, "MaHoSo", "form"),
    ({"TrangThaiHoSo": ""}, "TrangThaiHoSo", "missing"), ({"TrangThaiHoSo": "7 ngày nữa"}, "TrangThaiHoSo", "type")])
def test_a_refusal_names_the_national_field_and_what_is_wrong(push: Post, changed: dict[str, Any], field: str,
                                                              says: str) -> None:
    answer = push(body={"service": "DongBoHoSoMC", "madonvi": "H17", "data": [DOSSIER | changed]}, name=None,
                  path="/en/api/national/DongBoHoSoMC").get_json()
    [row] = answer["result"]
    assert (answer["error_code"], row["error_code"]) == ("1", "1")
    name, words = row["message"].split(": ", 1)
    assert name == field and says in words, row["message"]
    assert f"{field}: " in answer["message"], "and the top says it too"


UNREAD = [
    ({"NgayTiepNhan": "hôm qua"}, "NgayTiepNhan"), ({"NgayTiepNhan": "20261399000000"}, "NgayTiepNhan"),
    ({"NgayTiepNhan": ["x"]}, "NgayTiepNhan"), ({"NgayTiepNhan": "20991119090000"}, "NgayTiepNhan"),
    ({"NgayTiepNhan": "x", "TrangThaiHoSo": "4"}, "NgayTiepNhan"), ({"NgayNopHoSo": "x"}, "NgayNopHoSo"),
    ({"NgayNopHoSo": "20261119110000"}, "NgayNopHoSo"), ({"NgayHenTra": "mai"}, "NgayHenTra"),
    ({"NgayHenTra": "00010101000000"}, "NgayHenTra"), ({"KenhThucHien": "9"}, "KenhThucHien"),
    ({"TrangThaiHoSo": "9", "NgayKetThucXuLy": "x"}, "NgayKetThucXuLy"),
    ({"TrangThaiHoSo": "10", "NgayTra": "x"}, "NgayTra"), ({"TrangThaiHoSo": "3", "NgayTuChoi": "x"}, "NgayTuChoi"),
    ({"TrangThaiHoSo": "1", "NgayNopHoSo": "", "NgayTiepNhan": "x"}, "NgayTiepNhan"),
    ({"TrangThaiHoSo": "5", "DanhSachHoSoBoSung": [{"NgayBoSung": "hôm qua"}]}, "DanhSachHoSoBoSung.NgayBoSung"),
    ({"TrangThaiHoSo": "4", "DanhSachHoSoBoSung": [{"NgayHenTraMoi": "mai"}]}, "DanhSachHoSoBoSung.NgayHenTraMoi")]


@pytest.mark.parametrize(("changed", "field"), UNREAD)
def test_a_bad_field_beside_the_status_is_left_out_and_the_status_taken(
        app: Flask, say: Post, changed: dict[str, Any], field: str) -> None:
    answer = said(say("DongBoHoSoMC", DOSSIER | changed))
    [row] = answer["result"]
    assert (answer["error_code"], row["error_code"]) == ("0", "0")
    assert f"{field}: " in row["message"], row["message"]
    assert published(app)["status"] == int((DOSSIER | changed)["TrangThaiHoSo"])


@pytest.mark.parametrize("text", ["19/11/2026 09:00", "09:00:00 19/11/2026", "19/11/2026 9:00:00 SA", "202611190900",
                                  "2026-11-19T09:00:00.0000000", "2026-11-19 09:00:00"])
def test_dates_are_read_as_systems_write_them(app: Flask, say: Post, text: str) -> None:
    assert said(say("DongBoHoSoMC", DOSSIER | {"NgayTiepNhan": text})) == DONE
    assert published(app)["received_at"] == "2026-11-19T02:00:00Z"


@pytest.mark.parametrize(("changed", "field"), [
    ({"ThoiDiemXuLy": "hôm qua"}, "ThoiDiemXuLy"), ({"ThoiDiemXuLy": ""}, "ThoiDiemXuLy"),
    ({"TrangThai": ""}, "TrangThai")])
def test_a_refused_step_names_its_field_too(say: Post, changed: dict[str, Any], field: str) -> None:
    [row] = said(say("CapNhatTienDoHoSoMC", STEP | changed))["result"]
    assert row["message"].startswith(f"{field}: ")


def test_a_step_is_taken_without_a_deadline_that_cannot_be_read(say: Post) -> None:
    say("DongBoHoSoMC", DOSSIER)
    [row] = said(say("CapNhatTienDoHoSoMC", STEP | {"NgayKetThucTheoQuyDinh": "x"}))["result"]
    assert row["error_code"] == "0" and "NgayKetThucTheoQuyDinh: " in row["message"]


def test_another_method_gets_the_envelope_too(app: Flask) -> None:
    answer = app.test_client().get("/api/national/DongBoHoSoMC")
    problem(answer, 405, "method")
    assert answer.get_json()["error_code"] == "50" and answer.get_json()["message"]
    assert "POST" in answer.headers["Allow"]
    assert "error_code" not in app.test_client().get("/api/v1/progress/batches/x/y").get_json()


@pytest.mark.parametrize(("changed", "code"), [
    ({"MaHoSo": "không có"}, ""), ({"MaHoSo": ""}, ""), ({"MaTTHC": ""}, CODE), ({"TrangThaiHoSo": ""}, CODE)])
def test_a_wrong_record_is_answered_with_its_reason(say: Post, changed: dict[str, Any], code: str) -> None:
    answer = said(say("DongBoHoSoMC", DOSSIER | changed))
    assert answer["error_code"] == "1"
    [row] = answer["result"]
    assert (row["MaHoSo"], row["error_code"]) == (code, "1") and row["message"]


def test_a_foreign_status_is_kept_aside_until_it_is_mapped(say: Post) -> None:
    answer = said(say("DongBoHoSoMC", DOSSIER | {"TrangThaiHoSo": "11"}))
    assert answer["error_code"] == "2" and answer["result"][0]["error_code"] == "2"


def test_a_dossier_is_looked_up(say: Post) -> None:
    say("DongBoHoSoMC", [DOSSIER])
    say("CapNhatTienDoHoSoMC", [STEP])
    [found] = said(say("TraCuuHoSo", [{"MaHoSo": CODE.lower()}]))["result"]
    assert all(isinstance(value, str) for name, value in found.items() if name != "TienTrinh")
    assert {name: found[name] for name in DOSSIER if name not in ("TenTTHC", "MaTTHC", "TrangThaiHoSo")} == {
        name: value for name, value in DOSSIER.items() if name not in ("TenTTHC", "MaTTHC", "TrangThaiHoSo")}
    assert (found["MaTTHC"], found["TrangThaiHoSo"], found["NgayTra"]) == ("1.001193", "4", "")
    assert found["TienTrinh"] == [
        {"MaHoSo": CODE, "ThoiDiemXuLy": "20261119090000", "TrangThai": "2"},
        {"MaHoSo": CODE, "ThoiDiemXuLy": "20261119140000", "TrangThai": "4"}]
    assert said(say("TraCuuHoSo", None, MaHoSo=CODE))["result"] == [found]


@pytest.mark.parametrize("code", ["H17-261119-0404", "nothing"])
def test_what_is_not_published_is_not_found(say: Post, code: str) -> None:
    assert said(say("TraCuuHoSo", {"MaHoSo": code})) == {"error_code": "30", "result": []}


@pytest.mark.parametrize("code", ["1.001193", "1.001193.H17", "1.001193.000.00.00.H17"])
def test_a_procedure_is_described(say: Post, code: str) -> None:
    [found] = said(say("LayThuTuc", {"maTTHC": code}))["result"]
    assert (found["MATTHC"], found["TENTTHC"], found["MUCDO"]) == ("1.001193", "Đăng ký khai sinh", "4")
    assert found["LINHVUCTHUCHIEN"] == [{"MALINHVUC": "G15-TP07", "TENLINHVUC": "Hộ tịch"}]
    assert {way["KENH"] for way in found["CACHTHUCTHUCHIEN"]} <= {"1", "2", "3"}
    assert found["THANHPHANHOSO"][0]["GIAYTO"] and found["CANCUPHAPLY"] and found["KETQUATHUCHIEN"]
    assert texts_only(found)


def texts_only(value: Any) -> bool:
    if isinstance(value, dict):
        return all(texts_only(item) for item in value.values())
    return all(texts_only(item) for item in value) if isinstance(value, list) else isinstance(value, str)


def test_an_unknown_procedure_is_not_found(say: Post) -> None:
    assert said(say("LayThuTuc", {"MaTTHC": "9.999999"}))["error_code"] == "30"
    assert said(say("LayThuTuc", {"MaTTHC": "khai sinh"}))["error_code"] == "30"


def test_an_agencys_procedures_are_listed(say: Post) -> None:
    found = said(say("LayDanhSachTTHC"))["result"]
    codes = [line["MATTHC"] for line in found]
    assert "1.001193" in codes and codes == sorted(codes)
    assert texts_only(found)


def test_the_agencies_are_listed(say: Post) -> None:
    found = said(say("LayDanhMucCoQuan"))["result"]
    assert {"H17", "H26", "G01"} <= {line["MADONVI"] for line in found}
    assert all(line["TENDONVI"] for line in found) and texts_only(found)


def test_the_key_may_come_in_the_header_instead(push: Post, cast: Keys) -> None:
    envelope = {"service": "DongBoHoSoMC", "madonvi": "H17", "data": [DOSSIER]}
    assert said(push(body=envelope, name=None, path="/api/national/DongBoHoSoMC")) == DONE


@pytest.mark.parametrize("session", ["wrong", "", None, 5, ["x"]])
def test_a_session_that_opens_nothing_is_answered_in_the_envelope(say: Post, session: Any) -> None:
    answer = said(say("DongBoHoSoMC", [DOSSIER], session=session))
    assert answer == {"error_code": "40", "result": [], "field": "session"}


def test_a_wrong_key_in_the_header_is_refused_by_its_status_too(push: Post, cast: Keys) -> None:
    answer = push(body={"service": "DongBoHoSoMC", "data": [DOSSIER]}, key=cast.wrong, name=None,
                  path="/api/national/DongBoHoSoMC")
    problem(answer, 401, "key_unknown", "Authorization")
    assert answer.get_json()["error_code"] == "40" and answer.get_json()["message"]


def test_a_revoked_key_is_refused(say: Post, cast: Keys) -> None:
    assert said(say("DongBoHoSoMC", [DOSSIER], session=cast.revoked))["error_code"] == "40"


@pytest.mark.parametrize(("service", "status", "kind"), [("XoaHoSo", 404, "unknown_service"), ("dongbohosomc", 404,
                                                                                             "unknown_service")])
def test_another_service_is_none(say: Post, service: str, status: int, kind: str) -> None:
    problem(say(service, [DOSSIER]), status, kind)


@pytest.mark.parametrize(("changed", "field"), [
    ({"service": "TraCuuHoSo"}, "service"), ({"madonvi": 5}, "madonvi"), ({"data": "x"}, "data"),
    ({"data": [1]}, "data[0]")])
def test_an_envelope_of_another_shape_is_refused(push: Post, changed: dict[str, Any], field: str) -> None:
    envelope = {"service": "DongBoHoSoMC", "madonvi": "H17", "data": [DOSSIER]} | changed
    answer = push(body=envelope, path="/api/national/DongBoHoSoMC")
    assert said(answer) == {"error_code": "20", "result": [], "field": field}


def test_a_body_that_is_no_envelope_is_refused(push: Post) -> None:
    assert said(push(body=[1], path="/api/national/DongBoHoSoMC"))["error_code"] == "20"
    assert said(push(body=5, path="/api/national/DongBoHoSoMC"))["error_code"] == "20"
    answer = push(body=b"<xml/>", path="/api/national/DongBoHoSoMC")
    problem(answer, 400, "malformed")
    assert answer.get_json()["error_code"] == "50"


def test_it_is_counted_like_every_other_door(say: Post) -> None:
    answers = [say("LayDanhMucCoQuan", session="guess") for _ in range(31)]
    problem(answers[-1], 429, "too_many")
    assert answers[-1].get_json()["error_code"] == "42"
