"""Engines and sessions: one for reading that cannot write, one for writing that waits its turn."""

from typing import Any

from flask import Flask, current_app, g, request
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session, sessionmaker

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000")
WRITER_WAIT_SECONDS = 30


class Database:
    """A database by its URL. On SQLite a process lets in one writer at a time, and readers cannot write."""

    def __init__(self, url: str) -> None:
        """Make the engines; connects to nothing yet."""
        self.url = url
        if make_url(url).get_backend_name() == "sqlite":
            self.write_engine = _sqlite_engine(url, may_write=True)
            self.read_engine = _sqlite_engine(url, may_write=False)
        else:
            self.write_engine = create_engine(
                url, pool_pre_ping=True, pool_recycle=900, pool_size=10, hide_parameters=True
            )
            self.read_engine = self.write_engine.execution_options(postgresql_readonly=True)
        self.writer = sessionmaker(self.write_engine, expire_on_commit=False)
        self.reader = sessionmaker(self.read_engine, expire_on_commit=False)

    def dispose(self) -> None:
        """Close all connections."""
        self.write_engine.dispose()
        self.read_engine.dispose()


def _sqlite_engine(url: str, *, may_write: bool) -> Engine:
    pool: dict[str, Any] = (
        {"pool_size": 1, "max_overflow": 0, "pool_timeout": WRITER_WAIT_SECONDS}
        if may_write
        else {"pool_size": 10, "max_overflow": 10}
    )
    engine = create_engine(url, connect_args={"check_same_thread": False}, hide_parameters=True, **pool)
    begin = "BEGIN IMMEDIATE" if may_write else "BEGIN"

    @event.listens_for(engine, "connect")
    def _set_pragmas(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        if not may_write:
            connection.execute("PRAGMA query_only=ON")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


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
