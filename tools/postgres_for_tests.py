"""PostgreSQL for tests: `find` prints an address, `name URL NAME` another database, `drop URL` cleans up."""
import getpass
import os
import sys

import psycopg
from sqlalchemy import URL, create_engine, make_url, text
from sqlalchemy.exc import SQLAlchemyError

PATIENCE_S = 5


def candidates() -> list[str]:
    """The server that was asked for, else the usual ones on this machine."""
    if given := os.environ.get("PORTAL_TEST_POSTGRES_URL"):
        return [given]
    port = os.environ.get("PGPORT", "5432")
    return [f"postgresql://{user}@127.0.0.1:{port}/postgres" for user in ("postgres", getpass.getuser())]


def server_of(url: str) -> URL:
    """The address of the server's own database, for a driver that SQLAlchemy names."""
    return make_url(url.replace("postgres://", "postgresql://", 1)).set(drivername="postgresql+psycopg")


def may_create(url: str) -> bool:
    """Whether the server answers and lets this user make databases."""
    engine = create_engine(server_of(url).set(database="postgres"),
                           connect_args={"connect_timeout": PATIENCE_S})
    try:
        with engine.connect() as connection:
            return bool(connection.scalar(text(
                "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user")))
    except (SQLAlchemyError, psycopg.Error):
        return False
    finally:
        engine.dispose()


def find() -> str | None:
    """The first server that will do."""
    return next((url for url in candidates() if may_create(url)), None)


def drop(url: str) -> None:
    """Drop every database that the run with this address made: its name and what follows it."""
    name = make_url(url).database or ""
    engine = create_engine(server_of(url).set(database="postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        query = text("SELECT datname FROM pg_database WHERE starts_with(datname, :prefix)")
        for left in connection.scalars(query, {"prefix": f"{name}_test_"}).all():
            connection.execute(text(f'DROP DATABASE IF EXISTS "{left}" WITH (FORCE)'))
    engine.dispose()


def main(verb: str, *words: str) -> int:
    """Do one of the verbs; 1 when no server will do."""
    if verb == "find":
        if (url := find()) is None:
            return 1
        print(url)
    elif verb == "name":
        print(make_url(words[0]).set(database=words[1]).render_as_string(hide_password=False))
    elif verb == "drop":
        drop(words[0])
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
