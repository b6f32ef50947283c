"""The blueprint of the door for machines. It reads no cookie, so the token against forged forms is not asked for."""
from flask import Blueprint

from portal.kit.web import csrf

bp = Blueprint("api", __name__, url_prefix="/api")
csrf.exempt(bp)
