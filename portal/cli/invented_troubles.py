"""What goes wrong among invented documents, so that each page that is about it has something to show: recalls, updates,
replacements, a conflict, what matches nothing, what was given up, odd dialects, signatures of every worth."""
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache, partial
from typing import Any

from flask import current_app

from portal.catalogue import queries as catalogue
from portal.cli.invented_participants import SILENT
from portal.cli.invented_post import Letter, Post, id_of
from portal.dossiers.models import Dossier
from portal.exchange import composing, delivery, opinions, queries, reminders
from portal.exchange.edxml.message import (
    Business,
    BusinessInfo,
    Code,
    DocumentId,
    ResponseFor,
    StatusMessage,
)
from portal.exchange.edxml.signatures import Signer as Sealer
from portal.exchange.models import Certificate, Document, Participant, Way
from portal.kit import clock
from portal.kit.db import session

NOTE = "Nội dung minh họa."
#: After how many hours an opinion about a dossier comes, which is asked by the next day; None: it is waited for.
OPINIONS, ANSWERS_AFTER = 6, (5, None, 60)
#: What software in the field makes of its messages: what stands there, and what it writes instead; by who sends so.
DIALECTS: tuple[tuple[str, tuple[tuple[bytes, bytes], ...]], ...] = (
    ("H13", ((b"Bussiness", b"Business"),)),
    ("H20", ((b">H20<", b">000.00.00.H20<"),)),
    ("H24", ((b"<edXML:Subject>", b"<edXML:GhiChu>van thu</edXML:GhiChu><edXML:Subject>"),)),
    ("H36", ((b"<edXML:BussinessDocType>0", b"<edXML:BussinessDocType>van ban moi"),)),
    ("H53", ((b"<?xml", b"\xef\xbb\xbf<?xml"), (b"Bussiness", b"Business"))))
SIGNED_AND_PINNED, SIGNED_BY_NOBODY, CHANGED_ON_THE_WAY = "H41", "H56", "H49"


def plan(post: Post) -> None:
    """When each of it happens; what needs somebody who takes no part is left out."""
    happens: tuple[tuple[int, tuple[str, ...], Callable[[Post], None]], ...] = (
        (31, ("H26", "H17"), _replaced), (26, ("G22", "H17", "H26", "G15"), _answered),
        (24, ("H17", "H26", "G15"), _recalled), (20, ("G15", "H17", "H26"), _reminded),
        (17, ("G15", "H17", "H26"), _updated),
        (6, ("H17",), _given_up), (5, ("H48",), _status_about_nothing),
        (4, ("H21", "G15"), _status_in_other_words), (4, ("H29", "H17"), _conflict), (4, ("G22", "H17"), _recall_asked),
        (4, ("H17", "H26", "G15"), _draft))
    for days, needs, do in happens:
        if all(code in post.circle.by_code for code in needs):
            _ago(post, days, do)
    for n, (code, makes) in enumerate(DIALECTS):
        for days in (3 + n, 12 + n, 40 + 3 * n):
            if code in post.circle.by_code:
                _ago(post, days, partial(_odd, code=code, makes=makes))
    for n, code in enumerate((SIGNED_AND_PINNED, SIGNED_BY_NOBODY, CHANGED_ON_THE_WAY)):
        if code in post.circle.by_code:
            _ago(post, 7 + n, partial(_signed, code=code))


def _ago(post: Post, days: int, do: Callable[[Post], None]) -> None:
    _at(post, catalogue.calendar().next_opening(post.now - timedelta(days=days)), partial(do, post))


def _at(post: Post, moment: datetime, do: Callable[[], object]) -> None:
    """Then, in its turn among all that happens."""
    def then() -> None:
        with clock.pretend(moment):
            do()
    post.later(moment, then)


def _in(post: Post, do: Callable[[], object], **later: int) -> None:
    """So much later than what is happening now."""
    _at(post, clock.now() + timedelta(**later), do)


# by an office on our pages

