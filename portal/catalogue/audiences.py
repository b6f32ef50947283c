"""Whom a procedure is for: citizens, businesses, or both.

A record read whole names its applicants. For the others the sector decides: the sectors below serve one
audience, any other sector serves both, so that nobody misses a service. Household businesses are businesses,
though their records name citizens alone.
"""

from functools import cache

from portal.kit.text import fold

_BUSINESS_WORDS = (
    "hải quan",
    "doanh nghiệp",
    "hợp tác xã",
    "tổ hợp tác",
    "hộ kinh doanh",
    "chứng khoán",
    "ngân hàng",
    "ngoại hối",
    "hoạt động thanh toán",
    "hoạt động tiền tệ",
    "hoạt động tín dụng",
    "thông tin tín dụng",
    "kho quỹ",
    "định chế tài chính",
    "đấu thầu",
    "đầu tư",
    "khoáng sản",
    "kiểm định kỹ thuật",
    "vật liệu xây dựng",
    "sàn giao dịch",
    "biến đổi khí hậu",
    "quản lý nợ",
    "đối tác công tư",
    "thu bhxh",
    "khu công nghiệp",
    "quản lý giá",
    "con dấu",
    "thành lập và hoạt động",
)
_CITIZEN_WORDS = (
    "hộ tịch",
    "cư trú",
    "căn cước",
    "định danh",
    "nuôi con nuôi",
    "quốc tịch",
    "lý lịch tư pháp",
    "giấy phép lái xe",
    "người có công",
    "giảm nghèo",
    "trợ giúp pháp lý",
    "cai nghiện",
    "chế độ bhxh",
    "chính sách bhxh",
    "bhyt",
    "khiếu nại",
    "kiểm tra kiến thức pháp luật",
    "hòa giải ở cơ sở",
    "tố tụng",
)
_CITIZENS = ("cong dan viet nam", "nguoi", "can bo", "dang vien")
_BUSINESSES = ("doanh nghiep", "hop tac xa")


def of(sector: str, applicants: list[str] | None) -> tuple[bool, bool]:
    """(for citizens, for businesses) from the applicants, or from the sector where they are unknown."""
    by_sector = _by_sector(sector)
    if applicants is None:
        return by_sector
    names = [fold(name) for name in applicants]
    citizens = any(name.startswith(_CITIZENS) for name in names)
    businesses = any(name.startswith(_BUSINESSES) for name in names) or by_sector == (False, True)
    return (citizens, businesses) if citizens or businesses else (True, True)


@cache
def _by_sector(sector: str) -> tuple[bool, bool]:
    name = fold(sector)
    business = any(fold(words) in name for words in _BUSINESS_WORDS)
    citizen = any(fold(words) in name for words in _CITIZEN_WORDS)
    return (True, True) if business == citizen else (citizen, business)
