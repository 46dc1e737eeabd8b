"""Brings the database to this version's schema: it ends at the old one or the new one, with every row."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import TypeVar

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import Script, ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from portal import restore_mark, row_guard, safety_copies
from portal.db import Database
from portal.revision import MIGRATIONS, Busy, newer

HEAD = "head"
LOCKED, CLASHED = "55P03", frozenset({"40001", "40P01"})
MOST_TRIES, REST_SECONDS = 30, 1.0
Given = TypeVar("Given")


def migrate(database: Database, *, to: str = HEAD, scripts: Path = MIGRATIONS) -> list[str]:
    """Run what is missing and give the revisions that ran.

    On SQLite all is one transaction, after a copy beside the database; on PostgreSQL each revision is one.
    Raises NewerDatabase, HalfRestored; RowsChanged, Busy, NoRoom with nothing changed by the revision that
    failed.
    """
    config = configuration(scripts)
    script = ScriptDirectory.from_config(config)
    before = _standing(database, script)
    missing = list(script.iterate_revisions(to, before or "base"))[::-1]
    if not missing:
        return []
    run = _all_at_once if database.file else _one_by_one
    run(database, config, missing, has_rows=before is not None)
    return [revision.revision for revision in missing]


def take_back(database: Database, *, to: str, scripts: Path = MIGRATIONS) -> None:
    """Bring a database without rows down to an older revision."""
    with without_foreign_keys(database) as connection:
        config = configuration(scripts)
        config.attributes["connection"] = connection
        command.downgrade(config, to)
        connection.commit()


def configuration(scripts: Path = MIGRATIONS) -> Config:
    """Give Alembic's configuration, quiet and independent of the working directory."""
    config = Config()
    config.set_main_option("script_location", str(scripts))
    return config


def _standing(database: Database, script: ScriptDirectory) -> str | None:
    known = {revision.revision for revision in script.walk_revisions()}
    with database.read_engine.connect() as connection:
        restore_mark.check(connection)
        heads = set(MigrationContext.configure(connection).get_current_heads())
    if heads - known:
        raise newer(", ".join(sorted(heads - known)))
    return next(iter(heads), None)


def _all_at_once(database: Database, config: Config, missing: list[Script], *, has_rows: bool) -> None:
    """Hold the writer's place, copy what stands, run everything, and commit once."""
    with without_foreign_keys(database) as connection, connection.begin():
        if has_rows and database.file:
            safety_copies.make(database.file, before=missing[0].revision)
        for revision in missing:
            _upgrade(config, connection, revision)
        row_guard.check_foreign_keys(connection)


def _one_by_one(database: Database, config: Config, missing: list[Script], *, has_rows: bool) -> None:
    """Run each revision in a transaction of one snapshot; where a table is in use, wait and try again."""
    del has_rows  # the server's own backups keep what was
    engine = database.write_engine.execution_options(isolation_level="REPEATABLE READ")
    for revision in missing:
        with engine.connect() as connection:
            patiently(partial(_upgrade, config, connection, revision), what=revision.revision)
            connection.commit()


def patiently(work: Callable[[], Given], *, what: str) -> Given:
    """Do what may find a table in use, again and again for half a minute. Raises Busy."""
    for _ in range(MOST_TRIES):
        try:
            return work()
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", None) not in CLASHED | {LOCKED}:
                raise
            time.sleep(REST_SECONDS)
    raise Busy(f"a table that migration {what} changes stayed in use: nothing was changed; try again later")


def _upgrade(config: Config, connection: Connection, revision: Script) -> None:
    config.attributes["connection"] = connection
    config.attributes["guard"] = _guard_of(revision)
    command.upgrade(config, revision.revision)


def _guard_of(revision: Script) -> Callable[[Connection], AbstractContextManager[None]]:
    """A migration that is meant to change how many rows a table has names it in `changes_rows`."""
    expected = frozenset(getattr(revision.module, "changes_rows", ()))
    return partial(row_guard.guarding, revision=revision.revision, expected=expected)


@contextmanager
def without_foreign_keys(database: Database) -> Iterator[Connection]:
    """Give a writing connection on which SQLite looks after no reference until `row_guard` does.

    With foreign keys on, dropping the old form of a table that is rebuilt would delete every row below it.
    """
    with ExitStack() as stack:
        connection = stack.enter_context(database.write_engine.connect())
        if database.file:
            stack.enter_context(_foreign_keys_off(connection))
        yield connection


@contextmanager
def _foreign_keys_off(connection: Connection) -> Iterator[None]:
    raw = connection.connection.dbapi_connection
    assert raw is not None  # noqa: S101  tells the type checker what an open connection has
    raw.cursor().execute("PRAGMA foreign_keys=OFF")  # SQLite takes it outside a transaction only
    try:
        yield
    finally:
        connection.rollback()
        raw.cursor().execute("PRAGMA foreign_keys=ON")
