"""Long work: asked for once, held under a lease, never left hanging."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from assessments import jobs
from assessments.jobs import Claim, JobEnded
from assessments.models import Job, JobState
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.database
LATER = NOW + timedelta(minutes=10)


@pytest.fixture
def job(session: Session) -> Job:
    """A job that waits."""
    return jobs.request(session, "supplier_import", 7, now=NOW, by=None)


def test_a_job_is_claimed_reports_and_ends(session: Session, job: Job) -> None:
    mine = factories.claimed(session, job)
    jobs.progress(session, mine, 3, 10, now=NOW)
    jobs.finish(session, mine, {"written": 10}, now=LATER)
    session.refresh(job)

    assert mine == Claim(job.id, "supplier_import", 1)
    assert (job.state, job.done, job.total, job.result) == (JobState.DONE, 10, 10, {"written": 10})
    assert (job.ended_at, job.lease_until) == (LATER, None)


def test_asking_again_gives_the_open_job(session: Session, job: Job) -> None:
    assert jobs.request(session, "supplier_import", 7, now=LATER, by=None) is job
    assert jobs.request(session, "supplier_import", 8, now=LATER, by=None) is not job


def test_a_running_job_is_nobody_elses(session: Session, job: Job) -> None:
    jobs.claim(session, job.id, now=NOW)

    assert jobs.claim(session, job.id, now=NOW) is None
    assert jobs.due(session, now=NOW) == []


def test_the_job_of_a_dead_worker_is_taken_up_again(session: Session, job: Job) -> None:
    jobs.claim(session, job.id, now=NOW)

    assert jobs.due(session, now=LATER) == [job.id]
    assert jobs.claim(session, job.id, now=LATER) == Claim(job.id, "supplier_import", 2)


def test_progress_renews_the_lease(session: Session, job: Job) -> None:
    jobs.progress(session, factories.claimed(session, job), 1, 2, now=NOW + timedelta(minutes=1))

    assert jobs.due(session, now=NOW + timedelta(minutes=2, seconds=30)) == []


def test_a_job_whose_worker_dies_again_and_again_fails(session: Session, job: Job) -> None:
    for attempt in range(jobs.MOST_ATTEMPTS):
        assert jobs.claim(session, job.id, now=NOW + timedelta(hours=attempt))

    assert jobs.claim(session, job.id, now=NOW + timedelta(hours=9)) is None
    assert jobs.due(session, now=NOW + timedelta(hours=9)) == []
    assert jobs.give_up(session, "打ち切り", now=NOW + timedelta(hours=9)) == 1
    assert jobs.state(session, job.id) is JobState.FAILED


def test_a_cancelled_job_tells_its_runner(session: Session, job: Job) -> None:
    mine = factories.claimed(session, job)
    session.refresh(job)
    job.state, job.lease_until, job.ended_at = JobState.CANCELLED, None, NOW
    session.flush()

    with pytest.raises(JobEnded):
        jobs.progress(session, mine, 1, 2, now=NOW)


@pytest.mark.parametrize(
    "act",
    [
        lambda session, mine: jobs.progress(session, mine, 1, 2, now=LATER),
        lambda session, mine: jobs.finish(session, mine, {}, now=LATER),
        lambda session, mine: jobs.fail(session, mine, "止まりました", now=LATER),
        jobs.put_back,
    ],
    ids=["progress", "finish", "fail", "put back"],
)
def test_a_runner_whose_job_another_has_taken_up_changes_nothing(
    session: Session, job: Job, act: Callable[[Session, Claim], None]
) -> None:
    stalled = factories.claimed(session, job)
    living = factories.claimed(session, job, now=LATER)

    with pytest.raises(JobEnded):
        act(session, stalled)

    assert jobs.is_held(session, job.id, now=LATER)
    jobs.finish(session, living, {}, now=LATER)


def test_a_start_with_nobody_else_at_work_lets_go_of_all(session: Session, job: Job) -> None:
    jobs.claim(session, job.id, now=NOW)

    assert jobs.release_all(session) == 1
    assert jobs.due(session, now=NOW) == [job.id]


def test_a_job_just_asked_for_is_left_to_its_own_message(session: Session, job: Job) -> None:
    assert jobs.due(session, now=NOW, waiting=timedelta(seconds=3)) == []
    assert jobs.due(session, now=LATER, waiting=timedelta(seconds=3)) == [job.id]


def test_a_lease_is_held_until_it_lapses_or_the_job_ends(session: Session, job: Job) -> None:
    assert not jobs.is_held(session, job.id, now=NOW)
    mine = factories.claimed(session, job)

    assert jobs.is_held(session, job.id, now=NOW)
    assert not jobs.is_held(session, job.id, now=LATER)
    jobs.finish(session, mine, {}, now=NOW)
    assert not jobs.is_held(session, job.id, now=NOW)
