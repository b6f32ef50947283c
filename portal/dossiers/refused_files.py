"""Files in which a scanner found something after they were taken: told to who can replace them, and replaced."""
from portal.dossiers import recording
from portal.dossiers.models import Dossier
from portal.dossiers.states import STATES, NotNow, State, Step
from portal.files import actions as documents
from portal.files import queries as files
from portal.files.models import RESULT, Attachment
from portal.kit import clock
from portal.kit.db import session
from portal.people.models import Person


def may_be_replaced(dossier: Dossier, attachment: Attachment) -> bool:
    """Whether the applicant may hand in another file for it now: the dossier is open, and nobody has yet."""
    state = State(dossier.state)
    return (state is not State.draft and not STATES[state].final and attachment.key != RESULT
            and attachment.replaced_at is None and files.is_refused(attachment))


def tell(attachment_id: int) -> None:
    """Tell the applicant which file a scanner refused, and, of a dossier that was handed in, the office. Of a result
    the office alone is told. Nothing where it was replaced or thrown away meanwhile."""
    attachment = files.attachment(attachment_id)
    dossier = session.get(Dossier, attachment.owner.id) if attachment else None
    if attachment is None or dossier is None or attachment.replaced_at is not None:
        return
    facts = {"file_name": attachment.name, "threat": attachment.file.threat or ""}
    if attachment.key != RESULT:
        recording.tell_of(dossier, "file_refused", is_draft=dossier.state == State.draft, **facts)
    if dossier.state != State.draft and not STATES[State(dossier.state)].final:
        recording.tell_office(dossier, "file_refused_office", **facts)


def replace(dossier: Dossier, attachment: Attachment, proven: documents.Proven, *, by: Person) -> None:
    """Hand in another file for one that a scanner refused, while the dossier is open. Raises NotNow, files.Refused."""
    recording.lock(dossier)
    session.refresh(attachment)
    if not may_be_replaced(dossier, attachment):
        raise NotNow(State(dossier.state), Step.answer)
    documents.attach(dossier.owner, attachment.key, attachment.label, proven, by_id=by.id)
    attachment.replaced_at = clock.now()
    recording.tell_office(dossier, "file_replaced", file_name=proven.name)
    session.flush()
