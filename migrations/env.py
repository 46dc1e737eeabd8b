"""Runs migrations on the connection it is given; on SQLite with foreign keys off and checked at the end."""

from alembic import context
from sqlalchemy import Connection, create_engine, text

from assessments.models import Base
from portal.settings import from_environment

LOCK = 7_236_640


def run(connection: Connection) -> None:
    """Run in one transaction on SQLite, under an advisory lock and short lock time-outs on PostgreSQL."""
    is_sqlite = connection.dialect.name == "sqlite"
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=is_sqlite,
        compare_server_default=False,
        transaction_per_migration=not is_sqlite,
    )
    if not is_sqlite:
        connection.execute(text(f"SELECT pg_advisory_lock({LOCK})"))
        connection.execute(text("SET lock_timeout = '4s'"))
        connection.commit()
    with context.begin_transaction():
        context.run_migrations()
    if not is_sqlite:
        connection.execute(text(f"SELECT pg_advisory_unlock({LOCK})"))
        connection.commit()


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
