"""The localities of the reference data: wards and communes of today, and the districts and wards before 1 July 2025."""
import csv
from functools import cache

from portal.catalogue import reference
from portal.search.communes import By, Commune, Communes, Name
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


@cache
def all_communes() -> Communes:
    """Today's communes, found by every name that their ground had."""
    today = [Commune(row.code, " ".join(row.name.split()), row.province_gso) for row in reference.wards()]
    districts, wards = _rows("former_districts.csv"), _rows("former_wards.csv")
    ground: dict[str, dict[str, None]] = {}
    for row in wards:
        ground.setdefault(row["district"], {}).update(dict.fromkeys(row["now"].split()))
    named = {row["code"]: row for row in districts if row["code"]}
    return Communes.of(today, [
        *(Name(row["name"], By.former_ward, of["province_gso"], tuple(row["now"].split()), of["name"])
          for row in wards for of in (named[row["district"]],)),
        *(Name(row["name"], By.former_district, row["province_gso"], tuple(ground.get(row["code"], ())))
          for row in districts if row["code"])])


def _rows(name: str) -> list[dict[str, str]]:
    with (reference.DATA / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))
