"""The database: one Base, one session for each request or job, one way to commit.

SQLite and PostgreSQL behave alike here: foreign keys hold, a write transaction sees nothing stale,
and times come back aware and in UTC.
"""
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

from flask import Flask, current_app, g, has_app_context
from sqlalchemy import (
    Connection,
    DateTime,
    Engine,
    Executable,
    MetaData,
    TypeDecorator,
    create_engine,
    event,
    make_url,
)
from sqlalchemy.exc import DBAPIError, InterfaceError, InternalError, OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from werkzeug.local import LocalProxy

from portal.kit import patience

log = logging.getLogger(__name__)
POOL_WAIT_S = 5  # for a connection that another thread has
HURRY_MS = 50  # for a lock, where what is written may as well be left out


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment. SQLite keeps no zone, so the zone is put back on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a zone cannot be stored")
        try:
            return value.astimezone(UTC)
        except OverflowError:  # at either end of the calendar: somebody typed it, and nothing lies beyond
            return value.replace(tzinfo=UTC)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def one_of(column: str, words: Iterable[str]) -> str:
    """For a check constraint: the column holds one of these words."""
    return f"{column} IN ({', '.join(repr(str(word)) for word in words)})"


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
        g.writing = True
        yield
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.expire_on_commit = expires
        g.writing = False


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


def make_engine(url: str, settings: Mapping[str, Any] | None = None) -> Engine:
    """An engine for `url`, with what the portal relies on switched on. Without settings nothing limits how long a
    statement takes or a lock is waited for: for migrations and backups."""
    limits = patience.of(settings) if settings is not None else None
    if not url.startswith("sqlite"):
        url = url.replace("postgres://", "postgresql://", 1)
        engine = create_engine(url, pool_size=10, max_overflow=20, pool_timeout=POOL_WAIT_S, pool_pre_ping=True,
                               hide_parameters=True, connect_args={"options": "-c timezone=utc"})
        event.listen(engine, "handle_error", _leave_out_the_row)
        if limits is not None:
            from portal.kit import reaching  # noqa: PLC0415  only where that is the database

            reaching.hold(engine, limits)
        return engine
    engine = create_engine(url, hide_parameters=True, **_sqlite_pool(url))
    event.listen(engine, "connect", _preparing_sqlite(limits))
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
    return {} if ":memory:" in url or url == "sqlite://" else {
        "pool_size": 10, "max_overflow": 20, "pool_timeout": POOL_WAIT_S}


def _preparing_sqlite(limits: patience.Patience | None) -> Callable[[Any, Any], None]:
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver's own BEGIN comes too late; ours is below
        waits = limits.now.lock if limits else patience.JOBS_LOCK_S
        for pragma in (f"busy_timeout={round(waits * 1000)}", "journal_mode=WAL", "synchronous=FULL",
                       "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")
    return prepare


def _begin_sqlite(connection: Any) -> None:
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


# No answer, no right, no room, no connection free: what an operator has to mend, or what is over soon. PostgreSQL says
# InternalError where nothing may be written, as on a server that stands by for another.
Unusable: tuple[type[Exception], ...] = (OperationalError, InternalError, InterfaceError, PoolTimeout)
_DRIVERS = ("psycopg", "sqlite3")  # whose own errors come through where the session is passed by

Refused = ProgrammingError  # among other things, what a role has no right to: see `lacks_right`
_NO_RIGHT = "42501"  # insufficient_privilege
_NO_TABLE = "42P01"  # undefined_table: empty, or not restored yet. SQLite says OperationalError


def is_unusable(error: BaseException) -> bool:
    """Whether this is about a database that cannot be used now, and not about what was asked."""
    if isinstance(error, Unusable):
        return True
    if isinstance(error, ProgrammingError):
        return getattr(error.orig, "sqlstate", None) == _NO_TABLE
    return any(kind.__name__ in ("OperationalError", "InternalError", "InterfaceError")
               and kind.__module__.partition(".")[0] in _DRIVERS for kind in type(error).__mro__)


def lacks_right(error: ProgrammingError) -> bool:
    """Whether PostgreSQL refused it because the role may not."""
    return getattr(error.orig, "sqlstate", None) == _NO_RIGHT


def why(error: BaseException) -> str:
    """The reason in the database's own words, in one line."""
    said = str(error.orig if isinstance(error, DBAPIError) else error).strip()
    return said.splitlines()[0] if said else "no answer"


def without_password(url: str) -> str:
    """An address that may be shown."""
    return make_url(url).render_as_string(hide_password=True)


def file_of(url: str) -> Path | None:
    """The file in which an SQLite database lies; None of others, and of one in memory."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database or ":memory:" in parsed.database:
        return None
    return Path(parsed.database.removeprefix("file:").partition("?")[0])


def make_folder(url: str) -> None:
    """The folder that a database file lies in."""
    if (place := file_of(url)) is not None:
        place.parent.mkdir(parents=True, exist_ok=True)


def engine() -> Engine:
    """The running application's engine."""
    return current_app.extensions["engine"]


def let_go() -> None:
    """Give this request's connection back. A connection that is broken says so once, in the log, and to nobody else:
    what was answered is answered."""
    if (opened := g.pop("session", None)) is None:
        return
    try:
        opened.close()
    except Exception as error:
        log.warning("a connection could not be given back: %s", why(error))
        with suppress(Exception):
            opened.invalidate()


def in_passing(statement: Executable) -> Any:
    """Write, in a short transaction of its own, what may as well be left out, and return what the statement returns
    first. It waits for nobody: where the database is busy, read-only or away nothing is written and it returns None."""
    if g.get("writing"):  # a second connection would wait for this one
        return _first(session.execute(statement))
    bind = new_session.kw["bind"]
    try:
        if not isinstance(bind, Engine):  # a transaction that holds everything, as in tests
            found = _first(session.execute(statement))
            session.commit()
            return found
        with bind.connect().execution_options(writes=True) as connection, hurrying(connection, HURRY_MS), \
                connection.begin():
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql(f"SET LOCAL lock_timeout = {HURRY_MS}")
            return _first(connection.execute(statement))
    except Exception as error:
        if not isinstance(bind, Engine):
            session.rollback()
        if not is_unusable(error):
            raise
        return None


def _first(result: Any) -> Any:
    return result.scalar() if getattr(result, "returns_rows", True) else None


@contextmanager
def hurrying(connection: Connection, most_ms: int) -> Iterator[None]:
    """Do not wait longer than so for SQLite's one writer meanwhile: asked before the transaction begins. PostgreSQL
    locks rows, and has a timeout of its own for them."""
    if connection.dialect.name != "sqlite":
        yield
        return
    driver: Any = connection.connection.driver_connection
    waits = driver.execute("PRAGMA busy_timeout").fetchone()[0]
    driver.execute(f"PRAGMA busy_timeout={most_ms}")
    try:
        yield
    finally:
        driver.execute(f"PRAGMA busy_timeout={waits}")


def init_app(app: Flask) -> None:
    app.extensions["engine"] = make_engine(app.config["DATABASE_URL"], app.config)
    new_session.configure(bind=app.extensions["engine"])
    app.teardown_appcontext(lambda _error: let_go())
