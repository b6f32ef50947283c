"""`flask serve`: the whole portal on one machine, from an empty database until told to stop.

One process imports the portal and prepares the database; the web server and the worker are forked from it,
so they share its memory and are there at once.
"""
import gc
import http.client
import os
import signal
import socket
import sys
import time
from typing import Any

import click
from flask import Flask, current_app
from gunicorn.app.base import Application

from portal.catalogue import actions as catalogue
from portal.catalogue import queries as catalogue_now
from portal.cli import children, demonstration, starting
from portal.cli.catalogue import tell_report
from portal.cli.crew import Crew, Hangups, lanes_of
from portal.cli.database import say_waiting, upgrade_to_head
from portal.kit import db, jobs
from portal.kit.alone import alone
from portal.kit.db import transaction
from portal.oversight.rankings import actions as rankings
from portal.oversight.reports import versions
from portal.people import queries as people

FIRST_PAGE_S = 60.0
BACKLOG = 2048


class Bar:
    """Shows how far a load is: one line that grows in a terminal, a line for each part in a log."""

    WIDTH = 24

    def __init__(self) -> None:
        self.live = sys.stdout.isatty()
        self.told = (-1, "")

    def __call__(self, done: int, total: int, words: str) -> None:
        part = done / total if total else 1.0
        if self.live:
            full = round(part * self.WIDTH)
            click.echo(f"\r  {'█' * full}{'░' * (self.WIDTH - full)} {part:4.0%}  {words:<40}", nl=part >= 1)
            sys.stdout.flush()
        elif (mark := (int(part * 4), words)) != self.told:
            click.echo(f"  {part:4.0%}  {words}")
            self.told = mark


class WebServer(Application):
    """gunicorn round the application that is already there."""

    def __init__(self, app: Flask, listener: socket.socket) -> None:
        self.app, self.listener = app, listener
        super().__init__()

    def load_config(self) -> None:
        self.load_config_from_module_name_or_filename("python:portal.cli.gunicorn_conf")
        self.cfg.set("bind", f"fd://{self.listener.fileno()}")

    def load(self) -> Flask:
        return self.app


def address() -> tuple[str, int]:
    """(host, port) to listen on, from HOST and PORT. ClickException when PORT is not a port."""
    host, port = os.environ.get("HOST") or "127.0.0.1", os.environ.get("PORT") or "8000"
    if not port.isdecimal() or not 0 < int(port) < 65536:
        raise click.ClickException(f"PORT must be a number from 1 to 65535, not {port!r}.")
    os.environ.update(HOST=host, PORT=port)
    return host, int(port)


def listening(host: str, port: int) -> socket.socket:
    """The socket of the web server, held from the first moment on: of two that start at once, one gets it and the
    other does nothing. ClickException when something else listens there, or when the address is not this machine's."""
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        another = port + 1 if port < 65535 else 8000
        raise click.ClickException(
            f"Cannot listen on {host}, port {port}: {error.strerror}.\n"
            f"Is the portal running already? Another port: PORT={another} make run") from None
    return listener


def check_health_port(host: str, port: int) -> None:
    """ClickException where the listener beside requests could not have its port; 0 is none."""
    if not port:
        return
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError as error:
            raise click.ClickException(
                f"Cannot listen on {host}, port {port} (PORTAL_HEALTH_PORT): {error.strerror}.") from None


def prepare(app: Flask) -> None:
    """Migrate, load the reference data, and at the first start of a demonstration its people and dossiers."""
    try:
        db.make_folder(app.config["DATABASE_URL"])
        with app.app_context():
            click.echo("Database: " + db.without_password(app.config["DATABASE_URL"]))
            with alone(app.extensions["engine"], say_waiting):
                is_ours = upgrade_to_head(app)
                starting.refuse_invented_people(app)
                if is_ours:  # else a later release has brought its facts, and this one's would undo them
                    load(app)
                warm()
    except OSError as error:  # a folder that cannot be made: the setting names a place that is none
        raise click.ClickException(f"{error.filename or 'A folder'} cannot be made or written: {error.strerror}. "
                                   "PORTAL_DATABASE_URL and PORTAL_FILES_FOLDER say where things lie.") from None
    except db.Unusable as error:
        raise click.ClickException(f"The database cannot be used: {db.why(error)}") from None
    except db.Refused as error:
        if not db.lacks_right(error):
            raise
        raise click.ClickException(
            f"The database cannot be used: {db.why(error)}.\nThe role that migrates (of PORTAL_OWNER_DATABASE_URL "
            "where that is given) must own the tables and may make new ones; what another role made is handed over by "
            "REASSIGN OWNED BY … TO … in that database.") from None
    finally:
        app.extensions["engine"].dispose()  # no connection may cross the fork