def _answered(post: Post) -> None:
    """An answer in time, one that is late, and one that is still awaited after its day."""
    asked = _sent(post, "G22", ("H17", "H26", "G15"), "V/v lấy ý kiến dự thảo Quyết định về gửi, nhận văn bản điện tử",
                  due_in=10)
    for code, days in (("H17", 7), ("H26", 13)):
        _in(post, partial(_tell, post, asked, code, "03"), hours=2)
        _in(post, partial(_answer, post, asked, code), days=days)
        _in(post, partial(_tell, post, asked, code, "06"), days=days, minutes=10)


def _answer(post: Post, asked: Document, code: str) -> None:
    letter = _letter(f"V/v tham gia ý kiến Công văn số {asked.number}/{asked.notation}", "UBND-TH")
    answer = post.send(letter, post.circle[code], [asked.sender], clock.now(), answers=asked)
    post.arrive(answer.message_id, clock.now())


def _reminded(post: Post) -> None:
    """Nobody has answered by the day: a letter reminds them."""
    asked = _sent(post, "G15", ("H17", "H26"), "V/v báo cáo kết quả rà soát thủ tục hành chính nội bộ", due_in=8)

    def remind() -> None:
        awaited = [copy.receiver for copy in reminders.awaited(asked)]
        subject, content = reminders.words_of(asked)
        letter = Letter(subject, content, asked.notation, priority=reminders.URGENT)
        post.send(letter, asked.sender, awaited, clock.now(), answers=asked)
    _in(post, remind, days=11)


def _recalled(post: Post) -> None:
    """Sent to the wrong ones, asked back a day later: one agrees, one has dealt with it already."""
    document = _sent(post, "H17", ("H26", "G15"), "V/v gửi dự thảo Kế hoạch kiểm tra công vụ")
    _in(post, partial(_about, post, document, Business.recall, "Ban hành nhầm bản dự thảo, đề nghị thu hồi."), days=1)
    _in(post, partial(_tell, post, document, "H26", "15"), days=1, hours=3)
    _in(post, partial(_tell, post, document, "G15", "16", "Văn bản đã được xử lý xong."), days=1, hours=3)


def _updated(post: Post) -> None:
    """The deadline was wrong: another edition."""
    document = _sent(post, "G15", ("H17", "H26"), "V/v báo cáo công tác hộ tịch, thời hạn ngày 15", due_in=20)
    _in(post, partial(_about, post, document, Business.update, "Đính chính thời hạn báo cáo.",
                      "V/v báo cáo công tác hộ tịch, thời hạn ngày 25"), hours=20)


def _replaced(post: Post) -> None:
    """A rule takes the place of the one before."""
    subject = "Quy chế phối hợp giải quyết thủ tục liên thông"
    old = _sent(post, "H26", ("H17",), subject)
    _in(post, partial(_tell, post, old, "H17", "03"), hours=3)

    def again() -> None:
        post.send(_letter(f"{subject} (thay thế)"), post.circle["H26"], [post.circle["H17"]], clock.now(), replaces=old)
    _in(post, again, days=4)


def _recall_asked(post: Post) -> None:
    """What came some days ago is asked back: our clerk has to answer."""
    document = _sent(post, "G22", ("H17",), "V/v mời họp trực tuyến về cải cách hành chính", due_in=6)
    _in(post, partial(_tell, post, document, "H17", "03"), hours=1)
    _in(post, partial(_about, post, document, Business.recall, "Lịch họp thay đổi."), hours=5)


def _draft(post: Post) -> None:
    """Something is written and not sent yet."""
    clerk = post.clerks.get("H17")
    if clerk is None:
        return
    sender = post.circle["H17"]
    session.add(Document(
        state="draft", sender_id=sender.id, agency_id=sender.agency_id, type_name="Công văn", created_by_id=clerk.id,
        subject="V/v đề nghị phối hợp xác minh nơi cư trú", notation="UBND-NC", content=NOTE, place="Đà Nẵng",
        receivers=[post.circle["H26"].id, post.circle["G15"].id]))
    session.flush()


