"""How invented documents travel: written in the dialect of whoever sends them, read and taken in as everybody's, at the
moment of the past at which it happened.

Most of what receivers' own systems tell is recorded as it would be known after their status message, and counted as
one: to write, read and take in each of a thousand would be most of a first start. The last weeks' come as messages.
"""
import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from io import BytesIO
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from portal.cli import invented
from portal.cli.invented_participants import SILENT, SILENT_FOR, Circle
from portal.exchange import (
    composing,
    drafts,
    handing,
    handling,
    originals,
    queries,
    receiving,
    recording,
    traffic,
    unpacking,
)
from portal.exchange.edxml.message import (
    Code,
    DocumentId,
    DocumentMessage,
    DocumentType,
    Message,
    Signer,
    Staff,
    StatusMessage,
    TraceHeader,
)
from portal.exchange.models import Copy, Delivery, Document, Participant, Way
from portal.exchange.receiving import Accepted
from portal.exchange.states import How
from portal.files import actions as files
from portal.kit import clock
from portal.kit.db import session
from portal.papers import actions as papers
from portal.people import queries as people
from portal.people.models import Person

IN_MESSAGES = timedelta(days=7)
FILE = "file"
FAILS = 0.04
Spoil = Callable[[bytes], bytes]


@dataclass(frozen=True)
class Letter:
    """What a document says. `notation`: after its number; `due_in`: days until an answer is awaited."""

    subject: str
    content: str
    notation: str
    type_name: str = "Công văn"
    due_in: int | None = None
    priority: int = 0
    reference_codes: tuple[str, ...] = ()
    dossier_id: int | None = None
    file: bool = False


