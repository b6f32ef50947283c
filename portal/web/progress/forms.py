"""The two questions of /verify."""
from typing import Any

from werkzeug.datastructures import FileStorage

from portal.kit.forms import Attachment, Form, TextField
from portal.kit.i18n import _, _l
from portal.papers import codes

FILE_BYTES = 10_000_000


class PaperCode(TextField):
    """A verification code, typed from print. Data: XXXX-XXXX-XXXX-XXXX, or ""."""

    spellcheck = "false"

    def __init__(self, label: Any = "", **more: Any) -> None:
        super().__init__(label, max=100, **more)

    def read(self, typed: str) -> str:
        if (code := codes.normalise(typed)) is None:
            raise ValueError(_("Compare each letter with the paper: a code has four groups of four letters "
                               "and digits, for example 7K3M-9QXF-2B8R-VD41"))
        return code


class CodeForm(Form):
    """The code printed beside the QR code of a paper. Sent by GET: it changes nothing."""

    code = PaperCode(_l("Code on the paper"), width="w-20", autocomplete="off",
                     help=_l("16 letters and digits beside the QR code. Capital or small letters, with or "
                             "without dashes."))

    class Meta(Form.Meta):
        csrf = False


class FileForm(Form):
    """The PDF file of a paper, as it was downloaded."""

    file = Attachment(_l("PDF file of the paper"), max_bytes=FILE_BYTES, max_files=1, kinds=("pdf",),
                      help=_l("The file is compared and not kept."))

    def upload(self) -> FileStorage:
        """The file that was handed in. Only after the form was found valid."""
        return self.file.data[0]