def ask_opinions(post: Post, dossiers: Sequence[Dossier]) -> None:
    """Of the dossiers that are worked on: an opinion is asked of a ministry; it answers in time, late, or not yet."""
    sender, receiver = post.circle.by_code.get("H17"), post.circle.by_code.get("G15")
    for n, dossier in enumerate(dossiers[:OPINIONS]):
        if sender is not None and receiver is not None and dossier.received_at is not None:
            asked_at = catalogue.calendar().add_minutes(dossier.received_at, 90)
            _at(post, asked_at, partial(_ask_opinion, post, dossier, ANSWERS_AFTER[n % len(ANSWERS_AFTER)]))


def _ask_opinion(post: Post, dossier: Dossier, answers_after: int | None) -> None:
    sender, receiver = post.circle["H17"], post.circle["G15"]
    code = dossier.code or ""
    document = post.send(Letter(
        f"V/v lấy ý kiến về hồ sơ {code}", "Đề nghị cho ý kiến về giấy tờ do quý cơ quan cấp. (Nội dung minh họa.)",
        opinions.NOTATION, due_in=1, reference_codes=(code,), dossier_id=dossier.id), sender, [receiver], clock.now())
    opinions.note(document.id)
    if answers_after is not None:
        _in(post, partial(_give_opinion, post, document), hours=answers_after)


def _give_opinion(post: Post, asked: Document) -> None:
    letter = Letter(f"V/v trả lời Công văn số {asked.number}/{asked.notation}",
                    "Giấy tờ đúng với sổ lưu. (Nội dung minh họa.)", "BTP-HTQTCT",
                    reference_codes=tuple(asked.reference_codes))
    opinions.close(post.send(letter, post.circle["G15"], [asked.sender], clock.now(), answers=asked))


# by others' systems

def _conflict(post: Post) -> None:
    """The same number on the same day for two documents: a person decides which stands."""
    sender, receiver = post.circle["H29"], post.circle["H17"]
    message = post.message(_letter("V/v phối hợp quản lý đất đai"), sender, [receiver])
    post.take(sender, message)
    other = replace(message, subject="V/v phối hợp quản lý đất đai và môi trường")
    for again in (message, other):  # the same again: nothing happens
        _in(post, partial(post.take, sender, again), hours=2)


def _status_about_nothing(post: Post) -> None:
    """A status about a document that nobody sent."""
    sender = post.circle["H48"]
    code = Code("999", "UBND-KT")
    about = ResponseFor("H17", code, id_of(post.circle["H17"], clock.today(), code), clock.today())
    _status(post, sender, about, "03")


def _status_in_other_words(post: Post) -> None:
    """A status that names the document by a notation of its own: near enough for a proposal."""
    document = _sent(post, "G15", ("H21",), "V/v rà soát văn bản quy phạm pháp luật", due_in=15)
    meant = f"{document.number}/BTP"
    _status(post, post.circle["H21"], ResponseFor(
        "G15", Code(document.number, "BTP"), DocumentId(meant), document.day), "04")


def _given_up(post: Post) -> None:
    """A system that refused the message each time: parked until somebody sends it again."""
    receiver = next(one for code, one in sorted(post.circle.by_code.items(), reverse=True)
                    if code[0] == "H" and one.way != Way.pages and code != SILENT)
    document = _sent(post, "H17", (receiver.code,), "V/v trao đổi kinh nghiệm số hóa hồ sơ")
    for one in queries.deliveries_of(document.message_id or 0):
        if one.ended_at is None:
            one.tries = len(current_app.config["EXCHANGE_PATIENCE_S"]) + 1
            _in(post, partial(delivery.park, one, "Hệ thống nhận không trả lời (503)"), days=1)


