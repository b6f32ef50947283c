"""Which content belongs to which name: the manifest's references and the attached files, by ContentId, by name, by
place; and the attached files as they are once unpacked."""
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from mimetypes import guess_extension
from typing import Any

from portal.exchange.edxml import packing, shapes
from portal.exchange.edxml.elements import Elements
from portal.exchange.edxml.layout import Layout
from portal.exchange.edxml.message import Attachment, Refused
from portal.exchange.edxml.parsing import Node


@dataclass(frozen=True)
class Said:
    """What one Reference or one Attachment says of a file. `ids`: to compare by; `sink`: its decoded content."""

    ids: tuple[str, ...]
    content_id: str
    name: str
    type: str
    description: str
    sink: packing.Base64File | None = None


def attachments(layout: Layout, elements: Elements, folder: packing.Folder) -> tuple[Attachment, ...]:
    """Every attached file, unpacked. Raises Refused: attachment_missing, files and packing's reasons."""
    note = elements.noted.note
    named = _once([_said(node, elements) for node in layout.references()])
    there = [_said(node, elements) for node in layout.attachments() if node.children]
    if len(named) > folder.limits.files or len(there) > folder.limits.files:
        raise Refused("files")
    for said in there:
        if said.sink is None:
            raise Refused("attachment_missing", shapes.bare_name(said.name))
    if there and not named:
        note("manifest_missing")
    pairs = _joined(named, there, note)
    found = list(chain.from_iterable(_unpacked(reference, said, nth, folder, note)
                                     for nth, (said, reference) in enumerate(pairs, 1)))
    if len(found) > folder.limits.files:
        raise Refused("files")
    folder.forget(*(each.path for each in found))
    return tuple(found)


def _said(node: Node, elements: Elements) -> Said:
    text = elements.text
    content_id = text(node, "contentid")
    href = node.attributes.get("href", "").strip()
    content = elements.node(node, "contenttransferencoded")
    if content_id and content_id[:4].lower() != "cid:":
        elements.noted.note("content_id_plain")
    ids = tuple(dict.fromkeys(shapes.cid(one) for one in (content_id, href) if one))
    if not ids:
        elements.noted.note("content_id_missing")
    sink = content.sink if content is not None else None
    return Said(ids, content_id or href, text(node, "attachmentname"), text(node, "contenttype"),
                text(node, "description"), sink if isinstance(sink, packing.Base64File) else None)


def _once(named: Sequence[Said]) -> list[Said]:
    """Those that say anything, each once."""
    return list(dict.fromkeys(said for said in named if said.ids or said.name))


def _joined(named: list[Said], there: list[Said], note: Callable[..., Any]) -> list[tuple[Said, Said | None]]:
    """Each attached file with its reference. Raises Refused where a file is named that is not there."""
    open_ = list(named)
    found: dict[int, Said] = {}
    for alike in (lambda a, b: bool(set(a.ids) & set(b.ids)) and a.name == b.name,
                  lambda a, b: bool(set(a.ids) & set(b.ids)),
                  lambda a, b: bool(a.name) and a.name.casefold() == b.name.casefold()):
        for nth, said in enumerate(there):
            if nth not in found and (match := next((one for one in open_ if alike(said, one)), None)):
                found[nth] = match
                open_.remove(match)
    left = [nth for nth in range(len(there)) if nth not in found]
    if open_ and len(open_) == len(left):
        found.update(zip(left, open_, strict=True))
        open_ = []
    if open_:
        raise Refused("attachment_missing", shapes.bare_name(open_[0].name or open_[0].content_id))
    for nth, said in enumerate(there):
        reference = found.get(nth)
        if reference is None:
            note("not_in_manifest" if named else None)
        elif said.ids and reference.ids and not set(said.ids) & set(reference.ids):
            note("content_id_differs")
    return [(said, found.get(nth)) for nth, said in enumerate(there)]


def _unpacked(reference: Said | None, said: Said, nth: int, folder: packing.Folder,
              note: Callable[..., Any]) -> list[Attachment]:
    name = _name(reference, said, note)
    assert said.sink is not None
    made = list(packing.files(said.sink, name, folder))
    zipped = made[0].zipped
    if zipped is not ("zip" in said.type.lower()):
        note("content_type_differs" if said.type and (zipped or not name.lower().endswith(".zip")) else None)
    if len(made) > 1:
        note("attachment_several")
    type_ = (reference.type if reference else "") or said.type
    found = []
    for one in made:
        note("attachment_empty" if not one.size else None)
        note("zip_folder" if "/" in one.name or "\\" in one.name else None)
        inside = shapes.bare_name(one.name)
        own = name if len(made) == 1 and not (zipped and name.lower().endswith(".zip")) else ""
        note("name_in_zip" if inside and not own else None)
        found.append(Attachment(own or inside or _given(nth, type_, note), one.size, one.sha256, one.path,
                                said.content_id or (reference.content_id if reference else ""), type_,
                                said.description or (reference.description if reference else ""), zipped))
    return found


def _name(reference: Said | None, said: Said, note: Callable[..., Any]) -> str:
    """The bare name, "" where none is said."""
    in_manifest = reference.name if reference else ""
    if said.name and in_manifest and said.name != in_manifest:
        note("name_differs")
    if reference and not said.name and in_manifest:
        note("name_in_manifest")
    if reference and said.name and not in_manifest:
        note("name_in_attachment")
    for name in (said.name, in_manifest):
        bare = shapes.bare_name(name)
        note("name_tidied" if bare != name else None)
        if bare:
            return bare
    return ""


def _given(nth: int, type_: str, note: Callable[..., Any]) -> str:
    note("name_missing")
    return f"attachment-{nth}{guess_extension(type_.split(';')[0].strip().lower()) or ''}"
