"""A hub as it is installed: a process of its own on a database that was furnished before."""
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import config
from tests.cli.test_serve import free_port, started


@contextmanager
def started_at(database: str, files: Path) -> Iterator[str]:
    """`flask serve` on this database; its address."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PORTAL_", "PYTEST_"))}
    environment = kept | {
        "PORT": str(free_port()), "HOST": "127.0.0.1", "PORTAL_SECRET_KEY": str(config.Testing.SECRET_KEY),
        "PORTAL_INSECURE_HTTP": "1", "PORTAL_DATABASE_URL": database, "PORTAL_FILES_FOLDER": str(files),
        "PYTHONUNBUFFERED": "1"}
    process, _said = started(environment)
    try:
        yield f"http://127.0.0.1:{environment['PORT']}"
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
