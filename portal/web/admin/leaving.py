"""What becomes of what somebody holds, asked before an account is closed or a role ended; what nobody can act on."""
from typing import Any

from flask import render_template, request

from portal.dossiers import permissions, queries
from portal.dossiers.models import Dossier
from portal.dossiers.states import State, Step, permission
from portal.kit.forms import Form, Select
from portal.kit.i18n import _, _l, ngettext
from portal.kit.web import row_number
from portal.people import permissions as roles
from portal.people import queries as people
from portal.people.models import Membership, Person
from portal.people.permissions import ANY, Role
from portal.people.words import ROLE_WORDS
from portal.web import guard
from portal.web.admin import bp, forms
from portal.web.guard import me
from portal.web.paging import around
from portal.web.words import DESK_STATES

BACK = "queue"
SHOWN = 10
MOVES = f"{permission(Step.assign)}{ANY}"


class Leaving(Form):
    """To whom it goes; only where something is held."""

    to = Select(_l("What becomes of them"), choices=())

    def colleague(self) -> Person | None:
        """Who gets them; None: they go back to the queue."""
        if "to" not in self or self.to.data in ("", BACK):
            return None
        return people.person(int(self.to.data))


def asked(person: Person, but: Membership | None = None) -> tuple[Leaving, list[Dossier]]:
    """The question, and what it is about. Where nothing is held, nothing is asked."""
    held, form = queries.would_leave(person, but), Leaving()
    if held:
        form.to.choices = [(BACK, _("Back to the queue of their unit")), *(
            (str(one.id), _("To %(name)s", name=_called(one))) for one in queries.could_take(held, person))]
    else:
        del form.to
    return form, held


def _called(person: Person) -> str:
    """Two of one name are told apart by what they are."""
    return f"{person.name} ({', '.join(dict.fromkeys(str(ROLE_WORDS[one.role]) for one in person.roles))})"


def page(person: Person, form: Leaving, held: list[Dossier], role: Any = None) -> Any:
    """The question with the dossiers that it is about: their codes, and nobody's names."""
    return render_template("admin/leaving.html", person=person, form=form, held=held[:SHOWN],
                           more=max(len(held) - SHOWN, 0), number=len(held), role=role,
                           states=DESK_STATES), 422 if form.is_submitted() else 200


def became(handed: int, back: int) -> str:
    """What became of them, in words; "" where nothing was held."""
    said = [ngettext("%(num)s dossier was handed on.", "%(num)s dossiers were handed on.", handed)] if handed else []
    if back:
        said.append(ngettext("%(num)s dossier went back to the queue.", "%(num)s dossiers went back to the queue.",
                             back))
    return " ".join(said)


@bp.get("/stranded")
@guard.permission("people.manage")
def stranded() -> Any:
    """What nobody can act on, as the last night found."""
    try:
        after = row_number(request.args.get("after", "0"))
    except ValueError:
        after = 0
    nationally = roles.may_give(me(), Role.portal_administrator, None)
    found = queries.stranded(None if nationally else [one.id for one in forms.my_agencies()], after=after)
    pages = around("after", found.next or None)
    return render_template("admin/stranded.html", page=found, states=DESK_STATES, pages=pages, lines=[
        (one, DESK_STATES[State(one.state)], permissions.may_as_staff(me(), MOVES, one)) for one in found.rows])
