"""Words of agencies' systems that nobody knew: what waits, saying what a word means, what became of the rows."""
from collections.abc import Sequence
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for

from portal.catalogue import queries as catalogue
from portal.catalogue.directory import ProcedureFact
from portal.intake import mapping
from portal.intake.mapping import Place, Word
from portal.kit.db import transaction
from portal.kit.forms import Choice, Form
from portal.kit.i18n import _, _l
from portal.law.statuses import Status
from portal.people import queries as people
from portal.web.admin import bp
from portal.web.guard import me, permission
from portal.web.paging import around
from portal.web.words import STATUS_WORDS

REASONS = {"agency_unknown": _l("Agency"), "procedure_unknown": _l("Procedure"), "status_unknown": _l("Status")}
RESULTS = {"accepted": _l("Published"), "unchanged": _l("Known already, nothing changes"),
           "rejected": _l("Not taken"), "quarantined": _l("Still waiting, for another word")}
MOST_OFFERED = 10
MOST_TYPED = 200
UNPROCESSABLE = 422


class Meaning(Form):
    """What a word means: one of what is offered."""

    means = Choice(_l("It means"))


@bp.get("/mapping")
@permission("mapping.manage")
def mapping_waiting() -> Any:
    """Words that nobody knows yet, with how many rows wait for each."""
    return _listed("admin/mapping.html", mapping.waiting)


@bp.get("/mapping/known")
@permission("mapping.manage")
def mapping_known() -> Any:
    """Words that were mapped, with what they mean."""
    return _listed("admin/mapping_known.html", mapping.mapped)


@bp.route(f"/mapping/<int:agency_id>/<any({','.join(mapping.MAPPED)}):reason>", methods=["GET", "POST"])
@permission("mapping.manage")
def map_word(agency_id: int, reason: str) -> Any:
    """Say what one word means, or something else than before; the rows that wait for it are taken in."""
    value = request.args.get("value", "")
    place = Place(reason, value, agency_id)
    word = (mapping.word(place) if value.isascii() and value.isprintable() else None) or abort(404)
    typed = request.args.get("q", "").strip()[:MOST_TYPED]
    form = Meaning(data={"means": word.means})
    form.means.choices = _offered(word, typed, form.means.shown())
    if form.validate_on_submit():
        with transaction():
            last_id = mapping.map_word(place, form.means.data, by_id=me().id)
        if last_id is not None:
            return redirect(url_for("admin.mapping_taken", last_id=last_id), 303)
        flash(_("“%(word)s” means “%(means)s” from now on. No row waited for it.", word=word.value,
                means=in_words(reason, form.means.data)), "done")
        return redirect(url_for("admin.mapping_known", agency=agency_id), 303)
    page = render_template("admin/map_word.html", form=form, word=word, typed=typed, reasons=REASONS,
                           examples=mapping.examples(place), in_words=in_words)
    return page, UNPROCESSABLE if form.is_submitted() else 200


@bp.get("/mapping/taken/<int:last_id>")
@permission("mapping.manage")
def mapping_taken(last_id: int) -> Any:
    """How far the rows are that waited for a word; at the end, what became of them."""
    taking = mapping.taking(last_id) or abort(404)
    word = mapping.word(taking.place) or abort(404)
    return render_template("admin/mapping_taken.html", taking=taking, last_id=last_id, word=word, results=RESULTS,
                           in_words=in_words, reasons=REASONS)


def in_words(reason: str, means: str) -> str:
    """What a word means, as people say it."""
    if reason == "status_unknown":
        return f"{means} – {STATUS_WORDS[Status(int(means))]}"
    if reason == "procedure_unknown":
        found = catalogue.procedure(means)
        return f"{means} – {found.name}" if found else means
    found_agency = catalogue.agency(means)
    return f"{means} – {found_agency.name}" if found_agency else means


def _listed(template: str, read: Any) -> Any:
    agency = request.args.get("agency", "")
    agency_id = int(agency) if agency.isdecimal() and len(agency) < 10 else None
    reason = request.args.get("reason", "")
    reason = reason if reason in mapping.MAPPED else ""
    found: Sequence[Word] = read(agency_id, reason or None, _after(), mapping.PAGE + 1)
    words, more = found[:mapping.PAGE], len(found) > mapping.PAGE
    chosen: dict[str, Any] = {"agency": agency_id, "reason": reason or None}
    pages = around("after", "~".join(map(str, words[-1].place)) if more else None, **chosen)
    return render_template(template, words=words, pages=pages, agencies=people.current_agencies(),
                           agency_id=agency_id, reason=reason, reasons=REASONS, in_words=in_words)


def _after() -> Place | None:
    """The place after which the list goes on; a broken one begins anew."""
    reason, _mark, rest = request.args.get("after", "").partition("~")
    value, _mark, agency_id = rest.rpartition("~")
    if not (value.isascii() and value.isprintable() and agency_id.isdecimal() and len(agency_id) < 10):
        return None
    return Place(reason, value, int(agency_id))


def _offered(word: Word, typed: str, chosen: str) -> list[tuple[str, str, str]]:
    """(value, words, hint) to choose from. Of the procedures, those that come nearest to what was typed, or to the
    word itself, and the one chosen already."""
    if word.reason == "status_unknown":
        return [(str(int(status)), f"{int(status)}. {words}", "") for status, words in STATUS_WORDS.items()]
    if word.reason == "agency_unknown":
        return [(key, name, key) for key, name in mapping.own_names(word.agency_id)]
    found = catalogue.suggestions(typed or word.value, MOST_OFFERED)
    if (one := catalogue.procedure(chosen)) and one not in found:
        found = [one, *found]
    return [(procedure.code, procedure.name, _hint(procedure, word)) for procedure in found]


def _hint(procedure: ProcedureFact, word: Word) -> str:
    offering = [offer.agency.id for offer in catalogue.services_of(procedure.code)]
    own = [_("offered by this agency")] if word.agency_id in offering else []
    return " · ".join([procedure.code, procedure.sector.name, *own])
