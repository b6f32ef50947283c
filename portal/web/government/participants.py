"""Who takes part in the exchange: asked for by agencies, decided on by the portal's administrators."""
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for

from portal.exchange import participants, secrets
from portal.exchange.models import Participant, ParticipantState, Way
from portal.kit.addresses import public_url
from portal.kit.db import transaction
from portal.kit.i18n import _
from portal.people import permissions as roles
from portal.people import queries as people
from portal.people.permissions import Place
from portal.web.government import bp
from portal.web.government.participant_forms import (
    PROFILES,
    STATES,
    WAYS,
    Approve,
    Ask,
    Change,
    NewSecret,
    Pin,
    Reason,
    my_agencies,
)
from portal.web.guard import fresh, fresh_to_change, me, permission, require
from portal.web.paging import around

PAGE = 50
UNPROCESSABLE = 422
HIGHEST = 2**31 - 1
ONE = f"/participants/<int(max={HIGHEST}):participant_id>"


@bp.get("/participants", endpoint="participants")
@permission("exchange.connect")
def participants_list() -> Any:
    """Who asked, then who takes part; of the agency administrators' own agencies alone."""
    own = None if manages() else [one.id for one in my_agencies()]
    over, after = "over" in request.args, request.args.get("after", "")[:40] or None
    state = ParticipantState.ended if over else ParticipantState.connected
    found = participants.page(state, after=after, agencies=own, limit=PAGE + 1)
    if over:
        found = sorted([*found, *participants.page(ParticipantState.refused, after=after, agencies=own,
                                                   limit=PAGE + 1)], key=lambda one: -one.id)[:PAGE + 1]
    last = found[PAGE - 1] if len(found) > PAGE else None
    further = (str(last.id) if over else last.code) if last else None
    asked = participants.page(ParticipantState.asked, agencies=own) if after is None and not over else []
    return render_template("government/participants.html", asked=asked, found=found[:PAGE], over=over, ways=WAYS,
                           states=STATES, pages=around("after", further, **({"over": 1} if over else {})))


@bp.route("/participants/ask", methods=["GET", "POST"])
@permission("exchange.connect")
@fresh_to_change
def ask_participant() -> Any:
    """An agency's administrator asks to take part. Of the portal's own it is decided at once, on the next page."""
    form = Ask(agency=request.args.get("agency"))
    if form.validate_on_submit() and (made := _asked(form)):
        flash(_("Asked for. An administrator of the portal decides on it."), "done")
        return redirect(url_for("government.participant", participant_id=made), 303)
    return render_template("government/ask_participant.html", form=form), UNPROCESSABLE if form.errors else 200


def _asked(form: Ask) -> int | None:
    assert form.found is not None
    agency, unit = form.found
    try:
        with transaction():
            require("exchange.connect", Place(agency.id))
            return participants.ask(
                form.code.data or agency.key, unit.name if unit else agency.name, form.mail.data or None,
                agency.key if unit or form.code.data else None, way=form.way.data, agency=agency, unit=unit,
                system_id=form.system_id.data if form.way.data == Way.axis else None, by=me()).id
    except participants.Taken as taken:
        field = form.code if taken.field == "code" else form.system_id
        field.errors = [_("Somebody takes part under this id, or has asked to, already")]
    return None


@bp.get(ONE)
@permission("exchange.connect")
def participant(participant_id: int) -> Any:
    """One participant, with its certificates."""
    return _page(_seen(participant_id), Pin(formdata=None))


@bp.route(f"{ONE}/decide", methods=["GET", "POST"])
@permission("exchange.manage")
@fresh_to_change
def decide_participant(participant_id: int) -> Any:
    """Let one in. The secret that was made for a system is shown in this answer and never again."""
    found = _seen(participant_id)
    if found.state != ParticipantState.asked:
        return _too_late(found)
    form = Approve(**_as_it_stands(found))
    if form.validate_on_submit():
        try:
            with transaction():
                told = participants.approve(
                    found, me(), form.way.data, form.profile.data, secret=form.secret.data or None,
                    address=form.address.data, push_key=form.push_key.data or None, upstream=bool(form.upstream.data))
        except participants.Settled:
            return _too_late(found)
        flash(_("%(name)s takes part from today.", name=found.name), "done")
        return _secret(found, told) if told else _back(found)
    return render_template("government/decide_participant.html", form=form, refusing_form=Reason(formdata=None),
                           participant=found), UNPROCESSABLE if form.errors else 200


@bp.post(f"{ONE}/refuse")
@permission("exchange.manage")
@fresh
def refuse_participant(participant_id: int) -> Any:
    """Let one not in, and say why."""
    found, form = _seen(participant_id), Reason()
    if not form.validate_on_submit():
        approving = Approve(formdata=None, way=found.way, profile=found.profile)
        return render_template("government/decide_participant.html", form=approving, refusing_form=form,
                               participant=found), UNPROCESSABLE
    try:
        with transaction():
            participants.refuse(found, form.reason.data, me())
    except participants.Settled:
        return _too_late(found)
    flash(_("%(name)s was not let in.", name=found.name), "still")
    return _back(found)


