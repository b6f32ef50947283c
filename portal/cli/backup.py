"""`flask backup`, `flask restore`: a portal as it was at one moment, written down and put back."""
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from portal.cli.database import alembic_config, upgrade_to_head
from portal.dossiers import recording
from portal.kit import backup as backups
from portal.kit import clock, db, deployment, files_folder, restoring
from portal.kit.db import make_engine, transaction
from portal.notices import actions as notices
from portal.papers import actions as papers
from portal.people import security_log, sessions
from portal.people.permissions import Role

KEYS = ("SECRET_KEY", "SECRET_KEY_FALLBACKS")
SKIPPED = 1000


def _app() -> Flask:
    return current_app._get_current_object()  # type: ignore[attr-defined]


def _reaching_all(app: Flask) -> Any:
    """An engine without limits that reaches every row: the owner's, where the database has one."""
    return make_engine(app.config["OWNER_DATABASE_URL"] or app.config["DATABASE_URL"])


def _keys(app: Flask) -> dict[str, str]:
    fallbacks = app.config["SECRET_KEY_FALLBACKS"]
    return {"PORTAL_SECRET_KEY": str(app.config["SECRET_KEY"])} | (
        {"PORTAL_SECRET_KEY_FALLBACKS": app.json.dumps(list(fallbacks))} if fallbacks else {})


@click.command("backup")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@with_appcontext
def backup(folder: Path) -> None:
    """Write a backup into FOLDER, which is new: the database as of one moment, the files that it names, the keys, and
    a manifest with digests. The portal may go on working meanwhile."""
    app = _app()
    engine = _reaching_all(app)
    try:
        made = backups.make(engine, folder, _keys(app))
    except (backups.Refused, OSError) as error:
        raise click.ClickException(str(error)) from None
    except db.Unusable as error:
        raise click.ClickException(f"The database cannot be used: {db.why(error)}") from None
    finally:
        engine.dispose()
    click.echo(f"{made.rows} rows and {made.files} files, {made.size / 1e6:.1f} MB in {folder}")
    click.echo(f"Manifest: {made.sha256}")
    click.echo("It holds what people handed in, and the keys (keys.env): keep it where only its owner reads.")
    if made.missing:
        raise click.ClickException(f"{len(made.missing)} files that the database names are not there; the manifest "
                                   "lists them. `flask files verify` says whose they are.")


@click.command("restore")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.option("--skip-numbers", default=SKIPPED, show_default=True, type=click.IntRange(0, 9000),
              help="How many numbers of today's dossiers and this year's papers are left out, because they may be "
                   "on paper already.")
@click.option("--other-keys", is_flag=True, help="Go on with other keys than the backup's.")
@with_appcontext
def restore(folder: Path, skip_numbers: int, other_keys: bool) -> None:
    """Put the backup in FOLDER back, into an empty database and an empty files folder. Every session is ended, and no
    number is given a second time."""
    app = _app()
    engine = _reaching_all(app)
    try:
        manifest = restoring.verified(folder)
        restoring.check_target(engine, manifest)
        if not other_keys and restoring.keys_of(folder)["PORTAL_SECRET_KEY"] not in (
                app.config["SECRET_KEY"], *app.config["SECRET_KEY_FALLBACKS"]):
            raise backups.Refused(
                f"This portal's key is not the backup's, so what was sealed with that one could not be read. Set the "
                f"PORTAL_… of {folder / backups.KEYS}, or say --other-keys.")
        restoring.put_back(engine, folder, manifest, lambda at: _migrate(app, engine, at))
        upgrade_to_head(app)
        _tell(app, manifest, skip_numbers)
    except backups.Refused as error:
        raise click.ClickException(str(error)) from None
    except OSError as error:
        raise click.ClickException(f"{error.filename or folder}: {error.strerror or error}.") from None
    except db.Unusable as error:
        raise click.ClickException(f"The database cannot be used: {db.why(error)}") from None
    finally:
        engine.dispose()


def _migrate(app: Flask, engine: Any, to: str) -> None:
    from alembic import command

    command.upgrade(alembic_config(app, engine), to)


def _tell(app: Flask, manifest: restoring.Manifest, skip: int) -> None:
    """Going back is an event of safety: what was ended since may have come back, what was given may be out there."""
    made_at = datetime.fromisoformat(manifest["made_at"])
    with transaction():
        ended = sessions.end_every()
        agencies = recording.skip_numbers(skip, clock.today())
        books = papers.skip_numbers(skip, clock.today().year)
        security_log.record("database.restored", made_at=manifest["made_at"], sessions=ended, skipped=skip)
        notices.tell_role(Role.portal_administrator, None, "restored", "/admin/security", made_at=made_at, skipped=skip)
    deployment.say(app.extensions["engine"], deployment.RESTORED_AT, clock.now().isoformat())
    rows = sum(manifest["tables"].values())
    click.echo(f"Put back as of {made_at.astimezone(clock.VN):%d/%m/%Y %H:%M}: {rows} rows, "
               f"{len(manifest['files'])} files in {files_folder.root()}")
    click.echo(f"Ended: {ended} sessions. Everybody signs in again.")
    click.echo(f"Left out: {skip} numbers of today's dossiers at {agencies} agencies, and of this year's papers in "
               f"{books} books: those given since the backup may be on paper, and are never given twice.")
    click.echo("Come back with it, if ended since then: roles, keys of agencies, suspended accounts. Look through "
               "/admin/people and `flask people`, and tell agencies to push again what they sent since.")


def init_app(app: Flask) -> None:
    app.cli.add_command(backup)
    app.cli.add_command(restore)