def _odd(post: Post, code: str, makes: tuple[tuple[bytes, bytes], ...]) -> None:
    """A letter as this one's software writes it."""
    def spoil(message: bytes) -> bytes:
        for stands, instead in makes:
            message = message.replace(stands, instead)
        return message

    sender = post.circle[code]
    sender.profile = "vnpt"  # what is spoilt is this dialect
    message = post.message(_letter("V/v cung cấp số liệu dịch vụ công", "UBND-VP"), sender, [post.circle["H17"]])
    accepted = post.take(sender, message, spoil=spoil)
    document = queries.document(accepted.document_id or 0)
    for n, says in enumerate(("03", "04", "05", "06")):
        if document is not None and clock.now() < post.now - timedelta(days=5):
            _in(post, partial(_tell, post, document, "H17", says), hours=2 + 20 * n)


def _signed(post: Post, code: str) -> None:
    """A signed letter: by a certificate that was pinned, by one that nobody knows, or changed after it was signed."""
    sender = post.circle[code]
    sender.profile = "vnpt"
    pem, signer = _certificate(sender.name)
    if code != SIGNED_BY_NOBODY:
        _pin(sender, pem)
    changed = (lambda said: said.replace("ủy quyền".encode(), "ủy nhiệm".encode())) if code == CHANGED_ON_THE_WAY \
        else None
    message = post.message(_letter("V/v ủy quyền ký văn bản điện tử", "UBND-NC"), sender, [post.circle["H17"]])
    post.take(sender, message, signed=signer, spoil=changed)


def _pin(sender: Participant, pem: str) -> None:
    """As an administrator does, without a line in the log of a first start."""
    from cryptography import x509
    from cryptography.hazmat.primitives.hashes import SHA256

    found = x509.load_pem_x509_certificate(pem.encode())
    session.add(Certificate(participant_id=sender.id, sha256=found.fingerprint(SHA256()).hex(), pem=pem,
                            subject=found.subject.rfc4514_string()))
    session.flush()


@lru_cache(maxsize=1)
def _key() -> Any:
    from cryptography.hazmat.primitives.asymmetric import rsa

    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _certificate(name: str) -> tuple[str, Any]:
    """A certificate that nobody vouches for (PEM), and who signs with it."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
    from cryptography.x509.oid import NameOID

    named = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    begins = clock.now() - timedelta(days=100)
    made = (x509.CertificateBuilder().subject_name(named).issuer_name(named).public_key(_key().public_key())
            .serial_number(x509.random_serial_number()).not_valid_before(begins)
            .not_valid_after(begins + timedelta(days=730)).sign(_key(), hashes.SHA256()))
    pem = made.public_bytes(Encoding.PEM).decode()
    key = _key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return pem, Sealer(key, pem)


# putting them together

def _letter(subject: str, notation: str = "UBND-KSTT", due_in: int | None = None) -> Letter:
    return Letter(subject, NOTE, notation, due_in=due_in)


def _sent(post: Post, sender: str, receivers: tuple[str, ...], subject: str, due_in: int | None = None) -> Document:
    found = [post.circle[code] for code in receivers]
    return post.send(_letter(subject, due_in=due_in), post.circle[sender], found, clock.now())


def _about(post: Post, document: Document, business: Business, reason: str, subject: str | None = None) -> None:
    """What its sender says of it since."""
    receivers = [copy.receiver for copy in queries.copies_of(document.id)]
    if business is Business.recall:
        message = composing.of_recall(document, receivers, reason)
    else:
        message = replace(composing.of_recall(document, receivers, reason), subject=subject or document.subject,
                          business=BusinessInfo(business, reason=reason, document_id=composing.id_of(document)))
    accepted = post.take(document.sender, message)
    post.arrive(accepted.message_id, clock.now())


def _tell(post: Post, document: Document, at: str, code: str, note: str | None = None) -> None:
    copy = queries.copy_at(document.id, post.circle[at].id)
    if copy is not None:
        post.tell(copy, code, clock.now(), note)


def _status(post: Post, sender: Participant, about: ResponseFor, code: str) -> None:
    sender.profile = "vnpt"
    post.take(sender, StatusMessage(composing.organ(sender), (about,), code, at=clock.now().replace(microsecond=0),
                                    receivers=(composing.organ(post.circle[about.organ]),)))
