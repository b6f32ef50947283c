"""The time that the law allows for a case: an amount of a unit. Pure."""
from dataclasses import dataclass
from enum import StrEnum


class LimitUnit(StrEnum):
    """What an amount counts. `none`: the record sets no limit; `unknown`: it does not say which days."""

    working_day = "working_day"
    day = "day"
    working_hour = "working_hour"
    none = "none"
    unknown = "unknown"


@dataclass(frozen=True)
class Limit:
    """`amount` of `unit`; `assumed` when the record leaves the unit out.

    An amount of None is a record without a readable limit: no due date follows from it.
    """

    amount: int | None
    unit: LimitUnit
    assumed: bool = False

    @property
    def none(self) -> bool:
        """Whether no due date follows from it."""
        return self.unit is LimitUnit.none or self.amount is None


NO_LIMIT = Limit(None, LimitUnit.none)
UNREADABLE = Limit(None, LimitUnit.unknown)
