"""A real clamd with one signature of our own, and stand-ins for one that fails."""
import hashlib
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CLAMD = shutil.which("clamd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
START_S = 15.0


def virus(pdf: bytes) -> bytes:
    """A whole PDF that the signature knows."""
    return pdf.replace(b"%%EOF", b"% the tests' own virus, which harms nobody\n%%EOF")


@contextmanager
def clamd(folder: Path, *known: bytes, most: str = "25M") -> Iterator[str]:
    """A running clamd that knows these files by their digests, and takes `most` bytes of one; its address."""
    database = folder / "database"
    database.mkdir(exist_ok=True)
    (database / "own.hdb").write_text("".join(
        f"{hashlib.md5(each).hexdigest()}:{len(each)}:Portal.Test.Virus\n" for each in known))
    # a socket's path is short
    place = Path("/tmp") / f"clamd-{os.getpid()}-{threading.get_ident() % 10_000}-{most}.sock"
    (folder / "clamd.conf").write_text(
        f"LocalSocket {place}\nDatabaseDirectory {database}\nForeground yes\nFixStaleSocket yes\nMaxThreads 2\n"
        f"StreamMaxLength {most}\n"
        f"ConcurrentDatabaseReload no\nPidFile {folder / 'clamd.pid'}\nSelfCheck 0\n")
    program = subprocess.Popen([str(CLAMD), "-c", str(folder / "clamd.conf")], stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + START_S
        while not place.exists() and program.poll() is None and time.monotonic() < until:
            time.sleep(0.02)
        assert place.exists(), "clamd does not start"
        yield f"unix:{place}"
    finally:
        program.terminate()
        program.wait(10)
        place.unlink(missing_ok=True)


@contextmanager
def stand_in(answer: bytes | None) -> Iterator[str]:
    """Something that listens where clamd would: it takes everything and says `answer`, or nothing at all."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        over = threading.Event()

        def serve() -> None:
            while not over.is_set():
                try:
                    line, _who = server.accept()
                except OSError:
                    return
                with line:
                    line.settimeout(0.2)
                    try:
                        while not line.recv(65536).endswith(b"\0\0\0\0"):
                            pass
                    except OSError:
                        pass
                    if answer is None:
                        over.wait(3)
                    else:
                        line.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield f"127.0.0.1:{server.getsockname()[1]}"
        finally:
            over.set()
            server.shutdown(socket.SHUT_RDWR)
    thread.join(5)
