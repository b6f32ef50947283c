"""Which level and class a service has, derived from its procedure's record where the agency states none.

Levels, Decree 43/2011/NĐ-CP art. 3: 1 full information; 2 also forms to download, filed on paper; 3 also
filled in, sent and processed online, fee and result at the office; 4 also paid online, result online, by post
or at the office. Classes, Law 148/2025/QH15 and Decree 224/2026/NĐ-CP art. 14: whole (filed and processed online,
the result comes online or by public post, so nobody has to come), which is what every service should be; part
(online, but not all of that), which must be justified in public; information only (not counted as an online
service). The two are kept apart: a level 3 service that nobody has to visit may be whole.

Nobody proves more than the record does. Of 2,642 procedures 90 were read whole; of the other 2,552 only
whether an online channel exists is known, so they are level 3 in part, or level 1 for information: payment,
return by post and papers to download may exist there, unseen. An administrator sets what the agency states.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from portal.catalogue.fees import RecordedFee

#: Acts that the law ties to the person's presence, so the service is never whole, with the law that says so.
#: The articles are noted from knowledge of the texts: read them again before citing one to a citizen.
PRESENCE_REQUIRED: Mapping[str, str] = {
    "1.000894": "Luật Hộ tịch 60/2014/QH13, Điều 18",
    "1.004746": "Nghị định 123/2015/NĐ-CP, Điều 27",
    "2.000806": "Luật Hộ tịch 60/2014/QH13, Điều 38",
    "1.001022": "Luật Hộ tịch 60/2014/QH13, Điều 25",
    "1.000689": "Luật Hộ tịch 60/2014/QH13, Điều 25",
    "2.001263": "Luật Nuôi con nuôi 52/2010/QH12, Điều 22",
    "2.001035": "Nghị định 23/2015/NĐ-CP, Điều 36",
    "2.001019": "Nghị định 23/2015/NĐ-CP, Điều 36",
    "2.001016": "Nghị định 23/2015/NĐ-CP, Điều 36",
    "2.001406": "Nghị định 23/2015/NĐ-CP, Điều 36",
    "2.000913": "Nghị định 23/2015/NĐ-CP, Điều 36",
}

_RESULT_WITHOUT_PAPER = ("cập nhật thông tin trong cơ sở dữ liệu", "vneid", "bản điện tử", "thư điện tử")
_WHOLE_BY_NAME = "trực tuyến toàn trình"


@dataclass(frozen=True)
class Evidence:
    """What a record shows: `ways` among online, post, counter; `online_fee` None without the first."""

    code: str
    name: str
    online: bool
    detailed: bool
    ways: frozenset[str]
    has_papers: bool
    result: str
    online_fee: RecordedFee | None
    result_by_post: bool = False


def level(evidence: Evidence) -> int:
    """1 to 4 of Decree 43/2011, the lowest that the record proves."""
    if not evidence.online:
        return 2 if evidence.detailed and evidence.has_papers else 1
    if evidence.detailed and _payable_online(evidence) and nobody_has_to_come(evidence):
        return 4
    return 3


def service_class(evidence: Evidence) -> str:
    """whole, part or information of Decree 224/2026. The fee has no say: paying online is possible for any."""
    if not evidence.online:
        return "information"
    if evidence.detailed and nobody_has_to_come(evidence):
        return "whole"
    return "part"


def nobody_has_to_come(evidence: Evidence) -> bool:
    """Whether the result reaches the applicant without a visit, and the law asks for no presence."""
    if evidence.code in PRESENCE_REQUIRED:
        return False
    result = evidence.result.lower()
    return (
        "post" in evidence.ways
        or evidence.ways == {"online"}
        or evidence.result_by_post
        or _WHOLE_BY_NAME in evidence.name.lower()
        or any(words in result for words in _RESULT_WITHOUT_PAPER)
    )


def _payable_online(evidence: Evidence) -> bool:
    """Free, or the online channel names its price."""
    return evidence.online_fee is not None and evidence.online_fee.amount is not None
