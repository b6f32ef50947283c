"""Issuing the papers of a dossier: their plain facts as they are when the act happens, in its own transaction."""
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from flask import current_app

from portal.catalogue import fee_wording
from portal.catalogue.rates import known_amount
from portal.dossiers import queries
from portal.dossiers.models import Dossier, SupplementItem, SupplementRequest
from portal.dossiers.states import STEPS, State, Step
from portal.files import queries as files
from portal.files.models import RESULT, Attachment
from portal.forms.types.address import address_in_words
from portal.kit import clock
from portal.kit.addresses import public_url
from portal.kit.i18n import speaking, translated
from portal.law.codes import number_of
from portal.law.papers import PaperKind
from portal.law.wording import limit_words
from portal.papers import actions, codes
from portal.papers import queries as issued
from portal.papers.facts import PaperFacts
from portal.papers.kinds.extension import ExtensionFacts
from portal.papers.kinds.receipt import HandedIn, ReceiptFacts
from portal.papers.kinds.refusal import RefusalFacts
from portal.papers.kinds.supplement import SupplementFacts
from portal.papers.words import day_in_words, money_in_words
from portal.people import queries as people
from portal.people.models import UnitKind


class Frozen(NamedTuple):
    """What a paper says, when it was issued, and which of several of its kind it is."""

    facts: PaperFacts
    issued_at: datetime
    occasion: int = 0


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
    copies = queries.copies_of(dossier)
    words = translated(fee_wording.short(terms.fee_rates, terms.limit_cases, day=day, channel=dossier.channel,
                                         case=case, copies=copies))
    amount = known_amount(terms.fee_rates, day=day, channel=dossier.channel, case=case)
    if copies and copies.count:
        amount = copies.total if copies.only else (amount or 0) + copies.total
    return f"{words} ({money_in_words(amount)})" if amount else words


def return_place(dossier: Dossier) -> str:
    """Item 6 of form 01: where the applicant chose to receive the result."""
    way = dossier.answers.get("result_way")
    if way == "post" and (address := dossier.answers.get("result_address")):
        return f"Qua bưu chính công ích: {address_in_words(address)}"
    return RETURN_PLACES.get(str(way), RETURN_PLACES["online"])


def _named(dossier: Dossier) -> dict[str, str]:
    """The parties at the head of the paper: what is said of each is that one's own."""
    applicant, holder, representative = queries.parties(dossier)
    other = holder.name != applicant.name
    return {"applicant_name": applicant.name, "identity_number": applicant.number, "address": applicant.address,
            "phone": applicant.phone, "email": applicant.email, "holder_name": dossier.holder_name or holder.name,
            "holder_number": holder.number if other else "",
            "representative_name": dossier.representative_name or representative}


def _acted(dossier: Dossier, *steps: Step) -> str:
    """Who did the step that a paper is about, as that one was called then."""
    done = (event.who for event in reversed(dossier.events) if event.step in steps)
    return next(done, None) or (dossier.officer.name if dossier.officer else "")


def _unit_name(dossier: Dossier) -> str:
    """Who receives it for the agency: the one-stop section, of the unit where it belongs to one."""
    unit = dossier.unit
    return ONE_STOP if unit is None or unit.kind == UnitKind.central else f"{ONE_STOP} {unit.name}"


def _common(dossier: Dossier, kind: str, issued_at: datetime, officer: str) -> dict[str, Any]:
    """What all papers share, and the next number of the unit's book."""
    code, base = codes.new_code(), public_url()
    unit_id = dossier.unit_id or people.central_unit(dossier.agency_id).id
    place = dossier.agency.name.removeprefix("Tỉnh ").removeprefix("Thành phố ")
    return {
        "parent_body": dossier.agency.name, "unit_name": _unit_name(dossier),
        "number": f"{actions.next_number(unit_id, kind, issued_at):04}/{ONE_STOP_NUMBER}",
        "place": place if dossier.agency.kind == "province" else "Hà Nội",
        "issued_on": clock.day_of(issued_at), "dossier_code": dossier.code or "",
        "content": dossier.service.procedure.name, "officer_name": officer,
        "verification_code": code, "verify_url": f"{base}/verify/{code}",
        "progress_url": f"{base}/progress/{dossier.code}",
        "demonstration": bool(current_app.config["DEMONSTRATION"]), **_named(dossier)}


def _handed_in(dossier: Dossier, attachments: list[Attachment]) -> tuple[HandedIn, ...]:
    """The declaration that was filled in here, then one line for each paper; electronic files count as copies."""
    form = dossier.terms.form
    lines: dict[str, int] = {f"{form.definition['title']['vi']} (bản điện tử)": 1} if form else {}
    for attachment in attachments:
        if attachment.key != RESULT and attachment.replaced_at is None:
            lines[attachment.label] = lines.get(attachment.label, 0) + 1
    return tuple(HandedIn(label=label, copies=n) for label, n in lines.items())


def issue_for(dossier: Dossier, step: Step) -> None:
    """Issue the paper that the table of steps names for a step that was just taken, if it names one."""
    if kind := STEPS[step].paper:
        with speaking("vi"):  # papers are in Vietnamese, whoever acts
            facts, issued_at, occasion = FACTS[kind](dossier)
        actions.issue(facts, dossier.owner, occasion=occasion, issued_at=issued_at)


