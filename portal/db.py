"""Engines and sessions: one for reading that cannot write, one for writing that waits its turn."""

from pathlib import Path
from threading import Lock
from typing import Any

from flask import Flask, current_app, g, request
from sqlalchemy import URL, Connection, Engine, ExceptionContext, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import PoolProxiedConnection, QueuePool

from portal import filesystems

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
# What each connection to SQLite is told, and what SQLite must then answer: FULL is 2, ON is 1.
PRAGMAS: dict[str, tuple[str, object]] = {
    "journal_mode": ("WAL", "wal"),
    "synchronous": ("FULL", 2),
    "foreign_keys": ("ON", 1),
    "busy_timeout": ("10000", 10_000),
}
WRITER_WAIT_SECONDS = 30

# A server that is gone or slow is given up within 30 seconds, so that the next try reaches its successor.
CONNECT = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
SETTINGS = {
    "lock_timeout": "15s",
    "statement_timeout": "120s",
    "idle_in_transaction_session_timeout": "600s",
    "jit": "off",  # compiling our largest queries takes longer than they do
}
READ_ONLY = "25006"
SHUT_DOWN = frozenset({"57P01", "57P02", "57P03"})


class UnsafeDatabase(Exception):
    """SQLite cannot be had as it must be run, or not in this place; its text is one line for the operator."""


class Database:
    """A database by its URL. On SQLite a process lets in one writer at a time.

    Readers cannot write, and see one moment from their first look to their last, on both databases.
    """

    def __init__(self, url: str) -> None:
        """Make the engines; connects to nothing yet."""
        self.url = url
        if make_url(url).get_backend_name() == "sqlite":
            self.write_engine = _sqlite_engine(url, may_write=True)
            self.read_engine = _sqlite_engine(url, may_write=False)
        else:
            self.write_engine = _postgresql_engine(make_url(url))
            self.read_engine = self.write_engine.execution_options(
                postgresql_readonly=True, isolation_level="REPEATABLE READ"
            )
        self.writer = sessionmaker(self.write_engine, expire_on_commit=False)
        self.reader = sessionmaker(self.read_engine, expire_on_commit=False)

    @property
    def file(self) -> Path | None:
        """The file of a database on SQLite; None on PostgreSQL."""
        name = self.write_engine.url.database
        return Path(name) if self.write_engine.dialect.name == "sqlite" and name else None

    def dispose(self) -> None:
        """Close all connections."""
        self.write_engine.dispose()
        self.read_engine.dispose()


def pragma(connection: Any, name: str) -> object:
    """Ask a connection of SQLite's driver how a pragma really stands."""
    row = connection.execute(f"PRAGMA {name}").fetchone()
    return row[0] if row else None


class InTurn(QueuePool):
    """A pool that lets nobody in twice while another waits.

    Who gives the only connection back and wants it again at once, as a job does from chunk to chunk, would
    else mostly get it before whoever waits has woken up.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """As any pool."""
        super().__init__(*arguments, **options)
        self._door = Lock()

    def connect(self) -> PoolProxiedConnection:
        """Give a connection to one after the other: only one waits for it, the others for the door."""
        with self._door:
            return super().connect()


def _sqlite_engine(url: str, *, may_write: bool) -> Engine:
    pool: dict[str, Any] = (
        {"poolclass": InTurn, "pool_size": 1, "max_overflow": 0, "pool_timeout": WRITER_WAIT_SECONDS}
        if may_write
        else {"pool_size": 10, "max_overflow": 10}
    )
    engine = create_engine(url, connect_args={"check_same_thread": False}, hide_parameters=True, **pool)
    begin = "BEGIN IMMEDIATE" if may_write else "BEGIN"
    place = Path(engine.url.database or "")
    checked: set[Path] = set()

    @event.listens_for(engine, "connect")
    def _set_pragmas(connection: Any, _record: object) -> None:
        if place not in checked:
            _check_place(place)
            checked.add(place)
        connection.isolation_level = None
        for name, (value, _stands) in PRAGMAS.items():
            connection.execute(f"PRAGMA {name}={value}")
        _check_pragmas(connection)
        if not may_write:
            connection.execute("PRAGMA query_only=ON")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _check_place(path: Path) -> None:
    if filesystems.is_networked(path.parent):
        raise UnsafeDatabase(
            f"the database must lie on a disk of this machine: {path.parent} is on "
            f"{filesystems.kind_of(path.parent)}, where SQLite can lose what it has confirmed"
        )


def _check_pragmas(connection: Any) -> None:
    for name, (value, wanted) in PRAGMAS.items():
        stands = pragma(connection, name)
        if stands != wanted:
            raise UnsafeDatabase(
                f"SQLite does not take {name}={value} here (it stands at {stands}): "
                "the database needs a disk of this machine, and a directory that can be written"
            )


def _postgresql_engine(url: URL) -> Engine:
    """Give an engine whose pool outlives restarts, and a server that turned into a read-only standby."""
    given = set(url.query)
    arguments: dict[str, Any] = {name: value for name, value in CONNECT.items() if name not in given}
    if "options" not in given:
        arguments["options"] = " ".join(f"-c {name}={value}" for name, value in SETTINGS.items())
    if _names_several(url) and "target_session_attrs" not in given:
        arguments["target_session_attrs"] = "read-write"
    engine = create_engine(
        url,
        connect_args=arguments,
        pool_pre_ping=True,
        pool_recycle=900,
        pool_size=10,
        hide_parameters=True,
    )
    event.listen(engine, "handle_error", _let_go)
    return engine


def _names_several(url: URL) -> bool:
    hosts = url.query.get("host", url.host or "")
    return not isinstance(hosts, str) or "," in hosts


def _let_go(context: ExceptionContext) -> None:
    """Have all pooled connections renewed when the server went, or can no longer be written to.

    A pre-ping does not see the second: such a server answers, and refuses every write from then on.
    """
    state = getattr(context.original_exception, "sqlstate", None)
    if state in SHUT_DOWN or (state == READ_ONLY and not _reads(context.connection)):
        context.is_disconnect = True


def _reads(connection: Connection | None) -> bool:
    """A reader of ours may not write in any case: this tells nothing of the server."""
    return connection is not None and bool(connection.get_execution_options().get("postgresql_readonly"))


def init_app(app: Flask, database: Database) -> None:
    """Give each request a session of its own and close it at the end."""
    app.extensions["sanpo_database"] = database

    @app.teardown_appcontext
    def _close(_error: BaseException | None) -> None:
        opened: Session | None = g.pop("session", None)
        if opened is not None:
            opened.close()


def database() -> Database:
    """Give the database of the running application."""
    found: Database = current_app.extensions["sanpo_database"]
    return found


def session() -> Session:
    """Give the session of this request: for reading on GET, for writing otherwise."""
    if "session" not in g:
        make = database().reader if request.method in SAFE_METHODS else database().writer
        g.session = make()
    opened: Session = g.session
    return opened
