"""One of the night's jobs in a process of its own, as the worker does it: `python -m tests.bench.scale_worker JOB`.

Prints JSON: seconds, CPU seconds, resident memory in MB before, and at its most. Ends with 1 when the job failed.
"""
import json
import sys
import time
from pathlib import Path

from sqlalchemy import delete, select

from portal import create_app
from portal.catalogue import queries as catalogue
from portal.kit import jobs
from portal.kit.db import session, transaction
from portal.worker import run_one


def most_mb() -> float:
    """The most memory that this process has had. The system's usual answer counts what the one that began it had."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024


def main(job: str) -> None:
    app = create_app()
    with app.app_context():
        catalogue.directory()
        with transaction():
            session.execute(delete(jobs.Job))  # else one that the last job put would be taken first
            jobs.put(job)
    before, start, cpu = most_mb(), time.monotonic(), time.process_time()
    while not run_one(app):
        time.sleep(0.01)
    seconds, cpu = time.monotonic() - start, time.process_time() - cpu
    with app.app_context():
        failed = session.scalar(select(jobs.Job.error).where(jobs.Job.name == job))
    if failed:
        sys.exit(f"{job}: {failed}")
    json.dump({"seconds": seconds, "cpu": cpu, "before": before, "most": most_mb()}, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1])
