"""The program that judges: what ruins it ruins nothing else."""
import os
import signal
from pathlib import Path

import pytest

from portal.kit import proving
from portal.kit.proving import prover
from portal.kit.proving.verdict import Bad
from tests import make

pytestmark = pytest.mark.once


def prove(folder: Path) -> proving.Proof:
    place = folder / "file"
    place.write_bytes(make.PDF)
    return proving.prove(place, ".pdf", out=folder / "out", most=10_000_000)


def test_one_that_was_killed_is_started_anew(tmp_path: Path) -> None:
    prove(tmp_path)
    first = proving._line.program
    assert first is not None
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    assert prove(tmp_path).media_type == "application/pdf"
    assert proving._line.program is not first


def test_a_program_that_cannot_start_refuses_nothing_for_the_files_sake(tmp_path: Path,
                                                                        monkeypatch: pytest.MonkeyPatch) -> None:
    proving._line.end()
    broken = tmp_path / "broken.py"
    broken.write_text("raise SystemExit(3)")
    monkeypatch.setattr(prover, "__file__", str(broken))
    with pytest.raises(proving.Failed):
        prove(tmp_path)
    proving._line.end()


def test_a_judge_that_ends_without_an_answer_met_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    proving._line.end()
    deadly = tmp_path / "deadly.py"
    deadly.write_text(Path(prover.__file__).read_text().replace("        _limit()\n", "        os.abort()\n").replace(
        "Path(__file__).parents[2]", f"Path({str(Path(prover.__file__))!r}).parents[2]"))
    monkeypatch.setattr(prover, "__file__", str(deadly))
    with pytest.raises(Bad, match="bomb"):
        prove(tmp_path)
    proving._line.end()
