"""What a service's sheet shows, put in order: limits by case, ways with what each costs, the papers."""
import re
from dataclasses import dataclass
from typing import Any, Final

from portal.catalogue import copies
from portal.catalogue.models import Service
from portal.kit import clock
from portal.kit.i18n import _l
from portal.law.texts import Matter
from portal.web.terms import Fees, case_limits, fees_by, law_cited

#: Where records were read, by how their technical name begins, and when.
SOURCES: Final = (
    (re.compile(r"(github )?chatbot-tthc/"), _l(
        "the record of this procedure on the National Public Service Portal, as a public copy had it about July 2026")),
)
WAYS = ("online", "counter", "post")
CITED = (Matter.one_stop, Matter.online_services, Matter.service_levels)


@dataclass(frozen=True)
class Way:
    """Ways of filing that cost the same, and what each case costs by them."""

    ways: tuple[str, ...]
    fees: Fees


@dataclass(frozen=True)
class Sheet:
    """`fees` are those of the way that is shown first; `limits` the cases that have one of their own. `law`: what rules
    the steps, the class and the level on the day of the page, as it is cited. `source`: where the facts
    were read, and when."""

    fees: Fees
    limits: tuple[tuple[str, str], ...]
    ways: tuple[Way, ...]
    papers: tuple[dict[str, Any], ...]
    online: bool
    law: dict[str, str]
    source: str

    @property
    def cases_named(self) -> bool:
        """Whether the cases are known by name, or only that there are several limits."""
        return all(name for name, _ in self.limits)

    @property
    def cases_told(self) -> str:
        """The limits of the cases in one line."""
        return "; ".join(f"{name}: {limit}" if name else limit for name, limit in self.limits)


def sheet_of(service: Service) -> Sheet:
    """The sheet's parts from a service's version and its procedure's record, as they are today."""
    version, today, code = service.version, clock.today(), service.procedure.code
    by_fees: dict[Fees, tuple[str, ...]] = {}
    for way in WAYS:
        if any(channel["way"] == way for channel in version.channels):
            fees = fees_by(version, way, today, copies=copies.of(code, day=today, channel=way))
            by_fees[fees] = (*by_fees.get(fees, ()), way)
    return Sheet(
        fees=fees_by(version, version.main_channel, today,
                     copies=copies.of(code, day=today, channel=version.main_channel)),
        limits=tuple(case_limits(version)),
        ways=tuple(Way(ways, fees) for fees, ways in by_fees.items()),
        papers=tuple(service.procedure.papers), online=version.level >= 3,
        law={matter: law_cited(matter, today) for matter in CITED}, source=source_words(service.procedure.source))


def source_words(source: str) -> str:
    """Where facts were read, in people's words; by its own name where no words are known."""
    return next((str(said) for begins, said in SOURCES if begins.match(source)), source.split(";")[0])
