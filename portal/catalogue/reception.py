"""Who of an agency receives the dossiers of a procedure: the agency itself, or one of the communes of a province.

Since 1 July 2025 a province has communes beneath it and nothing between; the procedure's levels of execution, as its
record has them, say which of the two carries it out.
"""
from collections.abc import Collection
from enum import StrEnum


class Reception(StrEnum):
    """`either`: the province and its communes both carry it out, and the applicant chooses."""

    agency = "agency"
    commune = "commune"
    either = "either"


def of(government_levels: Collection[str], agency_kind: str) -> Reception:
    """Who receives what an agency of this kind offers of a procedure with these levels of execution."""
    if agency_kind != "province" or "commune" not in government_levels:
        return Reception.agency
    return Reception.either if "province" in government_levels else Reception.commune
