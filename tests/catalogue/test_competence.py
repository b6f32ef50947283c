"""Which unit of an agency deals with what: told by administrators, followed by new dossiers."""
import pytest
from flask import Flask

from portal.catalogue import competence
from portal.dossiers import actions
from portal.kit.db import session
from portal.people import queries as people
from tests import make

LICENCE = "1.001456"  # carried out by the province itself


def procedure(code: str = LICENCE):
    return make.service(code).procedure


def test_a_procedure_goes_before_its_sector(app: Flask) -> None:
    agency, mine = make.agency().id, procedure()
    assert competence.competent_unit(agency, mine) is None
    whole, one = make.department("Công an thành phố"), make.department("Phòng Quản lý xuất nhập cảnh")
    competence.add(whole, mine.sector)
    assert competence.competent_unit(agency, mine) == whole.id
    competence.add(one, mine)
    assert competence.competent_unit(agency, mine) == one.id
    assert competence.competent_unit(make.agency("H26").id, mine) is None, "another agency's units are its own"


def test_a_sector_has_one_unit_of_an_agency(app: Flask) -> None:
    competence.add(make.department("Một"), procedure().sector)
    with pytest.raises(competence.Competent):
        competence.add(make.department("Hai"), procedure().sector)
    competence.add(make.department("Ba", "H26"), procedure().sector)


def test_what_is_taken_away_goes_to_the_central_unit_again(app: Flask) -> None:
    unit = make.department()
    row = competence.add(unit, procedure())
    assert not competence.remove(row.id, make.department("Khác"))
    assert competence.remove(row.id, unit) and not competence.remove(row.id, unit)
    assert competence.competent_unit(make.agency().id, procedure()) is None


def test_communes_and_counters_are_told_no_competence(app: Flask) -> None:
    for unit in (make.commune(), make.counter(make.department())):
        with pytest.raises(ValueError, match="no competence"):
            competence.add(unit, procedure())


def test_a_unit_lists_sectors_then_procedures(app: Flask) -> None:
    unit = make.department()
    competence.add(unit, procedure())
    competence.add(unit, procedure("1.001193").sector)
    assert [row.sector is not None for row in competence.of_unit(unit.id)] == [True, False]


def test_a_new_dossier_goes_to_who_deals_with_it_and_else_to_the_centre(app: Flask) -> None:
    service = make.service("3.000347", "G01")  # carried out by the ministry
    central = people.central_unit(service.agency_id)
    assert make.dossier(service=service).unit_id == central.id
    unit = make.department("Cục Cảnh sát giao thông", "G01")
    competence.add(unit, service.procedure.sector)
    session.commit()
    draft = make.draft(service=service)
    assert draft.unit_id is None
    actions.submit(draft, by=draft.applicant)
    assert draft.unit_id == unit.id
