"""`flask dossiers due-date`: explains, and says the due time last."""
import pytest

from portal.cli.dossiers import dossiers
from tests import make

# residence registration: 7 working days; civil status copies: no limit in the record
RESIDENCE, TEMPORARY, COPY = "1.004222", "1.004194", "2.000635"


@pytest.fixture
def run(app):
    def run(*words, agency="H17", procedure=RESIDENCE, received_at="2026-11-16T09:00"):
        return app.test_cli_runner().invoke(dossiers, (
            "due-date", "--agency", agency, "--procedure", procedure, "--received-at", received_at, *words))

    return run


def last(result):
    assert result.exit_code == 0, result.output
    return result.output.splitlines()[-1]


def test_the_due_time_stands_last_in_vietnams_time(run):
    assert last(run()) == "2026-11-26T17:00:00+07:00"  # 17, 18, 19, 20, 23, 25, 26: the 24th is a holiday


@pytest.mark.parametrize(("received_at", "due"), [
    ("2026-11-16", "2026-11-26T17:00:00+07:00"),
    ("2026-11-16T02:00:00Z", "2026-11-26T17:00:00+07:00"),
    ("2026-11-15T18:30:00+00:00", "2026-11-26T17:00:00+07:00"),  # already the 16th in Vietnam
    ("2026-11-16T16:30", "2026-11-26T17:00:00+07:00"),  # after 15:00: the limit begins all the same
    ("2026-11-16T17:01", "2026-11-27T17:00:00+07:00")])
def test_a_moment_without_a_zone_is_vietnams(run, received_at, due):
    assert last(run(received_at=received_at)) == due


def test_every_day_is_told_counted_or_skipped_and_why(run):
    lines = run().output.splitlines()
    assert lines[0].endswith("Nghị định 118/2025/NĐ-CP (Nghị định 367/2025/NĐ-CP, Nghị định 309/2026/NĐ-CP)")
    assert any("16/11/2026: ngày tiếp nhận, không tính" in line for line in lines)
    assert any("22/11/2026: không tính, nghỉ cuối tuần" in line for line in lines)
    assert any("24/11/2026: không tính, nghỉ lễ: " in line for line in lines)
    assert any("26/11/2026: ngày thứ 7" in line for line in lines)


def test_an_unanswered_request_stops_it(run):
    assert last(run("--asked-at", "2026-11-18T10:00")) == "stopped"


@pytest.mark.parametrize(("received_at", "asked_at", "answered_at", "due"), [
    # Decree 118: again from zero, from the 20th: 23, 25, 26, 27, 30, 1, 2
    ("2026-11-16T09:00", "2026-11-18T09:00", "2026-11-20T09:00", "2026-12-02T17:00:00+07:00"),
    # Decree 61 too: from Friday 7 March 2025: 10 to 14, 17, 18
    ("2025-03-03T09:00", "2025-03-05T09:00", "2025-03-07T09:00", "2025-03-18T17:00:00+07:00"),
    # Decision 09: two working days were waited: due on 14 March 2016, now on the 16th
    ("2016-03-03T09:00", "2016-03-07T09:00", "2016-03-09T09:00", "2016-03-16T17:00:00+07:00")])
def test_the_rules_of_the_day_of_receipt_hold(run, received_at, asked_at, answered_at, due):
    assert last(run("--asked-at", asked_at, "--answered-at", answered_at, received_at=received_at)) == due


def test_no_limit_in_the_law_is_none(run):
    assert last(run(procedure=COPY)) == "none"
    assert last(run("--asked-at", "2026-11-18T09:00", procedure=COPY)) == "none"


@pytest.mark.parametrize("agency", ["H17", "000.00.00.H17"])
@pytest.mark.parametrize("procedure", [TEMPORARY, "1.004194.H17"])
def test_codes_are_read_as_agencies_write_them(run, agency, procedure):
    assert last(run(agency=agency, procedure=procedure)) == "2026-11-19T17:00:00+07:00"


@pytest.mark.parametrize(("words", "options", "why"), [
    ((), {"agency": "H99"}, "H99"), ((), {"agency": "H17.05"}, "H17.05"), ((), {"procedure": "9.999999"}, "9.999999"),
    ((), {"agency": "G15"}, "does not offer"), (("--case", "abroad"), {}, "abroad"),
    ((), {"received_at": "2031-01-05T09:00"}, "2030-12-31"), ((), {"received_at": "2014-01-06T09:00"}, "2015-01-01"),
    (("--answered-at", "2026-11-18T09:00"), {}, "--asked-at"),
    (("--asked-at", "2026-11-16T08:00"), {}, "before receipt"),
    (("--asked-at", "2026-11-18T08:00", "--answered-at", "2026-11-17T08:00"), {}, "before the request")])
def test_what_is_not_known_or_cannot_be_ends_in_words(run, words, options, why):
    result = run(*words, **options)
    assert result.exit_code == 1
    assert why in result.output and "Traceback" not in result.output


def test_a_limit_by_case(run):
    version = make.service(RESIDENCE).version
    version.cases = [{"key": "supplement", "limit": {"amount": 0, "unit": "working_day", "assumed": False}},
                     {"key": "change", "limit": {"amount": 3, "unit": "working_day", "assumed": False}}]
    assert last(run("--case", "supplement")) == "2026-11-16T17:00:00+07:00"
    assert last(run("--case", "change")) == "2026-11-19T17:00:00+07:00"
    assert last(run()) == "2026-11-26T17:00:00+07:00"
    assert "there is supplement, change" in run("--case", "abroad").output


def test_the_special_laws_own_times_hold(run):
    make.service(RESIDENCE).version.special_times = {"law": "Điều 7 Luật riêng", "after_supplement": "resume"}
    result = run("--asked-at", "2026-11-18T09:00", "--answered-at", "2026-11-20T09:00")
    assert last(result) == "2026-11-30T17:00:00+07:00"  # two working days were waited
    assert "Điều 7 Luật riêng" in result.output


def test_a_limit_that_cannot_be_read_is_no_limit_of_the_law(run):
    version = make.service(RESIDENCE).version
    version.limit_amount, version.limit_unit = None, "unknown"
    result = run()
    assert result.exit_code == 1 and "not known" in result.output


def test_a_moment_that_is_none_is_refused(run):
    assert run(received_at="hôm qua").exit_code == 2
