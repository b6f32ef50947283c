"""What nobody can act on: held by somebody who is gone, or nobody's where nobody has the role for its next step. Pure.

Whoever is in charge is told, once for what the night finds new; what is taken up or handed on meanwhile stands there no
longer.
"""
from collections.abc import Iterable, Mapping
from typing import Any

from portal.dossiers import permissions


def is_stranded(dossier: Any, holder: Any | None, staff: Iterable[Any]) -> bool:
    """`holder`: whoever holds it; `staff`: who works at its agency now. Anything with where it lies and its state."""
    if holder is not None:
        return not permissions.may_keep(holder, dossier)
    return not any(permissions.may_keep(one, dossier) for one in staff)


def stranded(groups: Iterable[Any], holders: Mapping[int, Any], staff: Iterable[Any]) -> Iterable[Any]:
    """The groups (queries.Group) that nobody can act on."""
    staff = list(staff)
    return [group for group in groups if is_stranded(group, holders.get(group.officer_id), staff)]
