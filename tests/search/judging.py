"""The directory of the whole reference data, made from the files alone: what every database gives."""
from functools import cache

from portal.catalogue import directory, life_events, loading, reference
from portal.law.limits import Limit, LimitUnit


@cache
def whole_directory() -> directory.Directory:
    """All 2,642 procedures with the services of all agencies, as loading them would make."""
    rows = reference.procedures()
    bodies = [*reference.agencies(), *reference.provinces()]
    ids = {body.ref: n for n, body in enumerate(bodies, 1)}
    today = [body for body in bodies if body.valid_to is None]
    heirs: dict[str, list[int]] = {}
    current = {body.ref for body in today}
    for s in reference.successions():
        if s.successor in current:
            heirs.setdefault(s.predecessor, []).append(ids[s.successor])
    sectors = {row.sector_slug: directory.SectorFact(n, row.sector_slug, row.sector) for n, row in enumerate(rows)}
    return directory.build(directory.Facts(
        number=1, sectors=sectors.values(),
        agencies=[directory.AgencyFact(ids[b.ref], b.key, b.code, loading.full_name(b), b.kind, b.gso_code,
                                       b.abbreviation) for b in today],
        versions=[directory.VersionFact(n, r.level, r.service_class, True, Limit(1, LimitUnit.day), None, 0, True)
                  for n, r in enumerate(rows, 1)],
        procedures=[directory.ProcedureFact(
            n, r.code, r.name, sectors[r.sector_slug], tuple(r.government_levels), r.issuing_name, r.for_citizens,
            r.for_businesses, r.online, r.detailed,
            life_events.popularity(r.code, detailed=r.detailed, online=r.online, for_citizens=r.for_citizens))
            for n, r in enumerate(rows, 1)],
        extra_words={n: r.result for n, r in enumerate(rows, 1) if r.result},
        offers=[(ids[b.ref], n, n) for n, r in enumerate(rows, 1) for b in today if _offers(b, r)],
        former=[directory.FormerFact(b.key, b.name, b.kind, b.abbreviation, tuple(heirs.get(b.ref, ())))
                for b in bodies if b.valid_to is not None]))


def _offers(body: reference.AgencyRow, row: reference.ProcedureRow) -> bool:
    if body.kind == "province":
        return bool({"province", "commune"} & set(row.government_levels))
    return "ministry" in row.government_levels and row.issuing_key == body.key
