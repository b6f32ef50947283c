"""The catalogue in the national fields: upper-case names, every value a text."""
from typing import Any

from portal.catalogue import fee_wording, queries
from portal.catalogue.directory import ProcedureFact, SectorFact
from portal.catalogue.models import Procedure, Service
from portal.catalogue.rates import known_amount
from portal.catalogue.sector_codes import code_of, ministry_of
from portal.kit import clock
from portal.kit.i18n import translated
from portal.people import queries as people

_CAP = {"province": "TINH", "ministry": "BO", "ministry_level": "BO", "government_agency": "BO"}
_UNITS = {"working_day": "Ngày làm việc", "day": "Ngày", "working_hour": "Giờ làm việc"}
_KENH = {"counter": "1", "online": "2", "post": "3"}
_LEVELS = {"ministry": "0", "province": "1", "district": "2", "commune": "3"}
_LEVEL_NAMES = {"ministry": "Cấp Bộ", "province": "Cấp Tỉnh", "district": "Cấp Huyện", "commune": "Cấp Xã"}
_TEXTS = ("MACOQUANCONGBO", "DIACHITIEPNHAN", "YEUCAU", "TUKHOA", "IDQUYETDINHCONGBO", "MOTACOQUANTHUCHIEN",
          "MOTACOQUANTHAMQUYEN", "MOTA", "QUYETDINH", "MUCDO")
_LISTS = ("COQUANTHUCHIEN", "COQUANCOTHAMQUYEN", "COQUANDUOCUYQUYEN", "COQUANPHOIHOP", "CACHTHUCTHUCHIEN",
          "THANHPHANHOSO", "KETQUATHUCHIEN", "CANCUPHAPLY", "TTHCLIENTHONG", "TTHCLIENQUAN")


def procedure(code: str, agency_key: str) -> dict[str, Any] | None:
    """One procedure as this agency offers it, else as another does; None where nobody knows the code."""
    fact = queries.procedure(code)
    if fact is None:
        return None
    service = queries.service(agency_key, code)
    if service is None and (offers := queries.services_of(code)):
        service = queries.service(offers[0].agency.key, code)
    return _whole(fact) | (_sheet(service) if service else {})


def procedures_of(agency_key: str) -> list[dict[str, Any]]:
    """The procedures that an agency offers, by code; without one, all."""
    directory = queries.directory()
    offered = (fact for fact in directory.by_code.values()
               if not agency_key or agency_key in directory.offering.get(fact.id, {}))
    return [_line(fact) for fact in sorted(offered, key=lambda fact: fact.code)]


def agencies() -> list[dict[str, str]]:
    """The agencies of today in the order of their names; a code that is not confirmed is empty."""
    return [{"MADONVI": agency.code or "", "MADONVICU": agency.old_code or "", "KHOA": agency.key,
             "TENDONVI": agency.name, "CAPDONVI": _CAP[agency.kind]} for agency in people.current_agencies()]


def sectors() -> list[dict[str, str]]:
    """The sectors by name; the code is the nation's where it is known, else this portal's word."""
    return [_sector(each) | {"MANGANH": ministry_of(_code(each))} for each in queries.sectors()]


def _sector(sector: SectorFact) -> dict[str, str]:
    return {"MALINHVUC": _code(sector), "TENLINHVUC": sector.name}


def _code(sector: SectorFact) -> str:
    return code_of(sector.name) or sector.slug


def _line(fact: ProcedureFact) -> dict[str, Any]:
    return {"ID": fact.code, "MATTHC": fact.code, "TENTTHC": fact.name, "TENDONVI": fact.issuing_name,
            "LINHVUCTHUCHIEN": [_sector(fact.sector)]}


def _whole(fact: ProcedureFact) -> dict[str, Any]:
    """Every field that readers of the national record ask for: what is not known here is there and empty."""
    takers = [word for word, meant in (("Công dân", fact.for_citizens), ("Doanh nghiệp", fact.for_businesses)) if meant]
    levels = [{"CAPTHUCHIEN": _LEVELS[level], "TENCAP": _LEVEL_NAMES[level], "MOTACOQUANTHUCHIEN": "",
               "DIACHITIEPNHAN": ""} for level in fact.government_levels if level in _LEVELS]
    return {**dict.fromkeys(_TEXTS, ""), **{name: [] for name in _LISTS}, **_line(fact), "LOAITTHC": "",
            "TRANGTHAI": "1", "CAPTHUCHIEN": levels, "MOTADOITUONGTHUCHIEN": ", ".join(takers),
            "DOITUONGTHUCHIEN": [{"MADOITUONG": "", "TENDOITUONG": word} for word in takers],
            "TRINHTUTHUCHIEN": [{"TRUONGHOP": "", "TRINHTU": []}]}


def _sheet(service: Service) -> dict[str, Any]:
    """What only the whole record has."""
    record: Procedure = service.procedure
    agency = {"MADONVI": service.agency.code or service.agency.key, "TENDONVI": service.agency.name}
    return {
        "MUCDO": str(service.version.level), "QUYETDINH": record.decision or "", "COQUANTHUCHIEN": [agency],
        "CACHTHUCTHUCHIEN": [_way(channel, service) for channel in service.version.channels],
        "THANHPHANHOSO": [{"TRUONGHOP": "", "GIAYTO": [_paper(paper) for paper in record.papers]}],
        "CANCUPHAPLY": [{"SOVANBAN": str(number), "TENVANBAN": str(number)} for number in record.legal_base],
        "KETQUATHUCHIEN": [{"MAKETQUA": code, "TENKETQUA": record.result or ""}
                           for code in record.result_codes or [""]]}


def _paper(paper: dict[str, Any]) -> dict[str, str]:
    copies = str(paper["copies"])
    return {"MAGIAYTO": "", "TENGIAYTO": paper["label"], "SOBAN": copies, "SOBANCHINH": copies, "SOBANSAO": "0",
            "TENTEPDINHKEM": "", "Url": ""}


def _way(channel: dict[str, Any], service: Service) -> dict[str, Any]:
    """One way of filing: its limit in working days or days, what it costs today in words, and the amount in đồng; empty
    where it is not known."""
    way, version, today = channel["way"], service.version, clock.today()
    told = translated(fee_wording.short(version.fee_rates, version.limit_cases, day=today, channel=way))
    fee = {"MAPHILEPHI": "", "SOTIEN": _text(known_amount(version.fee_rates, day=today, channel=way)), "DONVI": "VNĐ",
           "MOTA": told}
    limit = {"THOIGIANGIAIQUYET": _text(channel["limit_amount"]), "DONVITINH": _UNITS.get(channel["limit_unit"], ""),
             "MOTA": ""}
    return {"KENH": _KENH[way], "MOTA": "", "THOIGIAN": [limit | {"PHILEPHI": [fee]}], "PHILEPHI": [fee]}


def _text(value: object) -> str:
    return "" if value is None else str(value)
