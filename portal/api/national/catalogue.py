"""The catalogue in the national fields: upper-case names, every value a text."""
from typing import Any

from portal.catalogue import fee_wording, queries
from portal.catalogue.directory import ProcedureFact
from portal.catalogue.models import Procedure, Service
from portal.catalogue.rates import known_amount
from portal.kit import clock
from portal.kit.i18n import translated
from portal.people import queries as people

_CAP = {"province": "TINH", "ministry": "BO", "ministry_level": "BO", "government_agency": "BO"}
_UNITS = {"working_day": "Ngày làm việc", "day": "Ngày", "working_hour": "Giờ làm việc"}
_KENH = {"counter": "1", "online": "2", "post": "3"}


def procedure(code: str, agency_key: str) -> dict[str, Any] | None:
    """One procedure as this agency offers it, else as another does; None where nobody knows the code."""
    fact = queries.procedure(code)
    if fact is None:
        return None
    service = queries.service(agency_key, code)
    if service is None and (offers := queries.services_of(code)):
        service = queries.service(offers[0].agency.key, code)
    return _line(fact) | (_sheet(service) if service else {})


def procedures_of(agency_key: str) -> list[dict[str, Any]]:
    """The procedures that an agency offers, by code."""
    directory = queries.directory()
    offered = (fact for fact in directory.by_code.values() if agency_key in directory.offering.get(fact.id, {}))
    return [_line(fact) for fact in sorted(offered, key=lambda fact: fact.code)]


def agencies() -> list[dict[str, str]]:
    """The agencies of today in the order of their names; a code that is not confirmed is empty."""
    return [{"MADONVI": agency.code or "", "MADONVICU": agency.old_code or "", "KHOA": agency.key,
             "TENDONVI": agency.name, "CAPDONVI": _CAP[agency.kind]} for agency in people.current_agencies()]


def _line(fact: ProcedureFact) -> dict[str, Any]:
    return {"MATTHC": fact.code, "TENTTHC": fact.name, "TENDONVI": fact.issuing_name,
            "LINHVUCTHUCHIEN": [{"MALINHVUC": fact.sector.slug, "TENLINHVUC": fact.sector.name}]}


def _sheet(service: Service) -> dict[str, Any]:
    """What only the whole record has."""
    record: Procedure = service.procedure
    return {
        "MUCDO": str(service.version.level), "QUYETDINH": record.decision or "",
        "CACHTHUCTHUCHIEN": [_way(channel, service) for channel in service.version.channels],
        "THANHPHANHOSO": [{"TRUONGHOP": "", "GIAYTO": [{"TENGIAYTO": paper["label"],
                                                        "SOBAN": str(paper["copies"])} for paper in record.papers]}],
        "CANCUPHAPLY": [{"SOVANBAN": str(number)} for number in record.legal_base],
        "KETQUATHUCHIEN": [{"MAKETQUA": code, "TENKETQUA": record.result or ""} for code in record.result_codes]}


def _way(channel: dict[str, Any], service: Service) -> dict[str, Any]:
    """One way of filing: its limit in working days or days, what it costs today in words, and the amount in đồng; empty
    where it is not known."""
    way, version, today = channel["way"], service.version, clock.today()
    told = translated(fee_wording.short(version.fee_rates, version.limit_cases, day=today, channel=way))
    fee = {"SOTIEN": _text(known_amount(version.fee_rates, day=today, channel=way)), "DONVI": "VNĐ", "MOTA": told}
    limit = {"THOIGIANGIAIQUYET": _text(channel["limit_amount"]), "DONVITINH": _UNITS.get(channel["limit_unit"], "")}
    return {"KENH": _KENH[way], "THOIGIAN": [limit | {"PHILEPHI": [fee]}]}


def _text(value: object) -> str:
    return "" if value is None else str(value)
