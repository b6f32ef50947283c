"""What lies on the disk is nobody else's: made so, and mended where an earlier release left it open."""
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.kit import private
from tests.conftest import open_house

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.once


@pytest.fixture(autouse=True)
def mask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def mode(place: Path) -> int:
    return stat.S_IMODE(place.stat().st_mode)


def test_what_was_left_open_is_closed_at_a_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(private, "OWN_FOLDER", tmp_path / "var")
    (tmp_path / "var").mkdir(mode=0o755)
    (tmp_path / "files").mkdir(mode=0o755)
    left_open = [tmp_path / name for name in ("x.sqlite", "x.sqlite-wal", "x.sqlite-shm", "var/secret-key")]
    for place in left_open:
        place.write_bytes(b"")
        place.chmod(0o644)
    open_house(f"sqlite:///{tmp_path}/x.sqlite", tmp_path).extensions["engine"].dispose()
    assert {mode(place) for place in left_open} == {0o600}
    assert mode(tmp_path / "var") == mode(tmp_path / "files") == 0o700


@pytest.mark.parametrize("words", [("database", "upgrade"), ("work", "--once")])
def test_every_command_makes_its_files_for_its_own_user(tmp_path: Path, words: tuple[str, ...]) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
    url = f"sqlite:///{tmp_path}/new.sqlite"
    given = kept | {"PORTAL_SECRET_KEY": "of this test only, and of no other one", "PORTAL_DATABASE_URL": url,
                    "PORTAL_FILES_FOLDER": str(tmp_path / "files"), "PYTHONPATH": str(ROOT)}
    for command in (("database", "upgrade"), words):
        subprocess.run([sys.executable, "-m", "flask", "--app", "portal", *command], cwd=tmp_path, env=given,
                       check=True, capture_output=True, umask=0o022, timeout=60)
    made = [place for place in tmp_path.rglob("*") if place.name != "files"]
    assert made and {mode(place) for place in made if place.is_file()} == {0o600}
    assert {mode(place) for place in made if place.is_dir()} <= {0o700}
