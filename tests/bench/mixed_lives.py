"""What agencies' systems tell in the mixed load, and what must become of it. Knows nothing of the portal: the model
is its own, and simple: of a dossier's rows the one with the last (moment, sequence) says how it stands.

Rows come late, early, twice and broken. A final status is only ever the last of a life, and every row of a life says
the same beside its step, so that the simple model is the whole truth.
"""
import json
import random
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

VIETNAM = timezone(timedelta(hours=7))
#: the statuses that a dossier goes through
LIVES = ((1, 2, 4, 9, 10), (2, 4, 5, 4, 9, 10), (2, 4, 10), (1, 3), (2, 4, 6, 4, 9, 10), (1, 2, 8), (1, 7),
         (2,), (2, 4), (1, 2, 4, 9))
SMALLEST, LARGEST = 20, 500
NEW, LATE, AGAIN, TWICE, BROKEN, UNMAPPED = 0.3, 0.3, 0.03, 0.01, 0.02, 0.01
SAME_MOMENT = 0.1
STRANGE_PROCEDURES, STRANGE_STATUSES = ("9.999991", "9.999992"), ("DANG_XU_LY", "CHO_KY")


@dataclass
class Told:
    """One row as it is sent, and what must be answered. `at`: unix seconds; 0 where it is not to be taken."""

    row: dict[str, Any]
    code: str
    at: int
    expected: str

    @property
    def order(self) -> tuple[int, int, int]:
        return self.at, int(self.row.get("sequence", 0)), int(self.row["status"])


@dataclass(eq=False)
class Life:
    """A dossier and those of its rows that were not sent yet."""

    code: str
    waiting: list[Told]


@dataclass
class Ledger:
    """What was acknowledged, by dossier: the last row's order, how many rows were accepted, in how many batches."""

    last: dict[str, tuple[int, int, int]] = field(default_factory=dict)
    rows: Counter[str] = field(default_factory=Counter)
    changes: Counter[str] = field(default_factory=Counter)
    quarantined: set[tuple[str, str, str]] = field(default_factory=set)  # agency, what was unknown, the row
    results: Counter[str] = field(default_factory=Counter)
    batches: int = 0

    def acknowledge(self, agency: str, told: list[Told], results: list[str]) -> None:
        """Remember the answer to one batch, once."""
        self.batches += 1
        self.results.update(results)
        changed = set()
        for each, result in zip(told, results, strict=True):
            if result == "accepted":
                changed.add(each.code)
                self.rows[each.code] += 1
                self.last[each.code] = max(self.last.get(each.code, (0, 0, 0)), each.order)
            elif result == "quarantined":
                self.quarantined.add((agency, each.code, json.dumps(each.row, sort_keys=True)))
        self.changes.update(changed)


