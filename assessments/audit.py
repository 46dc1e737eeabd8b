"""The tamper-evident trail: each line is chained to the one before by its hash."""

import hashlib
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from assessments.models import AuditEvent
from assessments.questionnaire_content import canonical

FIRST = "0" * 64


def record(
    session: Session,
    *,
    now: datetime,
    actor: str,
    action: str,
    object_kind: str,
    object_id: str,
    details: dict[str, Any] | None = None,
) -> AuditEvent:
    """Append one line in the caller's transaction.

    `actor` is a pseudonymous id (a user's public id, `operator`, `system`); `details` names fields and
    counts, never an answer, address, token or free text.
    """
    _one_at_a_time(session)
    last = session.execute(
        select(AuditEvent.sequence, AuditEvent.hash).order_by(AuditEvent.sequence.desc()).limit(1)
    ).first()
    sequence, previous = (last.sequence + 1, last.hash) if last else (1, FIRST)
    event = AuditEvent(
        sequence=sequence,
        at=now,
        actor=actor,
        action=action,
        object_kind=object_kind,
        object_id=object_id,
        details=details or {},
        previous_hash=previous,
        hash="",
    )
    event.hash = line_hash(event)
    session.add(event)
    session.flush()
    return event


def line_hash(event: AuditEvent) -> str:
    """Give the hash a line must carry, from its content and the line before."""
    facts = [
        event.sequence,
        event.at.astimezone(UTC).isoformat(),
        event.actor,
        event.action,
        event.object_kind,
        event.object_id,
        event.details,
        event.previous_hash,
    ]
    return hashlib.sha256(canonical(facts).encode()).hexdigest()


def first_broken_line(session: Session) -> int | None:
    """Give the sequence number of the first line that does not fit the chain, or None."""
    previous, expected = FIRST, 1
    for event in session.scalars(select(AuditEvent).order_by(AuditEvent.sequence)).yield_per(500):
        if (event.sequence, event.previous_hash, event.hash) != (expected, previous, line_hash(event)):
            return event.sequence
        previous, expected = event.hash, expected + 1
    return None


def count(session: Session) -> int:
    """Give how many lines the trail has."""
    return session.scalar(select(func.count()).select_from(AuditEvent)) or 0


def _one_at_a_time(session: Session) -> None:
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(7236641)"))
