"""From a dossier to the plain facts of its papers."""
from datetime import datetime
from typing import Any

from flask import current_app

from portal.catalogue import fee_wording
from portal.catalogue.rates import known_amount
from portal.documents import codes, papers
from portal.documents import queries as documents
from portal.documents.models import Attachment
from portal.dossiers import queries
from portal.dossiers.models import Dossier, SupplementRequest
from portal.forms.types.address import address_in_words
from portal.kit import clock
from portal.kit.addresses import public_url
from portal.kit.i18n import translated
from portal.law.codes import number_of
from portal.law.wording import limit_words
from portal.people import contacts
from portal.people.models import UnitKind

ONE_STOP = "Bộ phận Tiếp nhận và Trả kết quả"
ONE_STOP_NUMBER = "BPTNTKQ"
RETURN_PLACES = {"online": "Cổng dịch vụ công (bản điện tử)", "post": "Qua bưu chính công ích",
                 "counter": ONE_STOP}


def limit_text(dossier: Dossier) -> str:
    """The legal limit in words, or that the law sets none."""
    words = translated(limit_words(dossier.limit))
    return words[:1].lower() + words[1:]


def fee_text(dossier: Dossier) -> str:
    """What the case costs on the day of its receipt, in the words of the service's page; a sum is spelled too."""
    day, terms, case = clock.day_of(dossier.received_at or clock.now()), dossier.service.version, dossier.fee_case
    words = translated(fee_wording.short(terms.fee_rates, terms.limit_cases, day=day, channel=dossier.channel,
                                         case=case))
    amount = known_amount(terms.fee_rates, day=day, channel=dossier.channel, case=case)
    return f"{words} ({papers.money_in_words(amount)})" if amount else words


def return_place(dossier: Dossier) -> str:
    """Item 6 of form 01: where the applicant chose to receive the result."""
    way = dossier.answers.get("result_way")
    if way == "post" and (address := dossier.answers.get("result_address")):
        return f"Qua bưu chính công ích: {address_in_words(address)}"
    return RETURN_PLACES.get(str(way), RETURN_PLACES["online"])


def _order(dossier: Dossier) -> str:
    return number_of(dossier.code or "")


def _contact(dossier: Dossier) -> dict[str, str]:
    """What the applicant typed for the head of the paper: the first answer of each type, else the account's."""
    application, applicant = queries.application(dossier, ()), dossier.applicant
    return {"address": application.first("address"), "identity_number": application.first("citizen_id"),
            "phone": application.first("phone") or contacts.shown(applicant.phone),
            "email": application.first("email") or applicant.email or ""}


def _unit_name(dossier: Dossier) -> str:
    """Who receives it for the agency: the one-stop section, of the unit where it belongs to one."""
    unit = dossier.unit
    return ONE_STOP if unit is None or unit.kind == UnitKind.central else f"{ONE_STOP} {unit.name}"


def _common(dossier: Dossier, number: str, issued_at: datetime) -> dict[str, Any]:
    code = codes.new_code()
    base = public_url()
    place = dossier.agency.name.removeprefix("Tỉnh ").removeprefix("Thành phố ")
    return {
        "parent_body": dossier.agency.name, "unit_name": _unit_name(dossier), "number": number,
        "place": place if dossier.agency.kind == "province" else "Hà Nội",
        "issued_on": clock.day_of(issued_at), "dossier_code": dossier.code or "",
        "applicant_name": dossier.applicant.name, "holder_name": dossier.holder_name or "",
        "content": dossier.service.procedure.name,
        "officer_name": dossier.officer.name if dossier.officer else "",
        "verification_code": code, "verify_url": f"{base}/verify/{code}",
        "progress_url": f"{base}/progress/{dossier.code}",
        "demonstration": bool(current_app.config["DEMONSTRATION"]), **_contact(dossier)}


def _handed_in(dossier: Dossier, attachments: list[Attachment]) -> tuple[papers.HandedIn, ...]:
    """The declaration that was filled in here, then one line for each paper; electronic files count as copies."""
    form = dossier.terms.form
    lines: dict[str, int] = {f"{form.definition['title']['vi']} (bản điện tử)": 1} if form else {}
    for attachment in attachments:
        if attachment.key != "result" and attachment.replaced_at is None:
            lines[attachment.label] = lines.get(attachment.label, 0) + 1
    return tuple(papers.HandedIn(label=label, copies=n) for label, n in lines.items())


def receipt(dossier: Dossier) -> papers.ReceiptFacts:
    """Form 01 for a dossier that was accepted."""
    received = dossier.received_at or clock.now()
    local = received.astimezone(clock.VN)
    return papers.ReceiptFacts(
        **_common(dossier, f"{_order(dossier)}/{ONE_STOP_NUMBER}", received),
        papers=_handed_in(dossier, documents.attachments_of(dossier.id)), limit_text=limit_text(dossier),
        fee_text=fee_text(dossier),
        received_at=received, due_at=dossier.due_at, return_place=return_place(dossier),
        book_number=f"{local:%Y}", order_number=_order(dossier))


def supplement(dossier: Dossier, request: SupplementRequest) -> papers.SupplementFacts:
    """Form 02 for one round of asking."""
    return papers.SupplementFacts(
        **_common(dossier, f"{_order(dossier)}/{ONE_STOP_NUMBER}", request.asked_at),
        items=tuple(f"{item.label}: {item.reason}" for item in request.items),
        reason="Hồ sơ chưa đủ hoặc chưa đúng theo quy định, chi tiết tại từng mục nêu trên.",
        contact_name=dossier.officer.name if dossier.officer else "", contact_phone="")


def refusal(dossier: Dossier, reason: str, at: datetime) -> papers.RefusalFacts:
    """Form 03 for a dossier that was not received."""
    return papers.RefusalFacts(**_common(dossier, f"{_order(dossier)}/{ONE_STOP_NUMBER}", at),
                               reasons=tuple(line.strip() for line in reason.splitlines() if line.strip()))
