"""The database: one Base, one session for each request or job, one way to commit.

SQLite and PostgreSQL behave alike here: foreign keys hold, a write transaction sees nothing stale,
and times come back aware and in UTC.
"""
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

from flask import Flask, current_app, g, has_app_context
from sqlalchemy import DateTime, Engine, MetaData, TypeDecorator, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, InternalError, OperationalError, ProgrammingError
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from werkzeug.local import LocalProxy


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment. SQLite keeps no zone, so the zone is put back on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a zone cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s", "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s", "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s"})
    type_annotation_map: ClassVar = {datetime: UtcDateTime}


new_session = sessionmaker()


class Inside(RuntimeError):
    """Slow work where a transaction is open that writes: a mistake of ours, found by the first test."""


class Outside(RuntimeError):
    """The database is asked where slow work is done, which must not hold a transaction open."""


def _current() -> Session:
    if "session" not in g:
        if g.get("outside"):
            raise Outside("read what is needed before, write after")
        g.session = new_session()
    return g.session


session: Session = LocalProxy(_current)  # type: ignore[assignment]


@contextmanager
def transaction() -> Iterator[Session]:
    """The only place that commits. Wrap one user intention in it.

    The read transaction that loaded the page's objects ends first, so that what is decided inside is
    decided on fresh rows; on SQLite the write lock is taken at once (`BEGIN IMMEDIATE`), because a
    reader that upgrades itself later may act on what another writer has just changed.
    """
    session.rollback()
    session.connection(execution_options={"writes": True})
    g.writing, committed = True, False
    try:
        yield session
        session.commit()
        committed = True
    except BaseException:
        session.rollback()
        raise
    finally:
        g.writing = False
        for act in g.pop("afterwards", ()):
            act(committed)


def is_writing() -> bool:
    """Whether a transaction that writes is under way here."""
    return bool(g.get("writing"))


def after(act: Callable[[bool], None]) -> None:
    """Do `act` once the transaction under way is over, with whether it was committed. It must not fail."""
    g.setdefault("afterwards", []).append(act)


@contextmanager
def aside() -> Iterator[None]:
    """A short transaction for what is no part of what was asked, such as that somebody looked. What was read before it
    stays as it was read; what was changed and not committed is dropped, as `transaction` drops it."""
    if not session.is_active or session.new or session.dirty or session.deleted:
        session.rollback()
    expires, session.expire_on_commit = session.expire_on_commit, False
    try:
        session.commit()  # the read transaction: on SQLite a reader may not become a writer
        session.connection(execution_options={"writes": True})
        yield
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.expire_on_commit = expires


def slow(what: str) -> None:
    """Say that what follows is slow or waits for something. Inside: others would wait for it to commit, on SQLite
    everybody who writes. Raises Inside there."""
    if has_app_context() and g.get("writing"):
        raise Inside(f"{what} inside a transaction that writes")


@contextmanager
def outside() -> Iterator[None]:
    """No transaction is open in this block and none can be begun: for slow work, and for what waits for machines."""
    if (opened := g.pop("session", None)) is not None:
        opened.close()
    g.outside = True
    try:
        yield
    finally:
        g.outside = False


def make_engine(url: str) -> Engine:
    """An engine for `url`, with what the portal relies on switched on."""
    if not url.startswith("sqlite"):
        url = url.replace("postgres://", "postgresql://", 1)
        engine = create_engine(url, pool_size=10, max_overflow=20, pool_pre_ping=True, hide_parameters=True,
                               connect_args={"options": "-c timezone=utc"})
        event.listen(engine, "handle_error", _leave_out_the_row)
        return engine
    engine = create_engine(url, connect_args={"timeout": 30}, hide_parameters=True, **_sqlite_pool(url))
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _leave_out_the_row(context: Any) -> None:
    """What an error says is logged: PostgreSQL's detail cites the row that failed, with names and numbers of people.
    Of the statement's own values `hide_parameters` says nothing either."""
    original, wrapped = context.original_exception, context.sqlalchemy_exception
    if wrapped is not None and (diag := getattr(original, "diag", None)) and diag.message_detail:
        said = diag.message_primary or ""
        original.args, wrapped.args = (said,), (f"({type(original).__name__}) {said}",)


def _sqlite_pool(url: str) -> dict[str, int]:
    """As many connections as a process has threads; a database in memory has one of its own kind."""
    return {} if ":memory:" in url or url == "sqlite://" else {"pool_size": 10, "max_overflow": 20}


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver's own BEGIN comes too late; ours is below
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Any) -> None:
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


# No answer, no right, no room: what an operator has to mend. PostgreSQL says InternalError where nothing may be
# written, as on a server that stands by for another.
Unusable: tuple[type[DBAPIError], ...] = (OperationalError, InternalError, InterfaceError)

Refused = ProgrammingError  # among other things, what a role has no right to: see `lacks_right`
_NO_RIGHT = "42501"  # insufficient_privilege


def lacks_right(error: ProgrammingError) -> bool:
    """Whether PostgreSQL refused it because the role may not."""
    return getattr(error.orig, "sqlstate", None) == _NO_RIGHT


def why(error: DBAPIError) -> str:
    """The reason in the database's own words, in one line."""
    return str(error.orig).strip().splitlines()[0] if error.orig else "no answer"


def without_password(url: str) -> str:
    """An address that may be shown."""
    return make_url(url).render_as_string(hide_password=True)


def make_folder(url: str) -> None:
    """The folder that a database file lies in."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)


def engine() -> Engine:
    """The running application's engine."""
    return current_app.extensions["engine"]


def init_app(app: Flask) -> None:
    app.extensions["engine"] = make_engine(app.config["DATABASE_URL"])
    new_session.configure(bind=app.extensions["engine"])

    @app.teardown_appcontext
    def close(_error: BaseException | None) -> None:
        if (opened := g.pop("session", None)) is not None:
            opened.close()
