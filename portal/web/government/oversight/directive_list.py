"""Every directive, to be found by number or words: the list of who watches."""
from flask import render_template, request

from portal.oversight import lists
from portal.web.government import bp
from portal.web.guard import permission
from portal.web.paging import around

LONGEST = 200


@bp.get("/oversight/directives")
@permission("directive.watch")
def directive_list() -> str:
    """The newest first; those that are not public say so."""
    said, before = request.args.get("q", "")[:LONGEST].strip(), request.args.get("before", "")
    page = lists.directives(said, int(before) if before.isdecimal() and len(before) < 10 else None, public=False)
    return render_template("government/oversight/directive_list.html", rows=page.rows, said=said, until=page.until,
                           looked=lists.LOOKED_THROUGH, pages=around("before", page.next or page.until, q=said or None))
