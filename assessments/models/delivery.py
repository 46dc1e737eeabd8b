"""Beside the outbox: how fast mails leave, and how a person settled those whose end was not known."""

import enum
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from assessments.models.base import Base, state_type


class MailPace(Base):
    """The pace of campaign mail to one receiving domain, or of all of it where `domain` is blank.

    The next mail may leave shortly before `free_at`; mails that must wait have moments up to `promised_at`.
    """

    __tablename__ = "mail_pace"
    __table_args__ = (UniqueConstraint("domain"),)

    domain: Mapped[str]
    free_at: Mapped[datetime]
    promised_at: Mapped[datetime]


class Settled(enum.StrEnum):
    """What a person found out about, or decided on, a mail whose end was not known."""

    DELIVERED = "delivered"
    SENT_AGAIN = "sent_again"


class MessageSettlement(Base):
    """A mail whose end was not known, settled by a person; `successor_id` is the mail sent in its place."""

    __tablename__ = "message_settlement"
    __table_args__ = (
        UniqueConstraint("message_id"),
        CheckConstraint(
            "(verdict = 'sent_again') = (successor_id IS NOT NULL)", name="sent_again_has_a_successor"
        ),
    )
    __append_only__ = True

    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"))
    verdict: Mapped[Settled] = mapped_column(state_type(Settled, name="verdict"))
    successor_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"))
    settled_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    settled_at: Mapped[datetime]
