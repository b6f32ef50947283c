"""What names a document and a participant, whatever the message wrote it as. Pure."""
from portal.exchange.edxml.message import DocumentId
from portal.law import codes

LONGEST = 160


def organ(said: str) -> str:
    """A participant's id in its one form, top first and without zeros: H99.01 for 000.00.01.H99. What has not the form
    of one stays as it is, in capitals."""
    found = codes.agency_id(said)
    if found is None:
        return said.strip().upper()[:40]
    return ".".join([found.key, *found.path])


def key(id_: DocumentId, sender: str) -> str:
    """The one name of a document among all of its `sender`'s (an id as sent): organ, day and number, or the UUID."""
    if id_.uuid:
        return id_.uuid.lower()
    if id_.code and id_.day:
        return f"{organ(id_.organ or sender)},{id_.day.isoformat()},{' '.join(id_.code.split()).upper()}"[:LONGEST]
    return f"{organ(sender)}?{' '.join(id_.said.split()).upper()}"[:LONGEST]
