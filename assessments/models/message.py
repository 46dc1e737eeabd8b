"""The outbox: one row a mail that must leave, and the local mailbox it may end in."""

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from assessments.models.base import Base, public_id_column, state_type
from assessments.models.campaign import Invitation
from assessments.models.party import User


class MessageState(enum.StrEnum):
    """A row waits, is leased, is being sent, and ends sent, unknown, failed or cancelled."""

    QUEUED = "queued"
    LEASED = "leased"
    SENDING = "sending"
    SENT = "sent"
    UNKNOWN = "unknown"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Lane(enum.IntEnum):
    """Codes and notices go before the mass of a campaign."""

    URGENT = 0
    NOTICE = 1
    CAMPAIGN = 2


class Message(Base):
    """One mail to send, rendered when sent. `facts` holds ids and counters, never a token or an answer."""

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("send_key"),
        CheckConstraint("(state = 'sent') <= (sent_at IS NOT NULL)", name="sent_has_a_time"),
        CheckConstraint(
            "(state IN ('leased', 'sending')) = (lease_until IS NOT NULL)", name="lease_has_an_end"
        ),
        Index("ix_message_state_lane_due_at", "state", "lane", "due_at"),
        Index("ix_message_invitation_id_kind", "invitation_id", "kind"),
    )

    public_id: Mapped[str] = public_id_column()
    send_key: Mapped[str]
    kind: Mapped[str]
    lane: Mapped[int] = mapped_column(default=Lane.CAMPAIGN)
    state: Mapped[MessageState] = mapped_column(
        state_type(MessageState, name="state"), default=MessageState.QUEUED
    )
    to_email: Mapped[str]
    language: Mapped[str] = mapped_column(default="ja")
    invitation_id: Mapped[int | None] = mapped_column(ForeignKey("invitation.id"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaign.id"), index=True)
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]
    lease_by: Mapped[str | None]
    # Under the key that `lease_by` tells of: keys are kept so long from then. None where nothing arrived.
    first_tried_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    failure: Mapped[str] = mapped_column(Text, default="")

    invitation: Mapped[Invitation | None] = relationship()
    user: Mapped[User | None] = relationship()


class LocalMail(Base):
    """A mail that ended in the local mailbox instead of leaving; read by an admin in the browser."""

    __tablename__ = "local_mail"

    public_id: Mapped[str] = public_id_column()
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"))
    kind: Mapped[str]
    to_email: Mapped[str] = mapped_column(index=True)
    reply_to: Mapped[str] = mapped_column(default="")
    subject: Mapped[str]
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text, default="")
    sent_at: Mapped[datetime] = mapped_column(index=True)