def load(app: Flask) -> None:
    """Bring in what this release knows and the database does not."""
    bar = Bar()
    is_first = not catalogue_now.edition()
    if is_first or not catalogue.is_loaded():
        click.echo("First start: loading the catalogue" if is_first else "Loading the facts of this release")
        release = catalogue.read_release()
        with transaction():
            report = catalogue.load_reference(bar, release=release)
        tell_report(report)
    with transaction():
        asked, ranked = versions.load_shipped(), rankings.load_shipped()
    if asked or ranked:
        click.echo(f"  {asked} templates of reports and {ranked} definitions of indices loaded")
    # never among real people: only a database that nobody is in gets the invented ones
    if app.config["DEMONSTRATION"] and people.nobody():
        click.echo("First start: loading the demonstration set")
        demonstration.load(bar)
    elif app.config["DEMONSTRATION"]:
        demonstration.give_factors()
    if is_first:
        with transaction():  # what else is made every night
            jobs.put("progress.estimate")
            jobs.put("statistics.make_open_data")


def warm() -> None:
    """What is built once, before the fork, and shared by every process."""
    catalogue_now.directory()
    catalogue_now.calendar()


def serve_web(app: Flask, listener: socket.socket) -> None:
    """The web server's life, in its own process."""
    WebServer(app, listener).run()


def first_page(app: Flask, host: str, port: int, web: children.Child) -> None:
    """Wait until the home page answers. ClickException when it does not, or not well."""
    name = next((h for h in app.config["TRUSTED_HOSTS"] or () if not h.startswith(".")), "localhost")
    reach = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    deadline = time.monotonic() + FIRST_PAGE_S
    while web.lives() and time.monotonic() < deadline:
        line = http.client.HTTPConnection(reach, port, timeout=FIRST_PAGE_S)
        try:
            line.request("GET", "/", headers={"Host": name if port == 80 else f"{name}:{port}"})
            status = line.getresponse().status
        except OSError:
            time.sleep(0.05)
            continue
        finally:
            line.close()
        if status != 200:
            raise click.ClickException(f"The first page answers {status}; the lines above say why.")
        return
    raise click.ClickException("The web server did not start; the lines above say why.")


def announce(app: Flask, host: str, port: int, since: float) -> None:
    """Say where the portal is and, for a demonstration, who can sign in."""
    shown = "localhost" if host in ("127.0.0.1", "0.0.0.0", "::", "::1") else host
    where = app.config["PUBLIC_URL"] or f"http://{shown}:{port}"
    if app.config["DEMONSTRATION"]:
        click.echo("\nDemonstration sign-ins (invented people; never on a real portal):")
        rows = demonstration.sign_ins()
        widths = [max(len(row[i]) for row in rows) for i in range(3)]
        for row in rows:
            click.echo("  " + "  ".join(f"{word:<{width}}" for word, width in zip(row, widths, strict=False))
                       + f"  {row[3]}")
        click.echo("  The second factor of the staff: the page that asks for the code shows it.")
    click.echo(starting.scanning_words(app))
    click.echo(f"\nReady in {time.monotonic() - since:.1f} s:  " + click.style(where, bold=True)
               + f"   ({where}/en in English). Ctrl-C stops it.")
    sys.stdout.flush()


def watch(web: children.Child, crew: Crew, hangups: Hangups) -> None:
    """Stay while the web server lives; a runner of the worker that dies is started anew."""
    while web.lives():
        time.sleep(0.2)
        if hangups.asked():
            click.echo("Beginning anew, one process after the other")
            os.kill(web.pid, signal.SIGHUP)
            crew.renew()
        crew.mend()
    raise click.ClickException(f"The web server ended ({web.status}); stopping.")


def _interrupt(_signal: int, _frame: Any) -> None:
    for each in children.STOPS:
        signal.signal(each, signal.SIG_IGN)  # once is enough: stopping is bounded in time
    raise KeyboardInterrupt


@click.command("serve")
@click.option("--only-prepare", is_flag=True, help="Bring the database to where serving starts, then stop.")
def serve(only_prepare: bool) -> None:
    """Prepare the database, then serve pages and do jobs until Ctrl-C; on SIGHUP begin anew, with nothing cut. HOST and
    PORT say where."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    since = time.monotonic()
    for each in children.STOPS:
        signal.signal(each, _interrupt)
    hangups = Hangups(_interrupt)
    running: list[children.Child] = []
    crew: Crew | None = None
    try:
        if only_prepare:
            prepare(app)
            return
        host, port = address()
        check_health_port(host, app.config["HEALTH_PORT"])
        listener = listening(host, port)
        prepare(app)
        gc.freeze()  # what is loaded stays shared with the children
        web = children.start("web", lambda: serve_web(app, listener))
        running.append(web)
        crew = Crew(app, lanes_of(app))
        first_page(app, host, port, web)
        announce(app, host, port, since)
        watch(web, crew, hangups)
    except KeyboardInterrupt:
        click.echo("\nStopping")
    finally:
        for each in children.STOPS:
            signal.signal(each, signal.SIG_IGN)
        children.stop([*running, *(crew.children if crew else ())])


def init_app(app: Flask) -> None:
    app.cli.add_command(serve)
