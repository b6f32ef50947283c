"""The blueprint of the door for machines. It reads no cookie, so the token against forged forms is not asked for."""
from flask import Blueprint, Response, request

from portal.kit.web import csrf, for_every_site

bp = Blueprint("api", __name__, url_prefix="/api")
csrf.exempt(bp)
PREFLIGHT_KEPT_S = 3600
ASKED_WITH = "Accept, Accept-Language, Authorization, Content-Type, If-Modified-Since, If-None-Match, Range, session"
SHOWN = "Allow, ETag, Idempotent-Replayed, Last-Modified, Retry-After"


@bp.after_request
def preflight(response: Response) -> Response:
    """Tell the pages of other sites what they may ask for: all that is read by GET. What is pushed comes from machines
    and never from a page."""
    reads = request.method in ("GET", "HEAD") and "Access-Control-Allow-Origin" not in response.headers
    if request.method == "OPTIONS" and response.status_code < 400:
        allowed = [method for method in ("GET", "HEAD") if method in response.allow]
        if allowed:
            for_every_site()
            response.headers["Access-Control-Allow-Methods"] = ", ".join([*allowed, "OPTIONS"])
            response.headers["Access-Control-Allow-Headers"] = ASKED_WITH
            response.headers["Access-Control-Max-Age"] = str(PREFLIGHT_KEPT_S)
    elif reads:
        response.headers["Access-Control-Expose-Headers"] = SHOWN
    return response
