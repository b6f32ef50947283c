"""The door for everybody: sign in, register, a new password, one's own profile."""
from flask import Blueprint

bp = Blueprint("account", __name__)

from portal.web.account import closing, contact, factor, register, reset, security, views  # noqa: E402,F401
