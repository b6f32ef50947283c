"""What is filled in about indices."""
from decimal import Decimal
from typing import Any

from portal.kit.forms import Attachment, Form, Hidden, LongText, Select, TextField
from portal.kit.i18n import _, _l
from portal.oversight.rankings import survey
from portal.oversight.rankings.actions import LONGEST_REASON, LONGEST_SOURCE
from portal.oversight.rankings.definitions import Definition
from portal.oversight.tables import Doubtful


class TakeSurvey(Form):
    """A file with the values, and whose word they are."""

    file = Attachment(_l("File with the values"), max_files=1, max_bytes=survey.MOST_BYTES, kinds=survey.KINDS,
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
        try:
            return survey.number(self.value.data, definition, self.indicator.data, {}), True
        except Doubtful as error:
            self.value.errors = [_(survey.WORDS[error.reason], **error.facts)]
            return None, False


class PublishIndex(Form):
    """Publishing; a further edition says what was wrong with the one before. `seen`: what the page showed."""

    seen = Hidden(max=64)
    reason = LongText(_l("What is corrected"), max=LONGEST_REASON, rows=3, required=False)

    def first(self) -> Any:
        return self.reason
