"""Who sits there proves it: at sign-in with the second factor, and again before what matters most.

Whoever has a second factor shows it; a citizen without one types the password. What was posted when the question comes
is kept in the page of the question and posted on with the answer: nothing is typed twice.
"""
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from flask import current_app, flash, redirect, render_template, request, url_for

from portal.kit import mail, throttle, waiting
from portal.kit.db import transaction
from portal.kit.forms import Form, Hidden, Password, TextField
from portal.kit.i18n import _, _l
from portal.people import passkeys, passwords, second_factors, security_log, sessions
from portal.people.models import FactorKind, Person

SENDING = timedelta(minutes=5)  # what was opened in time may be typed to its end
LIMITS = ((5, 300), (20, 3600), (50, 86400))  # wrong answers of one person, in so many seconds
COUNTED = "second factor"
FORBIDDEN, UNPROCESSABLE = 403, 422


class Question(Form):
    """Asks for what a person has. No form of ours has fields of these names; the script fills in `proof_passkey`."""

    proof_code = TextField(_l("Code of the app, or a recovery code"), max=60, width="w-20", required=False,
                           autocomplete="one-time-code", help=_l("6 digits that the app shows now; or one of the 10 "
                                                                 "recovery codes"))
    proof_password = Password(_l("Password"), required=False)
    proof_passkey = Hidden(max=20_000)

    def __init__(self, person: Person) -> None:
        super().__init__()
        self.kinds = second_factors.kinds(person)
        del self["proof_password" if self.kinds else "proof_code"]
        self.answer.unmarked = True  # one of the two ways is needed

    @property
    def answer(self) -> Any:
        """The field that is typed into."""
        return self["proof_code" if self.kinds else "proof_password"]

    @property
    def is_answered(self) -> bool:
        return bool(self.is_submitted() and (self.answer.data or self.proof_passkey.data))


NAMES = frozenset(("proof_code", "proof_password", "proof_passkey", "csrf_token"))
FILES = "proof_files"  # the ticket of the files that came with what waits


def judge(form: Question, person: Person, token: str, then: Callable[[], Any]) -> bool:
    """Whether the answer is right; `then` is done in the transaction that takes it. Says in the form what is wrong.

    Counts wrong answers, right ones give theirs back. Raises throttle.TooMany.
    """
    with transaction():
        for limit, seconds in LIMITS:
            throttle.hit(COUNTED, str(person.id), limit=limit, seconds=seconds)
    take = _found(form, person, token)
    if take is not None:
        with transaction():
            if take():
                then()
                for _limit, seconds in LIMITS:
                    throttle.give_back(COUNTED, str(person.id), seconds=seconds)
                return True
    security_log.record("factor.refused" if form.kinds else "password.refused", by=person, about=person)
    form.answer.errors = [_wrong(form)]
    return False


def _found(form: Question, person: Person, token: str) -> Callable[[], bool] | None:
    """What takes the answer, where it fits."""
    if not form.kinds:
        return (lambda: True) if passwords.fits(person.password_hash, form.answer.data) else None
    if answer := form.proof_passkey.data:
        with transaction():
            challenge = passkeys.take_challenge(token)
        signed = passkeys.look_up(person, challenge, answer, site())
        return (lambda: passkeys.use(signed)) if signed else None
    if shown := second_factors.look_up(person, form.answer.data or ""):
        return lambda: second_factors.use(shown)
    return None


def _wrong(form: Question) -> str:
    if not form.kinds:
        return _("This is not the password you have now")
    if form.proof_passkey.data and not form.answer.data:
        return _("The passkey was not accepted. Try it again, or type a code")
    return _("This code is not right, or it was used already. Wait for the next one and type that")


def site() -> passkeys.Site:
    """Where passkeys are registered and shown: the host that this request names, which is one of ours."""
    origin = f"{request.scheme}://{request.host}"
    return passkeys.Site(urlsplit(origin).hostname or "", origin)


def demonstration_code(person: Person) -> str | None:
    """A code that opens now, for the invented people of a demonstration and for nobody else."""
    invented = current_app.config["DEMONSTRATION"] and person.email and mail.is_reserved(person.email)
    return second_factors.next_code(person) if invented else None


def limit_to_send() -> timedelta:
    """How long after the proof what was opened in time may still be sent."""
    limit: timedelta = current_app.config["STEP_UP"]
    return limit + SENDING if limit else limit


def first(person: Person) -> Any:
    """None where whoever sits there proved within STEP_UP who they are, or does so now; else the question."""
    if request.method == "GET":
        if sessions.is_fresh(current_app.config["STEP_UP"]):
            return None
        target = request.full_path if request.query_string else request.path
        return redirect(url_for("account.confirm", next=target), 303)
    if sessions.is_fresh(limit_to_send()):
        return _without_files()
    form = Question(person)
    if form.is_answered and judge(form, person, sessions.token() or "", sessions.prove):
        return _without_files()
    return ask(form, person, FORBIDDEN)


def _without_files() -> Any:
    """None where the files that were laid aside are back in the request, or there were none; else the page anew."""
    ticket = request.form.get(FILES)
    if not ticket or waiting.bring_back(ticket, _owner()):
        return None
    flash(_("Choose the file again: it is no longer kept"), "late")
    return redirect(request.full_path.rstrip("?"), 303)


def _owner() -> str:
    """Whose files they are: this session's."""
    return f"session {sessions.digest(sessions.token() or '')}"


def ask(form: Question, person: Person, status: int) -> Any:
    """The page of the question, with what was posted kept in it, and its files laid aside: those of the staff, whose
    pages take files behind this question. What others send here is no form of ours, and would fill the disk."""
    kept, uploads = list(_kept()), list(request.files.items(multi=True))
    ticket = waiting.keep(uploads, _owner()) if person.staff and request.endpoint != "account.confirm" else ""
    if ticket:
        kept.append((FILES, ticket))
    return render_template(
        "account/confirm.html", form=form, kept=kept, action=request.full_path.rstrip("?"),
        lost=[one.filename for _name, one in uploads if one.filename and not ticket],
        code=demonstration_code(person), has_passkey=FactorKind.passkey in form.kinds), status


def _kept() -> Iterator[tuple[str, str]]:
    for name, value in request.form.items(multi=True):
        if name not in NAMES:
            yield name, value
