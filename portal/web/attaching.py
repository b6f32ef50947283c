"""Files that a step of a form takes in: proven first, outside any transaction, then kept with their owner."""
from collections.abc import Callable, Collection, Sequence
from typing import Any

from portal.files import actions as documents
from portal.files import queries
from portal.files.models import Owner
from portal.kit.files import Refused
from portal.kit.forms import Kept
from portal.web.files import refusal_words
from portal.web.guard import me


def proven(field: Any) -> list[documents.Proven]:
    """The files that proved themselves; the question says what the others lack."""
    found = []
    for upload in field.data or ():
        try:
            found.append(documents.prove(upload.stream, upload.filename, by_id=me().id))
        except Refused as refused:
            field.errors = [*field.errors, refusal_words(refused)]
    return found


def keep(owner: Owner, q: dict[str, Any], field: Any, given: Sequence[documents.Proven], url: Callable[[int], str],
         besides: Collection[str] = ()) -> bool:
    """Take out what was ticked, take in what was proven; whether all of it could be. `url`: where a file is read;
    `besides`: questions that no longer apply, whose files take up no room."""
    for attachment in queries.attachments_of(owner):
        if str(attachment.id) in field.dropped and attachment.key == q["key"]:
            documents.remove(attachment)
            field.kept = [one for one in field.kept if one.key != str(attachment.id)]
    whole = True
    for one in given:
        try:
            made = documents.attach(owner, q["key"], q["label"]["vi"], one, by_id=me().id, besides=besides)
            field.kept.append(Kept(str(made.id), made.name, made.size, url(made.id)))
        except Refused as refused:
            field.errors = [*field.errors, refusal_words(refused)]
            whole = False
    return whole
