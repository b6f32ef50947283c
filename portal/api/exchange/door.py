"""The blueprint of the exchange for agencies' systems. It reads no cookie, so the token against forged forms is not
asked for."""
from flask import Blueprint

from portal.kit.web import csrf

bp = Blueprint("exchange_api", __name__, url_prefix="/api/exchange/v1")
csrf.exempt(bp)
