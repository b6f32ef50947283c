"""Is this paper or result ours, and is it unaltered? Of its people initials alone are told, and no file is kept."""
import hashlib
from typing import IO, Any

from flask import make_response, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict

from portal.kit import throttle
from portal.kit.web import takes
from portal.papers import codes, queries, traces
from portal.web.guard import anyone
from portal.web.progress import bp, proofs
from portal.web.progress.forms import FILE_BYTES, CodeForm, FileForm
from portal.web.progress.proofs import Proof

QUESTIONS, PER_SECONDS = 30, 300
CHUNK = 64 * 1024
MORE_BYTES = 100_000  # of a form round its file


@bp.get("/verify")
@anyone
def verify() -> Any:
    """Two ways to ask: the code on the paper, or the file. A code that was typed leads to its own page."""
    if "code" not in request.args:
        return _page(CodeForm(formdata=None))
    form = CodeForm(formdata=request.args)
    if not form.validate():
        return _page(form), 400
    return redirect(url_for("progress.verify_code", code=form.code.data), 303)


@bp.post("/verify")
@anyone
@takes(FILE_BYTES + MORE_BYTES)
def verify_file() -> Any:
    """Compare a file with what was issued. Of the file nothing stays, not even its temporary copy."""
    form = FileForm()
    try:
        if not form.validate_on_submit():
            return _page(CodeForm(formdata=None), form), 400
        _count_question()
        return _compared(form.upload().stream)
    finally:
        request.close()


@bp.get("/verify/<code>")
@anyone
def verify_code(code: str) -> Any:
    """What we issued under a code, to be compared with the paper in one's hand."""
    meant = codes.normalise(code)
    if meant is None:
        return _page(_judged(code)), 404
    if meant != code:
        return redirect(url_for("progress.verify_code", code=meant), 301)
    _count_question()
    proof = _known(meant)
    return _answer("issued", proof) if proof else (_answer("unknown_code", code=meant), 404)


def _compared(stream: IO[bytes]) -> Any:
    digest = hashlib.sha256()
    while chunk := stream.read(CHUNK):
        digest.update(chunk)
    sha256 = digest.hexdigest()
    if sheet := queries.sheet_by_sha256(sha256):
        return _answer("unaltered", proofs.of_paper(sheet.paper)._replace(digests=[(sheet.size_name, sha256)]),
                       sha256=sha256)
    if entry := queries.entry_by_sha256(sha256):
        return _answer("unaltered", proofs.of_result(entry), sha256=sha256)
    stream.seek(0)
    code = traces.code_in(stream.read(FILE_BYTES))
    if code and (paper := queries.by_code(code)):
        return _answer("altered", proofs.of_paper(paper), sha256=sha256)
    return _answer("unknown_file", sha256=sha256), 404


def _known(code: str) -> Proof | None:
    """The paper or the result with this code."""
    if paper := queries.by_code(code):
        return proofs.of_paper(paper)
    entry = queries.entry_by_code(code)
    return proofs.of_result(entry) if entry else None


def _judged(code: str) -> CodeForm:
    """The question with what is wrong with this code already said."""
    form = CodeForm(formdata=MultiDict({"code": code[:100]}))
    form.validate()
    return form


def _count_question() -> None:
    throttle.hit_reading("verify", throttle.asker(), limit=QUESTIONS, seconds=PER_SECONDS)


def _page(code_form: CodeForm, file_form: FileForm | None = None) -> str:
    return render_template("progress/verify.html", code_form=code_form, file_form=file_form or FileForm())


def _answer(verdict: str, proof: Proof | None = None, *, sha256: str | None = None, code: str | None = None) -> Any:
    response = make_response(render_template("progress/verdict.html", verdict=verdict, proof=proof, sha256=sha256,
                                             code=proof.code if proof else code))
    response.headers["X-Robots-Tag"] = "noindex"
    return response
