"""What the bench's web server serves: the portal, and under /bare a Flask route that makes one raw query.

Both live in the same process and threads, behind the same server, so that only their own work differs.
"""
import sqlite3
import threading
import time
from pathlib import Path
from typing import Any

import psycopg
from flask import Flask, Response, jsonify
from sqlalchemy.engine import make_url
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from portal import create_app

QUERY = "SELECT * FROM progress_record WHERE code = "


def bare(url: str) -> Flask:
    """The least that a Flask application can do for the same address: one query by the driver, one answer."""
    app = Flask("bare")
    kept = threading.local()
    parsed = make_url(url)
    on_sqlite = parsed.get_backend_name() == "sqlite"
    query = QUERY + ("?" if on_sqlite else "%s")

    def connection() -> Any:
        if not hasattr(kept, "connection"):
            kept.connection = sqlite3.connect(parsed.database or "") if on_sqlite else psycopg.connect(
                parsed.set(drivername="postgresql").render_as_string(hide_password=False), autocommit=True)
        return kept.connection

    @app.get("/progress/<code>")
    def one(code: str) -> Response:
        return jsonify(list(connection().execute(query, (code,)).fetchone()))

    @app.get("/cpu")
    def cpu() -> Response:
        return jsonify(time.process_time())

    @app.get("/memory")
    def memory() -> Response:
        resident = next(line for line in Path("/proc/self/status").read_text().splitlines() if "VmRSS" in line)
        return jsonify(int(resident.split()[1]) / 1024)

    return app


def application() -> Any:
    """The WSGI application for gunicorn."""
    portal = create_app()
    return DispatcherMiddleware(portal.wsgi_app, {"/bare": bare(portal.config["DATABASE_URL"]).wsgi_app})
