"""The national reports of the demonstration: of the first quarter of 2017 from its published facts, once corrected, and
of the last quarter from invented tasks; drafted and published through the real verbs."""
from collections.abc import Mapping
from datetime import date, datetime, timedelta

from portal.kit import clock
from portal.oversight.national import actions
from portal.oversight.periods import before, days_of, period_of
from portal.people.models import Person

Q1_2017 = date(2017, 3, 31)
OF_2017 = {
    "services": "Số dịch vụ công trực tuyến mức độ 3 và 4 tăng ở cả trung ương và địa phương. Tổng của hai mức độ chưa "
                "khớp với số dịch vụ đã triển khai trong báo cáo nguồn; số liệu được giữ như đã công bố.",
    "tasks": "Hơn 46% nhiệm vụ đã hoàn thành, tăng 5 điểm phần trăm so với cuối năm 2016."}
ADDED = {
    "publication": "“19/30” ở đây là số bộ, cơ quan trung ương công khai tiến độ giải quyết hồ sơ, không phải số "
                   "cơ quan đã kết nối phần mềm quản lý văn bản của quý II/2016."}
REASON = "Bổ sung đoạn phân biệt hai số liệu cùng ghi “19/30”: công khai tiến độ và kết nối phần mềm."
OF_LAST_QUARTER = {"tasks": "Nhiệm vụ hư cấu của bộ trình diễn, tính đến ngày cuối quý."}


def load(overseer: Person, now: datetime) -> None:
    """Publish both, in the days before `now`."""
    with clock.pretend(now - timedelta(days=9)):
        _write(Q1_2017, OF_2017, overseer)
        actions.publish(Q1_2017, by=overseer)
    with clock.pretend(now - timedelta(days=2)):
        _write(Q1_2017, ADDED, overseer)
        actions.publish(Q1_2017, by=overseer, reason=REASON)
    last = days_of(before(period_of(clock.day_of(now), "quarter")))[1]
    with clock.pretend(now - timedelta(days=1)):
        _write(last, OF_LAST_QUARTER, overseer)
        actions.publish(last, by=overseer)


def _write(day: date, paragraphs: Mapping[str, str], overseer: Person) -> None:
    actions.begin(day, by=overseer)
    actions.save(day, paragraphs, dict.fromkeys(paragraphs, actions.base("")), by=overseer)
