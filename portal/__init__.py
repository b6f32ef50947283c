"""Cổng dịch vụ công. create_app is the only function that knows every part."""
import os
from pathlib import Path

from flask import Flask
from jinja2 import StrictUndefined

ROOT = Path(__file__).parents[1]


def create_app(config: object = "config.Default") -> Flask:
    """A portal with `config` (a class or its name); PORTAL_* variables come over it."""
    from portal.kit import settings
    from portal.kit.settings import Unset
    from portal.law import codes

    app = Flask(__name__, template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "static"))
    app.config.from_object(config)
    defaults = dict(app.config)
    app.config.from_prefixed_env("PORTAL")
    app.config.update(settings.read(defaults, os.environ))
    if not app.config["SECRET_KEY"]:
        raise Unset("set PORTAL_SECRET_KEY: the portal has no default secret "
                    "(on your own machine, tools/portal.sh sets it: tools/portal.sh flask --app portal …)")
    try:
        app.config["CODE_SERIES"] = codes.series(str(app.config["CODE_SERIES"]))
    except ValueError as error:
        raise Unset("PORTAL_CODE_SERIES is two digits, such as 99") from error
    app.jinja_env.undefined = StrictUndefined

    from portal import api, cli, web
    from portal.kit import callout, db, i18n, row_security
    from portal.kit import web as kit_web
    from portal.kit.hot import reading
    from portal.people import security_log

    for part in (db, row_security, security_log, reading, i18n, callout, kit_web, web, api, cli):
        part.init_app(app)
    return app
