"""The talk about cost and timing: a supplier opens it, its owner is told and answers. It moves no score."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessments import audit, outbox, reminding
from assessments.models import Assessment, Consultation, ConsultationTopic, Invitation, Lane, User
from assessments.owners import Owner, owner_of

OPENED_KIND = "consultation_opened"
ANSWERED_KIND = "consultation_answered"


class AlreadyAnswered(Exception):
    """Somebody else has answered this talk in the meantime; an answer given is not overwritten."""


def open_(
    session: Session,
    assessment: Assessment,
    *,
    topic: ConsultationTopic,
    message: str,
    now: datetime,
    by: User,
) -> Consultation:
    """Open a talk and tell its owner; where nobody is named it waits in the buyer's list. Reminders stop."""
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
    reminding.stop(session, assessment)
    if owner and owner.user_id is not None:
        _tell_owner(session, opened, owner, now=now)
    audit.note(session, opened, "consultation.opened", now=now, by=by, topic=topic.value)
    return opened


def answer(session: Session, consultation: Consultation, text: str, *, now: datetime, by: User) -> None:
    """Answer a talk and tell the person who opened it. Raises AlreadyAnswered."""
    session.refresh(consultation, with_for_update=True)
    if consultation.answered_at is not None:
        raise AlreadyAnswered
    consultation.answer, consultation.answered_at, consultation.answered_by_id = text.strip(), now, by.id
    invitation = _invitation(session, consultation)
    outbox.queue(
        session,
        kind=ANSWERED_KIND,
        send_key=f"{ANSWERED_KIND}:{consultation.public_id}",
        lane=Lane.NOTICE,
        to_email=consultation.opened_by.email,
        language=consultation.opened_by.language,
        now=now,
        invitation_id=invitation,
        user_id=consultation.opened_by_id,
        facts={"consultation_id": consultation.id},
    )
    audit.note(session, consultation, "consultation.answered", now=now, by=by)


def of_assessment(session: Session, assessment: Assessment) -> list[Consultation]:
    """Give the talks opened from an assessment, the newest first."""
    mine = select(Consultation).where(
        Consultation.assessment_id == assessment.id, Consultation.supplier_id == assessment.supplier_id
    )
    return list(session.scalars(mine.order_by(Consultation.id.desc())))


def _tell_owner(session: Session, opened: Consultation, owner: Owner, *, now: datetime) -> None:
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


def _invitation(session: Session, consultation: Consultation) -> int | None:
    """The living invitation of whoever opened the talk: its link leads back to it."""
    theirs = select(Invitation.id).where(
        Invitation.assessment_id == consultation.assessment_id,
        Invitation.supplier_id == consultation.supplier_id,
        Invitation.email == consultation.opened_by.email,
        Invitation.revoked_at.is_(None),
    )
    return session.scalar(theirs.order_by(Invitation.id.desc()).limit(1))
