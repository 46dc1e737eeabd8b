"""How far a job is, as the progress script reads it; and what happens when its runner fails."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from assessments import jobs
from assessments.jobs import Claim
from assessments.models import Job, JobState, Role
from portal import clock, job_progress, tasks
from portal.db import Database
from portal.settings import Settings
from tests import factories
from tests.factories import NOW
from tests.fixtures_app import Visitor

KIND = "counting"
A_MINUTE = timedelta(minutes=1)


@pytest.fixture
def job(session: Session) -> Job:
    """A job that waits."""
    made = jobs.request(session, KIND, 7, now=NOW, by=None)
    session.commit()
    return made


@pytest.fixture
def run_by(monkeypatch: pytest.MonkeyPatch) -> Callable[[tasks.Runner], None]:
    """Say what runs jobs of this kind."""
    return lambda runner: monkeypatch.setitem(tasks.RUNNERS, KIND, runner)


def test_progress_is_told_as_the_job_goes_on(
    session: Session, job: Job, as_buyer: Callable[..., Visitor]
) -> None:
    buyer = as_buyer(Role.PROCUREMENT)
    waiting = _asked(buyer, job)
    mine = factories.claimed(session, job)
    jobs.progress(session, mine, 1200, 10_000, now=NOW)
    session.commit()
    running = _asked(buyer, job)
    jobs.finish(session, mine, {}, now=NOW)
    session.commit()

    assert waiting == {"progress": None, "text": "順番を待っています。", "finished": False}
    assert running == {"progress": 12, "text": "1,200 / 10,000", "finished": False}
    assert _asked(buyer, job) == {"progress": 100, "text": "完了しました。", "finished": True}


def test_a_stranger_finds_no_job(job: Job, as_buyer: Callable[..., Visitor]) -> None:
    assert as_buyer(Role.PROCUREMENT).client.get("/procurement/jobs/ffff").status_code == 404
    assert as_buyer(Role.ADMIN).client.get(f"/procurement/jobs/{job.public_id}").status_code == 403


def test_a_buyer_of_one_unit_finds_their_own_jobs_only(
    session: Session, job: Job, as_buyer: Callable[..., Visitor]
) -> None:
    limited = factories.user(session, Role.PROCUREMENT, unit=factories.unit(session))
    own = jobs.request(session, KIND, 8, now=NOW, by=limited.id)
    session.commit()
    desk = as_buyer(user=limited).client

    assert desk.get(f"/procurement/jobs/{job.public_id}").status_code == 404
    assert desk.get(f"/procurement/jobs/{own.public_id}").status_code == 200


def test_a_job_runs_once(
    database: Database, settings: Settings, job: Job, run_by: Callable[[tasks.Runner], None]
) -> None:
    calls: list[int] = []

    def count(of: Database, _settings: Settings, mine: Claim) -> None:
        calls.append(mine.job_id)
        with of.writer.begin() as session:
            jobs.finish(session, mine, {}, now=NOW)

    run_by(count)

    assert tasks.run(database, settings, job.id) is JobState.DONE
    assert tasks.run(database, settings, job.id) is None
    assert calls == [job.id]


def test_a_runner_that_breaks_leaves_words_and_nothing_hanging(
    database: Database, settings: Settings, session: Session, job: Job, run_by: Callable[[tasks.Runner], None]
) -> None:
    def break_down(*_arguments: object) -> None:
        raise ZeroDivisionError

    run_by(break_down)

    assert tasks.run(database, settings, job.id) is JobState.FAILED
    session.rollback()
    ended = session.scalars(select(Job).execution_options(populate_existing=True)).one()
    assert (ended.failure, ended.lease_until) == (job_progress.BROKE, None)


def test_a_runner_that_stalls_and_breaks_leaves_the_job_to_whoever_has_it_by_now(
    database: Database, settings: Settings, job: Job, run_by: Callable[[tasks.Runner], None]
) -> None:
    def stall_and_break(of: Database, _settings: Settings, mine: Claim) -> None:
        with of.writer.begin() as session:
            assert jobs.claim(session, mine.job_id, now=clock.now() + jobs.LEASE + A_MINUTE)
        raise ZeroDivisionError

    run_by(stall_and_break)

    assert tasks.run(database, settings, job.id) is JobState.RUNNING


def test_waking_does_no_harm_where_there_is_no_queue(job: Job) -> None:
    tasks.wake_job(job.id)
    tasks.wake_dispatcher()


def _asked(buyer: Visitor, job: Job) -> Any:
    return buyer.client.get(f"/procurement/jobs/{job.public_id}").json


def test_a_job_that_met_a_busy_database_goes_on_later_but_not_for_ever(
    database: Database, settings: Settings, job: Job, run_by: Callable[..., None]
) -> None:
    def meet_a_lock(*_given: Any) -> None:
        raise OperationalError("INSERT", {}, TimeoutError("canceling statement due to lock timeout"))

    run_by(meet_a_lock)

    states = [tasks.run(database, settings, job.id) for _ in range(jobs.MOST_ATTEMPTS + 1)]

    assert states == [JobState.WAITING] * jobs.MOST_ATTEMPTS + [None]
    with database.writer.begin() as writing:
        assert jobs.give_up(writing, job_progress.GAVE_UP, now=NOW) == 1
