"""One round of asking: the campaign and the invitations that leave the house for it."""

import enum
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from assessments.models.base import Base, public_id_column, state_type
from assessments.models.party import User
from assessments.models.questionnaire import QuestionnaireVersion


class CampaignState(enum.StrEnum):
    """下書き, 承認依頼中, 承認済み (by a colleague, not of a supplier), 送信準備中, 実施中, 終了."""

    DRAFT = "draft"
    AWAITING_APPROVAL = "awaiting_approval"
    APPROVED = "approved"
    OPENING = "opening"
    OPEN = "open"
    CLOSED = "closed"


class Campaign(Base):
    """A version put to suppliers by a due date, which ends at 23:59:59 in the organisation's zone.

    `purpose` is why these suppliers are asked and stands in their mail; `repeat_reason` is why some are asked
    again within twelve months, and is the buyer's own.
    """

    __tablename__ = "campaign"
    __table_args__ = (
        CheckConstraint("(state IN ('open', 'closed')) <= (opened_at IS NOT NULL)", name="open_has_a_time"),
        CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed_has_a_time"),
        CheckConstraint("(approved_at IS NULL) = (approval IS NULL)", name="approval_has_a_time"),
    )

    public_id: Mapped[str] = public_id_column()
    title: Mapped[str]
    version_id: Mapped[int] = mapped_column(ForeignKey("questionnaire_version.id"))
    due_on: Mapped[date]
    message: Mapped[str] = mapped_column(Text, default="")
    purpose: Mapped[str] = mapped_column(Text, default="")
    repeat_reason: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[CampaignState] = mapped_column(
        state_type(CampaignState, name="state"), default=CampaignState.DRAFT
    )
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[datetime]
    approval_requested_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    approval: Mapped[str | None]
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    approved_at: Mapped[datetime | None]
    approval_note: Mapped[str] = mapped_column(Text, default="")
    opened_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]

    version: Mapped[QuestionnaireVersion] = relationship()
    created_by: Mapped[User | None] = relationship(foreign_keys=[created_by_id])
    approval_requested_by: Mapped[User | None] = relationship(foreign_keys=[approval_requested_by_id])
    approved_by: Mapped[User | None] = relationship(foreign_keys=[approved_by_id])


class Invitation(Base):
    """The offer to one person at one supplier: frozen name and address, token hash, generation."""

    __tablename__ = "invitation"
    __table_args__ = (
        UniqueConstraint("token_hash"),
        UniqueConstraint("id", "supplier_id"),
        ForeignKeyConstraint(["assessment_id", "supplier_id"], ["assessment.id", "assessment.supplier_id"]),
        ForeignKeyConstraint(["contact_id", "supplier_id"], ["contact.id", "contact.supplier_id"]),
        ForeignKeyConstraint(
            ["delegated_from_id", "supplier_id"], ["invitation.id", "invitation.supplier_id"]
        ),
        Index("ix_invitation_assessment_id", "assessment_id"),
        Index("ix_invitation_supplier_id", "supplier_id"),
        # The newest of these moments is asked for at every look at the chain.
        Index("ix_invitation_opened_at", "opened_at"),
    )

    public_id: Mapped[str] = public_id_column()
    assessment_id: Mapped[int]
    supplier_id: Mapped[int] = mapped_column(ForeignKey("supplier.id"))
    contact_id: Mapped[int | None]
    delegated_from_id: Mapped[int | None]
    name: Mapped[str]
    email: Mapped[str]
    language: Mapped[str] = mapped_column(default="ja")
    generation: Mapped[int] = mapped_column(default=1)
    token_hash: Mapped[str]
    created_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
