"""What the published figures are: their names, and of how many of every hundred they tell. Pure."""
from portal.statistics.measures import Measure

# counted over months; `dropped` are those withdrawn or refused after acceptance, of which only `carried` speaks
FIELDS = {Measure.submitted: "submitted", Measure.received: "received", Measure.done_early: "early",
          Measure.done_on_time: "on_time", Measure.done_late: "late", Measure.refused: "refused",
          Measure.withdrawn: "withdrawn", Measure.dropped: "dropped"}
CHANNELS = ("online", "counter", "post")
BY_CHANNEL = (*CHANNELS, "otherwise")  # the last is what was told of no channel
DONE = ("early", "on_time", "late")
OPEN = ("open_in_time", "open_late", "paused")


def per_hundred(in_time: int, done: int) -> int:
    """`in_time` of `done` as a whole number of every hundred; never all or none when it was not so. ValueError when
    nothing was done."""
    if done <= 0:
        raise ValueError("nothing was done, so nothing was in time")
    rounded = (in_time * 200 + done) // (done * 2)
    return min(max(rounded, 1), 99) if 0 < in_time < done else rounded
