"""The talk about cost and timing: a supplier opens it, its owner is told. It never moves a score."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessments import audit, outbox
from assessments.models import Assessment, Consultation, ConsultationTopic, Lane, User
from assessments.owners import owner_of

OPENED_KIND = "consultation_opened"


def open_(
    session: Session,
    assessment: Assessment,
    *,
    topic: ConsultationTopic,
    message: str,
    now: datetime,
    by: User,
) -> Consultation:
    """Open a talk and tell its owner; where nobody is named it waits in the buyer's list."""
    owner = owner_of(session, assessment.supplier_id)
    opened = Consultation(
        supplier_id=assessment.supplier_id,
        assessment_id=assessment.id,
        topic=topic,
        message=message.strip(),
        opened_by_id=by.id,
        opened_at=now,
        owner_id=owner.user_id if owner else None,
    )
    session.add(opened)
    session.flush()
    if owner and owner.user_id is not None:
        outbox.queue(
            session,
            kind=OPENED_KIND,
            send_key=f"{OPENED_KIND}:{opened.public_id}",
            lane=Lane.NOTICE,
            to_email=owner.email,
            language="ja",
            now=now,
            user_id=owner.user_id,
            facts={"consultation_id": opened.id},
        )
    audit.record(
        session,
        now=now,
        actor=by.public_id,
        action="consultation.opened",
        object_kind="consultation",
        object_id=opened.public_id,
        details={"topic": topic.value},
    )
    return opened


def of_assessment(session: Session, assessment: Assessment) -> list[Consultation]:
    """Give the talks opened from an assessment, the newest first."""
    mine = select(Consultation).where(
        Consultation.assessment_id == assessment.id, Consultation.supplier_id == assessment.supplier_id
    )
    return list(session.scalars(mine.order_by(Consultation.id.desc())))
