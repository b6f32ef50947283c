"""Deployed senders as they call: a session for a key, one address for all, bare lists, what is asked by GET."""
import csv
import gzip
import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from portal.catalogue import sector_codes
from portal.intake import queries
from portal.intake.models import ProgressBatch, ProgressQuarantine
from portal.kit import clock
from portal.kit.db import session
from portal.people import keys
from portal.progress.models import ProgressRecord
from tests import make
from tests.api.conftest import Keys, Post, a_row, problem
from tests.api.test_national import CODE, DONE, DOSSIER, STEP, published, said

Sent = dict[str, Any]
FIELDS = frozenset("""ID MATTHC TENTTHC MACOQUANCONGBO LOAITTHC MOTADOITUONGTHUCHIEN DIACHITIEPNHAN YEUCAU TUKHOA MUCDO
    QUYETDINH IDQUYETDINHCONGBO TRANGTHAI MOTACOQUANTHUCHIEN MOTACOQUANTHAMQUYEN MOTA TRINHTUTHUCHIEN CAPTHUCHIEN
    LINHVUCTHUCHIEN CACHTHUCTHUCHIEN DOITUONGTHUCHIEN THANHPHANHOSO KETQUATHUCHIEN CANCUPHAPLY COQUANTHUCHIEN
    COQUANCOTHAMQUYEN COQUANDUOCUYQUYEN COQUANPHOIHOP TTHCLIENTHONG TTHCLIENQUAN TENDONVI""".split())  # noqa: SIM905


@pytest.fixture
def post(app: Flask, cast: Keys, friday: Any) -> Post:
    """POST JSON without any header of ours."""

    def post(path: str, body: Any, **headers: str) -> Any:
        return app.test_client().post(path, data=json.dumps(body).encode(), headers={
            "Content-Type": "application/json", "Accept": "application/json"} | headers)

    return post


@pytest.fixture
def opened(post: Post, cast: Keys) -> str:
    return str(post("/api/national/session", {"username": "H17", "password": cast.right}).get_json()["session"])


@pytest.mark.parametrize("path", ["/api/national/session", "/api/national"])
def test_a_key_as_password_gives_a_session(post: Post, cast: Keys, path: str) -> None:
    answer = said(post(path, {"username": "dichvucong", "password": cast.right}))
    assert answer["error_code"] == "0" and answer["session"].startswith("dvs_") and cast.right not in str(answer)
    message = {"session": answer["session"], "service": "DongBoHoSoMC", "madonvi": "H17", "isUpdating": "False",
               "data": [DOSSIER]}
    assert said(post("/api/national", message)) == DONE


def test_a_wrong_password_is_answered_in_the_envelope_and_counted(post: Post, cast: Keys) -> None:
    for password in (cast.wrong, cast.revoked, None, 5):
        answer = said(post("/api/national/session", {"username": "H17", "password": password}))
        assert (answer["error_code"], answer["field"]) == ("40", "password") and "session" not in answer
    for _ in range(30):
        last = post("/api/national/session", {"username": "H17", "password": "guess"})
    problem(last, 429, "too_many")


def test_nothing_large_of_a_stranger_is_read_to_sign_in(app: Flask, post: Post, cast: Keys) -> None:
    problem(post("/api/national/session", {"username": "x" * 5_000, "password": cast.right}), 413, "too_large")
    packed = app.test_client().post("/api/national/session", data=gzip.compress(b"{}"), headers={
        "Content-Type": "application/json", "Content-Encoding": "gzip"})
    problem(packed, 413, "too_large")


def test_a_session_ends_with_its_time_and_with_its_key(post: Post, cast: Keys, opened: str, friday: Any) -> None:
    message = {"session": opened, "service": "LayDanhMucCoQuan"}
    assert said(post("/api/national", message))["error_code"] == "0"
    assert said(post("/api/national", message | {"session": opened[:-1] + ("0" if opened[-1] != "0" else "1")}))[
        "error_code"] == "40"
    for made_up in ("dvs_999999999.9999999999." + "a" * 64, "dvs_99999999999.9999999999." + "a" * 64):
        assert said(post("/api/national", message | {"session": made_up}))["error_code"] == "40"
    friday.shift(keys.SESSION_LASTS - timedelta(seconds=5))
    assert said(post("/api/national", message))["error_code"] == "0"
    friday.shift(10)
    assert said(post("/api/national", message))["error_code"] == "40"
    again = post("/api/national/session", {"username": "x", "password": cast.right}).get_json()["session"]
    keys.revoke(cast.find(cast.right))
    session.commit()
    assert said(post("/api/national", message | {"session": again}))["error_code"] == "40"


def test_a_gateways_own_authorization_does_not_hide_the_session(post: Post, opened: str) -> None:
    message = {"session": opened, "service": "DongBoHoSoMC", "data": [DOSSIER]}
    assert said(post("/api/national", message, Authorization="Bearer 70957605-a469-31ff-ae92-a2b1cee5a264")) == DONE
    assert said(post("/api/national/DongBoHoSoMC", [DOSSIER], Authorization="Basic dTpw", session=opened))[
        "error_code"] == "0"


