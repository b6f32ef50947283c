"""What is filled in about indices."""
from decimal import Decimal
from typing import Any

from portal.kit.forms import Attachment, Form, LongText, Select, TextField
from portal.kit.i18n import _, _l
from portal.oversight import sheets
from portal.oversight.rankings.actions import LONGEST_REASON, LONGEST_SOURCE
from portal.oversight.rankings.definitions import Definition
from portal.oversight.sheets import NUMBER_WORDS, NotANumber


class TakeSurvey(Form):
    """A file with the values, and whose word they are."""

    file = Attachment(_l("File with the values"), max_files=1, max_bytes=sheets.MOST_BYTES, kinds=sheets.KINDS,
                      help=_l("One line an agency, one column an indicator, as in the template. An empty cell says "
                              "nothing. If one cell is wrong, nothing is taken."))
    source = TextField(_l("Whose survey it is, and when it was made"), max=LONGEST_SOURCE,
                       help=_l("For example: survey of Viện Xã hội học, 10/2026, 12,000 people"))


class SayValue(Form):
    """One value, said by a person with a reason."""

    agency = Select(_l("Agency"))
    indicator = Select(_l("Indicator"))
    value = TextField(_l("Value"), max=24, required=False, help=_l("Leave it empty to take back what was said before."))
    reason = LongText(_l("Reason, and where it can be read again"), max=LONGEST_REASON, rows=3)

    def number(self, definition: Definition) -> tuple[Decimal | None, bool]:
        """(the value, whether it can be taken); the problem stands at the field."""
        if not (self.value.data or "").strip():
            return None, True
        try:
            found = sheets.number(self.value.data)
        except NotANumber as error:
            self.value.errors = [_(NUMBER_WORDS[error.reason], value=self.value.data)]
            return None, False
        least, most = definition.ranges[self.indicator.data]
        if not least <= found <= most:
            self.value.errors = [_("A number from %(least)s to %(most)s is needed", least=least, most=most)]
            return None, False
        return found, True


class PublishIndex(Form):
    """Publishing; a further edition says what was wrong with the one before."""

    reason = LongText(_l("What is corrected"), max=LONGEST_REASON, rows=3, required=False)

    def first(self) -> Any:
        return self.reason
