"""One page forward and one page back in lists that go on from a row.

Such a list knows where the next page begins, never where the one before it did: the address carries where the pages
began that one came by (`back`), so that "Previous page" goes back by one.
"""
from typing import Any, NamedTuple

from flask import request, url_for

MOST = 50  # beginnings that an address carries; beyond, one comes to the first page sooner
LONGEST = 200  # letters of one


class Around(NamedTuple):
    """The addresses of the pages on both sides; None where there is none."""

    next: str | None
    previous: str | None


def around(key: str, further: Any | None, **kept: Any) -> Around:
    """The pages round this one. `key`: the argument that says where a page begins; `further`: where the next does,
    None after the last; `kept`: what else the address says."""
    here = request.args.get(key, "")[:LONGEST]
    came_by = [one[:LONGEST] for one in request.args.getlist("back") if one][-MOST:]
    *earlier, before = came_by or [""]

    def address(begins: Any, back: list[str]) -> str:
        return url_for(request.endpoint or "", **(request.view_args or {}), **kept, **{key: begins or None},
                       back=back or None)

    trail = [*came_by, here][-MOST:] if here else []
    return Around(address(further, trail) if further is not None else None, address(before, earlier) if here else None)
