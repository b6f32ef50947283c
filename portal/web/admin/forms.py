"""The forms of the administrator's door."""
from portal.kit.forms import Form, Hidden, Select, TextField
from portal.kit.i18n import _l
from portal.people import queries
from portal.web.contact_field import Contact


class AddOfficer(Form):
    name = TextField(_l("Full name"), max=200, min=2, autocomplete="off")
    contact = Contact(_l("E-mail address or telephone number"), help=_l("The officer signs in with it."),
                      autocomplete="off")
    agency = Select(_l("Agency"), choices=lambda: [(a.key, a.name) for a in queries.current_agencies()])


class Search(Form):
    """Sent by POST: a name in an address would stay in logs and histories."""

    q = TextField(_l("Name or agency"), required=False, max=200, autocomplete="off")
    before = Hidden(max=20)
