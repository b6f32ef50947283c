"""What a portal asks of its database before it lets anybody in."""
import click
from flask import Flask

from portal.kit import clamd, db
from portal.people import queries as people

_AWAY: tuple[type[Exception], ...] = (*db.Unusable, db.Refused)


def refuse_invented_people(app: Flask) -> None:
    """The passwords of a demonstration's people are public: where no demonstration is meant, the portal does not start
    with them. A database that is away has its own words, elsewhere. ClickException."""
    if app.config["DEMONSTRATION"]:
        return
    try:
        with app.app_context():
            found = people.has_invented()
    except _AWAY as error:  # not there yet, or not migrated: then nobody is in it either
        app.logger.info("who is in the database is not known: %s", type(error).__name__)
        return
    finally:
        app.extensions["engine"].dispose()  # no connection may cross a fork
    if found:
        raise click.ClickException(
            "This database holds the invented people of a demonstration, whose passwords are public. Give "
            "PORTAL_DATABASE_URL a database of its own, or set PORTAL_DEMONSTRATION=1 where it is a demonstration.")


def scanning_words(app: Flask) -> str:
    """Whether what people hand in is looked through for viruses, in one line."""
    if scanner := app.config["CLAMD"]:
        if clamd.answers(scanner):
            return f"Virus scanner: {scanner}"
        return f"Virus scanner: {scanner} does not answer. Files that are handed in wait for it and are not shown."
    if app.config["SCAN_REQUIRED"]:
        return "Virus scanner: required and not set (PORTAL_CLAMD). Files that are handed in wait and are not shown."
    return "Virus scanner: none (PORTAL_CLAMD). Files that are handed in are not scanned for viruses."
