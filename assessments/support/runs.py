"""Asking for a support plan, stopping it and beginning it again; how far it is stands in its job."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from assessments import audit, jobs
from assessments.models import Job, JobState, SupportPlan, User

JOB = "support_plan"
OPEN = (JobState.WAITING, JobState.RUNNING)


class AlreadyReckoned(Exception):
    """The plan is done, or at work: there is nothing to begin again."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asks of a support plan; `unit_ids` None is every unit."""

    budget_yen: int
    day_yen: int
    without_subscription: bool
    unit_ids: frozenset[int] | None


def request(session: Session, asked: Asked, *, now: datetime, by: User) -> tuple[SupportPlan, Job]:
    """Ask for a plan."""
    made = SupportPlan(
        budget_yen=asked.budget_yen,
        day_yen=asked.day_yen,
        without_subscription=asked.without_subscription,
        unit_ids=None if asked.unit_ids is None else sorted(asked.unit_ids),
        requested_by_id=by.id,
        requested_at=now,
    )
    session.add(made)
    session.flush()
    audit.note(session, made, "support_plan.requested", now=now, by=by)
    return made, jobs.request(session, JOB, made.id, now=now, by=by.id)


def resume(session: Session, plan: SupportPlan, *, now: datetime, by: User) -> Job:
    """Begin a plan again that was stopped or failed. Raises AlreadyReckoned."""
    if job_of(session, plan).state not in {JobState.CANCELLED, JobState.FAILED}:
        raise AlreadyReckoned(plan.public_id)
    audit.note(session, plan, "support_plan.requested", now=now, by=by)
    return jobs.request(session, JOB, plan.id, now=now, by=by.id)


def cancel(session: Session, plan: SupportPlan, *, now: datetime, by: User) -> None:
    """Stop a plan at its next step. Raises JobEnded."""
    jobs.cancel(session, job_of(session, plan).id, now=now)
    audit.note(session, plan, "support_plan.cancelled", now=now, by=by)


def job_of(session: Session, plan: SupportPlan) -> Job:
    """Give the newest job of a plan."""
    newest = select(Job).where(Job.kind == JOB, Job.subject_id == plan.id).order_by(Job.id.desc()).limit(1)
    return session.scalars(newest).one()


def plans(session: Session, scope: ColumnElement[bool], *, most: int) -> list[tuple[SupportPlan, Job]]:
    """Give the newest plans within `scope` (a condition on SupportPlan), each with its newest job."""
    newest = select(func.max(Job.id)).where(Job.kind == JOB).group_by(Job.subject_id)
    query = (
        select(SupportPlan, Job)
        .join(Job, (Job.subject_id == SupportPlan.id) & Job.id.in_(newest))
        .where(scope)
        .order_by(SupportPlan.id.desc())
        .limit(most)
    )
    return [(plan, job) for plan, job in session.execute(query)]
