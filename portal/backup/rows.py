"""Rows in a form that both databases share: what a table holds, its lines, their sum, and back."""

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    Time,
    TypeDecorator,
    cast,
    func,
    insert,
    literal_column,
    select,
    text,
)
from sqlalchemy.sql import ColumnElement

from portal.backup.sealing import BackupRefused
from portal.row_guard import VERSION_TABLE

# How many rows are held at once, few where one may hold a file; on the way back, how many bytes of them.
BATCH, BATCH_OF_FILES, BATCH_BYTES = 200, 10, 1024 * 1024
# The first that fits is how a column is written; Boolean is no Integer to SQLAlchemy, DateTime no Date.
KINDS: dict[type[Any], str] = {
    Boolean: "truth",
    Integer: "whole",
    DateTime: "moment",
    Date: "date",
    Time: "time",
    JSON: "json",
    LargeBinary: "bytes",
    Float: "number",
    String: "text",
}


class JsonAsWritten(TypeDecorator[str]):
    """The text of a JSON column as it was written: read and parsed, it might be written otherwise."""

    impl = Text
    cache_ok = True

    def bind_expression(self, bindparam: Any) -> ColumnElement[Any]:
        """Let the database take the text for what it is."""
        return cast(bindparam, JSON) if self._is_typed else bindparam

    def column_expression(self, column: Any) -> ColumnElement[Any]:
        """Have the database give the text."""
        return cast(column, Text) if self._is_typed else column

    def __init__(self, *, is_typed: bool) -> None:
        """Say whether the database has a type of its own for JSON, or keeps it as text."""
        super().__init__()
        self._is_typed = is_typed


@dataclass(frozen=True)
class Shape:
    """What a table holds: its columns by name, each with its kind."""

    name: str
    columns: tuple[tuple[str, str], ...]


@dataclass
class Digest:
    """How many lines went by, and their SHA-256."""

    rows: int = 0
    _sum: Any = field(default_factory=hashlib.sha256)

    def add(self, line: bytes) -> None:
        """Count one line in."""
        self.rows += 1
        self._sum.update(line)

    @property
    def told(self) -> dict[str, Any]:
        """Give both, as the seal of a backup holds them."""
        return {"rows": self.rows, "sha256": self._sum.hexdigest()}


def tables(connection: Connection) -> list[Table]:
    """Give the tables of a database as they stand, by name, but Alembic's own."""
    held = MetaData()
    held.reflect(connection, resolve_fks=False)
    is_typed = connection.dialect.name != "sqlite"
    for table in held.tables.values():
        for column in table.columns:
            if isinstance(column.type, JSON):
                column.type = JsonAsWritten(is_typed=is_typed)
    return [held.tables[name] for name in sorted(held.tables) if name != VERSION_TABLE]


def shape(table: Table) -> Shape:
    """Give what a table holds, told alike on both databases. Raises BackupRefused."""
    return Shape(table.name, tuple((column.name, _kind(column)) for column in _columns(table)))


def lines(connection: Connection, table: Table) -> Iterator[bytes]:
    """Give every row as a line of JSON, in the order of the key."""
    wanted = select(*_columns(table)).order_by(*_key(table))
    kinds = [kind for _name, kind in shape(table).columns]
    at_once = BATCH_OF_FILES if "bytes" in kinds else BATCH
    with connection.execute(wanted, execution_options={"yield_per": at_once}) as rows:
        for row in rows:
            yield _line([_written(value, kind) for value, kind in zip(row, kinds, strict=True)])


def digest(connection: Connection, table: Table) -> dict[str, Any]:
    """Count a table's rows and sum them up."""
    total = Digest()
    for line in lines(connection, table):
        total.add(line)
    return total.told


def load(connection: Connection, table: Table, of: Shape, found: Iterable[bytes]) -> None:
    """Put lines into a table. Raises BackupRefused for what cannot be read."""
    batch: list[dict[str, Any]] = []
    size = 0
    for line in found:
        batch.append(_row(line, of))
        size += len(line)
        if size >= BATCH_BYTES:
            connection.execute(insert(table), batch)
            batch, size = [], 0
    if batch:
        connection.execute(insert(table), batch)


def count_on(connection: Connection, loaded: Sequence[Table]) -> None:
    """Have PostgreSQL number new rows after those that were loaded; SQLite does so by itself."""
    if connection.dialect.name == "sqlite":
        return
    for table in loaded:
        for column in _key(table):
            if not isinstance(column.type, Integer):
                continue
            name = connection.dialect.identifier_preparer.quote(table.name)
            sequence = connection.scalar(
                text("SELECT pg_get_serial_sequence(:table, :column)"), {"table": name, "column": column.name}
            )
            if sequence is None:
                continue
            last = connection.scalar(select(func.max(column)))
            connection.execute(
                select(func.setval(sequence, last or 1, literal_column("true" if last else "false")))
            )


def _columns(table: Table) -> list[Column[Any]]:
    """By name: an added column stands last on one database, elsewhere on another."""
    return sorted(table.columns, key=lambda column: column.name)


def _key(table: Table) -> list[Column[Any]]:
    return list(table.primary_key.columns)


def _kind(column: Column[Any]) -> str:
    if isinstance(column.type, JsonAsWritten):
        return "json"
    for known, kind in KINDS.items():
        if isinstance(column.type, known):
            return kind
    raise BackupRefused(f"{column.table.name}.{column.name} is of a kind that no backup knows")


def _written(value: Any, kind: str) -> Any:
    if value is None:
        return None
    if kind == "moment":
        aware = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        return aware.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    if kind in ("date", "time"):
        return value.isoformat()
    if kind == "bytes":
        return base64.b64encode(value).decode()
    return value


def _line(values: list[Any]) -> bytes:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _row(line: bytes, of: Shape) -> dict[str, Any]:
    try:
        values = json.loads(line)
        return {name: _read(value, kind) for value, (name, kind) in zip(values, of.columns, strict=True)}
    except (ValueError, TypeError) as error:
        raise BackupRefused(f"a row of {of.name} in the backup cannot be read") from error


def _read(value: Any, kind: str) -> Any:
    if value is None:
        return None
    if kind == "moment":
        return datetime.fromisoformat(value)
    if kind == "date":
        return date.fromisoformat(value)
    if kind == "time":
        return time.fromisoformat(value)
    if kind == "bytes":
        return base64.b64decode(value, validate=True)
    return value
