"""Which ward or commune receives the dossier: the last question before everything is checked."""
from typing import Any

from flask import redirect, render_template, request, url_for

from portal.catalogue import gazetteer
from portal.catalogue.reception import Reception
from portal.dossiers import actions, queries
from portal.dossiers.models import Dossier
from portal.dossiers.permissions import FILL
from portal.dossiers.queries import UNIT
from portal.dossiers.states import State
from portal.kit.db import transaction
from portal.kit.forms import Choice, Form
from portal.kit.forms.fields import tidy
from portal.kit.i18n import _, _l, say
from portal.people import queries as people
from portal.people.models import Unit, UnitKind
from portal.search.communes import Match
from portal.web.citizen import bp
from portal.web.guard import me, own_dossier

LONGEST = 100
AGENCY = "agency"  # the choice that is no commune


class Commune(Form):
    """One of those that were found."""

    commune = Choice(_l("Ward or commune that receives the dossier"))


@bp.route(f"/my/dossiers/<int:dossier_id>/fill/{UNIT}", methods=["GET", "POST"])
@own_dossier(FILL)
def commune(dossier: Dossier) -> Any:
    """Choose a commune: offered by the addresses in the form, found by its name of today or of before July 2025."""
    dossier_id, where = dossier.id, queries.reception(dossier)
    if where is Reception.agency or dossier.state != State.draft:
        return redirect(url_for(".check", dossier_id=dossier_id), 303)
    typed = tidy(request.args.get("q", ""))[0][:LONGEST]
    offered = _offered(dossier, where, typed)
    form = Commune(data={"commune": _first(dossier, offered)})
    form.commune.choices = offered
    if form.validate_on_submit():
        with transaction():
            actions.choose_unit(dossier, _unit(dossier, form.commune.data), by=me())
        return redirect(url_for(".check", dossier_id=dossier_id), 303)
    return render_template("citizen/commune.html", dossier=dossier, form=form, typed=typed, offered=bool(offered),
                           found=bool(_matches(dossier, typed)),
                           total=len(queries.application(dossier, ()).steps) + 2), 422 if form.errors else 200


def _offered(dossier: Dossier, where: Reception, typed: str) -> list[tuple[str, str, str]]:
    """(code, name, hint): what was chosen, the communes of the form's addresses, those that were searched for, and the
    agency itself where it may be."""
    known, gso = gazetteer.all_communes(), dossier.agency.gso_code or ""
    found = {code: _("chosen") for code in [_chosen(dossier)] if code}
    for code, question in queries.communes_in(dossier).items():
        if code in known.by_code and known.by_code[code].gso == gso:
            found.setdefault(code, _("from your answer to “%(question)s”", question=say(question)))
    for match in _matches(dossier, typed):
        found.setdefault(match.commune.code, _("before July 2025: %(name)s", name=match.was) if match.was else "")
    offered = [(code, known.by_code[code].name, hint) for code, hint in found.items() if code in known.by_code]
    if where is Reception.either:
        offered.append((AGENCY, dossier.agency.name, _("the agency of the province itself")))
    return offered


def _matches(dossier: Dossier, typed: str) -> list[Match]:
    return gazetteer.all_communes().find(typed, dossier.agency.gso_code or "") if typed else []


def _chosen(dossier: Dossier) -> str | None:
    if dossier.unit is None:
        return None
    return AGENCY if dossier.unit.kind == UnitKind.central else dossier.unit.code


def _first(dossier: Dossier, offered: list[tuple[str, str, str]]) -> str | None:
    """What stands ticked: what was chosen before, else the commune of the form's addresses where they name one alone:
    who moves from one to another says which it is."""
    named = queries.communes_in(dossier).keys() & {code for code, _name, _hint in offered}
    return _chosen(dossier) or (named.pop() if len(named) == 1 else None)


def _unit(dossier: Dossier, chosen: str) -> Unit:
    found = people.central_unit(dossier.agency_id) if chosen == AGENCY else people.commune(chosen)
    if found is None:
        raise LookupError(f"no unit for commune {chosen}")
    return found
