"""The door for machines: progress, pushed by agencies' systems and read by all; our words and the national ones."""
from flask import Flask

from portal.api import problems
from portal.api.door import bp
from portal.api.exchange import axis, connections
from portal.api.exchange import door as exchange
from portal.api.exchange import openapi as exchange_openapi
from portal.api.exchange import v1 as exchange_v1
from portal.api.national import views as national
from portal.api.v1 import openapi, progress

__all__ = ["axis", "connections", "exchange_openapi", "exchange_v1", "init_app", "national", "openapi", "progress"]


def init_app(app: Flask) -> None:
    app.json.ensure_ascii = False  # type: ignore[attr-defined]  # systems look for words in the text as it comes
    axis.init_app(app)
    problems.init_app(app)
    app.register_blueprint(bp)
    app.register_blueprint(exchange.bp)
