"""What must be given with a probe, as questions of a form: each is put where its probe is chosen."""
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from portal.kit.forms import Form, LongText, NumberField, Select, TextField
from portal.kit.forms.fields import Answer
from portal.kit.i18n import Later, _, _l, short_day
from portal.oversight import probes
from portal.oversight.probes import PROBES, Want
from portal.oversight.reporting import REPORT_WORDS, ReportState

LONGEST = 200
DAYS = frozenset({"since", "last", "issued", "on", "submitted"})


def put(form: type[Form]) -> None:
    """Add the questions of every probe to a form that has the question `probe`. They are put after the questions that
    it has by now."""
    for key, probe in PROBES.items():
        for name, want in probe.wants.items():
            setattr(form, _name(key, name), _question(want, key, probe.words))


def _name(probe: str, want: str) -> str:
    return f"{probe}_{want}"


def _question(want: Want, key: str, probe: str) -> Any:
    facts: dict[str, Any] = {"help": _l(want.help) if want.help else "", "required": want.default is None,
                             "show_if": ("probe", key), "default": want.default}
    label = Later("%(probe)s: %(want)s", probe=_l(probe), want=_l(want.words))
    if (choices := want.choices) is not None:
        return Select(label, choices=lambda: [(value, _(words)) for value, words in choices()], **facts)
    if want.kind == "number":
        return NumberField(label, min=want.least, max=want.most, **facts)
    if want.kind == "lines":
        return LongText(label, max=want.most or LONGEST, rows=3, **facts)
    return TextField(label, max=want.most or LONGEST, **facts)


def wanted(form: Form, *, recurring: bool) -> dict[str, Any] | None:
    """What was filled in of the chosen probe, as probes.complete gives it; None where something is wrong, which then
    stands at its field."""
    probe = form["probe"].data
    if not probe:
        return {}
    given = {name: form[_name(probe, name)].data for name in PROBES[probe].wants}
    try:
        return probes.complete(probe, given, recurring=recurring)
    except probes.WrongWant as wrong:
        field: Answer = form[_name(probe, wrong.name)]
        field.errors = [_(wrong.words)]
        return None


def in_words(probe: str | None, given: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(words, value) of what was given with a probe, in the reader's language."""
    return [(_(words), _(value) if isinstance(value, str) else str(value))
            for words, value in probes.said(probe, given)]


def facts_in_words(facts: Mapping[str, Any]) -> list[str]:
    """What a probe saw, or why it could not look, fact by fact."""
    return [_(probes.WHY_WORDS.get(value, value)) if key == "why" else
            f"{_(probes.FACT_WORDS.get(key, key))}: {_fact(key, value)}" for key, value in facts.items()]


def _fact(key: str, value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if key == "report":
        return _(REPORT_WORDS[ReportState(value)])
    if value is not None and key in DAYS:
        return short_day(datetime.fromisoformat(value)) if len(value) > len("2026-11-30") else short_day(
            date.fromisoformat(value))
    return "—" if value is None else str(value)
