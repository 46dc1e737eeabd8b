"""Migrations lose no row, end at the old schema or the new one, and copy a SQLite database first."""

import errno
import os
import random
import shutil
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError

from assessments.models import BusinessUnit, Membership, Questionnaire, Role, User
from portal import revision, row_guard, safety_copies, schema
from portal.db import Database
from portal.revision import MIGRATIONS, Busy
from portal.row_guard import RowsChanged
from portal.safety_copies import NoRoom
from tests import factories, running
from tests.fixtures_servers import database_kind
from tests.servers import PostgreSQL

KILLS = 8
NEXT = "9999"
SCRIPT = '''"""A migration of the tests."""

import os
import time
import sqlalchemy as sa
from alembic import op

revision = {revision!r}
down_revision = {before!r}
branch_labels = None
depends_on = None
{declared}


def upgrade() -> None:
{steps}


def downgrade() -> None:
    pass
'''
REBUILT = """\
    how = "always" if op.get_bind().dialect.name == "sqlite" else "never"
    with op.batch_alter_table("business_unit", recreate=how) as batch:
        batch.add_column(sa.Column("remark", sa.Text()))"""
EMPTIED = '    op.execute("DELETE FROM questionnaire")'
ORPHANED = '    op.execute("UPDATE membership SET business_unit_id = 99")'
LINGERING = """\
    op.execute("UPDATE questionnaire SET name = name || '-half'")
    op.create_table("half_made", sa.Column("id", sa.Integer(), primary_key=True))
    open(os.environ["MARK"], "w").close()
    time.sleep(60)"""
WIDENED = '    op.add_column("questionnaire", sa.Column("remark", sa.Text()))'
MIGRATE = """\
import sys
from pathlib import Path
from portal import schema
from portal.db import Database
schema.migrate(Database(sys.argv[1]), scripts=Path(sys.argv[2]))
"""


@pytest.fixture
def old(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Database]:
    """A database at the schema of this version, with a few rows."""
    if database_kind() == "sqlite":
        yield request.getfixturevalue("on_file")
        return
    server = request.getfixturevalue("postgresql_server")
    name = f"guarded_{uuid.uuid4().hex[:12]}"
    made = _filled(Database(server.create(name)))
    yield made
    made.dispose()
    server.drop(name)


@pytest.fixture
def on_file(tmp_path: Path) -> Iterator[Database]:
    """The same, on SQLite."""
    made = _filled(Database(f"sqlite:///{tmp_path / 'sanpo.db'}"))
    yield made
    made.dispose()


@pytest.fixture
def on_server(postgresql_server: PostgreSQL) -> Iterator[Database]:
    """The same, on PostgreSQL."""
    name = f"guarded_{uuid.uuid4().hex[:12]}"
    made = _filled(Database(postgresql_server.create(name)))
    yield made
    made.dispose()
    postgresql_server.drop(name)


@pytest.mark.database
def test_a_table_that_others_point_at_is_rebuilt_with_every_row_below_it(
    old: Database, tmp_path: Path
) -> None:
    before = _counts(old)

    assert schema.migrate(old, scripts=_scripts(tmp_path, REBUILT)) == [NEXT]

    assert _counts(old) == before
    assert before["membership"] == 1


@pytest.mark.database
def test_a_migration_that_loses_rows_is_taken_back(old: Database, tmp_path: Path) -> None:
    before = _counts(old)

    with pytest.raises(RowsChanged, match="0 of 2 rows in questionnaire"):
        schema.migrate(old, scripts=_scripts(tmp_path, EMPTIED))

    assert _counts(old) == before
    assert revision.standing(old) == revision.known()[-1]


@pytest.mark.database
def test_a_migration_may_name_the_tables_whose_rows_it_changes(old: Database, tmp_path: Path) -> None:
    schema.migrate(old, scripts=_scripts(tmp_path, EMPTIED, declared='changes_rows = ("questionnaire",)'))

    assert _counts(old)["questionnaire"] == 0


def test_a_migration_that_leaves_a_reference_to_nothing_is_taken_back(
    on_file: Database, tmp_path: Path
) -> None:
    with pytest.raises(RowsChanged, match="membership would point at nothing in business_unit"):
        schema.migrate(on_file, scripts=_scripts(tmp_path, ORPHANED))

    with on_file.read_engine.connect() as connection:
        assert connection.scalar(text("SELECT business_unit_id FROM membership")) == 1
        assert connection.scalar(text("PRAGMA foreign_keys")) == 1


def test_foreign_keys_are_watched_again_after_a_migration(on_file: Database, tmp_path: Path) -> None:
    schema.migrate(on_file, scripts=_scripts(tmp_path, REBUILT))

    with pytest.raises(IntegrityError), on_file.write_engine.begin() as connection:
        connection.execute(text("UPDATE membership SET business_unit_id = 99"))


def test_what_stood_is_copied_beside_the_database_and_the_newest_copies_are_kept(
    on_file: Database, tmp_path: Path
) -> None:
    path, before = tmp_path / "sanpo.db", _counts(on_file)
    for _ in range(safety_copies.KEPT + 2):
        safety_copies.make(path, before="0000")

    schema.migrate(on_file, scripts=_scripts(tmp_path, REBUILT))

    copies = safety_copies.standing(path)
    copy = Database(f"sqlite:///{copies[-1]}")
    assert len(copies) == safety_copies.KEPT
    assert f".before-{NEXT}-" in copies[-1].name
    assert _counts(copy) == before
    assert revision.standing(copy) == revision.known()[-1]
    assert copies[-1].stat().st_mode & 0o077 == 0
    copy.dispose()


