"""An outsider works every published report out again, from its open data alone."""
import io
import json
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from portal.kit import clock
from portal.kit.db import session
from portal.oversight.models import Publication
from portal.oversight.national import actions, queries
from portal.oversight.national.text import text
from portal.oversight.periods import before, days_of, period_of
from tests import make
from tests.oversight.national.test_building import DAYS, Q1, given, history, opened  # noqa: F401  a fixture
from tools import recompute

TOOL = Path(recompute.__file__)


def published(day: date, **paragraphs: str) -> Publication:
    overseer = make.staff("overseer")
    actions.begin(day, by=overseer)
    actions.save(day, paragraphs, dict.fromkeys(paragraphs, actions.base("")), by=overseer)
    made = actions.publish(day, by=overseer)
    session.commit()
    return made


def file(day: date, **paragraphs: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(queries.file_of(published(day, **paragraphs)))
    return found


def run(tmp_path: Path, plain: dict[str, Any], *more: str) -> tuple[int, str, str]:
    place = tmp_path / "report.json"
    place.write_text(json.dumps(plain, ensure_ascii=False), "utf-8")
    done = subprocess.run([sys.executable, "-I", "-S", str(TOOL), str(place), *more], capture_output=True, check=False)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


@pytest.mark.parametrize("day", [*DAYS, date(2017, 12, 31), date(2016, 8, 15)])
@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_day_of_history_is_worked_out_again_to_the_byte(
        history: None, tmp_path: Path, day: date, language: str) -> None:  # noqa: F811
    plain = file(day, plans="Đoạn văn của người soạn.\nHai dòng.")
    code, printed, wrong = run(tmp_path, plain, "--language", language, "--digest", plain["digest"])
    assert (code, wrong) == (0, "")
    assert printed == text(plain, language)


def test_a_day_that_is_followed_here_is_worked_out_again(history: None, tmp_path: Path) -> None:  # noqa: F811
    given(done=True)
    plain = file(clock.today())
    assert {one["key"] for one in plain["content"]["tables"]} >= {"tasks"}
    code, printed, wrong = run(tmp_path, plain)
    assert (code, wrong, printed) == (0, "", text(plain, "vi"))


def test_reports_of_agencies_are_added_up_again(app: Any, tmp_path: Path) -> None:
    day = days_of(before(period_of(clock.today(), "quarter")))[1]
    opened(day)
    plain = file(day)
    code, printed, wrong = run(tmp_path, plain)
    assert (code, wrong, printed) == (0, "", text(plain, "vi"))
    one = next(table for table in plain["content"]["tables"] if table["key"].startswith("figures_"))
    one["rows"][0]["value"] += 1
    assert [words for words in recompute.differences(plain) if "sums_" in words and "43" in words]


def test_a_digit_that_was_changed_is_found_whichever_it_is(history: None) -> None:  # noqa: F811
    """Every number of the file in turn: in figures, in what was derived, in tables."""
    given(done=True)
    for plain in (file(Q1), file(clock.today())):
        places = list(_numbers(plain["content"]))
        assert len(places) > 30
        for holder, key in places:
            before = holder[key]
            holder[key] = before + 1 if isinstance(before, int) else str(int(before) + 1)
            assert list(recompute.differences(plain)), f"{key} of {holder}"
            holder[key] = before
        assert list(recompute.differences(plain)) == []


def _numbers(thing: Any) -> Any:
    for key, value in thing.items() if isinstance(thing, dict) else enumerate(thing):
        if isinstance(value, dict | list):
            yield from _numbers(value)
        elif not isinstance(value, bool) and (isinstance(value, int) or (
                key in ("value", "result") and str(value).removeprefix("-").isdecimal())):
            yield thing, key


def test_whoever_mends_the_digest_too_is_caught_by_what_was_derived(history: None) -> None:  # noqa: F811
    plain = file(Q1)
    share = next(one for one in plain["content"]["derived"] if one["rule"] == "share")
    share["result"] = "12.34"
    plain["digest"] = actions.publishing.digest(plain["content"])
    [wrong] = recompute.differences(plain)
    assert share["id"] in wrong and "12.34" in wrong


def test_a_changed_source_shows_in_all_that_came_from_it(history: None, tmp_path: Path) -> None:  # noqa: F811
    plain = file(Q1)
    level_4 = next(one for one in plain["content"]["figures"] if one["indicator"] == "services_level_4")
    level_4["value"] = "14"
    code, _printed, wrong = run(tmp_path, plain)
    assert code == 1 and "is 78, and not 80" in wrong and "agrees with what was published" in wrong
    assert "the digest is" in wrong


@pytest.mark.parametrize("content", [b"", b"[]", b'{"content": {"form": "other"}}', b"\xff",
                                     b'{"content": {"form": "portal-national-report/1"}}'])
def test_what_is_no_report_is_told_from_one_that_differs(tmp_path: Path, content: bytes,
                                                         capsys: pytest.CaptureFixture[str]) -> None:
    place = tmp_path / "x.json"
    place.write_bytes(content)
    assert recompute.main([str(place)]) == 2 and "no report" in capsys.readouterr().err


def test_it_needs_the_standard_library_alone() -> None:
    names = {line.split()[1].partition(".")[0] for line in io.StringIO(TOOL.read_text("utf-8"))
             if line.startswith(("import ", "from "))}
    assert names <= sys.stdlib_module_names


def test_a_day_before_everything_is_a_report_of_gaps(app: Any, tmp_path: Path) -> None:
    plain = file(clock.today() - timedelta(days=5000))
    assert run(tmp_path, plain)[0] == 0 and plain["content"]["figures"] == []
