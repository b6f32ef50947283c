"""A message pasted or chosen: what is understood of it, what departs from the standard, how each peer would get it.
Nothing of it is kept."""
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from io import BytesIO
from typing import Any, BinaryIO, NamedTuple, cast

from flask import Response, render_template, request, send_file

from portal.exchange import laboratory as room
from portal.exchange.edxml.deviations import NAMES
from portal.exchange.edxml.message import (
    Business,
    Code,
    DocumentId,
    DocumentMessage,
    Message,
    Organ,
    Refused,
    ResponseFor,
    Signature,
    Staff,
    StatusMessage,
)
from portal.exchange.edxml.profiles import PROFILES, Profile
from portal.exchange.edxml.refusals import REASONS
from portal.exchange.edxml.signatures import FAULTS
from portal.exchange.states import CODES
from portal.kit import throttle
from portal.kit.db import transaction
from portal.kit.forms import Attachment, Form, LongText, size_words
from portal.kit.i18n import _, _l, moment, number, short_day
from portal.web.government import bp
from portal.web.guard import me, permission

MOST_PASTED = 400_000  # characters
MOST_BYTES = 58_000_000  # what a form may bring, less what is around it
AN_HOUR = 120
BUSINESS_WORDS = {Business.new: _l("A new document"), Business.recall: _l("Recalls a document"),
                  Business.update: _l("Updates a document"), Business.replacing: _l("Replaces a document")}
SIGNATURE_LOOKS = {Signature.none: "still", Signature.valid: "done", Signature.not_verifiable: "waiting",
                   Signature.invalid: "late"}


class Pasted(LongText):
    """Text exactly as it was pasted: a message that was tidied would be another one."""

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        self.typed = self.data = valuelist[0] if valuelist and isinstance(valuelist[0], str) else ""
        if len(self.typed) > self.max:
            raise ValueError(_("“%(label)s” takes at most %(max)s characters. Choose the file instead",
                               label=self.label.text, max=number(self.max)))


class Question(Form):
    """The message, in one of two ways."""

    pasted = Pasted(_l("Paste the message"), required=False, max=MOST_PASTED, rows=10,
                    help=_l("The whole text, from <edXML> to </edXML>."))
    file = Attachment(_l("Or choose the file"), required=False, max_files=1, max_bytes=MOST_BYTES,
                      kinds=("edxml", "xml", "txt"))

    def validate(self, extra_validators: Any = None) -> bool:
        right = super().validate(extra_validators)
        if right and not self.pasted.data.strip() and not self.file.data:
            self.pasted.errors = [_("Paste a message or choose its file")]
            return False
        return right

    def stream(self) -> BinaryIO:
        """The message; a chosen file comes before what was pasted. A small file is shown as if it had been pasted."""
        if not self.file.data:
            return BytesIO(self.pasted.data.encode("utf-8", "surrogatepass"))
        stream = cast(BinaryIO, self.file.data[0].stream)
        start = stream.read(MOST_PASTED)
        self.pasted.typed = "" if stream.read(1) else start.decode("utf-8", "replace")
        stream.seek(0)
        return stream


class Line(NamedTuple):
    """What a field says: its words, the element, the values."""

    words: Any
    element: str
    values: list[str]


@bp.route("/exchange/laboratory", methods=["GET", "POST"])
@permission("document.read", "document.match", "exchange.manage", "exchange.watch", "exchange.connect")
def laboratory() -> Any:
    """Paste a message or choose its file; see it understood, or get it as a peer would."""
    form, found, refused = Question(), None, None
    if form.validate_on_submit():
        with transaction():
            throttle.hit("laboratory", str(me().id), limit=AN_HOUR, seconds=3600)
        try:
            if profile := PROFILES.get(request.form.get("as", "")):
                return _download(form.stream(), profile)
            found = room.look(form.stream())
        except Refused as refusal:
            refused = refusal
    page = render_template(
        "government/laboratory.html", form=form, found=found, refused=refused, why=_why(refused),
        lines=list(lines(found.message)) if found else [], signature=signature_words(found) if found else "",
        looks=SIGNATURE_LOOKS, names=NAMES, where=room.WHERE, profiles=PROFILES, size_words=size_words,
        shown=room.SHOWN)
    return page, 422 if refused or form.problems() else 200


def _download(stream: BinaryIO, profile: Profile) -> Response:
    answer = send_file(room.written(stream, profile), mimetype="application/xml", as_attachment=True,
                       download_name=f"{profile.name}.edxml", max_age=0)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer


def _why(refused: Refused | None) -> str:
    """The reason in words, which of the signature's faults where it is one."""
    if refused is None:
        return ""
    return " ".join(_(words) for words in (REASONS.get(refused.reason, ""), FAULTS.get(refused.where, "")) if words)


def signature_words(found: room.Looked) -> str:
    """What the signature is worth, honestly."""
    seen = found.message.seen
    if seen.signature is Signature.none:
        return _("It is not signed.")
    if seen.signature is Signature.valid:
        return _("Valid: signed as a whole by “%(subject)s”, whose certificate is pinned for %(name)s.",
                 subject=seen.signed_by, name=found.sender or found.message.sender.id)
    if seen.signature is Signature.invalid:
        return _("Invalid. %(why)s", why=_(FAULTS[found.fault]) if found.fault else "")
    if found.sender is None:
        return _("Cannot be verified: nobody is connected here under %(code)s, so no certificate is pinned for it. "
                 "That is not a valid signature.", code=found.message.sender.id)
    if not found.pins:
        return _("Cannot be verified: no certificate is pinned for %(name)s. That is not a valid signature.",
                 name=found.sender)
    return _("Cannot be verified: it is no real signature, uses a method that is not known here, or was made with a "
             "certificate that is not pinned for %(name)s. That is not a valid signature.", name=found.sender)


