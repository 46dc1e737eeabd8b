"""Rows in a form that both databases share: what a table holds, its lines, and their sum."""

import base64
import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
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
    select,
)
from sqlalchemy.sql import ColumnElement

from portal.backup.sealing import BackupRefused
from portal.restore_mark import MARK
from portal.row_guard import VERSION_TABLE

# How many rows are held at once, few where one may hold a file.
BATCH, BATCH_OF_FILES = 200, 10
DIGITS = tuple("-0123456789")
MOMENT_LETTERS = len("2026-11-21 09:00:00.000000")
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


class MomentAsWritten(TypeDecorator[str]):
    """The text of a moment in SQLite, which has no type of its own for one."""

    impl = String
    cache_ok = True


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

    def add(self, lines: bytes) -> None:
        """Count whole lines in."""
        self.rows += lines.count(b"\n")
        self._sum.update(lines)

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
            elif isinstance(column.type, DateTime) and not is_typed:
                column.type = MomentAsWritten()
    return [held.tables[name] for name in sorted(held.tables) if name not in (VERSION_TABLE, MARK.name)]


def shape(table: Table) -> Shape:
    """Give what a table holds, told alike on both databases. Raises BackupRefused."""
    return Shape(table.name, tuple((column.name, _kind(column)) for column in columns(table)))


def lines(connection: Connection, table: Table) -> Iterator[bytes]:
    """Give every row as a line of JSON, in the order of the key; some lines at a time."""
    wanted = select(*columns(table)).order_by(*table.primary_key.columns)
    kinds = [kind for _name, kind in shape(table).columns]
    told = [(place, WRITTEN[kind]) for place, kind in enumerate(kinds) if kind in WRITTEN]
    at_once = BATCH_OF_FILES if "bytes" in kinds else BATCH
    with connection.execute(wanted, execution_options={"yield_per": at_once}) as found:
        for some in found.partitions():
            yield b"".join([_line(list(row), told) for row in some])


def digest(connection: Connection, table: Table) -> dict[str, Any]:
    """Count a table's rows and sum them up."""
    total = Digest()
    for some in lines(connection, table):
        total.add(some)
    return total.told


def columns(table: Table) -> list[Column[Any]]:
    """Give the columns by name: an added one stands last on one database, elsewhere on another."""
    return sorted(table.columns, key=lambda column: column.name)


def _kind(column: Column[Any]) -> str:
    if isinstance(column.type, JsonAsWritten):
        return "json"
    if isinstance(column.type, MomentAsWritten):
        return "moment"
    for known, kind in KINDS.items():
        if isinstance(column.type, known):
            return kind
    raise BackupRefused(f"{column.table.name}.{column.name} is of a kind that no backup knows")


def _moment(value: datetime | str) -> str:
    if isinstance(value, str):
        if len(value) == MOMENT_LETTERS:
            return f"{value[:10]}T{value[11:]}Z"
        value = datetime.fromisoformat(value)
    aware = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    return aware.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def _json(value: Any) -> Any:
    """Give the text as it was written; a bare number as a number, which is all that SQLite keeps of it."""
    number = json.loads(value) if isinstance(value, str) and value[:1] in DIGITS else value
    return int(number) if isinstance(number, float) and number.is_integer() else number


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()


# The kinds that are not written as the database gives them.
WRITTEN: dict[str, Callable[[Any], Any]] = {
    "moment": _moment,
    "date": lambda value: str(value.isoformat()),
    "time": lambda value: str(value.isoformat()),
    "json": _json,
    "bytes": _base64,
}
_encoder = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def _line(values: list[Any], told: list[tuple[int, Callable[[Any], Any]]]) -> bytes:
    for place, write in told:
        if values[place] is not None:
            values[place] = write(values[place])
    return _encoder.encode(values).encode() + b"\n"
