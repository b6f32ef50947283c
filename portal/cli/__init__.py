"""Doors for operators: `flask --app portal …`."""
from flask import Flask

from portal.cli import (
    backup,
    catalogue,
    database,
    demonstration,
    dossiers,
    exchange,
    files,
    oversight,
    participants,
    people,
    progress,
    serve,
    work,
)


def init_app(app: Flask) -> None:
    for part in (backup, catalogue, database, demonstration, dossiers, exchange, files, oversight, participants,
                 people, progress, serve, work):
        part.init_app(app)
