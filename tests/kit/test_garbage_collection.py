"""Files that nothing names are deleted, and none that anything names or may still come to name. Real files."""
import ast
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from portal.cli.progress import progress as command
from portal.files import actions as documents_actions
from portal.files import queries as documents
from portal.files.models import Attachment
from portal.kit import clock, files, garbage_collection
from portal.kit.db import Base, new_session, session, transaction
from portal.statistics.models import OpenDataFile
from tests import make

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def folder(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A files folder of its own: what other tests kept is none of ours."""
    monkeypatch.setitem(app.config, "FILES_FOLDER", str(tmp_path / "files"))
    return tmp_path / "files"


def kept(days: float = 2, content: bytes = b"x") -> str:
    blob = files.keep_bytes(content, "text/plain")
    return aged(blob.path, days)


def aged(path: str, days: float) -> str:
    at = (clock.now() - timedelta(days=days)).timestamp()
    os.utime(files.where(path), (at, at))
    return path


def row_for(blob: str) -> OpenDataFile:
    return OpenDataFile(name=f"{next(make.n)}.csv.gz", media_type="x", blob=blob, size=1, sha256="0", rows=0,
                        made_at=clock.now())


def swept(**more: Any) -> int:
    return deleted(garbage_collection.unwanted(lambda path, at: False, **more))


def deleted(paths: list[str]) -> int:
    with transaction():
        return garbage_collection.delete(paths)


def there(path: str) -> bool:
    return files.where(path).exists()


def test_what_no_row_names_goes_and_what_is_new_or_named_stays(app: Flask) -> None:
    unnamed, new, named = kept(), kept(days=0.9), kept()
    make.save(row_for(named))
    attachment = aged(_attachment().file.blob, 5)
    assert swept() == 1
    assert [there(path) for path in (unnamed, new, named, attachment)] == [False, True, True, True]
    assert swept() == 0


def _attachment() -> Attachment:
    return documents.attachments_of(make.draft().owner)[0]


def test_an_attachment_that_was_taken_out_of_a_draft_goes(app: Flask) -> None:
    attachment = _attachment()
    path = aged(attachment.file.blob, 2)
    assert swept() == 0
    documents_actions.remove(attachment)
    session.commit()
    assert swept() == 1 and not there(path)


def test_a_file_that_two_rows_name_stays_while_one_does(app: Flask) -> None:
    path = kept()
    one, other = make.save(row_for(path)), make.save(row_for(path))
    for row, expected in ((one, 0), (other, 1)):
        session.delete(row)
        session.commit()
        assert swept() == expected
    assert not there(path)


def test_what_is_spared_stays(app: Flask) -> None:
    path, other = kept(), kept()
    unwanted = garbage_collection.unwanted(lambda each, at: each == path and at < clock.now() - timedelta(days=1))
    assert deleted(unwanted) == 1
    assert there(path) and not there(other)


def test_a_row_that_begins_to_name_a_file_after_the_first_look_saves_it(app: Flask) -> None:
    path, other = kept(), kept()

    def meanwhile(each: str, at: Any) -> bool:
        if each == path:
            make.save(row_for(path))
        return False

    assert deleted(garbage_collection.unwanted(meanwhile)) == 1
    assert there(path) and not there(other)


def test_only_our_own_files_are_touched_and_broken_pieces_go(app: Flask, folder: Path) -> None:
    path = kept()
    shelf = files.where(path).parent
    foreign = [folder / "README", shelf / "notes.txt", folder / "zz" / ("0" * 32), shelf / ("g" * 32)]
    piece, new_piece = shelf / ".part-abc", shelf / ".part-new"
    for place in (*foreign, piece, new_piece):
        place.parent.mkdir(exist_ok=True)
        place.write_text("x")
    for place in (*foreign, piece):
        aged(str(place.relative_to(folder)), 9)
    outside = folder.parent / "outside"
    outside.write_text("x")
    link = shelf / ("a" * 32)
    link.symlink_to(outside)
    assert swept() == 1
    assert all(place.exists() for place in (*foreign, new_piece, outside, link))
    assert not piece.exists()


def test_where_most_have_no_row_somebody_must_look(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(garbage_collection, "SOME", 3)
    lost = [kept() for _ in range(4)]
    make.save(row_for(kept()))
    with pytest.raises(garbage_collection.TooMany, match="4 of 5"):
        swept()
    assert all(map(there, lost))
    told = app.test_cli_runner().invoke(command, ["sweep-files"])
    assert told.exit_code == 1 and "4 of 5" in told.output
    monkeypatch.setattr(garbage_collection, "AT_ONCE", 3)
    assert "4 files deleted." in app.test_cli_runner().invoke(command, ["sweep-files", "--even-most"]).output
    assert not any(map(there, lost))


def test_there_may_be_no_folder_yet(app: Flask) -> None:
    assert swept() == 0


@pytest.fixture
def elsewhere(town: Flask) -> Iterator[Any]:
    """Another connection to the town."""
    other = new_session()
    yield other
    other.close()


@pytest.mark.real_commits
def test_a_writer_who_has_not_committed_yet_is_waited_for(town: Flask, elsewhere: Any) -> None:
    with town.app_context():
        path = kept()
        elsewhere.connection(execution_options={"writes": True})
        elsewhere.add(row_for(path))
        elsewhere.flush()

    def run() -> None:
        with town.app_context():
            try:
                swept()
            except OperationalError as error:
                assert "lock timeout" in str(error)

    sweeper = Thread(target=run)
    sweeper.start()
    sweeper.join(1.5)
    elsewhere.commit()
    sweeper.join(40)
    with town.app_context():
        assert not sweeper.is_alive() and there(path)
        assert swept() == 0 and there(path)


def test_every_column_that_names_files_is_looked_at_and_nobody_keeps_files_otherwise() -> None:
    """A new table that names files calls the column `blob`; who keeps files without a row must spare them."""
    assert {column.table.name for column in garbage_collection._columns()} == {"stored_file", "open_data_file"}
    assert [c for t in Base.metadata.sorted_tables for c in t.c if c.name != "blob" and "blob" in c.name] == []
    keeping = {str(place.relative_to(ROOT)) for place in (ROOT / "portal").rglob("*.py")
               for node in ast.walk(ast.parse(place.read_text()))
               if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
               and isinstance(node.func.value, ast.Name) and node.func.value.id == "files"
               and node.func.attr in ("keep", "keep_bytes")}
    assert keeping == {"portal/files/actions.py", "portal/papers/drawing.py", "portal/oversight/national/jobs.py",
                       "portal/intake/uploads.py", "portal/statistics/open_data.py"}
