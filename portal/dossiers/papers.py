"""Issuing the papers of a dossier: their plain facts as they are when the act happens, in its own transaction."""
from datetime import datetime, timedelta
from typing import Any

from flask import current_app

from portal.catalogue import fee_wording
from portal.catalogue.rates import known_amount
from portal.dossiers import queries
from portal.dossiers.models import Dossier, SupplementRequest
from portal.dossiers.states import Step
from portal.files import queries as files
from portal.files.models import Attachment
from portal.forms.types.address import address_in_words
from portal.kit import clock
from portal.kit.addresses import public_url
from portal.kit.i18n import speaking, translated
from portal.law.codes import number_of
from portal.law.wording import limit_words
from portal.papers import actions, codes
from portal.papers import queries as issued
from portal.papers.receipt import HandedIn, ReceiptFacts
from portal.papers.refusal import RefusalFacts
from portal.papers.supplement import SupplementFacts
from portal.papers.words import money_in_words
from portal.people import contacts
from portal.people import queries as people
from portal.people.models import UnitKind

A_MOMENT = timedelta(microseconds=1)
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
    return f"{words} ({money_in_words(amount)})" if amount else words


def return_place(dossier: Dossier) -> str:
    """Item 6 of form 01: where the applicant chose to receive the result."""
    way = dossier.answers.get("result_way")
    if way == "post" and (address := dossier.answers.get("result_address")):
        return f"Qua bưu chính công ích: {address_in_words(address)}"
    return RETURN_PLACES.get(str(way), RETURN_PLACES["online"])


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


def _common(dossier: Dossier, kind: str, issued_at: datetime) -> dict[str, Any]:
    """What all papers share, and the next number of the unit's book."""
    code, base = codes.new_code(), public_url()
    unit_id = dossier.unit_id or people.central_unit(dossier.agency_id).id
    place = dossier.agency.name.removeprefix("Tỉnh ").removeprefix("Thành phố ")
    return {
        "parent_body": dossier.agency.name, "unit_name": _unit_name(dossier),
        "number": f"{actions.next_number(unit_id, kind, issued_at):04}/{ONE_STOP_NUMBER}",
        "place": place if dossier.agency.kind == "province" else "Hà Nội",
        "issued_on": clock.day_of(issued_at), "dossier_code": dossier.code or "",
        "applicant_name": dossier.applicant.name, "holder_name": dossier.holder_name or "",
        "content": dossier.service.procedure.name,
        "officer_name": dossier.officer.name if dossier.officer else "",
        "verification_code": code, "verify_url": f"{base}/verify/{code}",
        "progress_url": f"{base}/progress/{dossier.code}",
        "demonstration": bool(current_app.config["DEMONSTRATION"]), **_contact(dossier)}


def _handed_in(dossier: Dossier, attachments: list[Attachment]) -> tuple[HandedIn, ...]:
    """The declaration that was filled in here, then one line for each paper; electronic files count as copies."""
    form = dossier.terms.form
    lines: dict[str, int] = {f"{form.definition['title']['vi']} (bản điện tử)": 1} if form else {}
    for attachment in attachments:
        if attachment.key != "result" and attachment.replaced_at is None:
            lines[attachment.label] = lines.get(attachment.label, 0) + 1
    return tuple(HandedIn(label=label, copies=n) for label, n in lines.items())


def issue_receipt(dossier: Dossier) -> None:
    """Giấy tiếp nhận hồ sơ và hẹn trả kết quả, with the acceptance."""
    received = dossier.received_at or clock.now()
    with speaking("vi"):
        facts = ReceiptFacts(
            **_common(dossier, ReceiptFacts.paper, received),
            papers=_handed_in(dossier, files.attachments_of(dossier.owner)), limit_text=limit_text(dossier),
            fee_text=fee_text(dossier), received_at=received, due_at=dossier.due_at,
            return_place=return_place(dossier), book_number=f"{received.astimezone(clock.VN):%Y}",
            order_number=number_of(dossier.code or ""))
    actions.issue(facts, dossier.owner, issued_at=received)


def issue_supplement(dossier: Dossier, request: SupplementRequest) -> None:
    """Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ, with each wording of a request."""
    facts = SupplementFacts(
        **_common(dossier, SupplementFacts.paper, request.written_at),
        items=tuple(f"{item.label}: {item.reason}" for item in request.items),
        reason="Hồ sơ chưa đủ hoặc chưa đúng theo quy định, chi tiết tại từng mục nêu trên.",
        contact_name=dossier.officer.name if dossier.officer else "", contact_phone="",
        # silence ends the dossier from the first moment after the last day
        answer_by=clock.day_of(request.answer_until - A_MOMENT) if request.answer_until else None)
    actions.issue(facts, dossier.owner, occasion=_occasion(dossier, request), issued_at=request.written_at)


def _occasion(dossier: Dossier, request: SupplementRequest) -> int:
    """Which of the dossier's wordings it is, from 1."""
    return [each.id for each in dossier.requests].index(request.id) + 1


def issue_refusal(dossier: Dossier, reason: str, at: datetime) -> None:
    """Phiếu từ chối tiếp nhận, giải quyết hồ sơ, with the refusal."""
    facts = RefusalFacts(**_common(dossier, RefusalFacts.paper, at),
                         reasons=tuple(line.strip() for line in reason.splitlines() if line.strip()))
    actions.issue(facts, dossier.owner, issued_at=at)


def issue_missing(dossier: Dossier) -> None:
    """Issue what an act of an earlier release should have issued and did not: its facts are those of today."""
    if dossier.received_at and not issued.is_issued(dossier.owner, ReceiptFacts.paper):
        issue_receipt(dossier)
    for request in dossier.requests:
        if not issued.is_issued(dossier.owner, SupplementFacts.paper, _occasion(dossier, request)):
            issue_supplement(dossier, request)
    refused = next((event for event in reversed(dossier.events) if event.step == Step.refuse), None)
    if refused and not issued.is_issued(dossier.owner, RefusalFacts.paper):
        issue_refusal(dossier, refused.note or "", refused.at)