class System:
    """One agency's system with one key: `number` keeps its dossiers apart from those of every other key."""

    def __init__(self, number: int, secret: str, agency: str, prefix: str, foreign: str, procedures: list[str]) -> None:
        self.number, self.secret, self.agency, self.prefix, self.foreign = number, secret, agency, prefix, foreign
        self.procedures, self.dice = procedures, random.Random(number)
        self.begun, self.odd, self.sent = 0, 0, 0
        self.open: list[Life] = []
        self.national: list[Life] = []
        self.recent: deque[Told] = deque(maxlen=300)  # acknowledged, to be told again
        self.kept_aside: deque[Told] = deque(maxlen=20)

    def batch(self, largest: int = LARGEST) -> list[Told]:
        """Rows for one batch, in the order in which they are sent."""
        size = round(SMALLEST * (largest / SMALLEST) ** self.dice.random())
        told = [self._next() for _ in range(size)]
        told += [Told(each.row, each.code, each.at, "unchanged")
                 for each in self.dice.choices(self.recent, k=round(size * AGAIN))] if self.recent else []
        told += [Told(each.row, each.code, each.at, each.expected)
                 for each in self.dice.sample(told[:size], round(size * TWICE))]
        told += [self._broken() for _ in range(round(size * BROKEN))]
        told += [self._unmapped() for _ in range(round(size * UNMAPPED))]
        self.dice.shuffle(told)
        return _in_turn(told)

    def dossiers(self) -> list[Told]:
        """Dossiers for DongBoHoSoMC, each with its first step."""
        begun = [self._begin(national=True) for _ in range(self.dice.randint(1, 20))]
        self.national += begun
        return [life.waiting.pop(0) for life in begun]

    def steps(self) -> list[Told]:
        """Steps for CapNhatTienDoHoSoMC of dossiers that were acknowledged before; each is the next of its dossier."""
        self.national = [life for life in self.national if life.waiting]
        chosen = self.dice.sample(self.national, min(self.dice.randint(1, 20), len(self.national)))
        return [life.waiting.pop(0) for life in chosen]

    def acknowledged(self, told: list[Told]) -> None:
        """This batch was answered: its rows may be told again."""
        self.recent.extend(each for each in told if each.expected == "accepted")
        self.kept_aside.extend(each for each in told if each.expected == "quarantined")

    def _next(self) -> Told:
        """A row that was not sent yet, of a dossier that is new or not; not always the dossier's next."""
        while self.open and self.dice.random() >= NEW:
            at = self.dice.randrange(len(self.open))
            if waiting := self.open[at].waiting:
                return waiting.pop(self.dice.randrange(len(waiting)) if self.dice.random() < LATE else 0)
            self.open[at] = self.open[-1]  # told to the end
            self.open.pop()
        self.open.append(self._begin(national=False))
        return self.open[-1].waiting.pop(0)

    def _begin(self, *, national: bool) -> Life:
        """A new dossier, of half a year ago at most."""
        self.begun += 1
        start = datetime.now(UTC).replace(microsecond=0) - timedelta(
            days=self.dice.randint(21, 180), minutes=self.dice.randint(0, 1440))
        code = f"{self.prefix}-{start:%y%m%d}-{self.number * 900_000 + self.begun + 10_000_000:08}"
        return Life(code, list(self._rows(code, start, national=national)))

    def _rows(self, code: str, start: datetime, *, national: bool = False) -> Iterator[Told]:
        statuses, procedure, at = self.dice.choice(LIVES), self.dice.choice(self.procedures), start
        channel, received_at = self.dice.choice(("online", "counter", "post")), None
        due_at = start + timedelta(days=self.dice.randint(4, 30))
        for sequence, status in enumerate(statuses):
            if sequence and (national or self.dice.random() >= SAME_MOMENT):  # national messages have no sequence
                at += timedelta(minutes=self.dice.randint(1, 4000))
            row: dict[str, Any] = {"code": code, "procedure": procedure, "status": status, "sequence": sequence,
                                   "at": self._moment(at), "submitted_at": self._moment(start), "channel": channel,
                                   "level": 3 + self.number % 2}
            if status not in (1, 3, 7):
                received_at = received_at or at
                row |= {"received_at": self._moment(received_at), "due_at": self._moment(due_at)}
            yield Told(row, code, int(at.timestamp()), "accepted")

    def _moment(self, at: datetime) -> str:
        return f"{at:%Y-%m-%dT%H:%M:%SZ}" if self.dice.random() < 0.5 else at.astimezone(VIETNAM).isoformat()

    def _broken(self) -> Told:
        """A row that can only be rejected."""
        good, tomorrow = self._odd(), (datetime.now(UTC) + timedelta(days=1)).isoformat()
        wrong = self.dice.choice(({"code": "không có mã"}, {"code": f"{self.foreign}-260105-0001"}, {"at": tomorrow},
                                  {"status": None}, {"at": "05/01/2026"}, {"level": 7}, {"agency": self.foreign}))
        return Told(good.row | wrong, good.code, 0, "rejected")

    def _unmapped(self) -> Told:
        """A row with a word that nobody knows: kept aside, and kept once however often it comes."""
        if self.kept_aside and self.dice.random() < LATE:
            return self.dice.choice(self.kept_aside)
        good = self._odd()
        wrong = self.dice.choice(({"procedure": self.dice.choice(STRANGE_PROCEDURES)},
                                  {"status": self.dice.choice(STRANGE_STATUSES)}))
        return Told(good.row | wrong, good.code, 0, "quarantined")

    def _odd(self) -> Told:
        """A row of a dossier of which nothing else is ever told."""
        self.odd += 1
        return next(self._rows(f"{self.prefix}-260105-{self.number * 10_000 + self.odd % 10_000:08}", _LONG_AGO))


_LONG_AGO = datetime(2026, 1, 5, 2, 0, tzinfo=UTC)


def _in_turn(told: list[Told]) -> list[Told]:
    """Of rows that stand twice in a batch, whichever comes first is the one that is accepted."""
    first: set[int] = set()
    new = {id(each.row) for each in told if each.expected == "accepted"}
    for each in told:
        if id(each.row) in new:
            each.expected = "unchanged" if id(each.row) in first else "accepted"
            first.add(id(each.row))
    return told


def national_dossier(told: Told) -> dict[str, str]:
    """The row as DongBoHoSoMC has it, with what may not be published."""
    row = told.row
    said = {"MaHoSo": told.code, "MaTTHC": row["procedure"], "TrangThaiHoSo": str(row["status"]),
            "KenhThucHien": {"counter": "1", "online": "2", "post": "3"}[row["channel"]],
            "NgayNopHoSo": _national(row["submitted_at"]), "ChuHoSo": "Nguyễn Thị Không Ai", "SoCMND": "000000000000"}
    if "received_at" in row:
        said |= {"NgayTiepNhan": _national(row["received_at"]), "NgayHenTra": _national(row["due_at"])}
    return said


def national_step(told: Told) -> dict[str, str]:
    """The row as CapNhatTienDoHoSoMC has it."""
    return {"MaHoSo": told.code, "TrangThai": str(told.row["status"]), "ThoiDiemXuLy": _national(told.row["at"]),
            "NguoiXuLy": "Trần Văn Không Ai"}


def _national(moment: str) -> str:
    return f"{datetime.fromisoformat(moment).astimezone(VIETNAM):%Y%m%d%H%M%S}"
