"""Migrations go up, down and up again, lead to the models' schema, and lock no busy table."""

import subprocess
import sys
import uuid
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

from assessments.models import Base
from portal.db import Database
from portal.schema import configuration, migrate
from tests.fixtures_servers import database_kind

# Squawk's rules that do not fit here: env.py sets the time-outs, keys are small, money is BIGINT by type, and
# rows that older processes could not read come only from commands that they do not have.
UNFIT_RULES = (
    "require-lock-timeout",
    "require-statement-timeout",
    "prefer-bigint-over-int",
    "prefer-identity",
    "prefer-text-field",
    "ban-drop-not-null",
)


@pytest.fixture
def empty(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Database]:
    """A database without any table."""
    if database_kind() == "sqlite":
        made = Database(f"sqlite:///{tmp_path / 'empty.db'}")
        yield made
        made.dispose()
        return
    server = request.getfixturevalue("postgresql_server")
    name = f"empty_{uuid.uuid4().hex[:12]}"
    made = Database(server.create(name))
    yield made
    made.dispose()
    server.drop(name)


@pytest.mark.database
def test_migrations_lead_to_the_schema_of_the_models(empty: Database) -> None:
    migrate(empty)

    with empty.write_engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, Base.metadata)

    assert differences == []


@pytest.mark.database
def test_migrations_go_down_to_nothing_and_up_again(empty: Database) -> None:
    migrate(empty)
    with empty.write_engine.connect() as connection:
        command.downgrade(_on(connection), "base")
        connection.commit()
    assert _tables(empty) == {"alembic_version"}

    migrate(empty)

    assert _tables(empty) == {"alembic_version", *Base.metadata.tables}


@pytest.mark.database
def test_migrating_twice_changes_nothing(empty: Database) -> None:
    migrate(empty)

    assert migrate(empty) == []


def test_migrations_are_numbered_in_one_line() -> None:
    script = ScriptDirectory.from_config(configuration())
    revisions = [revision.revision for revision in script.walk_revisions()][::-1]

    assert revisions == [f"{number:04d}" for number in range(1, len(revisions) + 1)]
    assert revisions


def test_migrations_lock_no_table_that_is_in_use() -> None:
    assert _complaints(_as_postgresql()) == []


def test_a_migration_that_locks_a_table_in_use_would_be_found() -> None:
    [complaint] = _complaints("BEGIN; CREATE INDEX by_name ON supplier (name); COMMIT;")

    assert "require-concurrent-index-creation" in complaint


def _complaints(statements: str) -> list[str]:
    squawk = Path(sys.executable).with_name("squawk")
    done = subprocess.run(
        [squawk, "--reporter", "gcc", "--exclude", ",".join(UNFIT_RULES), "--pg-version", "15"],
        input=statements, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.stdout.splitlines()


def _on(connection: Connection) -> Config:
    config = configuration()
    config.attributes["connection"] = connection
    return config


def _tables(database: Database) -> set[str]:
    with database.read_engine.connect() as connection:
        return set(inspect(connection).get_table_names())


def _as_postgresql() -> str:
    output = StringIO()
    config = configuration()
    config.output_buffer = output
    config.attributes["url"] = "postgresql://"
    command.upgrade(config, "head", sql=True)
    return output.getvalue()
