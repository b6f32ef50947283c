"""Cổng dịch vụ công. create_app is the only function that knows every part."""
import os
from pathlib import Path

from flask import Flask
from jinja2 import StrictUndefined
from werkzeug.utils import import_string

ROOT = Path(__file__).parents[1]


def create_app(config: object = "config.Default") -> Flask:
    """A portal with `config` (a class or its name); PORTAL_* variables come over it. Raises Unset for settings with
    which it must not start; who typed a command reads it in one line."""
    import click

    from portal.kit.settings import Unset

    try:
        return _made(config)
    except Unset as error:
        if click.get_current_context(silent=True) is None:
            raise
        error.show()
        raise SystemExit(error.exit_code) from None


def _made(config: object) -> Flask:
    from portal.kit import redaction, settings
    from portal.kit.jobs import lanes
    from portal.kit.settings import Unset
    from portal.law import codes

    app = Flask(__name__, template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "static"))
    shape = import_string(config) if isinstance(config, str) else config
    app.config.from_object(shape)
    app.config.update(settings.read({name: app.config[name] for name in dir(shape) if name.isupper()}, os.environ))
    settings.check(app.config)
    try:
        app.config["CODE_SERIES"] = codes.series(str(app.config["CODE_SERIES"]))
    except ValueError as error:
        raise Unset("PORTAL_CODE_SERIES is two digits, such as 99") from error
    try:
        lanes.runners(app.config)
    except ValueError as error:
        raise Unset(f"PORTAL_JOB_RUNNERS cannot be read: {error}.") from None
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.filters["redacted"] = redaction.redacted  # what jobs of former releases kept
    redaction.init()

    from portal import api, cli, web
    from portal.kit import callout, db, i18n, private, row_security
    from portal.kit import web as kit_web
    from portal.kit.hot import reading
    from portal.people import security_log

    for part in (private, db, row_security, security_log, reading, i18n, callout, kit_web, web, api, cli):
        part.init_app(app)
    return app
