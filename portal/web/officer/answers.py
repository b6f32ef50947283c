"""What the applicant answered and handed in, in the order of the form and in words."""
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from portal.documents.models import Attachment
from portal.dossiers.models import Dossier
from portal.forms import completeness, questions
from portal.kit.i18n import say

RESULT = "result"  # the key of what an officer attaches when deciding


@dataclass(frozen=True)
class Handed:
    """One paper of the form with the files that count and those that were replaced since."""

    label: str
    required: bool
    files: list[Attachment] = field(default_factory=list)
    replaced: list[Attachment] = field(default_factory=list)


def definition_of(dossier: Dossier) -> Mapping[str, Any]:
    """The form that the dossier was filled in by; one without questions where the terms have none."""
    return dossier.terms.form.definition if dossier.terms.form else {"steps": []}


def answered(dossier: Dossier) -> list[dict[str, Any]]:
    """Each step that asks anything but papers: its title, and rows of label and answer ("": left blank)."""
    steps = []
    for step in definition_of(dossier)["steps"]:
        rows = [{"key": say(each["label"]), "value": questions.in_words(each, dossier.answers.get(each["key"]))}
                for each in step["fields"]
                if each["kind"] != "attachment" and completeness.applies(each, dossier.answers)]
        if rows:
            steps.append({"title": say(step["title"]), "rows": rows})
    return steps


def handed_in(dossier: Dossier, attachments: Iterable[Attachment]) -> list[Handed]:
    """The papers of the form in its order, then what came otherwise; the result is not among them."""
    papers = {each["key"]: Handed(say(each["label"]), bool(each.get("required")))
              for each in completeness.papers(definition_of(dossier), dossier.answers)}
    for attachment in attachments:
        if attachment.key == RESULT:
            continue
        paper = papers.setdefault(f"{attachment.key} {attachment.label}", Handed(attachment.label, False)) \
            if attachment.key not in papers else papers[attachment.key]
        (paper.replaced if attachment.replaced_at else paper.files).append(attachment)
    return list(papers.values())
