"""The rating of agencies of this year in the demonstration: what the portal measures is true of the invented dossiers;
the rest is an invented survey, and says so wherever it is shown. Through the real verbs."""
import random
from collections.abc import Sequence
from decimal import Decimal

from portal.kit import clock
from portal.oversight.rankings import actions, queries
from portal.oversight.rankings.actions import Told
from portal.people.models import Agency, Person

SURVEY = "KHẢO SÁT GIẢ ĐỊNH của bản trình diễn, không phải số liệu thật"
CRITERIA = ("time_of_each", "agencies_to_see", "one_stop", "made_public", "attitude")
MEAN, SPREAD, LEFT_OUT = 1.45, 0.3, 9  # of the points of 0 to 2; one agency in nine was not asked everything
CORRECTED, CORRECTION = "H26", "Đính chính giả định: nhập nhầm một phiếu của Hà Nội"


def load(dice: random.Random, agencies: Sequence[Agency], overseer: Person) -> None:
    """Measure, take in the invented survey, publish, and publish a correction."""
    year = clock.today().year
    version = queries.of_year("agency-rating", year)
    assert version is not None
    actions.load_shipped()
    actions.measure(version.definition, year)
    told = [Told(agency, criterion, _points(dice), {"file": "khao-sat-gia-dinh.xlsx", "cell": f"{letter}{n}"})
            for n, agency in enumerate(sorted(agencies, key=lambda one: one.key), start=2)
            for letter, criterion in zip("BCDEF", CRITERIA, strict=True)
            if n % LEFT_OUT or criterion != CRITERIA[0]]
    actions.take(version.definition, year, told, source=SURVEY, by=overseer)
    actions.publish(version.definition, year, by=overseer)
    corrected = next((one for one in agencies if one.key == CORRECTED), None)
    if corrected is not None:
        actions.say(version.definition, year, corrected, CRITERIA[-1], Decimal("1.5"), CORRECTION, by=overseer)
        actions.publish(version.definition, year, by=overseer, reason=CORRECTION)


def _points(dice: random.Random) -> Decimal:
    return Decimal(str(round(min(max(dice.gauss(MEAN, SPREAD), 0), 2), 2)))
