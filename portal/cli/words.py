"""A group of commands that says in one line what no operator can do anything about in a traceback."""
from typing import Any

import click
from flask.cli import AppGroup

from portal.kit import db


class Group(AppGroup):
    """`flask <name> …`."""

    def invoke(self, ctx: click.Context) -> Any:
        """One of its commands. A database that is away, empty or of another release is said in its own words."""
        try:
            return super().invoke(ctx)
        except Exception as error:
            if not db.is_unusable(error):
                raise
            raise click.ClickException(f"The database cannot be used: {db.why(error)}") from None
