"""Work put off until after the commit: rows, written in the transaction that causes them.

    @jobs.nightly("02:40")                      # only where a clock puts it
    @jobs.job(Lane.slow, limit_s=60)
    def draw(paper_id: int) -> Draft | None:     # reads; None: nothing is left to do
    @draw.work
    def _draw(draft: Draft) -> list[Drawn]:                 # slow or outside: no transaction is open
    @draw.write
    def _seal(draft: Draft, drawn: list[Drawn]) -> None:    # short: looks whether what was read still stands

A job that only touches the database is the first function alone. Put one with
`jobs.put("papers.draw", paper_id=…)`.
"""
from portal.kit.jobs.acts import NoLongerStands, Taken
from portal.kit.jobs.kinds import KINDS, Kind, job
from portal.kit.jobs.lanes import Lane
from portal.kit.jobs.models import Job, WorkerBeat
from portal.kit.jobs.queue import put, waiting
from portal.kit.jobs.schedule import SCHEDULES, every, nightly

__all__ = ["KINDS", "SCHEDULES", "Job", "Kind", "Lane", "NoLongerStands", "Taken", "WorkerBeat", "every", "job",
           "nightly", "put", "waiting"]
