"""Logs and kept errors name nobody: where people are reached and their numbers are taken out, whatever said them."""
import io
import logging

import pytest
from flask import Flask

from portal.kit import clock, jobs
from portal.kit.db import session
from portal.kit.jobs import KINDS, Job, Lane
from portal.kit.redaction import redacted
from tests import make

pytestmark = pytest.mark.once


@pytest.mark.parametrize("said", [
    "an.nguyen+x@noi.vn", "<An.Nguyen@mail.noi.gov.vn>", "o'brien@noi.vn", "+84912345678", "0912345678", "0912 345 678",
    "091.234.5678", "02363123456", "048203001234"])
def test_what_reaches_or_numbers_a_person_is_taken_out(said: str) -> None:
    told = redacted(f"550 5.1.1 {said}: no such user")
    bare = said.strip("<>")
    assert bare not in told and told.startswith("550 5.1.1 ") and told.endswith(": no such user")


@pytest.mark.parametrize("said", [
    "H17-261119-0001", "000.00.01.G03-210915-0001", "job 123456 took 0.123456 s", "20261119083000", "1.001193.H17",
    "unhandled KeyError, reference 0123456789", "connection to 10.0.0.12 port 5432 failed", "portal@localhost",
    "2026-11-19T08:30:00.123456", "0000123456789012345678", "@media", "dvc_012345678901x"])
def test_what_operators_need_stays(said: str) -> None:
    assert redacted(said) == said


def test_every_line_of_every_logger_is_read_over(app: Flask) -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    log = logging.getLogger("a.library")
    log.addHandler(handler)
    try:
        try:
            raise ValueError("the row (an@noi.vn, 0912345678) was refused")
        except ValueError:
            log.exception("for %s", "binh@noi.vn")
    finally:
        log.removeHandler(handler)
    told = stream.getvalue()
    assert "ValueError: the row (<address>, <number>) was refused" in told and "for <address>" in told
    assert "noi.vn" not in told and "0912345678" not in told


def test_the_error_of_a_job_is_kept_without_addresses(app: Flask, sign_in: object) -> None:
    @jobs.job(Lane.quick, patience_s=())
    def fails() -> None:
        raise RuntimeError("an@noi.vn (048203001234) is unknown here")

    try:
        job = Job(name=fails.name, lane=Lane.quick, args={})
        with pytest.raises(AssertionError):
            make.done(fails.name)
    finally:
        KINDS.pop(fails.name)
    del job
    [kept] = session.query(Job).filter(Job.name == fails.name)
    assert kept.error == "RuntimeError: <address> (<number>) is unknown here"


def test_a_job_of_a_former_release_is_shown_without_addresses(app: Flask, sign_in: object) -> None:
    make.save(Job(name="notices.deliver", args={}, failures=6, dead_at=clock.now(), error="550 <an@noi.vn> unknown"))
    page = sign_in(make.administrator()).get("/admin/jobs").text  # type: ignore[operator]
    assert "550 &lt;&lt;address&gt;&gt; unknown" in page and "noi.vn" not in page
