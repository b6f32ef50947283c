"""The search form: sent by GET, so that every list has an address; it changes nothing and needs no token."""
from dataclasses import dataclass
from typing import Any

from wtforms import SelectField, StringField
from wtforms.validators import Length, Optional

from portal.catalogue import queries
from portal.kit.forms import Form
from portal.kit.i18n import _

LEVELS = (4, 3, 2, 1)
LONGEST_QUERY = 200
Choices = list[tuple[str, str]]


@dataclass(frozen=True)
class Asked:
    """What a list was asked for; a value that does not exist counts as not given."""

    q: str = ""
    level: int | None = None
    agency: str | None = None
    sector: str | None = None
    audience: str | None = None

    def arguments(self, **other: str | int | None) -> dict[str, Any]:
        """The address's arguments with some of them changed; None takes one away."""
        given = {"q": self.q, "level": self.level, "agency": self.agency, "sector": self.sector,
                 "audience": self.audience} | other
        return {name: value for name, value in given.items() if value not in (None, "")}


class Search(Form):
    """Words and four facets. Unknown values are left out, not refused: the list is then longer."""

    class Meta(Form.Meta):
        csrf = False

    q = StringField(validators=[Length(max=LONGEST_QUERY)])
    level = SelectField(validators=[Optional()], validate_choice=False)
    agency = SelectField(validators=[Optional()], validate_choice=False)
    sector = SelectField(validators=[Optional()], validate_choice=False)
    audience = SelectField(validators=[Optional()], validate_choice=False)

    def asked(self) -> Asked:
        """The request's arguments, cleaned."""
        level = self.level.data or ""
        agency = queries.agency(self.agency.data or "")
        sector = queries.sector(self.sector.data or "")
        return Asked(
            q=" ".join((self.q.data or "").split())[:LONGEST_QUERY],
            level=int(level) if level in map(str, LEVELS) else None,
            agency=agency.key if agency else None, sector=sector.slug if sector else None,
            audience=self.audience.data if self.audience.data in ("citizen", "business") else None)

    def offer(self, asked: Asked, page: queries.Page) -> None:
        """Fill the lists with what would be found, without choices that lead to nothing; the chosen one stays."""
        self.q.data = asked.q

        def filled(every: str, chosen: str | int | None, items: list[tuple[str, str, int]]) -> Choices:
            kept = [(value, f"{name} ({n})") for value, name, n in items if n or value == str(chosen)]
            return [("", every), *kept]

        self.level.choices = filled(_("Every level"), asked.level, [
            (str(n), _("Level %(n)s", n=n), page.by_level[n]) for n in LEVELS])
        self.agency.choices = filled(_("The whole country"), asked.agency, [
            (a.key, a.short_name, page.by_agency.get(a.key, 0)) for a in queries.agencies_current()])
        self.sector.choices = filled(_("Every sector"), asked.sector, [
            (s.slug, s.name, page.by_sector.get(s.slug, 0)) for s in queries.sectors()])
        self.audience.choices = filled(_("Everybody"), asked.audience, [
            ("citizen", _("Citizens"), page.by_audience["citizen"]),
            ("business", _("Businesses"), page.by_audience["business"])])
        for name in ("level", "agency", "sector", "audience"):
            self[name].data = str(getattr(asked, name) or "")
