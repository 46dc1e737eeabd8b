"""From every earlier schema, with a chain's rows in it, the way up keeps each row as it was."""

import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Table, select

from assessments.demo import cast
from assessments.demo.build import build
from assessments.models import Submission, Supplier
from portal import backup, clock, revision, schema
from portal.backup import rows
from portal.db import Database
from tests.backups import PASSPHRASE
from tests.fixtures_app import KEYS
from tests.fixtures_servers import database_kind
from tests.servers import PostgreSQL

pytestmark = [pytest.mark.slow, pytest.mark.database]
SUPPLIERS = 12
EARLIER = revision.known()[:-1]
# What a chain has rows in from the first schemas on; an empty table would prove nothing.
FILLED = {"supplier", "contact", "question", "campaign", "assessment", "answer", "submission", "message"}


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Database]:
    """A small invented chain at this version's schema; on PostgreSQL it came there by a backup."""
    folder = tmp_path_factory.mktemp("chain")
    made = Database(f"sqlite:///{folder / 'sanpo.db'}")
    schema.migrate(made)
    passwords = dict.fromkeys(cast.addresses(), "only for this test, long enough")
    with made.writer() as session:
        for _step in build(session, count=SUPPLIERS, seed=5, keys=KEYS, passwords=passwords, now=clock.now()):
            session.commit()
    if database_kind() == "sqlite":
        yield made
        made.dispose()
        return
    server: PostgreSQL = request.getfixturevalue("postgresql_server")
    name = f"chain_{uuid.uuid4().hex[:12]}"
    there = Database(server.create(name))
    _move(made, there, folder)
    yield there
    there.dispose()
    server.drop(name)


@pytest.fixture
def copy(chain: Database, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Database]:
    """A copy of the chain, this test's own."""
    chain.dispose()
    if chain.file is not None:
        shutil.copy(chain.file, tmp_path / "sanpo.db")
        made = Database(f"sqlite:///{tmp_path / 'sanpo.db'}")
        yield made
        made.dispose()
        return
    server: PostgreSQL = request.getfixturevalue("postgresql_server")
    name = f"copy_{uuid.uuid4().hex[:12]}"
    made = Database(server.create(name, template=str(chain.write_engine.url.database)))
    yield made
    made.dispose()
    server.drop(name)


@pytest.mark.parametrize("earlier", EARLIER)
def test_each_row_of_an_earlier_schema_comes_up_as_it_was(copy: Database, earlier: str) -> None:
    schema.take_back(copy, to=earlier)
    with copy.read_engine.connect() as connection:
        stood = rows.tables(connection)
    before = _digests(copy, stood)

    ran = schema.migrate(copy)

    assert ran == revision.known()[revision.known().index(earlier) + 1 :]
    assert _digests(copy, stood) == before
    assert all(before[name]["rows"] for name in FILLED & set(before))
    assert before["supplier"]["rows"]


def test_what_was_submitted_before_is_counted_among_the_peers_of_todays_register(copy: Database) -> None:
    schema.take_back(copy, to="0021")

    schema.migrate(copy)

    with copy.reader() as session:
        counted = (Submission.industry, Submission.employees, Supplier.industry, Supplier.employees)
        found = session.execute(select(*counted).join(Supplier, Supplier.id == Submission.supplier_id)).all()
    assert found
    assert all(row[:2] == row[2:] and row[0] for row in found)


def _digests(database: Database, tables: list[Table]) -> dict[str, dict[str, int | str]]:
    """Sum up the columns that the earlier schema had."""
    with database.read_engine.connect() as connection:
        return {table.name: rows.digest(connection, table) for table in tables}


def _move(made: Database, there: Database, folder: Path) -> None:
    path, data_dir = folder / "chain.sanpo", folder / "there"
    data_dir.mkdir()
    backup.make(
        made,
        path,
        passphrase=PASSPHRASE,
        files=folder / "evidence",
        secret=None,
        version="0",
        now=clock.now(),
    )
    made.dispose()
    backup.restore(
        there,
        path,
        passphrase=PASSPHRASE,
        data_dir=data_dir,
        takes_secret=False,
        is_move=True,
        now=clock.now(),
    )
