"""Reports side by side: one figure at all agencies, two reports that disagree, and what may be taken along."""
from io import BytesIO
from typing import Any

import openpyxl
import pytest

from portal.kit import clock
from portal.kit.db import transaction
from portal.oversight.models import ReportPeriod
from portal.oversight.reporting import ReportState
from portal.oversight.reports import comparing, deliveries, versions
from tests import make
from tests.oversight.reporting import opened, report, template

AGENCIES = ("H17", "H26", "H29", "G15")


@pytest.fixture
def client(sign_in: Any) -> Any:
    return sign_in(make.staff("overseer"))


def filled(period: ReportPeriod, said: dict[str, tuple[str, dict[str, Any]]]) -> ReportPeriod:
    with transaction():
        for key, (state, answers) in said.items():
            one = report(period, key)
            one.state, one.answers, one.submitted_at = ReportState(state), answers, clock.now()
            one.approved_at = clock.now() if state == "approved" else None
    return period


def some() -> ReportPeriod:
    with transaction():
        period = opened("2026-Q3", of=template(), agencies=[make.agency(key) for key in AGENCIES])
    return filled(period, {"H17": ("approved", {"services": 120, "level_3": 40}),
                           "H26": ("submitted", {"services": 700, "level_3": 5}),
                           "H29": ("open", {"services": 4711}), "G15": ("approved", {"level_3": 3})})


def test_one_figure_is_shown_at_all_who_handed_it_in(client: Any) -> None:
    page = client.get(f"/government/oversight/periods/{some().id}/compare?field=services").text
    assert page.index("700") < page.index("120") and "4711" not in page and "4.711" not in page
    assert "Bộ Tư pháp" in page, "who left it blank stands there too"


def test_approved_values_are_taken_along(client: Any) -> None:
    address = f"/government/oversight/periods/{some().id}"
    table = client.get(f"{address}.csv")
    lines = table.get_data(as_text=True).lstrip("\ufeff").splitlines()
    assert lines[0] == "agency,name,approved_on,services,level_3" and len(lines) == 3
    assert lines[1].startswith("G15,Bộ Tư pháp,") and lines[1].endswith(",,3") and lines[2].endswith(",120,40")
    assert 'filename="test36a-2026-Q3.csv"' in table.headers["Content-Disposition"]
    book = openpyxl.load_workbook(BytesIO(client.get(f"{address}.xlsx").data))
    rows = list(book.worksheets[0].values)
    assert rows[0][3] == "Số dịch vụ công trực tuyến" and rows[1][3:] == ("services", "level_3")
    assert [row[3:] for row in rows[2:]] == [(None, 3), (120, 40)] and len(book.worksheets) == 2
    assert ("Phiên bản", "1") in list(book.worksheets[1].values)


def test_two_reports_of_the_same_days_that_disagree_stand_side_by_side(client: Any) -> None:
    with transaction():
        versions.load_shipped()
        kinds = {key: deliveries.template(key) for key in ("nq36a_quarter", "tt09_07a")}
        both = {key: opened("2026-Q3", of=kinds[key], agencies=[make.agency("H17"), make.agency("H26")])
                for key in kinds}
    rows = [{"received_in_period": 900}, {"received_in_period": 100}]
    filled(both["tt09_07a"], {"H17": ("approved", {"dossiers": rows}), "H26": ("approved", {"dossiers": rows})})
    filled(both["nq36a_quarter"], {"H17": ("submitted", {"dossiers_received": 1200}),
                                   "H26": ("approved", {"dossiers_received": 1000})})
    [pair] = comparing.pairs(both["nq36a_quarter"])
    assert [(line.name, line.here, line.there) for line in pair.lines] == [("Thành phố Đà Nẵng", 1200, 1000)]
    [back] = comparing.pairs(both["tt09_07a"])
    assert [(line.here, line.there) for line in back.lines] == [(1000, 1200)]
    page = client.get(f"/government/oversight/periods/{both['nq36a_quarter'].id}/compare").text
    assert "1.200" in page and "+200" in page
