"""Whose a document is: who may do what with one, by the places where roles are held.

A copy is at home in the unit that registered it, else in the receiver's own, else in the central unit of the agency.
Whoever was given it to work on reaches it too, as does everybody of the unit that it was given to.
"""
from typing import Any

from portal.exchange.models import Copy, Document
from portal.people import permissions as roles
from portal.people import queries as people
from portal.people.permissions import Place

READ, WORK = "document.read", "document.work"
#: What is brought by having been given it to work on, besides by its home.
GIVEN = frozenset({READ, WORK, "document.assign"})


def home(of: Copy | Document) -> Place | None:
    """Where it is at home; None where that is no agency's here."""
    if of.agency_id is None:
        return None
    kept = of.in_unit_id if isinstance(of, Copy) else of.out_unit_id
    return Place(of.agency_id, kept or of.unit_id or people.central_unit(of.agency_id).id)


def may(person: Any, permission: str, of: Copy | Document) -> bool:
    """Whether `person` may do this with a copy, or with a document that their own agency issued."""
    if of.agency_id is None or not any(held.agency_id in (None, of.agency_id) for held in person.roles):
        return False
    if isinstance(of, Copy) and permission in GIVEN:
        if of.assignee_id == person.id and roles.may(person, permission):
            return True
        if of.assigned_unit_id and roles.may(person, permission, Place(of.agency_id, of.assigned_unit_id)):
            return True
    return roles.may(person, permission, home(of))
