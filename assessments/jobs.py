"""Verbs of long work: ask for it, claim it under a lease, tell how far it is, end it. Rows are the truth."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Table, func, or_, select, update
from sqlalchemy.orm import Session

from assessments.models import Job, JobState
from assessments.models.base import insert_new

LEASE = timedelta(minutes=2)
MOST_ATTEMPTS = 5
OPEN = (JobState.WAITING, JobState.RUNNING)
_job = cast(Table, Job.__table__)


class NotTakenUpAgain(Exception):
    """The job has not stopped, or a newer one stands in its place."""


class JobEnded(Exception):
    """The job no longer runs, or runs in other hands: the runner that holds this claim stops."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What a runner holds of a job: which of its tries is this one. Whoever claims it next takes it away."""

    job_id: int
    kind: str
    attempt: int


def request(session: Session, kind: str, subject_id: int, *, now: datetime, by: int | None) -> Job:
    """Ask for work on a subject; `by` is the user's id, None an operator. One open job a kind and subject."""
    row = {"kind": kind, "subject_id": subject_id, "requested_by_id": by, "requested_at": now}
    mine = (Job.kind == kind) & (Job.subject_id == subject_id) & Job.state.in_(OPEN)
    session.flush()
    while True:
        standing = session.scalar(select(Job).where(mine))
        if standing is not None:
            return standing
        # Whoever asks at the same moment is waited for; then both find the same job.
        session.execute(insert_new(session, _job), [row])


def claim(session: Session, job_id: int, *, now: datetime, lease: timedelta = LEASE) -> Claim | None:
    """Take a job that waits, or whose lease lapsed; None when it is somebody else's, or ended."""
    taken = session.execute(
        update(Job)
        .where(Job.id == job_id, _is_free(now), Job.attempts < MOST_ATTEMPTS)
        .values(state=JobState.RUNNING, lease_until=now + lease, attempts=Job.attempts + 1)
        .returning(Job.kind, Job.attempts)
    ).first()
    return None if taken is None else Claim(job_id, taken.kind, taken.attempts)


def progress(
    session: Session, mine: Claim, done: int, total: int, *, now: datetime, lease: timedelta = LEASE
) -> None:
    """Say how far a running job is, and hold it for another lease. Raises JobEnded."""
    _change(session, mine, done=min(done, total), total=total, lease_until=now + lease)


def finish(session: Session, mine: Claim, result: Mapping[str, Any], *, now: datetime) -> None:
    """End a running job well; `result` holds counts and ids. Raises JobEnded."""
    ended = {"state": JobState.DONE, "lease_until": None, "ended_at": now, "failure": ""}
    _change(session, mine, done=Job.total, result=dict(result), **ended)


def fail(session: Session, mine: Claim, words: str, *, now: datetime) -> None:
    """End a running job badly, with words a person can act on. Raises JobEnded."""
    _change(session, mine, state=JobState.FAILED, lease_until=None, ended_at=now, failure=words)


def put_back(session: Session, mine: Claim) -> None:
    """Have a running job wait for another try, of which it has so many. Raises JobEnded."""
    _change(session, mine, state=JobState.WAITING, lease_until=None)


def cancel(session: Session, job_id: int, *, now: datetime) -> None:
    """End a job that waits or runs; its runner stops at its next step. Raises JobEnded."""
    cancelled = session.scalar(
        update(Job)
        .where(Job.id == job_id, Job.state.in_(OPEN))
        .values(state=JobState.CANCELLED, lease_until=None, ended_at=now)
        .returning(Job.id)
    )
    if cancelled is None:
        raise JobEnded(job_id)


def take_up_again(session: Session, job: Job, *, now: datetime, by: int) -> Job:
    """Ask anew for the work of a job that failed or was cancelled. Raises NotTakenUpAgain."""
    session.refresh(job, with_for_update=True)
    mine = (Job.kind == job.kind) & (Job.subject_id == job.subject_id)
    newest = session.scalar(select(Job.id).where(mine).order_by(Job.id.desc()).limit(1))
    if newest != job.id or job.state not in {JobState.FAILED, JobState.CANCELLED}:
        raise NotTakenUpAgain
    return request(session, job.kind, job.subject_id, now=now, by=by)


def due(session: Session, *, now: datetime, waiting: timedelta = timedelta(0)) -> list[int]:
    """Give the ids of jobs that have waited this long, or whose worker died, oldest first."""
    has_waited = (Job.state == JobState.WAITING) & (Job.requested_at <= now - waiting)
    is_due = or_(has_waited, _has_lapsed(now)) & (Job.attempts < MOST_ATTEMPTS)
    return list(session.scalars(select(Job.id).where(is_due).order_by(Job.id)))


def dead_leases(session: Session, *, now: datetime) -> int:
    """Count the running jobs whose worker is gone and that nobody has taken up again."""
    return session.scalar(select(func.count()).where(_has_lapsed(now))) or 0


def is_one_running(session: Session, *, now: datetime) -> bool:
    """Tell whether a living worker has a job in hand."""
    in_hand = (Job.state == JobState.RUNNING) & (Job.lease_until >= now)
    return session.scalar(select(Job.id).where(in_hand).limit(1)) is not None


def is_held(session: Session, job_id: int, *, now: datetime) -> bool:
    """Tell whether somebody holds a job's lease."""
    in_hand = (Job.state == JobState.RUNNING) & (Job.lease_until >= now)
    return session.scalar(select(Job.id).where(Job.id == job_id, in_hand)) is not None


def state(session: Session, job_id: int) -> JobState | None:
    """Give the state of a job, or None when there is no such job."""
    return session.scalar(select(Job.state).where(Job.id == job_id))


def give_up(session: Session, words: str, *, now: datetime) -> int:
    """Fail the jobs that were tried once too often, with words for a person, and give how many."""
    hopeless = session.scalars(
        update(Job)
        .where(_is_free(now), Job.attempts >= MOST_ATTEMPTS)
        .values(state=JobState.FAILED, lease_until=None, ended_at=now, failure=words)
        .returning(Job.id)
    )
    return len(hopeless.all())


def release_all(session: Session) -> int:
    """Let go of every running job; only for a start on which nobody else can be at work."""
    released = session.scalars(
        update(Job)
        .where(Job.state == JobState.RUNNING)
        .values(state=JobState.WAITING, lease_until=None)
        .returning(Job.id)
    )
    return len(released.all())


def _is_free(now: datetime) -> Any:
    return or_(Job.state == JobState.WAITING, _has_lapsed(now))


def _has_lapsed(now: datetime) -> Any:
    return (Job.state == JobState.RUNNING) & (Job.lease_until < now)


def _change(session: Session, mine: Claim, **values: Any) -> None:
    is_held = (Job.id == mine.job_id) & (Job.state == JobState.RUNNING) & (Job.attempts == mine.attempt)
    changed = session.scalar(update(Job).where(is_held).values(**values).returning(Job.id))
    if changed is None:
        raise JobEnded(mine.job_id)
