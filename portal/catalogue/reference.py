"""The facts in `data/` as plain rows, ready to be loaded. Reads files, knows no database.

Every row keeps its source. A code that no source confirms stays None and is never made up.
"""

import csv
import json
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from unicodedata import normalize

from portal.catalogue import audiences, cases, fees, levels, limits, rates, wording
from portal.catalogue.cases import Case
from portal.law.fees import Rate

DATA = Path(__file__).parent / "data"

#: Central Government was rearranged on this day, provinces merged on the next. Huế became a city of the State
#: by Resolution 175/2024/QH15, before the merger.
CENTRAL_REFORM = date(2025, 3, 1)
PROVINCES_MERGED = date(2025, 7, 1)
HUE_RENAMED = date(2025, 1, 1)

KINDS = {
    "bộ": "ministry",
    "cơ quan ngang bộ": "ministry_level",
    "cơ quan thuộc Chính phủ": "government_agency",
}
#: Ministries of 2025 that no body of 2017 goes on as. Their codes are not confirmed.
NEW_MINISTRIES = {"Bộ Nông nghiệp và Môi trường": "BNNMT", "Bộ Dân tộc và Tôn giáo": "BDTTG"}
_SHORT_NAMES = {"Bộ GDĐT": "Bộ Giáo dục và Đào tạo"}

GOVERNMENT_LEVELS = {
    "Cấp bộ": "ministry",
    "Cấp tỉnh": "province",
    "Cấp xã": "commune",
    "Cơ quan khác": "other",
}
WAYS = {"Trực tuyến": "online", "Dịch vụ bưu chính": "post", "Trực tiếp": "counter"}
#: The crawl kept the courts' three procedures under the name of their folder.
_ISSUING_NAMES = {"toa-an-nhan-dan": "Tòa án nhân dân"}


@dataclass(frozen=True)
class AgencyRow:
    """A body of the State for as long as it existed. `key` is unique among current rows, `ref` among all.

    `predecessors` are refs. `valid_from` is None where the body is older than the list of 2017.
    `form` is what a province is (tỉnh, thành phố trực thuộc trung ương), None for central bodies.
    """

    ref: str
    key: str
    name: str
    kind: str
    code_source: str
    source: str
    code: str | None = None
    old_code: str | None = None
    abbreviation: str | None = None
    gso_code: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    form: str | None = None
    predecessors: tuple[str, ...] = ()


@dataclass(frozen=True)
class Succession:
    """The body `successor` (a ref) took over from `predecessor` on the day `since`."""

    predecessor: str
    successor: str
    since: date


@dataclass(frozen=True)
class WardRow:
    """A commune, ward or special zone since 1 July 2025; `province_gso` as in the current province's row."""

    code: str
    name: str
    kind: str
    province_gso: str


@dataclass(frozen=True)
class HolidayRow:
    """A day off, or one of a weekend that is worked instead; kinds as in `law.calendar`.

    `provisional`: it follows from the Labour Code, and no yearly notice has confirmed it yet.
    """

    day: date
    name: str
    kind: str
    provisional: bool
    source: str


@dataclass(frozen=True)
class ProcedureRow:
    """A procedure's record. Lists are plain JSON values; `channels` have the keys that `_channel` writes.

    `level` and `service_class` are derived (see `levels`); `limit` is the longest of its cases.
    Names of the index longer than 199 characters end in "…".
    """

    code: str
    name: str
    sector: str
    sector_slug: str
    government_levels: list[str]
    issuing_key: str | None
    issuing_name: str
    decision: str | None
    for_citizens: bool
    for_businesses: bool
    online: bool
    detailed: bool
    level: int
    service_class: str
    limit: limits.Limit
    source: str
    cases: tuple[Case, ...] = ()
    rates: tuple[Rate, ...] = ()
    result: str | None = None
    result_codes: list[str] = field(default_factory=list)
    papers: list[dict[str, Any]] = field(default_factory=list)
    legal_base: list[str] = field(default_factory=list)
    channels: list[dict[str, Any]] = field(default_factory=list)


def agencies() -> list[AgencyRow]:
    """The 30 central bodies of 2017 and the two ministries founded in 2025."""
    rows = _read_csv("agencies.csv")
    old = [_central_body(row) for row in rows]
    successors = _central_successors(rows)
    founded = [
        AgencyRow(
            ref=short,
            key=short,
            name=name,
            kind="ministry",
            abbreviation=short,
            valid_from=CENTRAL_REFORM,
            code_source="not confirmed",
            source="agencies.csv, column ke_thua_2025",
            predecessors=tuple(gone for gone, heir in successors if heir == short),
        )
        for name, short in NEW_MINISTRIES.items()
    ]
    return old + founded


