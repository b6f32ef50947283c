"""Roles, places and what they bring: the rule alone, without a database."""
from types import SimpleNamespace
from typing import Any

import pytest

from portal.people.permissions import (
    NATIONAL,
    PERMISSIONS,
    WHOLE_AGENCY,
    Place,
    Role,
    fits,
    manages,
    may,
    may_give,
    places,
)

HERE, THERE = Place(17), Place(26)
UNIT, OTHER_UNIT = Place(17, 170), Place(17, 171)


def held(role: Role, place: Place | None) -> Any:
    agency_id, desk_id = place or (None, None)
    return SimpleNamespace(role=role, agency_id=agency_id, desk_id=desk_id)


def who(*roles: Any, past: tuple[Any, ...] = (), staff: bool = True) -> Any:
    return SimpleNamespace(staff=staff, roles=roles, memberships=[*past, *roles])


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("permission", sorted(frozenset().union(*PERMISSIONS.values())))
def test_a_permission_counts_where_the_role_is_held_and_nowhere_else(role: Role, permission: str) -> None:
    brings = permission in PERMISSIONS[role]
    national = role in NATIONAL
    person = who(held(role, None if national else HERE))
    assert may(person, permission) == brings
    assert [may(person, permission, place) for place in (HERE, UNIT, THERE)] == [
        brings, brings, brings and national]
    if not national:
        at_unit = who(held(role, UNIT))
        assert [may(at_unit, permission, place) for place in (HERE, UNIT, OTHER_UNIT, THERE)] == [
            False, brings, False, False]


def test_who_holds_no_role_may_do_nothing() -> None:
    for permission in frozenset().union(*PERMISSIONS.values()):
        assert not may(who(), permission) and not may(who(), permission, HERE)


def test_a_permission_that_no_role_brings_is_nobodys() -> None:
    assert not may(who(*(held(role, None) for role in Role)), "dossier.burn", HERE)


def test_places_are_told_once_and_a_unit_not_beside_its_whole_agency() -> None:
    person = who(held(Role.case_officer, UNIT), held(Role.clerk, UNIT), held(Role.read_only, THERE))
    assert list(places(person, "dossier.read")) == [UNIT, THERE]
    assert list(places(person, "dossier.accept")) == [UNIT]
    assert list(places(who(held(Role.case_officer, UNIT), held(Role.clerk, HERE)), "dossier.read")) == [HERE]
    assert list(places(who(held(Role.portal_administrator, None)), "people.manage")) == [None]


def test_an_agencys_administrator_gives_roles_of_the_own_agency_alone() -> None:
    local, national = who(held(Role.agency_administrator, HERE)), who(held(Role.portal_administrator, None))
    for role in Role:
        place = None if role in NATIONAL else HERE
        assert may_give(national, role, place)
        assert may_give(local, role, place) == (role not in NATIONAL)
        assert not may_give(local, role, THERE) and not may_give(who(held(Role.head_of_unit, HERE)), role, place)
    assert may_give(local, Role.case_officer, UNIT)


def test_where_a_role_can_be_held_at_all() -> None:
    for role in Role:
        assert fits(role, None) == (role in NATIONAL) and fits(role, HERE) == (role not in NATIONAL)
        assert fits(role, UNIT) == (role not in NATIONAL | WHOLE_AGENCY)
    assert not fits("somebody", HERE) and not fits("somebody", None)


def test_an_agencys_administrator_manages_who_works_there_alone() -> None:
    local = who(held(Role.agency_administrator, HERE))
    here, there = held(Role.clerk, UNIT), held(Role.clerk, THERE)
    assert manages(local, who(here))
    assert not manages(local, who(there)) and not manages(local, who(here, there))
    assert not manages(local, who(here, held(Role.overseer, None)))
    assert manages(local, who(past=(there, here))), "worked here last, and nowhere now"
    assert not manages(local, who(past=(here, there))) and not manages(local, who())
    assert not manages(local, who(here, staff=False)), "a citizen is nobody's"
    national = who(held(Role.portal_administrator, None))
    assert manages(national, who(there)) and manages(national, who()) and not manages(national, who(staff=False))
