"""What people come for, by the moments of life and of a business that bring them; and what is popular.

The moments and their order are ours: a sample, made from the ninety procedures that were read whole. Where
real counts of dossiers exist, an administrator's numbers replace the popularity.
"""
from dataclasses import dataclass

Words = dict[str, str]


@dataclass(frozen=True)
class LifeEvent:
    """A moment, whom it concerns ("citizen" or "business"), and its procedures' codes, first things first."""

    key: str
    audience: str
    name: Words
    codes: tuple[str, ...]


LIFE_EVENTS = (
    LifeEvent("child", "citizen", {"vi": "Sinh con", "en": "Having a child"},
              ("1.001193", "2.000986", "1.001022")),
    LifeEvent("marriage", "citizen", {"vi": "Kết hôn", "en": "Getting married"},
              ("1.004873", "1.000894", "2.000806")),
    LifeEvent("residence", "citizen", {"vi": "Chuyển chỗ ở", "en": "Moving home"},
              ("1.004222", "1.004194", "1.010041")),
    LifeEvent("papers", "citizen", {"vi": "Giấy tờ và bản sao", "en": "Certificates and copies"},
              ("2.000635", "2.000815", "3.000333")),
    LifeEvent("vehicle", "citizen", {"vi": "Xe và bằng lái", "en": "Driving and vehicles"},
              ("3.000347", "3.000346", "1.012575")),
    LifeEvent("travel", "citizen", {"vi": "Đi nước ngoài", "en": "Going abroad"},
              ("1.001456", "3.000353", "1.001445")),
    LifeEvent("home", "citizen", {"vi": "Nhà và đất", "en": "House and land"},
              ("1.013225", "1.012783", "1.012784")),
    LifeEvent("death", "citizen", {"vi": "Người thân qua đời", "en": "When someone dies"},
              ("1.000656", "2.001016", "2.001406")),
    LifeEvent("start", "business", {"vi": "Bắt đầu kinh doanh", "en": "Starting a business"},
              ("1.001612", "2.001583", "2.002043")),
    LifeEvent("change", "business", {"vi": "Thay đổi đăng ký", "en": "Changing a registration"},
              ("2.000720", "2.002041", "2.002069")),
    LifeEvent("permit", "business", {"vi": "Giấy phép hoạt động", "en": "Permits to operate"},
              ("1.010727", "3.000489", "2.002288")),
    LifeEvent("close", "business", {"vi": "Tạm ngừng, chấm dứt", "en": "Pausing or closing"},
              ("1.001570", "1.001266", "2.002023")),
)

_FIRST, _STEP, _DETAILED, _ONLINE = 1000, 10, 300, 100


def _ranks() -> dict[str, int]:
    """First services of every moment, then the second ones: no moment pushes the others off the list."""
    most = max(len(event.codes) for event in LIFE_EVENTS)
    turns = [event.codes[n] for n in range(most) for event in LIFE_EVENTS if n < len(event.codes)]
    return {code: _FIRST - _STEP * place for place, code in enumerate(dict.fromkeys(turns))}


_RANKS = _ranks()


def popularity(code: str, *, detailed: bool, online: bool, for_citizens: bool) -> int:
    """How far up a procedure stands where nothing else orders it: 0 to 1000.

    Life events first, in turns; then what was read whole, what can be done online, what is for people.
    """
    if code in _RANKS:
        return _RANKS[code]
    return _DETAILED * detailed + _ONLINE * online + 50 * for_citizens
