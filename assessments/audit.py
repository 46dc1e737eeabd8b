"""The tamper-evident trail: each line is chained to the one before by its hash."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from assessments.models import (
    Assessment,
    AuditEvent,
    Campaign,
    Confirmation,
    ConstantsChoice,
    Consultation,
    Evidence,
    Invitation,
    Job,
    Message,
    QuestionnaireVersion,
    Relationship,
    Rescoring,
    SecurityActionDeclaration,
    Supplier,
    SupplierImport,
    SupportPlan,
    User,
)
from assessments.questionnaire_content import canonical

FIRST = "0" * 64
OPERATOR, SYSTEM = "operator", "system"


class Known(Protocol):
    """A record that is known outside by its public id."""

    @property
    def public_id(self) -> str:
        """The random id that stands for it in the trail."""


KINDS: Mapping[type[Known], str] = {
    Assessment: "assessment",
    Campaign: "campaign",
    Confirmation: "confirmation",
    ConstantsChoice: "constants",
    Consultation: "consultation",
    Evidence: "evidence",
    Invitation: "invitation",
    Job: "job",
    Message: "mail",
    QuestionnaireVersion: "questionnaire_version",
    Relationship: "relationship",
    Rescoring: "rescoring",
    SecurityActionDeclaration: "security_action",
    Supplier: "supplier",
    SupplierImport: "supplier_import",
    SupportPlan: "support_plan",
    User: "user",
}


def note(
    session: Session, thing: Known, action: str, *, now: datetime, by: User | str, **details: Any
) -> None:
    """Append what was done to one of the `KINDS` of records; `by` and `details` as in `record`."""
    # What is pending gets its public id, and its rows are locked before the trail is, by everybody.
    session.flush()
    record(
        session,
        now=now,
        actor=by.public_id if isinstance(by, User) else by,
        action=action,
        object_kind=KINDS[type(thing)],
        object_id=thing.public_id,
        details=details,
    )


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

    `actor` is a pseudonymous id (a user's public id, `OPERATOR`, `SYSTEM`); `details` names fields and
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
