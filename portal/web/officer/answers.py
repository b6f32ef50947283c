"""What the applicant handed in, in the order of the form."""
from collections.abc import Iterable
from dataclasses import dataclass, field

from portal.files.models import RESULT, Attachment
from portal.forms.application import Application
from portal.kit.i18n import say


@dataclass(frozen=True)
class Handed:
    """One paper of the form with the files that count and those that were replaced since."""

    label: str
    required: bool
    files: list[Attachment] = field(default_factory=list)
    replaced: list[Attachment] = field(default_factory=list)


def handed_in(application: Application, attachments: Iterable[Attachment]) -> list[Handed]:
    """The papers of the form in its order, then what came otherwise; the result is not among them."""
    papers = {each["key"]: Handed(say(each["label"]), bool(each.get("required"))) for each in application.papers}
    for attachment in attachments:
        if attachment.key == RESULT:
            continue
        paper = papers.setdefault(f"{attachment.key} {attachment.label}", Handed(attachment.label, False)) \
            if attachment.key not in papers else papers[attachment.key]
        (paper.replaced if attachment.replaced_at else paper.files).append(attachment)
    return list(papers.values())
