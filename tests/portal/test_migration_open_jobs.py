"""What was asked for twice before the database allowed one open job a subject comes up as one."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from assessments.models import Job, JobState
from portal import schema
from portal.db import Database
from tests.factories import NOW
from tests.fixtures_servers import database_kind

pytestmark = pytest.mark.database
BEFORE = "0019"


@pytest.fixture
def earlier(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Database]:
    """A database whose schema allowed more than one."""
    if database_kind() == "sqlite":
        made = Database(f"sqlite:///{tmp_path / 'earlier.db'}")
        schema.migrate(made, to=BEFORE)
        yield made
        made.dispose()
        return
    server = request.getfixturevalue("postgresql_server")
    name = f"earlier_{uuid.uuid4().hex[:12]}"
    made = Database(server.create(name))
    schema.migrate(made, to=BEFORE)
    yield made
    made.dispose()
    server.drop(name)


def test_of_jobs_asked_for_twice_the_one_at_work_stays_or_else_the_older(earlier: Database) -> None:
    waiting, running, failed = JobState.WAITING, JobState.RUNNING, JobState.FAILED
    asked = {
        "again": [(1, waiting), (1, waiting), (2, waiting), (2, running)],
        "once": [(1, waiting), (2, failed), (2, waiting)],
    }
    with earlier.writer.begin() as session:
        session.add_all(
            [
                Job(
                    kind=kind,
                    subject_id=subject_id,
                    state=state,
                    requested_at=NOW,
                    lease_until=NOW if state is running else None,
                    ended_at=NOW if state is failed else None,
                )
                for kind, rows in asked.items()
                for subject_id, state in rows
            ]
        )

    schema.migrate(earlier)

    with earlier.reader() as session:
        jobs = session.scalars(select(Job).order_by(Job.id)).all()
    states = [job.state.value for job in jobs]
    assert states == ["waiting", "cancelled", "cancelled", "running", "waiting", "failed", "waiting"]
    ends = {job.state: job.ended_at is not None for job in jobs}
    assert ends[JobState.CANCELLED]
    assert not ends[waiting]


def test_the_database_itself_refuses_a_second_one(earlier: Database) -> None:
    schema.migrate(earlier)
    with earlier.writer.begin() as session:
        session.add(Job(kind="import", subject_id=1, requested_at=NOW))
    copied = text(
        "INSERT INTO job (public_id, kind, subject_id, state, requested_at, done, total, attempts, result,"
        " failure) SELECT 'another', kind, subject_id, state, requested_at, 0, 0, 0, result, '' FROM job"
    )

    with pytest.raises(IntegrityError), earlier.write_engine.begin() as connection:
        connection.execute(copied)
