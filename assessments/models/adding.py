"""How many rows are added to a table at once, at the least cost of each database."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import repeat
from typing import Any

from sqlalchemy import Column, Table, bindparam, func, insert, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from assessments.models.base import insert_new

Rows = Sequence[Mapping[str, Any]]


def add_rows(session: Session, table: Table, rows: Rows) -> None:
    """Add rows that all name the same columns; defaults of the table fill in the others."""
    if _takes_arrays(session):
        session.execute(_from_arrays(table, tuple(rows[0])), _arrays(table, rows))
    else:
        session.execute(insert(table), rows)


def add_new_rows(session: Session, table: Table, rows: Rows, *unique: str) -> None:
    """Add rows likewise, but leave alone what stands already under unique columns."""
    if _takes_arrays(session):
        made = _from_arrays(table, tuple(rows[0])).on_conflict_do_nothing(index_elements=unique or None)
        session.execute(made, _arrays(table, rows))
    else:
        session.execute(insert_new(session, table, *unique), rows)


def add_public_rows(session: Session, table: Table, rows: Rows) -> dict[str, int]:
    """Add rows that bring their public ids likewise, and give the ids they got by these."""
    told = (table.c.public_id, table.c.id)
    if _takes_arrays(session):
        made: Any = _from_arrays(table, tuple(rows[0])).returning(*told)
        return dict(session.execute(made, _arrays(table, rows)).all())
    return dict(session.execute(insert(table).returning(*told), rows).all())


def _takes_arrays(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"


@cache
def _from_arrays(table: Table, given: tuple[str, ...]) -> postgresql.Insert:
    """Give one statement for any number of rows: a row each costs the server and the driver twice as much."""
    columns = [*(table.c[name] for name in given), *_defaults(table, given)]
    # One dimension: a list that is the value of a JSON column stays one value.
    types = [postgresql.ARRAY(one.type, dimensions=1) for one in columns]
    arrays = [func.unnest(bindparam(one.name, type_=kind)) for one, kind in zip(columns, types, strict=True)]
    return postgresql.insert(table).from_select(columns, select(*arrays), include_defaults=False)


def _arrays(table: Table, rows: Rows) -> dict[str, list[Any]]:
    given = tuple(rows[0])
    values = {name: [row[name] for row in rows] for name in given}
    return values | {one.name: list(_fill(one, len(rows))) for one in _defaults(table, given)}


@cache
def _defaults(table: Table, given: tuple[str, ...]) -> tuple[Column[Any], ...]:
    return tuple(one for one in table.c if one.default is not None and one.name not in given)


def _fill(column: Column[Any], count: int) -> Iterator[Any]:
    default: Any = column.default
    return (default.arg(None) for _ in range(count)) if default.is_callable else repeat(default.arg, count)