@pytest.mark.parametrize("unit", ["MaDinhDanhDV=000.00.00.H17", "madonvi=H17", "MaDonVi=H17.22.17", "x=1"])
def test_a_bare_list_with_its_unit_in_the_address(app: Flask, post: Post, opened: str, unit: str) -> None:
    path = f"/api/national/DongBoHoSoMC?{unit}&isUpdating=True&session={opened}"
    assert said(post(path, [DOSSIER])) == DONE
    assert published(app)["status"] == 2
    assert said(post(f"/api/national/CapNhatTienDoHoSoMC?{unit}", [STEP], session=opened)) == DONE
    assert published(app)["status"] == 4


def test_another_unit_in_the_address_is_not_the_keys(post: Post, opened: str) -> None:
    path = "/api/national/DongBoHoSoMC?MaDinhDanhDV=000.00.00.H26"
    assert said(post(path, [DOSSIER], session=opened)) == {"error_code": "22", "result": []}


def test_a_key_itself_is_not_taken_from_an_address(post: Post, cast: Keys) -> None:
    assert said(post(f"/api/national/DongBoHoSoMC?session={cast.right}", [DOSSIER]))["error_code"] == "40"


def test_predecessors_are_spoken_for(post: Post, cast: Keys) -> None:
    """Quảng Nam went into Đà Nẵng in 2025: its units' ids and its dossiers' codes are Đà Nẵng's now."""
    gone = next(name for name in sorted(feeding_names("H17")) if name.startswith("H") and name != "H17")
    row = DOSSIER | {"MaHoSo": f"{gone}.22-250601-0001", "NgayNopHoSo": "", "NgayTiepNhan": "20250601090000",
                     "NgayHenTra": "20250610000000"}
    answer = post("/api/national/DongBoHoSoMC", {"session": cast.right, "madonvi": f"000.00.22.{gone}", "data": [row]})
    assert said(answer)["error_code"] == "0"


def feeding_names(key: str) -> frozenset[str]:
    return queries.sender(make.agency(key)).own


def test_the_text_is_not_escaped_and_says_success(post: Post, cast: Keys) -> None:
    message = {"session": cast.right, "service": "DongBoHoSoMC", "data": [DOSSIER]}
    text = post("/api/national", message).text
    assert "thành công" in text.lower()
    wrong = post("/api/national", message | {"data": [DOSSIER | {"MaHoSo": "x"}]}).text
    assert "thành công" not in wrong.lower() and "\\u" not in wrong


def test_old_readers_that_wait_for_00_get_it(post: Post, cast: Keys) -> None:
    message = {"session": cast.right, "service": "DongBoHoSoMC", "data": [DOSSIER]}
    assert said(post("/api/national?done=00", message))["error_code"] == "00"
    assert said(post("/api/national?done=00", message | {"session": "x"}))["error_code"] == "40"


def test_what_waits_is_seen_at_the_top_and_taken_when_it_is_sent_again(post: Post, cast: Keys) -> None:
    message = {"session": cast.right, "service": "CapNhatTienDoHoSoMC", "data": [STEP]}
    answer = post("/api/national", message).get_json()
    assert answer["error_code"] == "2" and CODE in answer["message"]
    assert said(post("/api/national", {"session": cast.right, "service": "DongBoHoSoMC", "data": [DOSSIER]})) == DONE
    assert said(post("/api/national", message)) == DONE, "not the answer of then"


def test_an_unknown_service_in_the_envelope_is_answered_there(post: Post, cast: Keys) -> None:
    for service in ("XoaHoSo", "", None, 5):
        answer = said(post("/api/national", {"session": cast.right, "service": service, "data": [DOSSIER]}))
        assert (answer["error_code"], answer["field"]) == ("21", "service")


def test_a_procedure_is_asked_by_get_with_every_field(app: Flask, cast: Keys, friday: Any) -> None:
    client = app.test_client()
    [found] = said(client.get("/api/national/LayThuTuc?maTTHC=1.001193&madonvi=H17"))["result"]
    assert set(found) >= FIELDS
    assert found["CAPTHUCHIEN"][0]["CAPTHUCHIEN"] == "3"
    assert {"MALINHVUC", "TENLINHVUC"} == set(found["LINHVUCTHUCHIEN"][0])
    way = found["CACHTHUCTHUCHIEN"][0]
    assert int(way["THOIGIAN"][0]["THOIGIANGIAIQUYET"]) > 0 and "SOTIEN" in way["PHILEPHI"][0]
    assert {"MAGIAYTO", "TENGIAYTO", "SOBANCHINH", "SOBANSAO"} <= set(found["THANHPHANHOSO"][0]["GIAYTO"][0])
    for each in said(client.get("/api/national/LayDanhSachTTHC"))["result"][:5]:
        [line] = said(client.get(f"/api/national/LayThuTuc?maTTHC={each['MATTHC']}"))["result"]
        assert set(line) >= FIELDS and line["LINHVUCTHUCHIEN"][0]["MALINHVUC"]
    wrapped = client.get("/api/national/LayThuTuc?wrapped=1&maTTHC=1.001193").get_json()
    assert json.loads(wrapped["message"])["result"][0]["MATTHC"] == "1.001193"
    assert client.get("/api/national/LayThuTuc?maTTHC=1.001193").headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("path", ["LayDanhSachTTHC", "LayDanhSachTTHC?madonvi=H17", "LayDanhMucCoQuan",
                                  "LayDanhMucLinhVuc"])
