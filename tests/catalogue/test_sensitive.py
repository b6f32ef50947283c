"""The list of sensitive procedures: each one is known, and says why by a law."""
import csv
import re

from portal.catalogue import sensitive
from portal.web.progress.words import SENSITIVE_WORDS

FACTS = sensitive.FILE.parent


def test_every_sensitive_procedure_is_one_of_the_nation_and_says_why() -> None:
    with (FACTS / "procedures_index_2642.csv").open(encoding="utf-8-sig", newline="") as lines:
        names = {row["ma_thu_tuc"]: row["ten"] for row in csv.DictReader(lines)}
    about = {"adoption": "con nuôi", "parentage": "nhận cha, mẹ, con", "addiction": "cai nghiện",
             "denunciation": "tố cáo"}
    assert set(about) == set(SENSITIVE_WORDS)
    for code, why in sensitive.procedures().items():
        assert about[why.reason] in names[code]
        assert re.search(r"Luật .+/QH|Bộ luật .+/QH", why.source)


def test_what_says_nothing_of_a_person_is_not_sensitive() -> None:
    """The licence of an adoption agency or of a place that treats addiction is nobody's private life."""
    assert not any(map(sensitive.is_sensitive, ("1.005133", "1.000532", "1.003236", "3.000364", "1.001193", "", None)))
