"""One of the night's jobs in a process of its own, as the worker does it: `python -m tests.bench.scale_worker JOB`.

Prints JSON: seconds, CPU seconds, resident memory in MB before, and at its most.
"""
import json
import resource
import sys
import time

from portal import create_app
from portal.catalogue import queries as catalogue
from portal.kit import queue
from portal.kit.db import transaction
from portal.worker import run_one


def most_mb() -> float:
    """The most memory that this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(job: str) -> None:
    app = create_app()
    with app.app_context():
        catalogue.directory()
        with transaction():
            queue.put(job)
    before, start, cpu = most_mb(), time.monotonic(), time.process_time()
    while not run_one(app):
        time.sleep(0.01)
    json.dump({"seconds": time.monotonic() - start, "cpu": time.process_time() - cpu, "before": before,
               "most": most_mb()}, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1])
