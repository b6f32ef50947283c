"""The columns that a table of progress may have, what else they are called, and what stands in them. Pure."""
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from portal.kit.text import fold
from portal.law import statuses
from portal.law.statuses import Status


def plain(header: Any) -> str:
    """A header as it is compared: folded, without signs."""
    return re.sub(r"[\W_]+", " ", fold(str(header))).strip()


class Form(StrEnum):
    """What stands in a column."""

    code = "code"
    procedure = "procedure"
    status = "status"
    moment = "moment"
    due = "due"
    number = "number"
    level = "level"
    word = "word"
    truth = "truth"
    name = "name"


@dataclass(frozen=True)
class Column:
    """A column: the name of the feed's field, its header in two languages, what else it is called."""

    name: str
    form: Form
    header: Mapping[str, str]
    also: tuple[str, ...] = ()
    required: bool = False

    @property
    def called(self) -> frozenset[str]:
        """Every header under which the column is known, folded."""
        return frozenset(plain(word) for word in (self.name, *self.header.values(), *self.also))


def _column(name: str, form: Form, vi: str, en: str, *also: str, required: bool = False) -> Column:
    return Column(name, form, {"vi": vi, "en": en}, also, required)


COLUMNS = (
    _column("code", Form.code, "Mã hồ sơ", "Dossier code", "Số hồ sơ", "Mã số hồ sơ", "Số biên nhận", "MaHoSo",
            "SoHoSo", required=True),
    _column("procedure", Form.procedure, "Mã thủ tục", "Procedure code", "Mã TTHC", "Mã thủ tục hành chính",
            "MaTTHC"),
    _column("status", Form.status, "Trạng thái", "Status", "Trạng thái hồ sơ", "Tình trạng", "Tình trạng hồ sơ",
            "Tình trạng xử lý", "Trạng thái xử lý", "TrangThaiHoSo", required=True),
    _column("at", Form.moment, "Thời điểm cập nhật", "Status since", "Ngày cập nhật", "Thời gian cập nhật",
            "Thời điểm"),
    _column("sequence", Form.number, "Thứ tự cập nhật", "Order of updates"),
    _column("agency", Form.word, "Mã cơ quan", "Agency code", "Mã đơn vị", "MaDonVi"),
    _column("submitted_at", Form.moment, "Ngày nộp", "Handed in on", "Ngày nộp hồ sơ", "Thời điểm nộp",
            "Thời gian nộp", "Ngày đăng ký", "NgayNopHoSo"),
    _column("received_at", Form.moment, "Ngày tiếp nhận", "Accepted on", "Thời điểm tiếp nhận", "Ngày nhận",
            "Ngày nhận hồ sơ", "Ngày tiếp nhận hồ sơ", "Thời gian tiếp nhận", "NgayTiepNhan"),
    _column("due_at", Form.due, "Ngày hẹn trả", "Due on", "Hẹn trả", "Hạn trả", "Ngày hẹn trả kết quả", "Ngày hẹn",
            "Thời gian hẹn trả", "Hạn xử lý", "Hạn giải quyết", "NgayHenTra"),
    _column("finished_at", Form.moment, "Ngày xử lý xong", "Finished on", "Ngày có kết quả", "Ngày kết thúc xử lý",
            "Ngày kết thúc", "Ngày hoàn thành", "Ngày giải quyết xong", "NgayKetThucXuLy"),
    _column("channel", Form.word, "Hình thức nộp", "Handed in by", "Kênh tiếp nhận", "Kênh nộp",
            "Hình thức tiếp nhận"),
    _column("level", Form.level, "Mức độ", "Level", "Mức độ dịch vụ"),
    _column("reason", Form.word, "Mã lý do", "Reason code"),
    _column("apology", Form.truth, "Đã xin lỗi", "Apology"),
    _column("new_due_at", Form.due, "Ngày hẹn trả mới", "New due day", "Hẹn lại", "Ngày hẹn lại"),
    _column("correction", Form.truth, "Đính chính", "Correction"),
    _column("step_due_at", Form.due, "Hạn của bước", "Step due on", "NgayKetThucTheoQuyDinh"),
)
# what exports of one-stop systems have instead of a column above: what it tells is looked up, or told by it
INSTEAD = (
    _column("procedure_name", Form.name, "Tên thủ tục", "Procedure", "Tên thủ tục hành chính", "Thủ tục",
            "Thủ tục hành chính", "Tên TTHC", "TenTTHC"),
    _column("returned_at", Form.moment, "Ngày trả kết quả", "Handed over on", "Ngày trả", "Ngày trả kết quả thực tế",
            "NgayTra"),
)
#: of which a table needs one each: the last of them is what the page asks for
NEEDED = (("code",), ("procedure_name", "procedure"), ("status",),
          ("received_at", "submitted_at", "finished_at", "returned_at", "at"))