def provinces() -> list[AgencyRow]:
    """63 provinces of 2017, 23 merged ones of 1 July 2025, and Huế under its new name and rank."""
    old_rows = _read_csv("provinces.csv")
    refs = {row["ten"]: row["ma_cap1"] for row in old_rows}
    old, new = [], []
    heirs = {name: row for row in _read_csv("provinces_2025.csv") for name in row["gop_tu"].split("; ")}
    for row in old_rows:
        heir = heirs[row["ten"]]
        goes_on = int(heir["so_don_vi_gop"]) == 1 and heir["ten"] == row["ten"]
        old.append(_old_province(row, None if goes_on else _since(heir) - timedelta(days=1)))
    for heir in {row["ten"]: row for row in heirs.values()}.values():
        parts = heir["gop_tu"].split("; ")
        if len(parts) > 1 or parts != [heir["ten"]]:
            new.append(_new_province(heir, tuple(refs[part] for part in parts)))
    return old + new


def successions() -> list[Succession]:
    """Who took over from whom, central bodies and provinces, by refs."""
    central = [
        Succession(gone, heir, CENTRAL_REFORM)
        for gone, heir in _central_successors(_read_csv("agencies.csv"))
    ]
    local = [
        Succession(gone, row.ref, row.valid_from)
        for row in provinces()
        if row.valid_from
        for gone in row.predecessors
    ]
    return central + local


def wards() -> list[WardRow]:
    """The communes, wards and special zones of the 34 provinces."""
    return [WardRow(**row) for row in _read_csv("wards.csv")]


def holidays() -> list[HolidayRow]:
    """Days off and worked Saturdays from 2015 to 2030, by day."""
    return [
        HolidayRow(date.fromisoformat(row["day"]), row["name"], row["kind"], row["provisional"] == "1", row["source"])
        for row in _read_csv("holidays_2015_2030.csv")
    ]


def first_release() -> dict[str, dict[str, str]]:
    """Digests of what the first release loaded, by kind and key: in a database that it loaded, and where nothing was
    written down of it, a row with this content was edited by nobody."""
    found: dict[str, dict[str, str]] = {}
    for row in _read_csv("first_release.csv"):
        found.setdefault(row["kind"], {})[row["key"]] = row["digest"]
    return found


def procedures() -> list[ProcedureRow]:
    """All 2,642 procedures, 90 of them in detail, by code."""
    details = {record["ma_thu_tuc"]: record for record in _read_json("procedures.json")}
    keys = {row.name: row.key for row in agencies() if row.valid_to is None}
    index = _read_csv("procedures_index_2642.csv")
    return [_procedure(row, details.get(row["ma_thu_tuc"]), keys) for row in index]


def form_definitions() -> dict[str, dict[str, Any]]:
    """The forms written for single procedures: procedure code → definition."""
    return {path.stem: _read_json(f"forms/{path.name}") for path in sorted((DATA / "forms").glob("*.json"))}


def _central_body(row: dict[str, str]) -> AgencyRow:
    key = row["ma_cap1"] or row["viet_tat"]
    return AgencyRow(
        ref=key,
        key=key,
        code=row["ma_cap1"] or None,
        old_code=row["ma_qcvn102"] or None,
        name=row["ten"],
        kind=KINDS[row["loai"]],
        abbreviation=row["viet_tat"],
        valid_to=CENTRAL_REFORM - timedelta(days=1) if row["ke_thua_2025"] else None,
        code_source=row["code_confidence"],
        source=row["source"],
    )


def _central_successors(rows: list[dict[str, str]]) -> list[tuple[str, str]]:
    """(predecessor ref, successor ref), partial ones too: "Bộ Nội vụ (từ 3/2025; một phần sang …)"."""
    refs = {row["ten"]: row["ma_cap1"] or row["viet_tat"] for row in rows} | NEW_MINISTRIES
    pairs = []
    for row in rows:
        heir, _, rest = row["ke_thua_2025"].partition(" (")
        parts = rest.partition("một phần sang ")[2].rstrip(")")
        for name in [heir, *parts.split(", ")]:
            if name:
                pairs.append((refs[row["ten"]], refs[_SHORT_NAMES.get(name, name)]))
    return pairs


def _since(heir: dict[str, str]) -> date:
    return PROVINCES_MERGED if int(heir["so_don_vi_gop"]) > 1 else HUE_RENAMED


def _old_province(row: dict[str, str], valid_to: date | None) -> AgencyRow:
    return AgencyRow(
        ref=row["ma_cap1"],
        key=row["ma_cap1"],
        code=row["ma_cap1"],
        old_code=row["ma_qcvn102"],
        name=row["ten"],
        kind="province",
        gso_code=row["ma_tinh_gso"],
        valid_to=valid_to,
        code_source=row["code_confidence"],
        source=row["source"],
        form=row["loai"],
    )


