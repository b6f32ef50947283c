"""The localities of the reference data: wards and communes of today, and the districts and wards before 1 July 2025."""
import csv
from functools import cache

from portal.catalogue import reference
from portal.search.localities import Kind, Localities, Locality


@cache
def all_localities() -> Localities:
    """The localities of the reference data."""
    today = {row.code: row for row in reference.wards()}
    names = {code: " ".join(row.name.split()) for code, row in today.items()}
    districts = _rows("former_districts.csv")
    named = {row["code"]: row for row in districts if row["code"]}
    return Localities.of([
        *(Locality(row["name"], Kind.former_district, row["province_gso"]) for row in districts),
        *(Locality(names[code], Kind.ward, row.province_gso) for code, row in today.items()),
        *(Locality(row["name"], Kind.former_ward, of["province_gso"], of["name"],
                   tuple(names[code] for code in row["now"].split()))
          for row in _rows("former_wards.csv") for of in (named[row["district"]],))])


def _rows(name: str) -> list[dict[str, str]]:
    with (reference.DATA / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))