def _receipt(dossier: Dossier) -> Frozen:
    received = dossier.received_at or clock.now()
    return Frozen(ReceiptFacts(
        **_common(dossier, ReceiptFacts.paper, received, _acted(dossier, Step.accept)),
        papers=_handed_in(dossier, files.attachments_of(dossier.owner)), limit_text=limit_text(dossier),
        fee_text=fee_text(dossier), received_at=received, due_at=dossier.due_at,
        return_place=return_place(dossier), book_number=f"{received.astimezone(clock.VN):%Y}",
        order_number=number_of(dossier.code or "")), received)


def _supplement(dossier: Dossier, request: SupplementRequest | None = None) -> Frozen:
    """Of the newest wording of a request, unless another is named."""
    request = request or dossier.requests[-1]
    return Frozen(SupplementFacts(
        **_common(dossier, SupplementFacts.paper, request.written_at, request.who or ""),
        items=tuple(_asked(item) for item in request.items), replaces=_replaced_by(dossier, request),
        reason="Hồ sơ chưa đủ hoặc chưa đúng theo quy định, chi tiết tại từng mục nêu trên.",
        contact_name=request.who or "", contact_phone="",
        # silence ends the dossier from the first moment after the last day
        answer_by=clock.day_of(request.answer_until - A_MOMENT) if request.answer_until else None,
    ), request.written_at, _occasion(dossier, request))


def enter_results(dossier: Dossier) -> None:
    """The files of a result that is handed over can be verified as papers can."""
    at = dossier.returned_at or clock.now()
    for attachment in files.attachments_of(dossier.owner):
        if attachment.key == RESULT:
            actions.enter(attachment.file, {
                "content": dossier.service.procedure.name, "unit_name": _unit_name(dossier),
                "holder_name": dossier.holder_name or "", "outcome": dossier.outcome,
                "decided_at": dossier.decided_at.isoformat() if dossier.decided_at else None,
                "file_name": attachment.name}, dossier.code or "", dossier.agency.name, at)


def _asked(item: SupplementItem) -> str:
    """What is asked for and why; a reason of several lines begins on a line of its own."""
    return f"{item.label}:" + ("\n" if len(item.reason.splitlines()) > 1 else " ") + item.reason


def _replaced_by(dossier: Dossier, request: SupplementRequest) -> str:
    """Number and day of the paper whose place this wording takes."""
    occasion = _occasion(dossier, request) - 1
    old = issued.one(dossier.owner, PaperKind.supplement, occasion) if request.edition > 1 else None
    return f"{old.number} {day_in_words(clock.day_of(old.issued_at))}" if old else ""


def void(dossier: Dossier, request: SupplementRequest, at: datetime, how: str) -> None:
    """The paper of this wording counts no longer: it was "replaced" by the next, or "taken_back"."""
    actions.void(dossier.owner, PaperKind.supplement, _occasion(dossier, request), at, how)


def _occasion(dossier: Dossier, request: SupplementRequest) -> int:
    """Which of the dossier's wordings it is, from 1."""
    return [each.id for each in dossier.requests].index(request.id) + 1


def _refusal(dossier: Dossier) -> Frozen:
    refused = next(event for event in reversed(dossier.events) if event.step == Step.refuse)
    return Frozen(RefusalFacts(
        **_common(dossier, RefusalFacts.paper, refused.at, refused.who or ""),
        reasons=tuple(line.strip() for line in (refused.note or "").splitlines() if line.strip())), refused.at)


def _extension(dossier: Dossier) -> Frozen:
    change = next(each for each in reversed(dossier.due_changes) if each.reason == "extension")
    return Frozen(ExtensionFacts(
        **_common(dossier, ExtensionFacts.paper, change.at, change.who or ""),
        received_at=dossier.received_at or change.at, old_due_at=change.old_at, new_due_at=change.new_at,
        reason=change.note or ""), change.at)


#: what each paper says of a dossier as it is after the act
FACTS: Mapping[str, Callable[[Dossier], Frozen]] = {
    PaperKind.receipt: _receipt, PaperKind.supplement: _supplement, PaperKind.refusal: _refusal,
    PaperKind.extension: _extension}


def issue_missing(dossier: Dossier) -> None:
    """Issue what an act of an earlier release should have issued and did not: its facts are those of today."""
    lacking: list[Frozen] = []
    with speaking("vi"):
        if dossier.received_at and not issued.is_issued(dossier.owner, PaperKind.receipt):
            lacking.append(_receipt(dossier))
        lacking += [_supplement(dossier, request) for request in dossier.requests if not issued.is_issued(
            dossier.owner, PaperKind.supplement, _occasion(dossier, request))]
        if dossier.state == State.not_received and not issued.is_issued(dossier.owner, PaperKind.refusal):
            lacking.append(_refusal(dossier))
    if dossier.returned_at:
        enter_results(dossier)
    for facts, issued_at, occasion in lacking:
        actions.issue(facts, dossier.owner, occasion=occasion, issued_at=issued_at)
