"""Puts lines of rows into a table, each database in its own quickest way."""

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import time
from typing import Any

import psycopg
from sqlalchemy import Column, Connection, Integer, Table, func, literal_column, select, text

from portal.backup.rows import Shape
from portal.backup.sealing import BackupRefused

Rows = list[list[Any]]


class NotTaken(Exception):
    """The database did not take a row; its text is what it said."""


def load(connection: Connection, table: Table, of: Shape, lines: bytes) -> None:
    """Put whole lines into a table. Raises BackupRefused for what cannot be read, NotTaken."""
    if connection.dialect.name == "sqlite":
        _insert(connection, _target(connection, table, of), _rows(lines, of, FOR_SQLITE))
    else:
        _copy(connection, _target(connection, table, of), _rows(lines, of, FOR_POSTGRESQL))


def count_on(connection: Connection, loaded: Sequence[Table]) -> None:
    """Have PostgreSQL number new rows after those that were loaded; SQLite does so by itself."""
    if connection.dialect.name == "sqlite":
        return
    for table in loaded:
        for column in table.primary_key.columns:
            if isinstance(column.type, Integer):
                _count_on(connection, table, column)


def _count_on(connection: Connection, table: Table, column: Column[Any]) -> None:
    sequence = connection.scalar(
        text("SELECT pg_get_serial_sequence(:table, :column)"),
        {"table": _quoted(connection, table.name), "column": column.name},
    )
    if sequence is not None:
        last = connection.scalar(select(func.max(column)))
        connection.execute(
            select(func.setval(sequence, last or 1, literal_column("true" if last else "false")))
        )


def _rows(lines: bytes, of: Shape, reads: Mapping[str, Callable[[Any], Any]]) -> Rows:
    try:
        # A line break inside a text is escaped in JSON: these stand between rows only.
        found: Rows = json.loads(b"[" + lines.rstrip(b"\n").replace(b"\n", b",") + b"]")
        if any(len(values) != len(of.columns) for values in found):
            raise ValueError("a row is too short or too long")
        _read(found, of, reads)
    except (ValueError, TypeError) as error:
        raise BackupRefused(f"a row of {of.name} in the backup cannot be read") from error
    return found


def _read(found: Rows, of: Shape, reads: Mapping[str, Callable[[Any], Any]]) -> None:
    for place, (_name, kind) in enumerate(of.columns):
        if (read := reads.get(kind)) is not None:
            for values in found:
                if values[place] is not None:
                    values[place] = read(values[place])


def _insert(connection: Connection, target: str, found: Rows) -> None:
    marks = ", ".join("?" * len(found[0]))
    connection.exec_driver_sql(
        f"INSERT INTO {target} VALUES ({marks})",  # noqa: S608  names of our own tables
        [tuple(values) for values in found],
    )


def _copy(connection: Connection, target: str, found: Rows) -> None:
    raw: Any = connection.connection.dbapi_connection
    try:
        with raw.cursor() as cursor, cursor.copy(f"COPY {target} FROM STDIN") as copy:
            for values in found:
                copy.write_row(values)
    except psycopg.Error as error:
        raise NotTaken(str(error)) from error


def _target(connection: Connection, table: Table, of: Shape) -> str:
    names = ", ".join(_quoted(connection, name) for name, _kind in of.columns)
    return f"{_quoted(connection, table.name)} ({names})"


def _quoted(connection: Connection, name: str) -> str:
    return connection.dialect.identifier_preparer.quote(name)


def _json(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _bytes(value: str) -> bytes:
    return base64.b64decode(value, validate=True)


# What is not bound as JSON gives it: SQLite keeps moments and times as texts of its own form.
FOR_SQLITE: Mapping[str, Callable[[Any], Any]] = {
    "moment": lambda value: f"{value[:10]} {value[11:26]}",
    "time": lambda value: time.fromisoformat(value).isoformat(timespec="microseconds"),
    "json": _json,
    "bytes": _bytes,
}
FOR_POSTGRESQL: Mapping[str, Callable[[Any], Any]] = {"json": _json, "bytes": _bytes}
