"""Forms that are the same for every service; those of a service are data (portal/forms)."""
from portal.kit.forms import Attachment, Form, LongText, Tick
from portal.kit.i18n import _l


class Declaration(Form):
    """The last page before handing in."""

    true = Tick(_l("I declare that what I have written is true and answer for it before the law"))


class Withdrawal(Form):
    reason = LongText(_l("Why do you withdraw it?"), required=False, max=1000,
                      help=_l("You need not give a reason. It helps the agency to serve you better."))


class Reply(Form):
    """What goes with every answer to a request; a file field for each item is added by `reply_form`."""

    reply = LongText(_l("Anything the officer should know"), required=False, max=2000)


class AskedFile(Attachment):
    """Asked for, so never called optional; words may stand in its place, which the view judges."""

    unmarked = True


def reply_form(items: list[tuple[str, str, str]], max_bytes: int) -> type[Reply]:
    """Reply with one file field for each item asked: (field name, label, the officer's reason)."""
    made = {name: AskedFile(label, help=reason, required=False, max_bytes=max_bytes)
            for name, label, reason in items}
    return type("ReplyWithFiles", (Reply,), made)


class Replacement(Form):
    """One file for one in which a scanner found something."""

    file = Attachment(_l("A clean copy"), max_files=1)
