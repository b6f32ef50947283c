"""Nothing personal gets through the door: every field of every national message carries a canary, and none is found.

Not in the database, the log, the queue, the files, or any answer, whether the message was taken or refused.
"""
import itertools
import json
import logging
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from portal.kit.db import Base, session
from portal.kit.jobs import Job
from tests.api.conftest import Post, a_row
from tests.api.test_national import DOSSIER, STEP


def words(text: str) -> list[str]:
    return text.split()


# every name of sync_fields.json that is not needed to publish
DROPPED = words("TenTTHC MaLinhVuc TenLinhVuc SoBienNhan ChuHoSo LoaiDoiTuong MaDoiTuong ThongTinKhac Email Fax "
                "SoDienThoai "
                "TrichYeuHoSo ThongTinTra HinhThuc DonViXuLy GhiChu SoGiayToChuHoSo NoiNopHoSo HoSoCoThanhPhanSoHoa "
                "TaiKhoanDuocXacThucVoiVNeID DuocThanhToanTrucTuyen DiaChi NgaySinh")
LISTS = {
    "TaiLieuNop": "TepDinhKemId TenTepDinhKem IsDeleted MaThanhPhanHoSo DuongDanTaiTepTin DuocSoHoa MaKetQuaThayThe",
    "DanhSachLePhi": "TenPhiLePhi MaPhiLePhi HinhThucThu Gia LoaiPhiLePhi",
    "DanhSachTepDinhKemKhac": "TenGiayTo SoLuong LoaiGiayTo",
    "DanhSachHoSoBoSung": "HoSoBoSungId NguoiYeuCauBoSung NoiDungBoSung NguoiTiepNhanBoSung ThongTinTiepNhan "
                          "TrangThaiBoSung DanhSachGiayToBoSung DanhSachLePhiBoSung",
    "DanhSachGiayToKetQua": "TenGiayTo MaThanhPhanHoSo GiayToId DuongDanTepTinKetQua MaGiayToKetQua",
    "DinhDanhCHS": "LoaiDinhDanh SoDinhDanh", "DSKetNoiCSDL": "MaCSDL",
}
OF_A_STEP = words("NguoiXuLy ChucDanh PhongBanXuLy NoiDungXuLy NgayBatDau")
READ = (*DOSSIER, "NgayTra", "NgayKetThucXuLy", "NgayTuChoi")
SHAPES = ("Nguyễn Thị Chim Yến {n}", "chim.yen{n}@canary.vn", "0987600{n:03}", "0480900{n:05}",
          "12 Chim Khuyên ngõ {n}")
WORDS = ("Chim Yến", "chim.yen", "canary.vn", "0987600", "0480900", "Chim Khuyên", "canary-key")
counted = itertools.count(1)


def canary() -> str:
    n = next(counted)
    return SHAPES[n % len(SHAPES)].format(n=n)


def full_message(**changed: Any) -> dict[str, Any]:
    """A message of the national format with everything in it."""
    message: dict[str, Any] = dict(DOSSIER) | {name: canary() for name in DROPPED}
    message |= {name: [{field: canary() for field in words(fields)}] * 2 for name, fields in LISTS.items()}
    message["DanhSachHoSoBoSung"][0]["NgayBoSung"] = "20261119100000"
    return message | {canary(): canary()} | changed


def everything_kept() -> str:
    """The whole database as text, the throttle's digests and the catalogue included."""
    session.rollback()
    tables = [str(list(session.execute(select(table)))) for table in Base.metadata.sorted_tables]
    return "\n".join(tables)


def songs(text: str) -> list[str]:
    return [word for word in WORDS if word in text]


@pytest.fixture
def quiet(app: Flask, caplog: Any) -> Any:
    """Checks at the end that nobody sang: answers are collected here."""
    caplog.set_level(logging.DEBUG)
    answers: list[str] = []
    yield answers
    assert answers
    assert songs("\n".join(answers)) == []
    assert songs(everything_kept()) == []
    assert songs(caplog.text) == []
    assert songs(str([job.args for job in session.query(Job)])) == []
    files = Path(app.config["FILES_FOLDER"])
    assert not files.exists() or songs("".join(p.read_bytes().decode("utf-8", "replace") for p in files.rglob("*")
                                               if p.is_file())) == []