@dataclass
class Post:
    """`clerks`: by the code of the participant whose desk they keep; `workers`: to whom work is given, by agency;
    `now`: when all of this has been; `later`: let something happen at a moment, in its turn."""

    dice: random.Random
    circle: Circle
    clerks: dict[str, Person]
    workers: dict[int, Person]
    now: datetime
    later: Callable[[datetime, Callable[[], object]], None] = lambda _moment, _do: None
    numbers: dict[str, int] = field(default_factory=dict)
    told: list[Delivery] = field(default_factory=list)

    def send(self, letter: Letter, sender: Participant, receivers: Sequence[Participant], at: datetime, *,
             answers: Document | None = None, replaces: Document | None = None) -> Document:
        """Send a letter: from an office on our pages as its draft, with its place in the register. `replaces`: another
        of such an office."""
        with clock.pretend(at):
            draft = self._draft(letter, sender, answers) if sender.code in self.clerks else None
            if replaces is not None and draft is not None:
                replaces.replaced_by_id = draft.id
                session.flush()
            message = composing.of_draft(draft, receivers) if draft else self.message(
                letter, sender, receivers, answers)
            accepted = self.take(sender, message, draft=draft)
            document = queries.document(accepted.document_id or 0)
            assert document is not None
        session.flush()
        return document

    def take(self, sender: Participant, message: Message, *, draft: Document | None = None,
             spoil: Spoil | None = None, signed: Any = None) -> Accepted:
        """Take a message in, now. `spoil`: what its sender's software makes of it; `signed`: by whom."""
        from portal.exchange.edxml import profiles, writing  # noqa: PLC0415  only where documents are invented

        out: IO[bytes]
        with SpooledTemporaryFile(max_size=1 << 20) as out:
            writing.write(message, profiles.PROFILES[sender.profile], out, signer=signed)  # type: ignore[arg-type]
            out.seek(0)
            source = BytesIO(spoil(out.read())) if spoil else out
            blob = originals.keep(source)
        # the certificates are given, so that our transaction is not ended by asking for them
        taken = unpacking.read_kept(blob, prove=draft is None, certificates=unpacking.pinned)
        way = Way.pages if sender.code in self.clerks else sender.way
        by = self.clerks.get(sender.code)
        return receiving.take(sender, taken, way=str(way), by=by, draft=draft)

    def arrive(self, message_id: int | None, at: datetime) -> None:
        """The receivers' own systems fetch it, each a while after `at`; one or another not at the first try."""
        for delivery in queries.deliveries_of(message_id or 0):
            then = at + timedelta(minutes=self.dice.choice((2, 4, 7, 11, 25, 70)), seconds=self.dice.randint(0, 59))
            gone = self.now - SILENT_FOR if delivery.receiver.code == SILENT else self.now
            if delivery.ended_at is None and then < gone:
                with clock.pretend(then):
                    if self.dice.random() < FAILS:
                        handing.acknowledge(delivery, "fail", "Hết thời gian chờ")
                    handing.acknowledge(delivery, "done")

    def tell(self, copy: Copy, code: str, at: datetime, note: str | None = None) -> None:
        """A receiver says what it does with a document: on our pages by the verb, else by its system's message."""
        clerk = self.clerks.get(copy.receiver.code)
        with clock.pretend(at):
            if clerk is not None:
                with suppress(handling.NotNow):  # it came to another end meanwhile
                    self._do(copy, code, clerk, note)
            elif self.now - at < IN_MESSAGES:
                self.arrive(self.take(copy.receiver, self._status(copy, code, at, note)).message_id, at)
            else:
                recording.record(copy.document, code, copy=copy, at=at, how=How.status, by_name=self._somebody(),
                                 note=note)
                self.told.append(Delivery(kind="status", sender_id=copy.receiver_id, queued_at=at,
                                          receiver_id=copy.document.sender_id))

    def count(self) -> None:
        """Count the status messages that were not written, each stored within minutes."""
        traffic.queued(self.told)
        for one in self.told:
            traffic.delivered([one], one.queued_at + timedelta(minutes=self.dice.randint(0, 9)))
        self.told.clear()

    def _do(self, copy: Copy, code: str, clerk: Person, note: str | None) -> None:
        if code == "03":
            handling.register(copy, self._unit(copy), clerk)
        elif code == "02":
            handling.refuse(copy, note or "Gửi nhầm nơi nhận.", clerk)
        elif code == "04":
            worker = self.workers.get(copy.agency_id or 0)
            due = copy.due_on - timedelta(days=2) if copy.due_on else None
            handling.assign(copy, None if worker else self._unit(copy), worker, note or "Tham mưu xử lý theo quy định.",
                            due, clerk)
        elif code == "05":
            handling.start(copy, clerk)
        elif code == "06":
            handling.finish(copy, clerk)
        elif code in ("15", "16"):
            handling.answer_recall(copy, code == "15", note or "", clerk)

    def _unit(self, copy: Copy) -> Any:
        found = copy.unit_id and people.unit(copy.unit_id)
        return found or people.central_unit(copy.agency_id or 0)

    def _draft(self, letter: Letter, sender: Participant, answers: Document | None) -> Document:
        clerk, day = self.clerks[sender.code], clock.today()
        unit_id = sender.unit_id or people.central_unit(sender.agency_id or 0).id
        number = papers.next_number(unit_id, "document_out", clock.now())
        draft = Document(
            state="draft", sender=sender, agency_id=sender.agency_id, unit_id=sender.unit_id, number=str(number),
            notation=_suits(letter.notation, sender), day=day, type_name=letter.type_name, subject=letter.subject,
            content=letter.content, place=_place(sender), signer_name=self._somebody(), priority=letter.priority,
            signer_position="Phó Chủ tịch" if sender.code[0] == "H" else "Vụ trưởng", due_on=_due(letter, day),
            out_unit_id=unit_id, out_year=day.year, out_number=number, created_by_id=clerk.id,
            reference_codes=list(letter.reference_codes), dossier_id=letter.dossier_id,
            answers_id=answers.id if answers else None)
        session.add(draft)
        session.flush()
        if letter.file:
            proven = files.prove(BytesIO(invented.paper(letter.subject)), invented.file_name(letter.subject))
            files.attach(draft.owner, FILE, drafts.LABEL, proven, by_id=clerk.id)
        return draft

    def message(self, letter: Letter, sender: Participant, receivers: Sequence[Participant],
                answers: Document | None = None) -> DocumentMessage:
        """A letter as another system writes it, under its next number."""
        day, code = clock.today(), Code(self._number(sender), _suits(letter.notation, sender))
        message = DocumentMessage(
            composing.organ(sender), tuple(composing.organ(one) for one in receivers),
            document_id=id_of(sender, day, code), code=code, place=_place(sender), day=day,
            type=DocumentType("1", "", letter.type_name), subject=letter.subject, content=letter.content,
            signer=Signer(name=self._somebody(), position="Chánh Văn phòng"), due=_due(letter, day),
            to_places=("Như trên", "Lưu: VT"), trace=(TraceHeader(sender.code, clock.now().replace(microsecond=0)),),
            response_for=(composing.response_for(answers),) if answers else ())
        other = replace(message.other, priority=str(letter.priority), reference_codes=letter.reference_codes)
        return replace(message, other=other)

    def _status(self, copy: Copy, code: str, at: datetime, note: str | None) -> StatusMessage:
        return StatusMessage(composing.organ(copy.receiver), (composing.response_for(copy.document),), code,
                             at=at.replace(microsecond=0), receivers=(composing.organ(copy.document.sender),),
                             description=note or "", staff=Staff(name=self._somebody(), department="Văn thư"))

    def _number(self, sender: Participant) -> str:
        before = self.numbers.get(sender.code) or self.dice.randint(100, 900)
        self.numbers[sender.code] = before + self.dice.randint(1, 9)
        return str(self.numbers[sender.code])

    def _somebody(self) -> str:
        return invented.name(self.dice)


def id_of(sender: Participant, day: date, code: Code) -> DocumentId:
    """The id of a document as most systems make it."""
    said = f"{code.number}/{code.notation}"
    return DocumentId(f"{sender.code},{day:%Y/%m/%d},{said}", organ=sender.code, day=day, code=said)


def _suits(notation: str, sender: Participant) -> str:
    """A notation with the letters of who issues: a ministry is no People's Committee, and not another ministry."""
    head, dash, rest = notation.partition("-")
    own = sender.agency.abbreviation if sender.code[0] == "G" and sender.agency else None
    return f"{own or head}{dash}{rest}"


def _place(sender: Participant) -> str:
    name = sender.agency.name if sender.agency else ""
    return name.removeprefix("Thành phố ").removeprefix("Tỉnh ") if sender.code[0] == "H" else "Hà Nội"


def _due(letter: Letter, day: date) -> date | None:
    return day + timedelta(days=letter.due_in) if letter.due_in else None
