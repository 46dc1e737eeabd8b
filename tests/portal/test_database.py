"""The database connections: SQLite's promises are checked, and PostgreSQL may come and go."""

import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError

from portal import db, filesystems
from portal.db import Database, UnsafeDatabase
from tests import running, servers
from tests.servers import PostgreSQL

RECOVERY_SECONDS = 30
MOUNTED = """\
22 1 0:21 / / rw - ext4 /dev/sda1 rw
23 22 0:22 / /srv rw - nfs4 filer:/srv rw
24 23 0:23 / /srv/own rw - ext4 /dev/sdb1 rw
25 22 0:24 / /a\\040b rw - cifs //filer/ab rw
"""


@pytest.fixture
def on_file(tmp_path: Path) -> Iterator[Database]:
    """A database on SQLite."""
    made = Database(f"sqlite:///{tmp_path / 'sanpo.db'}")
    yield made
    made.dispose()


@pytest.fixture(scope="module")
def server() -> Iterator[PostgreSQL]:
    """A PostgreSQL that this module may stop."""
    with servers.postgresql() as started:
        yield started


@pytest.fixture
def on_server(server: PostgreSQL) -> Iterator[tuple[Database, str]]:
    """A database there with a table to write into, and its name."""
    name = f"coming_{uuid.uuid4().hex[:12]}"
    made = Database(server.create(name))
    with made.write_engine.begin() as connection:
        connection.execute(text("CREATE TABLE note (words text)"))
    yield made, name
    made.dispose()
    server.drop(name)


def test_each_connection_to_sqlite_keeps_what_it_confirms(on_file: Database) -> None:
    for engine in (on_file.write_engine, on_file.read_engine):
        with engine.connect() as connection:
            stands = {name: connection.scalar(text(f"PRAGMA {name}")) for name in db.PRAGMAS}
        assert stands == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 10_000}


def test_who_waits_to_write_comes_before_who_writes_again_and_again(on_file: Database) -> None:
    with on_file.write_engine.begin() as connection:
        connection.execute(text("CREATE TABLE chunk (number INTEGER)"))
    chunks, leave = [0], threading.Event()

    def work() -> None:
        while not leave.is_set():
            with on_file.write_engine.begin() as connection:
                connection.execute(text("INSERT INTO chunk VALUES (1)"))
                time.sleep(0.005)
            chunks[0] += 1

    working = threading.Thread(target=work)
    working.start()
    passed = []
    try:
        for _ in range(20):
            time.sleep(0.007)
            asked = chunks[0]
            with on_file.write_engine.begin():
                passed.append(chunks[0] - asked)
    finally:
        leave.set()
        working.join()

    # The chunk at hand, and the one for which the worker stood at the door already.
    assert max(passed) <= 2, passed


def test_sqlite_that_cannot_keep_a_journal_beside_it_is_refused() -> None:
    in_memory = Database("sqlite:///file:/sanpo?vfs=memdb&uri=true")

    with pytest.raises(UnsafeDatabase, match="journal_mode=WAL"):
        in_memory.write_engine.connect()


def test_a_disk_on_the_network_is_refused(
    on_file: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"22 1 0:21 / / rw - ext4 /dev/sda1 rw\n23 22 0:2 / {tmp_path} rw - nfs4 f:/ rw\n")
    monkeypatch.setattr(filesystems, "is_networked", lambda path: _networked(path, mounts=mounts))
    monkeypatch.setattr(filesystems, "kind_of", lambda path: _kind_of(path, mounts=mounts))

    with pytest.raises(UnsafeDatabase, match="nfs4"):
        on_file.write_engine.connect()


@pytest.mark.parametrize(
    ("path", "kind"), [("/home/x", "ext4"), ("/srv/x", "nfs4"), ("/srv/own/x", "ext4"), ("/a b/x", "cifs")]
)
def test_the_nearest_mount_tells_the_kind_of_disk(tmp_path: Path, path: str, kind: str) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(MOUNTED)

    assert filesystems.kind_of(Path(path), mounts=mounts) == kind


def test_a_machine_that_tells_no_mounts_is_trusted(tmp_path: Path) -> None:
    assert not filesystems.is_networked(tmp_path, mounts=tmp_path / "absent")


def test_a_wait_for_a_lock_or_an_answer_ends_and_no_plan_is_compiled(on_server: tuple[Database, str]) -> None:
    with on_server[0].read_engine.connect() as connection:
        stands = [connection.scalar(text(f"SHOW {name}")) for name in db.SETTINGS]

    assert stands == ["15s", "2min", "10min", "off"]


def test_several_hosts_lead_to_the_one_that_can_be_written() -> None:
    url = "postgresql+psycopg://a@/sanpo?host=one:5432&host=two:5432"
    arguments: dict[str, object] = {}
    made = Database(url)

    def look(_dialect: object, _record: object, _args: object, given: dict[str, object]) -> None:
        arguments.update(given)
        raise ConnectionError

    event.listen(made.write_engine, "do_connect", look)
    with pytest.raises(ConnectionError):
        made.write_engine.connect()
    assert arguments["target_session_attrs"] == "read-write"


@pytest.mark.slow
def test_writes_go_on_after_the_server_was_restarted(
    server: PostgreSQL, on_server: tuple[Database, str]
) -> None:
    database, _name = on_server
    _write(database)
    server.stop()
    assert not _can_write(database)
    server.start()

    assert _recovers(database) < RECOVERY_SECONDS


@pytest.mark.slow
def test_writes_go_on_after_the_server_was_read_only(
    server: PostgreSQL, on_server: tuple[Database, str]
) -> None:
    """As on a failover: the old sessions live on, answer a ping, and refuse every write."""
    database, name = on_server
    server.tell("ALTER DATABASE {} SET default_transaction_read_only = on", name)
    database.dispose()
    assert not _can_write(database)
    with database.write_engine.connect() as first, database.write_engine.connect() as second:
        first.execute(text("SELECT 1"))
        second.execute(text("SELECT 1"))
    server.tell("ALTER DATABASE {} SET default_transaction_read_only = off", name)

    assert _recovers(database) < RECOVERY_SECONDS
    assert all(_can_write(database) for _ in range(20))


def test_a_reader_sees_one_moment(on_server: tuple[Database, str]) -> None:
    database, _name = on_server
    counted = text("SELECT count(*) FROM note")
    with database.reader() as reader:
        before = reader.scalar(counted)
        with database.writer.begin() as session:
            session.execute(text("INSERT INTO note VALUES ('new')"))

        assert reader.scalar(counted) == before

    with database.reader() as reader:
        assert reader.scalar(counted) == before + 1


def test_a_reader_that_tries_to_write_costs_no_connection(on_server: tuple[Database, str]) -> None:
    database, _name = on_server
    with database.reader() as session, pytest.raises(DBAPIError) as refused:
        session.execute(text("INSERT INTO note VALUES ('x')"))

    assert not refused.value.connection_invalidated


def _networked(path: Path, *, mounts: Path) -> bool:
    return _kind_of(path, mounts=mounts) in filesystems.NETWORKED


_kind_of = filesystems.kind_of


def _write(database: Database) -> None:
    with database.writer.begin() as session:
        session.execute(text("INSERT INTO note VALUES ('x')"))


def _can_write(database: Database) -> bool:
    try:
        _write(database)
    except DBAPIError:
        return False
    return True


def _recovers(database: Database) -> float:
    since = time.monotonic()
    running.eventually(lambda: _can_write(database), seconds=RECOVERY_SECONDS)
    return time.monotonic() - since
