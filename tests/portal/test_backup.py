"""Backups hold one moment and restore row by row, on either database."""

import threading
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select, text, update

from assessments import outbox
from assessments.models import Base, Job, Message, MessageState, Supplier, UserSession
from portal import clock, revision, schema
from portal.backup import rows
from portal.db import Database
from tests import factories
from tests.backups import Make, Place, backed_up, counts, digests, filled, places, restored
from tests.fixtures_servers import database_kind

WRITERS, AMOUNT = 3, 1000


@pytest.fixture
def place(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Make]:
    """Make an empty place on SQLite or PostgreSQL."""
    with places(tmp_path, request) as make:
        yield make


@pytest.fixture
def here(place: Make) -> Place:
    """A filled place."""
    return filled(place(database_kind()))


@pytest.mark.database
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_backup_restores_row_by_row_on_either_database(
    here: Place, place: Make, tmp_path: Path, kind: str
) -> None:
    there = place(kind)

    restored(there, backed_up(here, tmp_path / "full.sanpo"), is_move=True)

    assert digests(there.database) == digests(here.database)
    assert (there.data_dir / "evidence" / "aoba" / "規程.pdf").read_bytes() == b"%PDF"
    assert revision.is_current(there.database)


@pytest.mark.database
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_what_is_added_after_a_restore_gets_numbers_of_its_own(
    here: Place, place: Make, tmp_path: Path, kind: str
) -> None:
    there = place(kind)
    restored(there, backed_up(here, tmp_path / "full.sanpo"))

    with there.database.writer.begin() as session:
        highest = session.scalar(select(func.max(Supplier.id))) or 0
        added = factories.supplier(session)
        session.flush()
        assert added.id > highest


@pytest.mark.database
def test_a_restored_place_sends_nothing_twice_and_lets_nobody_back_in(
    here: Place, place: Make, tmp_path: Path
) -> None:
    there = place(database_kind())

    done = restored(there, backed_up(here, tmp_path / "full.sanpo"))

    with there.database.reader() as session:
        states = {mail.send_key: mail.state for mail in session.scalars(select(Message))}
        still_in = session.scalar(select(func.count()).where(UserSession.ended_at.is_(None)))
        waits = outbox.has_work(session, now=clock.now())
    assert states == {
        "code": MessageState.CANCELLED,
        "waits": MessageState.UNKNOWN,
        "flies": MessageState.UNKNOWN,
    }
    assert (done.unsettled_mails, done.ended_sessions, still_in) == (2, 1, 0)
    assert not waits


@pytest.mark.database
def test_a_move_keeps_what_waits_to_be_sent(here: Place, place: Make, tmp_path: Path) -> None:
    there = place(database_kind())

    restored(there, backed_up(here, tmp_path / "full.sanpo"), is_move=True)

    with there.database.reader() as session:
        assert outbox.has_work(session, now=clock.now())


@pytest.mark.database
def test_a_backup_under_write_load_holds_one_moment(here: Place, place: Make, tmp_path: Path) -> None:
    """Writers move amounts between two rows each and add a row: whatever the moment, the sums agree."""
    with here.database.writer.begin() as session:
        session.add_all(_account(number) for number in range(2 * WRITERS))
    stop, moved = threading.Event(), [0] * WRITERS
    threads = [
        threading.Thread(target=_move, args=(here.database, number, stop, moved)) for number in range(WRITERS)
    ]
    for thread in threads:
        thread.start()
    taken = [backed_up(here, tmp_path / f"{number}.sanpo") for number in range(3)]
    stop.set()
    for thread in threads:
        thread.join()

    assert min(moved) > 0
    seen = []
    for path in taken:
        there = place(database_kind())
        restored(there, path)
        seen.append(_moves_in(there.database))
        there.database.dispose()
    assert seen == sorted(seen)


@pytest.mark.database
def test_a_place_that_was_migrated_and_never_used_is_empty(here: Place, place: Make, tmp_path: Path) -> None:
    there = place(database_kind())
    schema.migrate(there.database)

    restored(there, backed_up(here, tmp_path / "full.sanpo"), is_move=True)

    assert digests(there.database) == digests(here.database)


@pytest.mark.database
def test_a_backup_of_an_older_version_is_brought_up_to_date(place: Make, tmp_path: Path) -> None:
    old, there = place(database_kind()), place(database_kind())
    schema.migrate(old.database, to=revision.known()[3])
    with old.database.write_engine.begin() as connection:
        connection.execute(text("INSERT INTO questionnaire (name) VALUES ('a')"))
    path = backed_up(old, tmp_path / "old.sanpo")
    schema.migrate(there.database)

    done = restored(there, path)

    assert done.backup.revision == revision.known()[3]
    assert revision.is_current(there.database)
    assert counts(there.database)["questionnaire"] == 1


def test_memory_stays_flat_however_much_there_is(place: Make, tmp_path: Path) -> None:
    peaks = []
    for number in (1, 8):
        large = place("sqlite")
        schema.migrate(large.database)
        with large.database.writer.begin() as session:
            session.add_all(_account(index, words="あ" * 20_000) for index in range(200 * number))
        tracemalloc.start()
        backed_up(large, tmp_path / f"{number}.sanpo")
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()

    assert peaks[1] < peaks[0] * 1.5


@pytest.mark.database
def test_every_column_of_ours_can_be_backed_up(here: Place) -> None:
    with here.database.read_engine.connect() as connection:
        tables = {table.name: table for table in rows.tables(connection)}
        kinds = {kind for table in tables.values() for _name, kind in rows.shape(table).columns}

    assert set(tables) == set(Base.metadata.tables)
    assert kinds <= set(rows.KINDS.values())
    # Texts are ordered in ways of their own by each database.
    keys = [column for table in Base.metadata.tables.values() for column in table.primary_key.columns]
    assert all(column.type.python_type is int for column in keys)


def _account(number: int, *, words: str = "") -> Job:
    return Job(
        kind="account",
        subject_id=number,
        requested_at=factories.NOW,
        done=AMOUNT if not words else 0,
        total=10_000_000,
        result={"words": words},
    )


def _move(database: Database, number: int, stop: threading.Event, moved: list[int]) -> None:
    """Move one from an account to its neighbour and write the move down, in one transaction."""
    while not stop.is_set():
        with database.writer.begin() as session:
            for subject, change in ((2 * number, -1), (2 * number + 1, 1)):
                session.execute(
                    update(Job)
                    .where(Job.kind == "account", Job.subject_id == subject)
                    .values(done=Job.done + change)
                )
            subject = WRITERS * moved[number] + number
            session.add(Job(kind="move", subject_id=subject, requested_at=factories.NOW))
        moved[number] += 1


def _moves_in(database: Database) -> int:
    with database.reader() as session:
        total = session.scalar(select(func.sum(Job.done)).where(Job.kind == "account"))
        gained = session.scalar(
            select(func.sum(Job.done - AMOUNT)).where(Job.kind == "account", Job.subject_id % 2 == 1)
        )
        moves = session.scalar(select(func.count()).where(Job.kind == "move"))
    assert total == 2 * WRITERS * AMOUNT
    assert gained == moves
    return int(moves or 0)
