"""The declarative base, its column types and its keys; nothing about the domain lives here."""

import enum
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    DateTime,
    Dialect,
    Enum,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    any_,
    event,
    inspect,
    literal,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, Mapped, Mapper, Session, mapped_column

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class RecordIsFixed(Exception):
    """An append-only record was about to be changed or deleted."""


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment, kept in UTC on every database; a naive one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive moment; turn an aware one to UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone cannot be stored")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the moment back as aware UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class PrivateText(TypeDecorator[str]):
    """Free text of a person (comments, notes): one type, so that it can be encrypted in one place later."""

    impl = Text
    cache_ok = True


def new_public_id() -> str:
    """Give a random id of 80 bits for URLs, files, mails and the API; never starts with a dash."""
    return secrets.token_hex(10)


def state_type(values: type[enum.StrEnum], *, name: str) -> Enum:
    """Store a StrEnum as text with a named CHECK, on every database alike."""
    return Enum(
        values,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=32,
        values_callable=lambda members: [member.value for member in members],
    )


class Base(DeclarativeBase):
    """Every table of Sanpo; integer keys inside, `public_id` outside."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {datetime: UtcDateTime()}  # noqa: RUF012  read by SQLAlchemy, never changed
    __append_only__ = False

    id: Mapped[int] = mapped_column(primary_key=True)


def public_id_column() -> Mapped[str]:
    """Give the column of a random public id."""
    return mapped_column(String(32), unique=True, default=new_public_id)


def insert_new(session: Session, table: Table, *unique: str) -> Any:
    """Give an insert that leaves alone what stands already under unique columns."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    return dialect.insert(table).on_conflict_do_nothing(index_elements=unique or None)


def one_of(
    session: Session, column: InstrumentedAttribute[Any], values: Sequence[int]
) -> ColumnElement[bool]:
    """Give the condition that a number is one of many: one array where the database has them, else a list."""
    if session.get_bind().dialect.name == "postgresql":
        return column == any_(literal(values, ARRAY(BigInteger)))
    return column.in_(values)


@event.listens_for(Base, "before_update", propagate=True)
def _refuse_a_change(_mapper: Mapper[Any], _connection: object, target: Base) -> None:
    if target.__append_only__ and any(a.history.has_changes() for a in inspect(target).attrs):
        raise RecordIsFixed(type(target).__name__)


@event.listens_for(Base, "before_delete", propagate=True)
def _refuse_a_deletion(_mapper: Mapper[Any], _connection: object, target: Base) -> None:
    if target.__append_only__:
        raise RecordIsFixed(type(target).__name__)
