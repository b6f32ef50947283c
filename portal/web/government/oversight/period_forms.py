"""What is filled in about periods of reports and plans."""
from collections.abc import Sequence
from datetime import date
from typing import Any

from portal.kit import clock
from portal.kit.forms import Attachment, Choice, DateParts, Form, LongText, Select, TextField, Tick
from portal.kit.i18n import _, _l, say
from portal.oversight.models import ReportTemplate
from portal.oversight.periods import after, before, called, due_by, period_of
from portal.oversight.reporting import NAMED
from portal.people.models import Agency
from portal.web.government.oversight.directive_forms import Given

BACK, AHEAD = 8, 1  # how many periods can be chosen before and after the one in which today lies


class Opens(Form):
    """A period of a template: when its reports are due and who owes one."""

    period = Select(_l("Period"), choices=[])
    due_on = DateParts(_l("To be delivered by"), required=False,
                       help=_l("Leave it blank for the day by the template's rule."))
    group = Choice(_l("Who owes a report"), default="group", choices=[
        ("group", _l("Everybody whom the template asks")), (NAMED, _l("Those named below"))])
    named = LongText(_l("Agencies, one a line"), max=4000, rows=4, show_if=("group", NAMED),
                     help=_l("Their names or codes."))
    goes_on = Tick(_l("Open the next periods by itself, each when it begins"), required=False)

    def offer(self, template: ReportTemplate) -> None:
        """Let the periods of this template be chosen."""
        self.period.choices = choices(template)
        if self.period.data is None and not self.is_submitted():
            self.period.data = period_of(clock.today(), template.every)

    def agencies(self, current: Sequence[Agency]) -> list[Agency] | None:
        """Those that were named; None for the template's group."""
        if self.group.data != NAMED:
            return None
        found = Given.named_among(current, self.named)
        if not found and not self.named.errors:
            self.named.errors = [_("Name at least one agency")]
        return found


class Adds(Form):
    """Agencies that owe a report of an open period too."""

    named = LongText(_l("Agencies, one a line"), max=4000, rows=3, help=_l("Their names or codes."))


class Registers(Form):
    """A plan as its agency issued it."""

    agency = Select(_l("Agency"), choices=[])
    programme = TextField(_l("For which programme"), max=60, help=_l("For example 36a/NQ-CP"))
    number = TextField(_l("Number of the plan"), max=60, help=_l("For example 120/KH-UBND"))
    issued_on = DateParts(_l("Plan issued on"), past=True)
    title = TextField(_l("What it is called"), max=500)
    file = Attachment(_l("The plan"), required=False, max_files=1, kinds=("pdf", "docx"), help=_l(
        "Not needed where your agency sent the plan through the exchange under this number and day."))
    public = Tick(_l("Everybody may read the file: it holds no secret of the State and nothing about a person beyond "
                     "who signed it"), required=False)


class Withdraws(Form):
    reason = LongText(_l("Why"), max=2000, rows=3)


class Uploads(Form):
    """A new version of a template, as a file."""

    key = TextField(_l("Key of the template"), max=40, help=_l("Letters a to z, digits and low lines."))
    every = Select(_l("How often"), choices=[
        ("month", _l("Every month")), ("quarter", _l("Every quarter")), ("half", _l("Every half-year")),
        ("year", _l("Every year"))])
    owes = Select(_l("Who owes it"), choices=[
        ("all", _l("All agencies")), ("central", _l("All ministries and central bodies")),
        ("provinces", _l("All provinces and cities"))])
    source = TextField(_l("Source"), max=300, help=_l("For example Circular 09/2026/TT-BTP, form II.07a"))
    file = Attachment(_l("The definition (JSON)"), max_files=1, max_bytes=1_000_000, kinds=("json",))


def choices(template: ReportTemplate) -> list[tuple[str, str]]:
    """The periods that can be opened, the newest first, with the day by which each would be due."""
    one = period_of(clock.today(), template.every)
    for _n in range(AHEAD):
        one = after(one)
    found = []
    for _n in range(BACK + AHEAD + 1):
        found.append((one, _words(one, due_by(template.definition.get("due"), one))))
        one = before(one)
    return found


def _words(period: str, due: date) -> str:
    words = say(called(period))
    return _("%(period)s, due on %(day)s", period=words[:1].upper() + words[1:], day=due.strftime("%d/%m/%Y"))


def problem(form: Any, field: Any, words: str) -> None:
    """Say at a question what turned out to be wrong with it."""
    field.errors = [*field.errors, words]