# what a status without a moment of its own goes by
MOMENTS: Mapping[int, tuple[str, ...]] = {
    Status.registered: ("submitted_at", "received_at"), Status.received: ("received_at",),
    Status.not_received: ("finished_at",), Status.withdrawn: ("finished_at",), Status.stopped: ("finished_at",),
    Status.finished: ("finished_at", "returned_at"), Status.returned: ("returned_at", "finished_at")}
# folded words → what the feed calls them: both languages of the national list, and what offices' systems write
_USUAL: Mapping[Status, str] = {
    Status.registered: "moi nop, moi gui, cho tiep nhan, dang ky moi, ho so moi, cho tiep nhan ho so",
    Status.received: "da tiep nhan, tiep nhan, moi tiep nhan, da tiep nhan ho so, da nhan",
    Status.not_received: "tu choi, tu choi tiep nhan, khong tiep nhan, bi tu choi",
    Status.processing: "dang giai quyet, cho xu ly, dang tham dinh, dang thu ly, cho ky, dang trinh ky, "
                       "dang xu ly ho so",
    Status.supplement: "yeu cau bo sung, cho bo sung, bo sung, can bo sung, yeu cau bo sung ho so, cho bo sung ho so",
    Status.payment: "cho nop phi, cho thanh toan, cho nop le phi, thuc hien nghia vu tai chinh",
    Status.withdrawn: "rut ho so, da rut, da rut ho so, cong dan rut ho so, xin rut ho so",
    Status.stopped: "dung giai quyet, da dung xu ly, ket thuc khong giai quyet",
    Status.finished: "da giai quyet, da xu ly, hoan thanh, da hoan thanh, da co ket qua, cho tra ket qua, "
                     "da giai quyet xong",
    Status.returned: "da tra, tra ket qua, da tra ket qua cho cong dan, da nhan ket qua, da tra ket qua ho so"}
STATUSES = {fold(words): int(status) for names in (statuses.NATIONAL_NAMES, statuses.WORDS)
            for status, words in names.items()} | {
    word: int(status) for status, words in _USUAL.items() for word in words.split(", ")}
WORDS: Mapping[str, Mapping[str, str]] = {
    "channel": {"truc tuyen": "online", "online": "online", "truc tiep": "counter", "counter": "counter",
                "mot cua": "counter", "buu chinh": "post", "buu dien": "post", "post": "post"},
    "reason": {"thieu giay to": "missing_papers", "papers are missing": "missing_papers",
               "nghia vu tai chinh": "payment", "a payment is due": "payment",
               "cho co quan khac": "other_agency", "another agency must answer": "other_agency",
               "ly do phap ly": "legal", "phap ly": "legal", "a legal reason": "legal",
               "theo de nghi cua nguoi nop": "applicant", "nguoi nop": "applicant",
               "at the applicant s wish": "applicant", "ly do khac": "other", "khac": "other",
               "another reason": "other"},
}
TRUTHS = {"co": True, "x": True, "yes": True, "true": True, "1": True,
          "khong": False, "no": False, "false": False, "0": False}
BY_HEADER = {called: column for column in (*COLUMNS, *INSTEAD) for called in column.called}
