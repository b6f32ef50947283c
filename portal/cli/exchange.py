"""`flask exchange …`: documents between agencies."""
import json
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click
from flask import Flask

from portal.cli.words import Group
from portal.exchange import bundles, queries
from portal.exchange.edxml import reading
from portal.exchange.edxml.message import Business, Code, DocumentId, DocumentMessage, Message, Refused, ResponseFor
from portal.exchange.edxml.refusals import REASONS
from portal.kit.clock import VN
from portal.kit.i18n import _

group = Group("exchange", help="Documents between agencies.")


@group.command("read")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--certificate", "certificates", type=click.File(), multiple=True,
              help="A certificate (PEM) that is trusted for the sender; may be given again.")
def read(file: Path, certificates: tuple[Any, ...]) -> None:
    """Read an edXML message and print what it says as one JSON object.

    Needs no database. Ends with 1, and says why on standard error, where the message is not taken.
    """
    pinned = [each.read() for each in certificates]
    try:
        with file.open("rb") as source, tempfile.TemporaryDirectory() as folder:
            message = reading.read(source, Path(folder), certificates=lambda _sender: pinned)
    except Refused as refused:
        raise _ended(_words(refused)) from None
    except OSError as error:
        raise _ended(_("%(file)s cannot be read: %(error)s", file=file, error=error.strerror or error)) from None
    click.echo(json.dumps(as_object(message), ensure_ascii=False, indent=2).encode("utf-8", "backslashreplace"))


@group.command("bundle")
@click.argument("key")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The file to write (a zip).")
def bundle(key: str, out: Path) -> None:
    """Write what proves who sent the document KEY (the id that it was sent with, or its number here), and who got it.

    Prints the public keys that tools/check_bundle.py checks it with.
    """
    found = [found for found in queries.documents_by_key(key) if found.state == "sent"]
    if not found and key.isdecimal() and (one := queries.document(int(key))) is not None and one.state == "sent":
        found = [one]
    if len(found) != 1:
        raise click.UsageError(f"{len(found)} documents have this key; name one by its number.")
    part = out.with_name(f".{out.name}.part")
    try:
        with part.open("wb") as target:
            bundles.write(found[0], target)
        part.replace(out)
    except OSError as error:
        raise click.ClickException(f"{out} cannot be written: {error.strerror or error}") from None
    finally:
        with suppress(OSError):
            part.unlink()
    click.echo("\n".join(bundles.public_keys()))


def _words(refused: Refused) -> str:
    where = "".join(char if char.isprintable() else "?" for char in str(refused.where))
    return f"{_(REASONS[refused.reason])} [{refused.reason}{f': {where}' if where else ''}]"


def _ended(words: str) -> click.exceptions.Exit:
    click.echo(words.encode("utf-8", "replace"), err=True)
    return click.exceptions.Exit(1)


def as_object(message: Message) -> Mapping[str, object]:
    """A message as the command prints it: ids as they were sent, dates and times in ISO's form."""
    seen, document = message.seen, message if isinstance(message, DocumentMessage) else None
    status = message if not isinstance(message, DocumentMessage) else None
    about = document.response_for if document else status.about if status else ()
    return {
        "kind": message.kind.value,
        "document_id": _id(document.document_id) if document else None,
        "from": message.sender.id,
        "to": [organ.id for organ in message.receivers],
        "business": document.business.type.value if document else None,
        "replaces": [_id(each) for each in _replaced(document)] if document else [],
        "status_code": status.code if status else None,
        "status_at": _moment(status.at) if status else None,
        "response_for": [_about(each) for each in about],
        "subject": document.subject or None if document else None,
        "number": document.code.number or None if document else None,
        "notation": document.code.notation or None if document else None,
        "attachments": [{"name": each.name, "size": each.size, "sha256": each.sha256}
                        for each in document.attachments] if document else [],
        "signature": seen.signature.value,
        "deviations": list(seen.deviations),
    }


def _replaced(document: DocumentMessage) -> list[DocumentId]:
    """The documents of the list; without one, the document that Bussiness names where it is another one."""
    business = document.business
    listed = [each.document_id for each in business.replacements]
    own = business.document_id
    if not listed and own and business.type is Business.replacing and own != document.document_id:
        return [own]
    return listed


def _id(id_: DocumentId | None) -> Mapping[str, str | None] | None:
    if id_ is None:
        return None
    if id_.uuid:
        return {"uuid": id_.uuid}
    return {"organ": id_.organ, "date": _day(id_.day), "code": id_.code}


def _about(about: ResponseFor) -> Mapping[str, object]:
    return {"organ": about.organ or None, "code": _code(about.code), "document_id": _id(about.document_id),
            "date": _day(about.day)}


def _code(code: Code) -> str | None:
    return "/".join(part for part in (code.number, code.notation) if part) or None


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _moment(moment: datetime | None) -> str | None:
    """With its zone where one was sent; Vietnam's is meant where none was."""
    if moment is None:
        return None
    return (moment.replace(tzinfo=None) if moment.tzinfo is VN else moment).isoformat()


def init_app(app: Flask) -> None:
    app.cli.add_command(group)