def test_without_room_for_a_copy_nothing_is_migrated(
    on_file: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_path: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(safety_copies, "_write_through", full)

    with pytest.raises(NoRoom):
        schema.migrate(on_file, scripts=_scripts(tmp_path, REBUILT))

    assert revision.standing(on_file) == revision.known()[-1]
    assert not list(tmp_path.glob("*.before-*"))


def test_an_empty_database_needs_no_copy(tmp_path: Path) -> None:
    made = Database(f"sqlite:///{tmp_path / 'sanpo.db'}")
    schema.migrate(made)
    made.dispose()

    assert safety_copies.standing(tmp_path / "sanpo.db") == []


@pytest.mark.database
def test_killed_in_the_middle_it_stands_at_the_old_schema_and_can_be_migrated_again(
    old: Database, tmp_path: Path
) -> None:
    before, scripts = _names(old), _scripts(tmp_path, LINGERING)
    with _migrating(old, scripts, tmp_path / "mark") as process:
        running.eventually((tmp_path / "mark").exists)
        process.kill()
        process.wait()

    assert revision.standing(old) == revision.known()[-1]
    assert _names(old) == before
    assert schema.migrate(old, scripts=_scripts(tmp_path, REBUILT)) == [NEXT]


@pytest.mark.slow
@pytest.mark.database
def test_killed_at_any_moment_it_stands_at_the_old_schema_or_the_new_one(
    old: Database, tmp_path: Path
) -> None:
    before, scripts = _counts(old), _scripts(tmp_path, REBUILT)
    chance = random.Random(20261121)  # noqa: S311  moments, not secrets
    ended: set[str] = set()
    for _ in range(KILLS):
        with _migrating(old, scripts, tmp_path / "mark") as process:
            with suppress(subprocess.TimeoutExpired):
                process.wait(chance.uniform(0.5, 2.0))
            process.kill()
            process.wait()
        ended.add(_stands_at(old))
        assert _counts(old) == before
    schema.migrate(old, scripts=scripts)

    assert ended <= {revision.known()[-1], NEXT}
    assert _stands_at(old) == NEXT
    assert _counts(old) == before


@pytest.mark.slow
def test_on_postgresql_a_table_in_use_is_waited_for(on_server: Database, tmp_path: Path) -> None:
    scripts = _scripts(tmp_path, WIDENED)
    with on_server.write_engine.connect() as holder:
        holder.execute(text("SELECT * FROM questionnaire"))
        release = threading.Timer(2.5, holder.rollback)
        release.start()
        ran = schema.migrate(on_server, scripts=scripts)
        release.join()

    assert ran == [NEXT]


@pytest.mark.slow
def test_a_table_that_stays_in_use_is_given_up_with_nothing_changed(
    on_server: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "MOST_TRIES", 2)
    with on_server.write_engine.connect() as holder:
        holder.execute(text("SELECT * FROM questionnaire"))
        with pytest.raises(Busy):
            schema.migrate(on_server, scripts=_scripts(tmp_path, WIDENED))

    assert revision.standing(on_server) == revision.known()[-1]
    with on_server.read_engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")) == 0


def test_rows_that_others_write_meanwhile_are_no_loss(on_server: Database) -> None:
    engine = on_server.write_engine.execution_options(isolation_level="REPEATABLE READ")
    with (
        engine.connect() as connection,
        row_guard.guarding(connection, revision=NEXT, expected=frozenset()),
        on_server.write_engine.begin() as other,
    ):
        other.execute(text("DELETE FROM questionnaire WHERE id = 2"))

    assert _counts(on_server)["questionnaire"] == 1


def _filled(made: Database) -> Database:
    schema.migrate(made)
    with made.writer.begin() as session:
        session.add_all([Questionnaire(name="a"), Questionnaire(name="b")])
        unit = BusinessUnit(name="鋳造")
        person = User(email="a@b.example", name="x", created_at=factories.NOW)
        session.add_all([unit, person])
        session.flush()
        session.add(
            Membership(user_id=person.id, role=Role.RISK, business_unit_id=unit.id, granted_at=factories.NOW)
        )
    return made


def _scripts(directory: Path, steps: str, *, declared: str = "") -> Path:
    """This version's migrations with one more."""
    scripts = directory / "migrations"
    shutil.copytree(MIGRATIONS, scripts, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    (scripts / "versions" / f"{NEXT}_of_the_tests.py").write_text(
        SCRIPT.format(revision=NEXT, before=revision.known()[-1], declared=declared, steps=steps)
    )
    return scripts


@contextmanager
def _migrating(database: Database, scripts: Path, mark: Path) -> Iterator[subprocess.Popen[bytes]]:
    database.dispose()
    process = subprocess.Popen(
        [sys.executable, "-c", MIGRATE, database.url, str(scripts)],
        env={**os.environ, "MARK": str(mark)},
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def _counts(database: Database) -> dict[str, int]:
    with database.read_engine.connect() as connection:
        return row_guard.counts(connection)


def _names(database: Database) -> tuple[set[str], list[str]]:
    with database.read_engine.connect() as connection:
        names = connection.scalars(text("SELECT name FROM questionnaire ORDER BY id"))
        return set(inspect(connection).get_table_names()), list(names)


def _stands_at(database: Database) -> str:
    with database.read_engine.connect() as connection:
        return str(connection.scalar(text("SELECT version_num FROM alembic_version")))