def _new_province(heir: dict[str, str], predecessors: tuple[str, ...]) -> AgencyRow:
    code, since = heir["ma_cap1_cung_ten"], _since(heir)
    return AgencyRow(
        ref=f"{code}-{since.year}",
        key=code,
        code=code,
        old_code=f"000.00.00.{code}",
        name=heir["ten"],
        kind="province",
        gso_code=heir["ma_gso_2025"],
        valid_from=since,
        code_source="assumed: the code stays with the province of that name",
        source=heir["source"],
        form=heir["loai_1_7_2025"],
        predecessors=predecessors,
    )


def _procedure(row: dict[str, str], record: dict[str, Any] | None, keys: dict[str, str]) -> ProcedureRow:
    issuing = _ISSUING_NAMES.get(row["co_quan_cong_bo"], row["co_quan_cong_bo"])
    sector = wording.sector_name(row["linh_vuc"])
    citizens, businesses = audiences.of(sector, record["doi_tuong"] if record else None)
    common: dict[str, Any] = {
        "code": row["ma_thu_tuc"],
        "sector": sector,
        "sector_slug": wording.slug(sector),
        "government_levels": [GOVERNMENT_LEVELS[name] for name in row["cap_thuc_hien"].split(", ")],
        "issuing_key": keys.get(issuing), "issuing_name": issuing, "decision": row["so_quyet_dinh"] or None,
        "for_citizens": citizens, "for_businesses": businesses,
        "online": row["co_kenh_truc_tuyen"] == "1",
    }
    return _detailed(common, record) if record else _from_index(common, row)


def _from_index(common: dict[str, Any], row: dict[str, str]) -> ProcedureRow:
    name = wording.clean_name(row["ten"], from_index=True)
    evidence = levels.Evidence(common["code"], name, common["online"], False, frozenset(), False, "", None)
    return ProcedureRow(
        **common,
        name=name,
        detailed=False,
        level=levels.level(evidence),
        source=row["source"],
        service_class=levels.service_class(evidence),
        limit=limits.UNREADABLE,
        rates=rates.listed().get(common["code"], ()),
        cases=cases.listed().get(common["code"], ()),
    )


def _detailed(common: dict[str, Any], record: dict[str, Any]) -> ProcedureRow:
    raw = record["kenh"]
    common["online"] = record["co_kenh_truc_tuyen"]
    offers = [
        (WAYS[c["hinh_thuc"]], limit, fees.parse(c["phi_raw"], c.get("phi_mo_ta", "")))
        for c, limit in zip(raw, limits.of_record(raw), strict=True)
    ]
    told = cases.listed().get(common["code"], ()) or cases.of_record(offer[1] for offer in offers)
    limits_told = [case.limit for case in told if case.limit] or [offer[1] for offer in offers]
    papers = wording.clean_papers(record["thanh_phan_ho_so"])
    name = wording.clean_name(record["ten"])
    evidence = levels.Evidence(
        code=common["code"],
        name=name,
        online=common["online"],
        detailed=True,
        ways=frozenset(offer[0] for offer in offers),
        has_papers=bool(papers),
        result=record["ket_qua"],
        online_fee=next((offer[2] for offer in offers if offer[0] == "online"), None),
        result_by_post=record.get("tra_ket_qua_buu_chinh", False),
    )
    return ProcedureRow(
        **common,
        name=name,
        detailed=True,
        level=levels.level(evidence),
        service_class=levels.service_class(evidence),
        limit=limits.promised(limits_told),
        cases=told,
        rates=_rates(common["code"], offers, raw),
        result=wording.clean_result(record["ket_qua"]),
        result_codes=record["ma_ket_qua"],
        papers=papers,
        legal_base=wording.clean_laws(record["can_cu_phap_ly"]),
        channels=[_channel(way, limit) for way, limit, _ in offers],
        source=record["source"],
    )


def _channel(way: str, limit: limits.Limit) -> dict[str, Any]:
    """One way of filing as JSON."""
    return {"way": way, "limit_amount": limit.amount, "limit_unit": str(limit.unit), "limit_assumed": limit.assumed}


def _rates(code: str, offers: list[tuple[str, limits.Limit, fees.RecordedFee]],
           raw: list[dict[str, Any]]) -> tuple[Rate, ...]:
    """What a text of law says, else what the record says of each way, each once."""
    read = (fees.rate(fee, way, rates.RECORD, channel["thoi_han"] in limits.RAN_TOGETHER)
            for (way, _, fee), channel in zip(offers, raw, strict=True))
    return rates.listed().get(code) or tuple(dict.fromkeys(read))


@cache
def _csv_rows(name: str) -> tuple[dict[str, str], ...]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return tuple(_plain(row) for row in csv.DictReader(file))


def _plain(row: dict[str | Any, str | Any]) -> dict[str, str]:
    return {str(key): normalize("NFC", str(value)) for key, value in row.items()}


def _read_csv(name: str) -> list[dict[str, str]]:
    return list(_csv_rows(name))


def _read_json(name: str) -> Any:
    return json.loads(normalize("NFC", (DATA / name).read_text("utf-8")))
