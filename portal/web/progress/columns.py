"""The columns of the tables of figures, with what each of them means."""
from portal.kit.i18n import _l
from portal.statistics.figures import SHARES, Cell, Line, cells
from portal.web.progress.tables import Column

SUBMITTED = Column("submitted", _l("Dossiers handed in"), _l(
    "Dossiers that reached the agency, complete or not, in the month in which they were handed in."))
RECEIVED = Column("received", _l("Received"), _l(
    "Dossiers that the agency accepted as complete, in the month of acceptance. From then on the clock runs."))
BY_CHANNEL = (
    Column("online", _l("Received online"), _l("Of those received: handed in on a portal.")),
    Column("counter", _l("Received at the counter"), _l("Of those received: handed in at a one-stop counter.")),
    Column("post", _l("Received by post"), _l("Of those received: sent by public post.")),
    Column("otherwise", _l("Received, way not told"), _l("Of those received: nobody told how they were handed in.")))
ONLINE_SHARE = Column("online_share", _l("Received online, of 100"), _l(
    "Of every hundred received, how many were handed in on a portal; in brackets, of how many. Of fewer than 20 both "
    "numbers stand there and no rate is made."), True)
DONE = (
    Column("early", _l("Finished early"), _l(
        "Settled at least one working day before the due day, in the month of the decision.")),
    Column("on_time", _l("Finished on time"), _l(
        "Settled by the due moment, or under a procedure for which the law sets no limit.")),
    Column("late", _l("Finished late"), _l(
        "Settled after the due moment. Days off and the day of receipt are not counted; waiting for a supplement "
        "stops the clock.")),
    Column("untimed", _l("Finished, date not told"), _l(
        "Settled, and the agency told no due date: nobody can say whether it was in time. In no rate.")))
SHARE = Column("share", _l("In time, of 100"), _l(
    "Of every hundred settled whose due date was told, how many were early or on time; in brackets, of how many. Of "
    "fewer than 20 both numbers stand there and no rate is made."), True)
ENDED = (
    Column("refused", _l("Not accepted"), _l("Refused before acceptance, with the reason in writing.")),
    Column("withdrawn", _l("Withdrawn"), _l("Taken back by the applicant.")),
    Column("stopped", _l("Stopped"), _l("Ended by the agency without a result, and the applicant told why.")))
BEFORE = (
    Column("received_before", _l("Received the month before"), _l("The same count one month earlier.")),
    Column("received_last_year", _l("Received a year before"), _l("The same count in the same month of last year.")),
    Column("share_before", _l("In time the month before"), _l("The same share one month earlier."), True),
    Column("share_last_year", _l("In time a year before"), _l("The same share in the same month of last year."), True))
OPEN = (
    Column("carried", _l("Carried over"), _l("Accepted before the month, and not ended before it.")),
    Column("open_in_time", _l("Open, in time"), _l(
        "Accepted, not settled, and the due day is today or later. As it stands now.")),
    Column("open_late", _l("Open, late"), _l("Accepted, not settled, and the due day has passed. As it stands now.")),
    Column("open_untimed", _l("Open, no date"), _l(
        "Accepted, not settled, and no due date was told or the law sets no limit. As it stands now.")),
    Column("paused", _l("Clock stopped"), _l(
        "Accepted, and waiting for papers or a payment of the applicant. As it stands now.")))

BREAKDOWN = (RECEIVED, *BEFORE[:2], *DONE, SHARE, *BEFORE[2:], *ENDED)
CHANNEL = (RECEIVED, *BEFORE[:2], *DONE, SHARE, *BEFORE[2:])
AGENCY = (OPEN[0], RECEIVED, *BY_CHANNEL, ONLINE_SHARE, *BEFORE[:2], *DONE, SHARE, *BEFORE[2:], *OPEN[1:], *ENDED)
SERIES = (RECEIVED, *DONE, SHARE, *ENDED)
YEAR = (RECEIVED, *DONE, SHARE, *OPEN[1:], *ENDED)
MONTHS = (OPEN[0], SUBMITTED, RECEIVED, *DONE, SHARE, *ENDED)
AGENCY_MONTHS = (*MONTHS[:3], *BY_CHANNEL, ONLINE_SHARE, *MONTHS[3:])
PARTS = (RECEIVED, *DONE, SHARE)
MEASURES = (*AGENCY_MONTHS, *OPEN[1:])


def compared(now: Line, before: Line, last_year: Line) -> dict[str, Cell]:
    """The cells of a line beside those of a month and of a year before."""
    found = cells(now)
    for when, line in (("before", before), ("last_year", last_year)):
        then = cells(line)
        found |= {f"{name}_{when}": then[name] for name in ("received", *SHARES)}
    return found
