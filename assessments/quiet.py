"""What keeps reminders away from a supplier, whoever would send them."""

from sqlalchemy import ColumnElement, exists, or_, select

from assessments.models import Assessment, Consultation, Invitation, Message, MessageState


def is_talking() -> ColumnElement[bool]:
    """Give the condition on Assessment of a supplier that waits for the buyer's answer in a talk."""
    return exists().where(
        Consultation.supplier_id == Assessment.supplier_id,
        or_(Consultation.assessment_id == Assessment.id, Consultation.assessment_id.is_(None)),
        Consultation.answered_at.is_(None),
    )


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
