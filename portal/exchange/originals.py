"""The bytes of a message as they came. They are handed on to systems, and to a person as a download, never shown."""
from typing import IO

from flask import current_app

from portal.exchange.models import Message
from portal.files import actions
from portal.kit import disk, files

MEDIA_TYPE = "application/xml"


def keep(stream: IO[bytes], limit: int | None = None) -> files.Blob:
    """Keep a message, `limit` bytes at most (EXCHANGE_BYTES); on the disk before the row that names it commits. Raises
    kit.files.Refused: empty, too_large, disk."""
    if not disk.has_room():
        raise files.Refused("disk", "")
    try:
        return files.keep_unproven(stream, MEDIA_TYPE, limit=limit or current_app.config["EXCHANGE_BYTES"])
    except OSError as error:
        if error.errno not in disk.FULL:
            raise
        raise files.Refused("disk", "") from error


def own(message: Message, blob: files.Blob) -> None:
    """The bytes are this message's. No scanner sees through base64: the files in it are scanned by themselves."""
    message.file_id = actions.store(message.owner, blob).id
