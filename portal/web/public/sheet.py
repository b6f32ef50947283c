"""What a service's sheet shows, put in order: ways with their limits and fees, what stands beside the fee."""
from dataclasses import dataclass
from typing import Any

from portal.catalogue.fees import parse
from portal.catalogue.models import Service

WAYS = ("online", "counter", "post")


@dataclass(frozen=True)
class Way:
    """One way of filing, with every limit and fee the record gives for it."""

    way: str
    terms: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class Sheet:
    """`beside_fee`: exemptions and conditions that must stand next to the amount, each once."""

    ways: tuple[Way, ...]
    beside_fee: tuple[str, ...]
    papers: tuple[dict[str, Any], ...]
    online: bool


def sheet_of(service: Service) -> Sheet:
    """The sheet's parts from a service's version and its procedure's record."""
    channels = service.version.channels
    ways = tuple(Way(way, tuple(_once([c for c in channels if c["way"] == way]))) for way in WAYS)
    notes = [c["fee_notes"] for c in channels if c["fee_notes"]]
    fee = parse(service.version.fee_text or "")
    beside = notes or [*fee.conditions, *fee.exemptions]
    return Sheet(ways=tuple(way for way in ways if way.terms), beside_fee=tuple(dict.fromkeys(beside)),
                 papers=tuple(service.procedure.papers),
                 online=service.version.level >= 3)


def _once(terms: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The record often repeats a case word for word; shown once."""
    return [term for n, term in enumerate(terms) if term not in terms[:n]]
