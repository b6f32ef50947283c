"""The ten national statuses of a dossier (TrangThaiHoSo), their groups, and what each does to the clock. Pure.

The codes and their names are those of the national portal. No other file defines a group of statuses: what holds for
one status and not for another is asked here.
"""
from enum import IntEnum, StrEnum

from portal.kit.text import N_


class Status(IntEnum):
    """The national vocabulary, codes 1 to 10."""

    registered = 1
    received = 2
    not_received = 3
    processing = 4
    supplement = 5
    payment = 6
    withdrawn = 7
    stopped = 8
    finished = 9
    returned = 10


#: the msgid of each name; Vietnamese has the national portal's own words
WORDS: dict[Status, str] = {
    Status.registered: N_("Newly registered"),
    Status.received: N_("Received"),
    Status.not_received: N_("Not received"),
    Status.processing: N_("In process"),
    Status.supplement: N_("Supplement requested"),
    Status.payment: N_("Financial obligation requested"),
    Status.withdrawn: N_("Withdrawn by the citizen"),
    Status.stopped: N_("Processing stopped"),
    Status.finished: N_("Processing finished"),
    Status.returned: N_("Result returned"),
}

#: as the national list writes them, word for word
NATIONAL_NAMES: dict[Status, str] = {
    Status.registered: "Mới đăng ký",
    Status.received: "Được tiếp nhận",
    Status.not_received: "Không được tiếp nhận",
    Status.processing: "Đang xử lý",
    Status.supplement: "Yêu cầu bổ sung giấy tờ",
    Status.payment: "Yêu cầu thực hiện nghĩa vụ tài chính",
    Status.withdrawn: "Công dân yêu cầu rút hồ sơ",
    Status.stopped: "Dừng xử lý",
    Status.finished: "Đã xử lý xong",
    Status.returned: "Đã trả kết quả",
}

CODES = frozenset(int(status) for status in Status)

#: nothing more happens. 8 is final since Decree 118/2025 art. 19(5), 21: the office ends what is not completed or
#: what the applicant wants no more, on the paper "Thông báo dừng giải quyết hồ sơ".
FINAL = frozenset({Status.not_received, Status.withdrawn, Status.stopped, Status.returned})
#: a result exists; in `finished` it still waits to be handed over
DONE = frozenset({Status.finished, Status.returned})
#: over without a result
DROPPED = FINAL - DONE
#: the clock has ended
ENDED = FINAL | DONE
#: the clock stands still: the office waits for papers, or for the payment (the latter is an assumption: no text that
#: was read says what a payment does to the limit)
STOPS_CLOCK = frozenset({Status.supplement, Status.payment})
#: the clock runs
RUNS_CLOCK = frozenset({Status.received, Status.processing})
#: whoever came this far was accepted; 5 to 8 follow acceptance or not, and tell nothing
ACCEPTED = RUNS_CLOCK | DONE
#: whoever is here was not accepted: not yet, or never
NOT_ACCEPTED = frozenset({Status.registered, Status.not_received})
#: neither over nor decided
OPEN = frozenset(Status) - ENDED
#: it is the office's turn
WITH_OFFICE = OPEN - STOPS_CLOCK


class ClockEffect(StrEnum):
    """What coming into a status does to the clock of an accepted dossier."""

    none = "none"  # before acceptance: no clock yet
    runs = "runs"
    stops = "stops"
    ends = "ends"


CLOCK_WORDS: dict[ClockEffect, str] = {
    ClockEffect.none: N_("No clock runs yet"), ClockEffect.runs: N_("The clock runs"),
    ClockEffect.stops: N_("The clock stands still"), ClockEffect.ends: N_("The clock has ended")}


def clock_effect(status: int) -> ClockEffect:
    """What this status does to the clock."""
    if status in ENDED:
        return ClockEffect.ends
    if status in STOPS_CLOCK:
        return ClockEffect.stops
    return ClockEffect.runs if status in RUNS_CLOCK else ClockEffect.none
