"""What happened and what must happen: the tamper-evident trail, and long jobs."""

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from assessments.models.base import Base, public_id_column, state_type


class AuditEvent(Base):
    """One line of the trail: who (a pseudonym), what, on which object, chained by hash. Field names only."""

    __tablename__ = "audit_event"
    __table_args__ = (UniqueConstraint("sequence"),)
    __append_only__ = True

    sequence: Mapped[int]
    at: Mapped[datetime]
    actor: Mapped[str]
    action: Mapped[str]
    object_kind: Mapped[str]
    object_id: Mapped[str] = mapped_column(index=True)
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    previous_hash: Mapped[str]
    hash: Mapped[str]


class JobState(enum.StrEnum):
    """A job waits, runs under a lease, and ends done, failed or cancelled."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


# As a condition of an index, which both databases read alike.
OPEN_JOB = text("state IN ('waiting', 'running')")


class Job(Base):
    """A long piece of work: kind, whom it is for, progress, how it ended. One a kind and subject is open."""

    __tablename__ = "job"
    __table_args__ = (
        CheckConstraint("(state = 'running') = (lease_until IS NOT NULL)", name="lease_has_an_end"),
        CheckConstraint("done <= total", name="progress_within_total"),
        Index(
            "ix_job_kind_subject_id",
            "kind",
            "subject_id",
            unique=True,
            sqlite_where=OPEN_JOB,
            postgresql_where=OPEN_JOB,
        ),
    )

    public_id: Mapped[str] = public_id_column()
    kind: Mapped[str]
    subject_id: Mapped[int]
    state: Mapped[JobState] = mapped_column(state_type(JobState, name="state"), default=JobState.WAITING)
    requested_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    requested_at: Mapped[datetime]
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    result: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    failure: Mapped[str] = mapped_column(Text, default="")
