"""What is asked about who takes part in the exchange, and the words for how they stand."""
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from portal.exchange import secrets
from portal.exchange.models import ParticipantState, Way
from portal.kit.forms import Form, LongText, Select, TextField, Tick
from portal.kit.i18n import Later, _, _l
from portal.law import codes
from portal.people import permissions, queries
from portal.people.models import Agency, Unit
from portal.people.permissions import Place
from portal.web.contact_field import Contact
from portal.web.guard import me

WAYS: Mapping[str, Later] = {
    Way.pages: _l("On the pages of this portal"), Way.api: _l("By this portal's API, or its connector"),
    Way.axis: _l("By the client of the national axis"), Way.push: _l("Pushed to another portal of this kind"),
}
STATES: Mapping[str, tuple[str, Later]] = {
    ParticipantState.asked: ("waiting", _l("Waits for a decision")),
    ParticipantState.connected: ("done", _l("Takes part")),
    ParticipantState.refused: ("still", _l("Not let in")), ParticipantState.ended: ("still", _l("Ended")),
}
PROFILES: Mapping[str, Later] = {
    "vnpt": _l("Order A: most document systems, the Java library of the axis"),
    "csharp": _l("Order B: systems built with the C# library of 2019"),
    "gateway": _l("Order C: gateways that name documents by a UUID"),
}


def _ways() -> list[tuple[str, Any]]:
    return list(WAYS.items())


def _profiles() -> list[tuple[str, Any]]:
    return list(PROFILES.items())


class Mail(Contact):
    """An e-mail address, of an office: no telephone."""

    def check(self) -> None:
        super().check()
        if "@" not in str(self.data):
            self.refuse(_("Enter an e-mail address such as vanthu@tinh.gov.vn"))


class Ask(Form):
    """Who wants to take part. `found`: the agency and the unit, once the form was found valid."""

    agency = Select(_l("Agency"), choices=lambda: [(one.key, one.name) for one in my_agencies()])
    unit = TextField(_l("Department, commune or counter"), required=False, max=200, autocomplete="off",
                     help=_l("Leave it empty for the agency as a whole."))
    code = TextField(_l("Id in the exchange"), required=False, max=40, autocomplete="off", help=_l(
        "Such as H17.05. Leave it empty for the agency's own."))
    way = Select(_l("How it gets its documents"), choices=_ways, default=Way.pages)
    system_id = TextField(_l("System id (systemid)"), required=False, max=60, autocomplete="off",
                          show_if=("way", "axis"), help=_l("As its client sends it in XroadVnpt-systemid."))
    mail = Mail(_l("E-mail of its clerks"), required=False)
    found: tuple[Agency, Unit | None] | None = None

    def validate(self, extra_validators: Any = None) -> bool:
        return super().validate(extra_validators=extra_validators) and self._placed()

    def _placed(self) -> bool:
        agency = queries.agency_by_key(self.agency.data)
        if agency is None:
            return False
        unit = self._unit(agency) if self.unit.data else None
        if unit is not None and not self.code.data:
            self.code.errors = [_("A unit needs an id of its own: type it")]
        said = codes.agency_id(self.code.data) if self.code.data else None
        if self.code.data and (said is None or said.key != agency.key):
            self.code.errors = [_("The id begins with that of the agency, such as %(code)s", code=f"{agency.key}.05")]
        if self.way.data == Way.axis and not self.system_id.data:
            self.system_id.errors = [_("Fill in “%(label)s”", label=self.system_id.label.text)]
        self.found = agency, unit
        return not self.errors

    def _unit(self, agency: Agency) -> Unit | None:
        named = queries.units_named(agency.id, self.unit.data)
        if len(named) == 1:
            return named[0]
        self.unit.errors = [_("%(agency)s has no unit of this name", agency=agency.name) if not named else
                            _("Several units fit: %(names)s. Type the whole name",
                              names=", ".join(one.name for one in named[:8]))]
        return None


def my_agencies() -> list[Agency]:
    """The agencies of today that the signed-in person may connect."""
    return [one for one in queries.current_agencies() if permissions.may(me(), "exchange.connect", Place(one.id))]


class Secret(TextField):
    """A secret or a key: one line of plain signs."""

    def check(self) -> None:
        super().check()
        if not secrets.is_fit(self.data):
            self.refuse(_("8 to %(n)s letters, digits and signs without blanks", n=secrets.LONGEST))


class Address(TextField):
    """Of another portal: https, or http in one's own network."""

    def check(self) -> None:
        super().check()
        try:
            said = urlsplit(self.data)
            right = said.scheme in ("https", "http") and bool(said.hostname) and "@" not in said.netloc and not (
                said.query or said.fragment)
        except ValueError:
            right = False
        if not right:
            self.refuse(_("Type an address such as https://cong.bo.gov.vn/api/exchange/v1"))


class Change(Form):
    """In which way and which dialect it gets what is sent to it."""

    way = Select(_l("How it gets its documents"), choices=_ways)
    profile = Select(_l("Dialect in which it is written to"), choices=_profiles)
    address = Address(_l("Address of the other portal"), max=300, autocomplete="off", show_if=("way", "push"))
    push_key = Secret(_l("Key that the other portal issued"), required=False, max=secrets.LONGEST, autocomplete="off",
                      show_if=("way", "push"), help=_l("Leave it empty to keep the one that is there."))
    upstream = Tick(_l("What is for nobody here goes there"), required=False, show_if=("way", "push"))


class Approve(Change):
    secret = Secret(_l("Secret that the system uses already"), required=False, max=secrets.LONGEST, autocomplete="off",
                    show_if=("way", "axis"), help=_l("So that it changes nothing but the address. Leave it empty: a "
                                                     "new one is made and shown once."))


class Reason(Form):
    reason = LongText(_l("Why"), max=500, rows=3)


class NewSecret(Form):
    secret = Secret(_l("Secret that the system uses already"), required=False, max=secrets.LONGEST, autocomplete="off",
                    help=_l("Leave it empty: a new one is made and shown once."))
    at_once = Tick(_l("The secret before it ends at once"), required=False,
                   help=_l("Otherwise it holds for seven days more, so that nothing stands still meanwhile."))


class Pin(Form):
    pem = LongText(_l("Certificate (PEM)"), max=20_000, rows=6, help=_l(
        "From -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----. Compare the fingerprint with what the agency "
        "tells you by another way."))
