"""What is said of a paper or a result to whoever has its code or its file: what a forger would change, no more.

It is what was frozen with the act. Of the holder's name initials and the last word are told: whoever has the paper can
compare them, whoever has not learns nobody's name.
"""
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from portal.kit.i18n import Later, _, _l, day, moment
from portal.papers.facts import masked_name
from portal.papers.models import Paper, ResultEntry
from portal.web.words import paper_name

VOID: Mapping[str, Later] = {
    "replaced": _l("This paper was replaced by another on %(moment)s: the later one counts."),
    "taken_back": _l("What this paper asks for was taken back on %(moment)s: nothing need be handed in for it.")}
OUTCOMES: Mapping[str, Later] = {"granted": _l("Granted"), "denied": _l("Denied")}


def _day(value: str) -> str:
    return day(date.fromisoformat(value))


def _moment(value: str) -> str:
    return moment(datetime.fromisoformat(value))


def _outcome(value: str) -> str:
    return str(OUTCOMES[value])


#: Fields of the frozen facts that are told, in the order of the page, and how each is said.
TOLD: Mapping[str, tuple[Later, Callable[[str], str]]] = {
    "content": (_l("Procedure"), str),
    "unit_name": (_l("Unit"), str),
    "number": (_l("Number of the paper"), str),
    "holder_name": (_l("Holder (initials)"), masked_name),
    "received_at": (_l("Accepted"), _moment),
    "due_at": (_l("Result promised by"), _moment),
    "old_due_at": (_l("Result promised until then by"), _moment),
    "new_due_at": (_l("Result promised by"), _moment),
    "answer_by": (_l("Last day to answer"), _day),
    "replaces": (_l("Takes the place of No."), str),
    "outcome": (_l("Outcome"), _outcome),
    "decided_at": (_l("Decided"), _moment),
    "file_name": (_l("File"), str),
}


class Proof(NamedTuple):
    """A paper or a result as the page tells of it. `void`: why it counts no longer, "" where it counts."""

    kind: str
    code: str
    agency_name: str
    issued_at: datetime
    dossier_code: str
    facts: list[tuple[str, str]]
    digests: list[tuple[str, str]]
    void: str = ""


def of_paper(paper: Paper) -> Proof:
    void = _(VOID[paper.void_as].message, moment=moment(paper.void_at)) if paper.void_as else ""
    return Proof(paper_name(paper.kind, paper.issued_at), paper.code, paper.agency_name, paper.issued_at,
                 paper.dossier_code, _told(paper.facts), [(sheet.size_name, sheet.sha256) for sheet in paper.sheets],
                 void)


def of_result(entry: ResultEntry) -> Proof:
    return Proof(_("Result of a dossier"), entry.code, entry.agency_name, entry.issued_at, entry.dossier_code,
                 _told(entry.facts), [("", entry.file.sha256)])


def _told(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(str(label), said(facts[name])) for name, (label, said) in TOLD.items() if facts.get(name)]