def lines(message: Message) -> Iterator[Line]:
    """Every field that says something, in the order of people's reading."""
    told = _of_status(message) if isinstance(message, StatusMessage) else _of_document(message)
    for words, element, value in told:
        values = [str(one) for one in (value if isinstance(value, list | tuple) else [value]) if one]
        if values:
            yield Line(words, element, values)


def _of_status(message: StatusMessage) -> Iterator[tuple[Any, str, Any]]:
    known = CODES.get(message.code)
    yield _l("Sent from"), "From", _organ(message.sender)
    yield _l("Sent to"), "To", [_organ(one) for one in message.receivers]
    yield _l("Status"), "StatusCode", f"{message.code} {_(known.words) if known else ''}"
    yield _l("At"), "Timestamp", _at(message.at)
    yield _l("About the document"), "ResponseFor", [_about(one) for one in message.about]
    yield _l("Note"), "Description", message.description
    yield _l("Person in charge"), "StaffInfo", _staff(message.staff)


def _of_document(message: DocumentMessage) -> Iterator[tuple[Any, str, Any]]:
    business, other = message.business, message.other
    yield _l("What it does"), "BussinessDocType", BUSINESS_WORDS[business.type]
    yield _l("Sent from"), "From", _organ(message.sender)
    yield _l("Sent to"), "To", [_organ(one) for one in message.receivers]
    yield _l("Id of the document"), "DocumentId", _id(message.document_id)
    yield _l("Number and notation"), "Code", _code(message.code)
    yield _l("Place and date"), "PromulgationInfo", ", ".join(one for one in (message.place, _day(message.day)) if one)
    yield _l("Kind of document"), "DocumentType", _dotted(
        message.type.name, message.type.type, message.type.detail)
    yield _l("Subject"), "Subject", message.subject
    yield _l("Content"), "Content", message.content
    yield _l("Signer"), "SignerInfo", _dotted(
        message.signer.name, message.signer.position, message.signer.competence)
    yield _l("Answer by"), "DueDate", _day(message.due)
    yield _l("Places it goes to"), "ToPlaces", message.to_places
    yield _l("Priority"), "Priority", other.priority
    yield _l("Sphere"), "SphereOfPromulgation", other.sphere
    yield _l("Typed by"), "TyperNotation", other.typer
    yield _l("Copies, pages"), "PromulgationAmount, PageAmount", _dotted(other.amount, other.pages)
    yield _l("Gives a direction"), "Direction", other.direction
    yield _l("Replies to"), "ReplyFors", other.reply_fors
    yield _l("Codes of dossiers"), "ReferenceCodes", other.reference_codes
    yield _l("Appendixes"), "Appendixes", other.appendixes
    yield _l("Answers"), "ResponseFor", [_about(one) for one in message.response_for]
    yield _l("Steering type"), "SteeringType", message.steering
    yield _l("Answers the task"), "ResponseForTask", message.response_for_task
    yield _l("Kind of application"), "ApplicationType", message.application
    yield from _of_business(message)


def _of_business(message: DocumentMessage) -> Iterator[tuple[Any, str, Any]]:
    business = message.business
    yield _l("Recalls, updates or replaces"), "Bussiness/DocumentId", _id(business.document_id)
    yield _l("Reason"), "BussinessDocReason", business.reason
    yield _l("Paper copy"), "Paper", business.paper
    yield (_l("Changes of receivers"), "BussinessDocumentInfo",
           [f"{one.organ} ({one.type})" if one.type else one.organ for one in business.receivers])
    everybody = _("all receivers")
    yield (_l("Replaces for receivers"), "ReplacementInfoList",
           [f"{_id(one.document_id)}: {', '.join(one.organs) or everybody}" for one in business.replacements])
    yield _l("Person in charge"), "StaffInfo", [_staff(one) for one in business.staff]
    yield _l("Passed on by"), "TraceHeader", [_dotted(
        one.organ, _at(one.at), one.business[1] or one.business[0] if one.business else "",
        _staff(one.staff) if one.staff else "") for one in message.trace]


def _dotted(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


def _organ(one: Organ) -> str:
    return _dotted(one.id, one.name, one.in_charge, one.address, one.email, one.telephone, one.fax, one.website)


def _id(one: DocumentId | None) -> str:
    if one is None:
        return ""
    meant = _("agency %(organ)s, date %(day)s, number %(code)s", organ=one.organ, day=_day(one.day),
              code=one.code) if one.organ and one.day else ""
    return f"{one.said} ({meant})" if meant else one.said


def _code(one: Code) -> str:
    return "/".join(part for part in (one.number, one.notation) if part)


def _about(one: ResponseFor) -> str:
    return _dotted(one.organ, _code(one.code), _day(one.day), one.document_id.said if one.document_id else "")


def _staff(one: Staff) -> str:
    return _dotted(one.name, one.id, one.department, one.department_id, one.email, one.mobile)


def _day(day: date | None) -> str:
    return short_day(day) if day else ""


def _at(at: datetime | None) -> str:
    return moment(at) if at else ""
