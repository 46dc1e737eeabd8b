"""Runs migrations on the connection it is given, under the guard it is given."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

from alembic import context
from sqlalchemy import Connection, create_engine, text

from assessments.models import Base
from portal.settings import from_environment

LOCK = 7_236_640


def run(connection: Connection) -> None:
    """Run inside the transaction that is open, else in one of its own; PostgreSQL takes one migrator."""
    is_sqlite = connection.dialect.name == "sqlite"
    guard = context.config.attributes.get("guard", no_guard)
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=is_sqlite,
        compare_server_default=False,
    )
    place = nullcontext() if is_sqlite else alone(connection)
    with place, context.begin_transaction(), guard(connection):
        context.run_migrations()


@contextmanager
def alone(connection: Connection) -> Iterator[None]:
    """Wait for other migrators as long as it takes, but never long for a table that pages are using."""
    for statement in ("SET lock_timeout = 0", "SET statement_timeout = 0"):
        connection.execute(text(statement))
    connection.execute(text(f"SELECT pg_advisory_lock({LOCK})"))
    connection.execute(text("SET lock_timeout = '1s'"))
    connection.commit()
    try:
        yield
    finally:
        connection.rollback()
        connection.execute(text(f"SELECT pg_advisory_unlock({LOCK})"))
        for name in ("lock_timeout", "statement_timeout"):
            connection.execute(text(f"RESET {name}"))
        connection.commit()


def no_guard(_connection: Connection) -> AbstractContextManager[None]:
    """Whoever migrates by hand watches over the rows alone."""
    return nullcontext()


given = context.config.attributes.get("connection")
if context.is_offline_mode():
    context.configure(
        url=str(context.config.attributes.get("url", "postgresql://")),
        target_metadata=Base.metadata,
        literal_binds=True,
        dialect_opts={"paramstyle": "named"},
    )
    with context.begin_transaction():
        context.run_migrations()
elif given is not None:
    run(given)
else:
    with create_engine(from_environment().database_url).connect() as own:
        run(own)
