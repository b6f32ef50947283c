"""`flask database …`: the shape of the database. Migrations only go forward, one head."""
from pathlib import Path
from typing import Any

import click
from flask import Flask, current_app
from flask.cli import AppGroup

from portal.dossiers.rows import APPEND_ONLY, REACHED_BY
from portal.kit import row_security
from portal.kit.db import make_engine

database = AppGroup("database", help="The shape of the database.")


def alembic_config(app: Flask, engine: Any = None) -> Any:
    """Alembic, told of this application's engine instead of an ini file."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(app.root_path).parent / "migrations"))
    config.attributes["engine"] = engine or app.extensions["engine"]
    return config


def upgrade_to_head(app: Flask) -> None:
    """Bring the database to the newest migration; where it has an owner, as that, who then guards its rows."""
    if not (url := app.config["OWNER_DATABASE_URL"]):
        _migrate(app, app.extensions["engine"])
        return
    owner = make_engine(url)
    try:
        _migrate(app, owner)
        row_security.secure(owner, row_security.application_role(app.config["DATABASE_URL"]), REACHED_BY, APPEND_ONLY)
    finally:
        owner.dispose()


def _migrate(app: Flask, engine: Any) -> None:
    """To the newest migration. What may not be rewritten may be by a migration, and by nothing else."""
    if _is_behind(app, engine):
        row_security.let_rewrite(engine)
    _upgrade(alembic_config(app, engine))
    row_security.keep(engine, APPEND_ONLY)


def _is_behind(app: Flask, engine: Any) -> bool:
    """Whether there is something to migrate: not where it is done, nor where a newer release did more."""
    from alembic.migration import MigrationContext

    folder = Path(app.root_path).parent / "migrations"
    with engine.connect() as connection:
        now = MigrationContext.configure(connection).get_current_revision()
    return now != (folder / "HEAD").read_text().strip() and bool(list((folder / "versions").glob(f"{now or ''}*.py")))


def _upgrade(config: Any) -> None:
    from alembic import command
    from alembic.util import CommandError

    try:
        command.upgrade(config, "head")
    except CommandError as error:
        if "Can't locate revision" not in str(error):
            raise
        raise click.ClickException("This database was migrated by a newer release than this one. Start that release, "
                                   "or put back the copy of the database made before it.") from None


@database.command()
def upgrade() -> None:
    """Bring the database to the newest migration."""
    upgrade_to_head(current_app._get_current_object())  # type: ignore[attr-defined]


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
