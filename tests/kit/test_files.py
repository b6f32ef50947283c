"""Files are kept whole or not at all."""
import errno
import io
import os
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from portal.kit import files


@pytest.mark.parametrize("keep", [lambda: files.keep_bytes(b"%PDF-1.7", "application/pdf"),
                                  lambda: files.keep(io.BytesIO(b"\xff\xd8\xff"), "x.jpg", limit=1000)])
def test_on_a_full_disk_no_part_stays_behind(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                             keep: Any) -> None:
    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")
    monkeypatch.setitem(app.config, "FILES_FOLDER", str(tmp_path))
    monkeypatch.setattr(os, "fsync", full)
    monkeypatch.setattr(files, "_prove", lambda *_args: "image/jpeg")
    with app.app_context(), pytest.raises(OSError, match="No space left"):
        keep()
    assert [each for each in tmp_path.rglob("*") if each.is_file()] == []