def test_lists_are_asked_by_get(app: Flask, friday: Any, path: str) -> None:
    assert said(app.test_client().get(f"/api/national/{path}"))["result"]


def test_what_pushes_is_not_asked_by_get(app: Flask) -> None:
    problem(app.test_client().get("/api/national/XoaHoSo"), 404, "unknown_service")
    assert said(app.test_client().get("/api/national/LayThuTuc"))["error_code"] == "20"


def test_sectors_have_the_nations_codes_where_they_are_known(app: Flask, friday: Any) -> None:
    listed = said(app.test_client().get("/api/national/LayDanhMucLinhVuc"))["result"]
    found = {each["TENLINHVUC"]: each for each in listed}
    assert (found["Hộ tịch"]["MALINHVUC"], found["Hộ tịch"]["MANGANH"]) == ("G15-TP07", "G15")
    with (sector_codes.FILE.parent / "procedures_index_2642.csv").open(encoding="utf-8", newline="") as lines:
        assert set(sector_codes.codes()) <= {row["linh_vuc"] for row in csv.DictReader(lines)}
    codes = [each["MALINHVUC"] for each in found.values()]
    assert len(set(codes)) == len(codes)


def test_with_a_key_for_trying_out_nothing_is_kept(app: Flask, post: Post, friday: Any) -> None:
    _key, secret = keys.issue(make.agency("H17"), ["progress"], dry_run=True)
    session.commit()
    message = {"session": secret, "service": "DongBoHoSoMC", "data": [DOSSIER, DOSSIER | {"MaHoSo": "x"}]}
    for _ in range(2):
        answer = said(post("/api/national", message))
        assert [row["error_code"] for row in answer["result"]] == ["0", "1"]
    answer = post("/api/v1/progress/batches", {"records": [a_row()]}, Authorization=f"Bearer {secret}",
                  **{"Idempotency-Key": "dry"})
    assert answer.get_json()["accepted"] == 1 and answer.headers["Dry-Run"] == "true"
    session.rollback()
    assert [session.query(table).count() for table in (ProgressRecord, ProgressBatch, ProgressQuarantine)] == [0, 0, 0]


def test_keys_for_trying_out_take_no_place_of_the_others(app: Flask, cast: Keys) -> None:
    keys.issue(make.agency("H17"), ["progress"], dry_run=True)
    keys.issue(make.agency("H17"), ["progress"])
    with pytest.raises(keys.TooManyKeys):
        keys.issue(make.agency("H17"), ["progress"])
    keys.issue(make.agency("H17"), ["progress"], dry_run=True)


def test_a_lenient_batch_leaves_out_what_is_wrong_and_says_so(push: Post) -> None:
    row = a_row(channel="fax", level=9)
    strict = push(row).get_json()
    assert strict["rejected"] == 1 and "warnings" not in strict["rows"][0]
    answer = push(row, headers={"Prefer": "handling=lenient"}, name="lenient")
    assert answer.headers["Preference-Applied"] == "handling=lenient"
    said_of = answer.get_json()["rows"][0]
    assert said_of["result"] == "accepted"
    assert said_of["warnings"] == [{"field": "channel", "reason": "channel"}, {"field": "level", "reason": "level"}]
    assert push(row, headers={"Prefer": "handling=lenient"}, name="lenient").data == answer.data


def test_pages_of_other_sites_may_ask_what_is_read(app: Flask) -> None:
    client = app.test_client()
    asks = {"Origin": "https://example.org", "Access-Control-Request-Method": "GET",
            "Access-Control-Request-Headers": "authorization", "Sec-Fetch-Site": "cross-site"}
    for path in ("/api/v1/progress/changes", f"/api/v1/progress/{CODE}", "/api/national/LayThuTuc",
                 "/api/openapi.json"):
        answer = client.options(path, headers=asks)
        assert answer.status_code in (200, 204), path
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "GET" in answer.headers["Access-Control-Allow-Methods"]
        assert "Authorization" in answer.headers["Access-Control-Allow-Headers"]
    pushed = client.options("/api/v1/progress/batches", headers=asks | {"Access-Control-Request-Method": "POST"})
    assert "POST" not in pushed.headers.get("Access-Control-Allow-Methods", ""), "no page pushes"


def test_the_clock_of_a_session_is_told(post: Post, cast: Keys) -> None:
    answer = post("/api/national/session", {"username": "x", "password": cast.right}).get_json()
    ends = datetime.strptime(answer["expires"], "%Y%m%d%H%M%S").replace(tzinfo=clock.VN)
    assert ends == clock.now() + keys.SESSION_LASTS
