"""`flask database …`: the shape of the database. Migrations only go forward, one head."""
from pathlib import Path
from typing import Any

import click
from flask import Flask, current_app

from portal.cli.words import Group
from portal.exchange.rows import LOOKED_THROUGH
from portal.files import queries as stored
from portal.kit import db, deployment, files_folder, release, row_security
from portal.kit.alone import alone
from portal.kit.db import make_engine, session
from portal.kit.release import Standing
from portal.oversight.rows import APPEND_ONLY, REACHED_BY

database = Group("database", help="The shape of the database.")


def alembic_config(app: Flask, engine: Any = None) -> Any:
    """Alembic, told of this application's engine instead of an ini file."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(app.root_path).parent / "migrations"))
    config.attributes["engine"] = engine or app.extensions["engine"]
    return config


def upgrade_to_head(app: Flask) -> bool:
    """Bring the database to the newest migration; where it has an owner, as that, who then guards its rows. Then see
    to its files folder. False: a later release has migrated it, this one may still run, and nothing was changed."""
    engine = app.extensions["engine"]
    owner = make_engine(url) if (url := app.config["OWNER_DATABASE_URL"]) else None
    try:
        stands = release.standing_of(owner or engine)
        if stands == Standing.too_far:
            raise click.ClickException(
                "This database was migrated by a newer release than this one, which cannot run on it. Start that "
                "release, or put back the backup made before it.")
        if stands != Standing.ahead:
            _migrate(app, owner or engine, stands)
            deployment.say(owner or engine, deployment.OLDEST_RELEASE, release.oldest())
            if owner is not None:
                row_security.secure(owner, row_security.application_role(app.config["DATABASE_URL"]), REACHED_BY,
                                    APPEND_ONLY, LOOKED_THROUGH)
    finally:
        if owner is not None:
            owner.dispose()
    _see_to_files(engine)
    return stands != Standing.ahead


def say_waiting() -> None:
    """To whoever started a second one."""
    click.echo("Another process prepares this database; waiting for it to end.")


def _see_to_files(engine: Any) -> None:
    is_new = not stored.has_any()
    session.rollback()
    try:
        files_folder.set_up(engine, is_new=is_new)
    except files_folder.Missing as error:
        raise click.ClickException(
            f"{error.filename}: {error.why}. Mount it, or set PORTAL_FILES_FOLDER; nothing is made anew there, because "
            "what was handed in lies in it.") from None


def _migrate(app: Flask, engine: Any, stands: Standing) -> None:
    """To the newest migration. What may not be rewritten may be by a migration, and by nothing else."""
    if stands == Standing.behind:
        row_security.let_rewrite(engine)
    _upgrade(alembic_config(app, engine))
    row_security.keep(engine, APPEND_ONLY)


def _upgrade(config: Any) -> None:
    from alembic import command

    command.upgrade(config, "head")


@database.command()
def upgrade() -> None:
    """Bring the database to the newest migration."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    db.make_folder(app.config["DATABASE_URL"])
    with alone(app.extensions["engine"], say_waiting):
        upgraded = upgrade_to_head(app)
    if not upgraded:
        click.echo("This database was migrated by a later release already; this one may still run on it.")


@database.command()
@click.argument("message")
def revision(message: str) -> None:
    """Write the next numbered migration from what changed in the models. Read it before it lands."""
    from alembic import command

    versions = Path(current_app.root_path).parent / "migrations" / "versions"
    number = f"{len(list(versions.glob('[0-9]*.py'))) + 1:04}"
    command.revision(alembic_config(current_app), message, autogenerate=True, rev_id=number)
    (versions.parent / "HEAD").write_text(number + "\n")


def init_app(app: Flask) -> None:
    app.cli.add_command(database)