@bp.route(f"{ONE}/change", methods=["GET", "POST"])
@permission("exchange.manage")
@fresh_to_change
def change_participant(participant_id: int) -> Any:
    """Another way, dialect or address."""
    found = _seen(participant_id)
    form = Change(**_as_it_stands(found))
    if form.validate_on_submit():
        try:
            with transaction():
                participants.write_as(found, form.way.data, form.profile.data, me())
                if form.way.data == Way.push:
                    participants.turn_to(found, form.address.data, form.push_key.data or None,
                                         upstream=bool(form.upstream.data), by=me())
        except participants.Settled:
            return _too_late(found)
        flash(_("Changed: what is sent to it from now on goes this way."), "done")
        return _back(found)
    return render_template("government/change_participant.html", form=form, participant=found), \
        UNPROCESSABLE if form.errors else 200


@bp.route(f"{ONE}/secret", methods=["GET", "POST"])
@permission("exchange.manage")
@fresh_to_change
def renew_secret(participant_id: int) -> Any:
    """Another secret for its system, shown in this answer and never again."""
    found, form = _seen(participant_id), NewSecret()
    if found.system_id is None:
        abort(404)
    if form.validate_on_submit():
        overlap = {"overlap": secrets.OVERLAP * 0} if form.at_once.data else {}
        try:
            with transaction():
                told = participants.renew_secret(found, me(), secret=form.secret.data or None, **overlap)
        except participants.Settled:
            return _too_late(found)
        return _secret(found, told)
    return render_template("government/renew_secret.html", form=form, participant=found), \
        UNPROCESSABLE if form.errors else 200


@bp.post(f"{ONE}/certificates")
@permission("exchange.manage")
@fresh
def pin_certificate(participant_id: int) -> Any:
    """Pin a certificate that its documents are signed with."""
    found, form = _seen(participant_id), Pin()
    if form.validate_on_submit():
        try:
            with transaction():
                participants.add_certificate(found, form.pem.data, me())
            flash(_("Pinned: what is signed with it is shown as valid."), "done")
            return _back(found)
        except participants.NotACertificate:
            form.pem.errors = [_("This is no certificate in PEM: copy the whole text of the file")]
    return _page(found, form), UNPROCESSABLE


@bp.post(f"{ONE}/certificates/<int(max={HIGHEST}):certificate_id>/end")
@permission("exchange.manage")
@fresh
def end_certificate(participant_id: int, certificate_id: int) -> Any:
    """Trust a certificate no longer."""
    found = _seen(participant_id)
    with transaction():
        certificate = participants.certificate(certificate_id, found) or abort(404)
        participants.end_certificate(certificate, me())
    flash(_("What is signed with it from now on is not verifiable."), "still")
    return _back(found)


@bp.route(f"{ONE}/end", methods=["GET", "POST"])
@permission("exchange.manage")
@fresh_to_change
def end_participant(participant_id: int) -> Any:
    """It takes part no longer; what was sent and received stays."""
    found, form = _seen(participant_id), Reason()
    if form.validate_on_submit():
        try:
            with transaction():
                participants.end(found, form.reason.data, me())
        except participants.Settled:
            return _too_late(found)
        flash(_("%(name)s takes part no longer.", name=found.name), "still")
        return _back(found)
    return render_template("government/end_participant.html", form=form, participant=found), \
        UNPROCESSABLE if form.errors else 200


def manages() -> bool:
    """Whether the signed-in person decides on participants."""
    return roles.may(me(), "exchange.manage")


def _seen(participant_id: int) -> Participant:
    """Of one's own agency, or any for whoever manages the exchange; else 404."""
    found = participants.get(participant_id) or abort(404)
    if not manages():
        require("exchange.connect", Place(found.agency_id) if found.agency_id else None)
    return found


def _as_it_stands(found: Participant) -> dict[str, Any]:
    """What a form shows at first; what is posted says everything anew."""
    return {} if request.method == "POST" else {
        "way": found.way, "profile": found.profile, "address": found.address, "upstream": found.upstream}


def _page(found: Participant, form: Pin) -> str:
    decided = people.names({found.decided_by_id}) if found.decided_by_id else {}
    return render_template(
        "government/participant.html", participant=found, form=form, manages=manages(), ways=WAYS, profiles=PROFILES,
        state=STATES[found.state], certificates=participants.certificates(found), decided=decided.get(
            found.decided_by_id or 0), live=found.state == ParticipantState.connected)


def _secret(found: Participant, told: str) -> str:
    return render_template("government/secret.html", participant=found, secret=told,
                           address=f"{public_url()}/api/exchange/axis")


def _too_late(found: Participant) -> Any:
    flash(_("It was decided or ended in the meantime. This is how it stands now."), "still")
    return _back(found)


def _back(found: Participant) -> Any:
    return redirect(url_for("government.participant", participant_id=found.id), 303)