def test_the_canaries_can_be_heard() -> None:
    heard = json.dumps([full_message() for _ in range(5)], ensure_ascii=False)
    assert set(songs(heard)) == set(WORDS) - {"canary-key"}


def test_a_full_message_is_published_without_its_people(app: Flask, say: Post, quiet: list[str]) -> None:
    for message in (full_message(), full_message(TrangThaiHoSo="5"), full_message(TrangThaiHoSo="11"),
                    full_message(MaTTHC="9.999999"), full_message(MaHoSo="H26-261119-0001")):
        quiet.append(say("DongBoHoSoMC", [message], **{canary(): canary()}).text)
    quiet.append(say("CapNhatTienDoHoSoMC", [dict(STEP) | {name: canary() for name in OF_A_STEP}]).text)
    quiet.append(say("TraCuuHoSo", {"MaHoSo": DOSSIER["MaHoSo"], "SoGiayTo": canary()}).text)
    client = app.test_client()
    for path in ("/api/v1/progress/H17-261119-0001", "/progress/H17-261119-0001", "/api/v1/progress/changes"):
        answer = client.get(path)
        assert answer.status_code == 200
        quiet.append(answer.text)


@pytest.mark.parametrize("field", READ)
def test_a_canary_in_a_field_that_is_read_is_not_kept_either(say: Post, quiet: list[str], field: str) -> None:
    for shape in SHAPES:
        for value in (shape.format(n=7), [shape.format(n=7)], {"x": shape.format(n=7)}):
            quiet.append(say("DongBoHoSoMC", full_message(**{field: value})).text)


@pytest.mark.parametrize("field", list(STEP))
def test_nor_in_a_step(say: Post, quiet: list[str], field: str) -> None:
    say("DongBoHoSoMC", [DOSSIER])
    for shape in SHAPES:
        quiet.append(say("CapNhatTienDoHoSoMC", dict(STEP) | {field: shape.format(n=7)}).text)


@pytest.mark.parametrize("field", words("code procedure status at agency channel reason due_at level note holder"))
def test_nor_in_our_own_format(push: Post, quiet: list[str], field: str) -> None:
    for shape in SHAPES:
        for value in (shape.format(n=7), [shape.format(n=7)], {shape.format(n=7): 1}):
            quiet.append(push(a_row(**{field: value}), a_row() | {shape.format(n=7): value}).text)


@pytest.mark.parametrize("service", ["LayThuTuc", "LayDanhSachTTHC", "LayDanhMucCoQuan", "TraCuuHoSo", "KhongCo"])
def test_nor_in_what_is_asked(say: Post, quiet: list[str], service: str) -> None:
    for name in ("MaTTHC", "MaHoSo", "madonvi", "x"):
        quiet.append(say(service, {name: canary()}).text)
    quiet.append(say(service, madonvi=canary()).text)
    quiet.append(say(service, session="canary-key").text)


def test_nor_in_a_body_that_is_refused(push: Post, quiet: list[str]) -> None:
    text = json.dumps({"data": [full_message()]}, ensure_ascii=False)
    for body in (text[:-5].encode(), text.encode("utf-16"), ('{"a":1,"a":' + text + "}").encode(),
                 text.replace('"data"', canary()).encode(), text.replace("[{", "[NaN,{").encode()):
        for path in ("/api/national/DongBoHoSoMC", "/api/v1/progress/batches"):
            quiet.append(push(body=body, path=path).text)


def test_nor_when_the_room_breaks(push: Post, say: Post, quiet: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_args: Any, **_more: Any) -> None:
        raise RuntimeError("the room broke")

    monkeypatch.setattr("portal.api.pushing.feed.ingest", breaks)
    for answer in (say("DongBoHoSoMC", [full_message()]), push(a_row(holder=canary()), name=None,
                                                              headers={"Idempotency-Key": "x"})):
        assert (answer.status_code, answer.mimetype) == (500, "application/problem+json")
        quiet.append(answer.text)
