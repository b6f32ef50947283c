"""Reads one message in a process of its own, and says what came of it, how long it worked and how much memory it took:
`python -m tests.exchange.edxml.weighing FILE`."""
import json
import resource
import subprocess
import sys
import tempfile
import time
from io import BytesIO
from pathlib import Path

from portal.exchange.edxml.message import Refused
from portal.exchange.edxml.reading import read

ROOT = Path(__file__).parents[3]


def weigh(path: Path) -> dict[str, object]:
    """`refused`: its reason or None; `files`: sizes; `seconds` of work; `grown`: bytes at the most."""
    done = subprocess.run([sys.executable, "-m", "tests.exchange.edxml.weighing", str(path)], cwd=ROOT, timeout=300,
                          capture_output=True, text=True, check=True)
    said: dict[str, object] = json.loads(done.stdout)
    return said


def _most() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _read(path: Path) -> tuple[str | None, list[int]]:
    with path.open("rb") as source, tempfile.TemporaryDirectory() as folder:
        try:
            message = read(source, Path(folder))
        except Refused as refused:
            return refused.reason, []
        return None, [each.size for each in getattr(message, "attachments", ())]


if __name__ == "__main__":
    sample = Path(__file__).parent / "samples/01_orderA_letter_zip.edxml"
    _read(sample)  # what is imported on the way is none of the message's weight
    with tempfile.TemporaryDirectory() as place:
        read(BytesIO(sample.read_bytes()), Path(place))
    before, started = _most(), time.process_time()
    reason, sizes = _read(Path(sys.argv[1]))
    print(json.dumps({"refused": reason, "files": sizes, "seconds": time.process_time() - started,
                      "grown": _most() - before}))
