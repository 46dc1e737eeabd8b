"""Watches over the rows while a migration runs: none may come or go that the migration does not name."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, func, inspect, select, table, text

VERSION_TABLE = "alembic_version"


class RowsChanged(Exception):
    """A migration lost, doubled or orphaned rows and was taken back; its text is for the operator."""


@contextmanager
def guarding(connection: Connection, *, revision: str, expected: frozenset[str]) -> Iterator[None]:
    """Compare the rows of each table before and after, in one snapshot. Raises RowsChanged.

    A migration that had to commit on its way (an index built beside running traffic) cannot be compared.
    """
    before, snapshot = counts(connection), _transaction(connection)
    yield
    if _transaction(connection) != snapshot:
        return
    after = counts(connection)
    for name, rows in before.items():
        if name not in expected and after.get(name, 0) != rows:
            raise RowsChanged(
                f"migration {revision} would have left {after.get(name, 0)} of {rows} rows in {name}: "
                "it was taken back, nothing was changed"
            )


def counts(connection: Connection) -> dict[str, int]:
    """Count the rows of every table but Alembic's own."""
    names = sorted(set(inspect(connection).get_table_names()) - {VERSION_TABLE})
    return {name: connection.scalar(select(func.count()).select_from(table(name))) or 0 for name in names}


def check_foreign_keys(connection: Connection) -> None:
    """See on SQLite that every reference leads somewhere. Raises RowsChanged."""
    lost = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchone()
    if lost is not None:
        raise RowsChanged(
            f"a row of {lost[0]} would point at nothing in {lost[2]}: all was taken back, nothing was changed"
        )


def _transaction(connection: Connection) -> object:
    if connection.dialect.name == "sqlite":
        return None
    return connection.scalar(text("SELECT txid_current()"))
