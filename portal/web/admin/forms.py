"""The forms of the administrators' door."""
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from portal.catalogue import queries as catalogue
from portal.kit import clock
from portal.kit.forms import DateParts, Form, Hidden, NameField, Select, TextField
from portal.kit.i18n import _, _l
from portal.people import permissions, queries
from portal.people.models import Agency, Unit, UnitKind
from portal.people.permissions import NATIONAL, Place, Role
from portal.people.words import ROLE_WORDS, UNIT_KIND_WORDS
from portal.web.contact_field import Contact
from portal.web.guard import me

MOST_OFFERED = 8


def my_agencies() -> list[Agency]:
    """The agencies of today whose people and units the signed-in person manages."""
    return [one for one in queries.current_agencies() if permissions.may(me(), "people.manage", Place(one.id))]


def _choices() -> list[tuple[str, str]]:
    return [(one.key, one.name) for one in my_agencies()]


def _roles() -> list[tuple[str, Any]]:
    """The roles that the signed-in person may give."""
    nationally = permissions.may_give(me(), Role.portal_administrator, None)
    return [(role, words) for role, words in ROLE_WORDS.items() if nationally or role not in NATIONAL]


def not_one_unit(agency: Agency, found: Sequence[Unit]) -> str:
    """What to do where a name is none of a unit's, or of several."""
    if not found:
        return _("%(agency)s has no unit of this name", agency=agency.name)
    names = ", ".join(one.name for one in found[:MOST_OFFERED])
    return _("Several units fit: %(names)s. Type the whole name", names=names)


class GiveRole(Form):
    """A role, where, and until when. `place` is where, once the form was found valid."""

    role = Select(_l("Role"), choices=_roles)
    agency = Select(_l("Agency"), required=False, choices=_choices)
    unit = TextField(_l("Department, commune or counter"), required=False, max=200, autocomplete="off",
                     help=_l("Leave it empty for the agency as a whole."))
    until = DateParts(_l("Last day"), required=False, future=True, help=_l("Leave it empty for a role without an end."))
    place: Place | None = None

    def validate(self, extra_validators: Any = None) -> bool:
        return super().validate(extra_validators=extra_validators) and self._placed()

    def _placed(self) -> bool:
        national = self.role.data in NATIONAL
        agency = queries.agency_by_key(self.agency.data) if self.agency.data else None
        if national != (agency is None):
            self.agency.errors = [_("Choose no agency for a role of the whole portal") if national
                                  else _("Choose an answer for “%(label)s”", label=self.agency.label.text)]
        elif agency is not None:
            unit = self._unit(agency) if self.unit.data else None
            self.place = Place(agency.id, unit.id if unit else None)
            if not self.unit.errors and not permissions.fits(self.role.data, self.place):
                self.unit.errors = [_("This role is held at the agency as a whole: leave the unit empty")]
        return not self.errors

    def _unit(self, agency: Agency) -> Unit | None:
        found = queries.units_named(agency.id, self.unit.data)
        if len(found) == 1:
            return found[0]
        self.unit.errors = [not_one_unit(agency, found)]
        return None

    def ends_at(self) -> datetime | None:
        """The first moment after the last day."""
        last: date | None = self.until.data
        return datetime.combine(last + timedelta(days=1), time(), clock.VN) if last else None


class AddPerson(GiveRole):
    name = NameField(_l("Full name"), max=200, min=2, autocomplete="off")
    contact = Contact(_l("E-mail address or telephone number"), help=_l("The officer signs in with it."),
                      autocomplete="off")

    def questions(self) -> list[Any]:
        """Who it is first, then the role."""
        asked = list(super().questions())
        return sorted(asked, key=lambda question: question.name not in ("name", "contact"))


class AddUnit(Form):
    """A department, or a counter of one of the agency's units."""

    kind = Select(_l("Kind"), choices=[(kind, UNIT_KIND_WORDS[kind]) for kind in (
        UnitKind.department, UnitKind.counter)])
    name = TextField(_l("Name"), max=200, min=2, autocomplete="off", printed=True)
    parent = TextField(_l("Unit that the counter receives for"), max=200, autocomplete="off",
                       show_if=("kind", UnitKind.counter))


class AddCompetence(Form):
    """A whole sector, or one procedure."""

    sector = Select(_l("Sector"), required=False, choices=lambda: [
        (one.slug, one.name) for one in catalogue.sectors()])
    procedure = TextField(_l("Code of a procedure"), required=False, max=40, autocomplete="off",
                          help=_l("For one procedure of a sector that the unit does not deal with as a whole."))


class Search(Form):
    """Sent by POST: a name in an address would stay in logs and histories."""

    q = TextField(_l("Name or agency"), required=False, max=200, autocomplete="off")
    before = Hidden(max=20)
