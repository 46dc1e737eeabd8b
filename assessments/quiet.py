"""What keeps reminders away from a supplier, whoever would send them."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from assessments.models import Assessment, Consultation, Contact, Invitation, Message, MessageState

CONTACT_CHANGED = "the contact has changed"


class ContactHasChanged(Exception):
    """Whom this invitation went to is no contact any more, or has another address by now."""


def is_talking() -> ColumnElement[bool]:
    """Give the condition on Assessment of a supplier that waits for the buyer's answer in a talk."""
    return exists().where(_concerns())


def talks_since(session: Session, assessment_ids: Collection[int]) -> dict[int, datetime]:
    """Give when the newest talk began in which a supplier waits for the buyer's answer, by assessment."""
    if not assessment_ids:
        return {}
    began = (
        select(Assessment.id, func.max(Consultation.opened_at))
        .join(Consultation, _concerns())
        .where(Assessment.id.in_(assessment_ids))
        .group_by(Assessment.id)
    )
    return dict(session.execute(began).all())


def came_back() -> ColumnElement[bool]:
    """Give the condition on Invitation of one whose newest mail, but for those taken back, did not arrive."""
    newest = (
        select(Message.state)
        .where(
            Message.invitation_id == Invitation.id,
            Message.campaign_id.is_not(None),
            Message.state != MessageState.CANCELLED,
        )
        .order_by(Message.id.desc())
        .limit(1)
        .correlate(Invitation)
        .scalar_subquery()
    )
    return newest.is_not_distinct_from(MessageState.FAILED)


def has_moved_on() -> ColumnElement[bool]:
    """Give the condition on Invitation of one whose contact was retired, or has another address by now.

    Colleagues whom suppliers asked themselves are no contacts of ours: theirs holds as it is.
    """
    has_changed = Contact.retired_at.is_not(None) | Contact.email.is_distinct_from(Invitation.email)
    return exists().where(Contact.id == Invitation.contact_id, has_changed).correlate(Invitation)


def must_be_contact(session: Session, invitation: Invitation) -> None:
    """Raise ContactHasChanged where this invitation's person is not to be written to any more."""
    moved = select(Invitation.id).where(Invitation.id == invitation.id, has_moved_on())
    if session.scalar(moved) is not None:
        raise ContactHasChanged


def has_left() -> ColumnElement[bool]:
    """Give the condition on Message of one that left, or may have.

    What was never tried and is unknown has been restored from a backup: nobody can tell whether the supplier
    was ever written to.
    """
    was_tried = (Message.state == MessageState.UNKNOWN) & (Message.attempts > 0)
    return (Message.state == MessageState.SENT) | was_tried


def _concerns() -> ColumnElement[bool]:
    return and_(
        Consultation.supplier_id == Assessment.supplier_id,
        or_(Consultation.assessment_id == Assessment.id, Consultation.assessment_id.is_(None)),
        Consultation.answered_at.is_(None),
    )
