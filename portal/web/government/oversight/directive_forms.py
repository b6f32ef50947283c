"""What is filled in about tasks."""
from collections.abc import Mapping, Sequence
from typing import Any

from portal.kit import clock
from portal.kit.forms import Choice, DateParts, Form, LongText, Select, TextField
from portal.kit.i18n import _, _l, short_day
from portal.kit.text import fold
from portal.oversight import probes
from portal.oversight.periods import due_day, period_of
from portal.oversight.standing import Standing
from portal.people.models import Agency, AgencyKind
from portal.web.government.oversight import probe_questions

REASON = 2000
GROUPS = (("provinces", _l("All provinces and cities")), ("central", _l("All ministries and central bodies")),
          ("named", _l("Those named below")))


class Words(Form):
    """What is said with an act."""

    words = LongText(_l("What shows it, or why"), max=REASON, rows=3)

    def first(self) -> Any:
        return self.words


class MoreTime(Form):
    until = DateParts(_l("Until which day"), help=_l("For example 31 12 2026"))
    reason = LongText(_l("Why more time is needed"), max=REASON, rows=3)

    def first(self) -> Any:
        return self.reason


class DecideTime(Form):
    answer = Choice(_l("More time"), choices=[("give", _l("Give it")), ("refuse", _l("Refuse it"))])
    reason = LongText(_l("Reason"), max=REASON, rows=2, required=False, help=_l("Needed to refuse."))

    def first(self) -> Any:
        return self.reason


class Asked(Form):
    """A task as the decision words it."""

    number = TextField(_l("Number of the decision"), max=60, help=_l("For example 36a/NQ-CP"))
    issuer = TextField(_l("Issuing body"), max=200)
    issued_on = DateParts(_l("Date of the decision"), help=_l("For example 31 12 2026"), required=False)
    article = TextField(_l("Article"), max=80, required=False)
    words = LongText(_l("The task"), max=4000, rows=4)
    product = LongText(_l("What must come of it"), max=1000, rows=2, required=False)
    deadline = Choice(_l("Deadline"), choices=[
        ("fixed", _l("A day")), ("recurring", _l("Comes again")), ("condition", _l("When something has happened")),
        ("none", _l("None"))])
    due_on = DateParts(_l("Due on"), help=_l("For example 31 12 2026"), show_if=("deadline", "fixed"))
    every = Select(_l("How often"), show_if=("deadline", "recurring"), choices=[
        ("month", _l("Every month")), ("quarter", _l("Every quarter")), ("year", _l("Every year"))])
    condition = TextField(_l("When what has happened"), max=500, show_if=("deadline", "condition"))
    probe = Select(_l("What the portal looks at each night"), required=False, choices=lambda: [
        (key, _(one.words)) for key, one in probes.PROBES.items()])


probe_questions.put(Asked)


class Given(Asked):
    """The same, and who has it."""

    group = Choice(_l("Who answers for it"), choices=list(GROUPS))
    named = LongText(_l("Agencies, one a line"), max=4000, rows=3, show_if=("group", "named"),
                     help=_l("Their names or codes."))
    co_operating = LongText(_l("Who co-operates, one a line"), max=4000, rows=2, required=False)

    def validate(self, extra_validators: Any = None) -> bool:
        """And whether the days, and what is given with the probe, go together."""
        right = super().validate(extra_validators=extra_validators) and self._days_go_together()
        if right:
            self.wanted = probe_questions.wanted(self, recurring=self.deadline.data == "recurring")
        return right and self.wanted is not None

    def _days_go_together(self) -> bool:
        """As in a spreadsheet. A day that is over already makes its agencies late at once, before everybody: it wants
        the day of the decision, so that a slip of the year is no old task."""
        issued, due = self.issued_on.data, self.due_on.data if self.deadline.data == "fixed" else None
        if issued and issued > clock.today():
            self.issued_on.errors = [
                _("%(issued)s is still to come: a decision that was given has a day that has been.",
                  issued=short_day(issued))]
        elif issued and due and due < issued:
            self.due_on.errors = [_("%(due)s lies before the day of the decision, %(issued)s.",
                                    due=short_day(due), issued=short_day(issued))]
        elif due and due < clock.today() and not issued:
            self.due_on.errors = [_("%(due)s is over already. For an old task enter the day of its decision as well.",
                                    due=short_day(due))]
        return not self.issued_on.errors and not self.due_on.errors

    def fields_of_directive(self) -> dict[str, Any]:
        """As tasks.new_directive takes them."""
        kind = self.deadline.data
        return {"number": self.number.data, "issuer": self.issuer.data, "issued_on": self.issued_on.data,
                "article": self.article.data or "", "words": self.words.data, "product": self.product.data or "",
                "deadline": kind, "due_on": self.due_on.data if kind == "fixed" else None,
                "every": self.every.data if kind == "recurring" else None,
                "condition": self.condition.data or "" if kind == "condition" else "",
                "probe": self.probe.data or None, "wanted": self.wanted or {}}

    def period(self) -> dict[str, Any]:
        """A task that comes again is given for the period in which today lies."""
        if self.deadline.data != "recurring":
            return {}
        period = period_of(clock.today(), self.every.data)
        return {"period": period, "due_on": due_day(period)}

    def leads_among(self, current: Sequence[Agency]) -> list[Agency]:
        """The agencies of the group, or those that were named."""
        if self.group.data == "named":
            return self.named_among(current, self.named)
        provinces = self.group.data == "provinces"
        return [one for one in current if (one.kind == AgencyKind.province) == provinces]

    @staticmethod
    def named_among(current: Sequence[Agency], field: Any) -> list[Agency]:
        """By name or code, whatever the marks and capitals; who is not found is named at the field."""
        known = {fold(word): one for one in current for word in (*_names(one), one.key, one.code) if word}
        typed = [line.strip() for line in (field.data or "").splitlines() if line.strip()]
        unknown = [line for line in typed if fold(line) not in known]
        if unknown:
            field.errors = [_("No agency of today is called: %(names)s", names="; ".join(unknown[:5]))]
        return list(dict.fromkeys(known[fold(line)] for line in typed if fold(line) in known))


def _names(agency: Agency) -> list[str]:
    """What it is called: in full, and without the word for what it is."""
    return [agency.name, *(agency.name.removeprefix(word) for word in ("Thành phố ", "Tỉnh ")
                           if agency.name.startswith(word))]


class CameAbout(Form):
    """That the condition of a deadline has come about."""

    on = DateParts(_l("The day on which it came about"), help=_l("For example 31 12 2026"))
    due_on = DateParts(_l("Due on"), help=_l("For example 31 12 2026"))
    reason = LongText(_l("What shows it"), max=REASON, rows=2, help=_l(
        "For example the document by which it came about, with its number and day."))


def forms_for(stands: Standing, *, watches: bool, claims: bool, posted: Mapping[str, Any]) -> dict[str, Form]:
    """The forms of what can be done now, by the name of the act: those that were posted with what was typed."""
    open_ = stands.done_on is None
    possible: dict[str, type[Form]] = {}
    if claims and open_ and not stands.claimed_at:
        possible["claim"] = Words
    if claims and open_ and stands.due_on and not stands.asked_until:
        possible["time"] = MoreTime
    if watches and open_ and stands.asked_until:
        possible["decide"] = DecideTime
    if watches and open_:
        possible["verify"] = Words
    if watches and open_ and (stands.claimed_at or stands.proposed_at):
        possible["send_back"] = Words
    if watches and not open_:
        possible["reopen"] = Words
    return {act: posted.get(act) or kind(formdata=None, prefix=f"{act}-") for act, kind in possible.items()}
