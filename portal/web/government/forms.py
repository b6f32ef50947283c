"""What is filled in about a document: on its way in, and on its way out."""
from typing import Any

from flask import current_app

from portal.exchange.choosing import GROUPS
from portal.kit.forms import Attachment, Choice, Choices, DateParts, Form, LongText, Select, TextField
from portal.kit.i18n import _, _l
from portal.web.government.words import PRIORITIES

REASON, INSTRUCTION, SUBJECT, CONTENT = 1000, 2000, 1000, 4000  # characters at most
MOST_FILES = 10
#: The kinds of Decree 30/2020/NĐ-CP art. 7 that go between agencies, as the trade calls them.
TYPES = ("Công văn", "Quyết định", "Nghị quyết", "Chỉ thị", "Thông báo", "Hướng dẫn", "Kế hoạch", "Chương trình",
         "Phương án", "Đề án", "Dự án", "Báo cáo", "Biên bản", "Tờ trình", "Công điện", "Bản ghi nhớ", "Bản thỏa thuận",
         "Giấy mời", "Giấy giới thiệu", "Phiếu gửi", "Phiếu chuyển", "Phiếu báo", "Quy chế", "Quy định", "Thông cáo",
         "Nghị định", "Thông tư", "Thông tư liên tịch")


class Refuse(Form):
    """Why a document is sent back."""

    reason = LongText(_l("Reason for sending it back"), max=REASON, rows=4,
                      help=_l("The sender reads it as it is written here."))


class Assign(Form):
    """Whose work it is."""

    unit = Select(_l("Unit"), choices=(), required=False)
    person = Select(_l("Who works on it"), choices=(), required=False)
    instruction = LongText(_l("Instruction"), required=False, max=INSTRUCTION, rows=4)
    due_on = DateParts(_l("To be done by"), required=False, future=True,
                       help=_l("Leave it blank where the day of the sender counts."))


class AnswerRecall(Form):
    """Whether a document is given back."""

    agree = Choice(_l("Answer to the sender"), choices=lambda: (
        ("yes", _("Give it back"), _("It has no effect here any more; it stays readable.")),
        ("no", _("Do not give it back"), _("It stays as it is. Say why."))))
    reason = LongText(_l("Reason for not giving it back"), max=REASON, rows=4, show_if=("agree", "no"))


class Recall(Form):
    """Of whom a document is asked back, and why."""

    receivers = Choices(_l("Ask it back from"), choices=())
    reason = LongText(_l("Reason for the recall"), max=REASON, rows=4,
                      help=_l("Each receiver reads it as it is written here."))


class Says(Form):
    """What a document says; what it is called where nothing is chosen."""

    type_name = Select(_l("Type of document"), choices=lambda: ((one, one) for one in TYPES))
    subject = LongText(_l("Subject"), max=SUBJECT, rows=2, help=_l("What it is about, in one sentence."))
    content = LongText(_l("Content in short"), required=False, max=CONTENT, rows=3)
    place = TextField(_l("Place of issue"), required=False, max=120, width="w-20")
    signer_name = TextField(_l("Name of the signer"), max=120, width="w-20")
    signer_position = TextField(_l("Position of the signer"), max=160, width="w-20", required=False)
    signer_competence = TextField(_l("For whom it is signed"), max=160, width="w-20", required=False,
                                  help=_l("For example TM. UBND, KT. CHỦ TỊCH."))
    priority = Select(_l("Priority"), choices=lambda: PRIORITIES.items())
    due_on = DateParts(_l("Answer awaited by"), required=False, future=True,
                       help=_l("Leave it blank where no answer is awaited."))
    files = Attachment(_l("Files"), required=False, max_files=MOST_FILES)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self["files"].max_bytes = current_app.config["ATTACHMENT_BYTES"]


class Compose(Says):
    """A document that is written."""

    number = TextField(_l("Number of the document"), required=False, max=40, width="w-10",
                       help=_l("Leave it blank: it gets the next number of the register when it is sent."))
    notation = TextField(_l("Notation"), max=80, width="w-10", help=_l("For example UBND-VX."))
    groups = Choices(_l("Groups of receivers"), choices=lambda: ((key, _(words)) for key, words in GROUPS.items()),
                     required=False)
    receivers = Choices(_l("Receivers chosen one by one"), choices=(), required=False)
    find = TextField(_l("Find a receiver by name or code"), required=False, max=100, width="w-20")


class Update(Says):
    """What a document says from now on."""

    removed = Choices(_l("Take from the list of receivers"), choices=(), required=False)
    added = Choices(_l("Receivers added"), choices=(), required=False)
    find = TextField(_l("Find a receiver by name or code"), required=False, max=100, width="w-20")
    reason = LongText(_l("Reason for the update"), max=REASON, rows=3)
