"""What a supplier tells us in a campaign: the assessment, its answers and what was submitted."""

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from assessments.models.base import Base, PrivateText, public_id_column, state_type
from assessments.models.campaign import Campaign
from assessments.models.party import Supplier


class AssessmentState(enum.StrEnum):
    """未着手, 回答中, 提出済み, 確認のお願い, 確認済み; 辞退, 取り下げ, 期限切れ."""

    NOT_STARTED = "not_started"
    IN_PROGRESS = "in_progress"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class Assessment(Base):
    """One supplier's part in a campaign; `axes` are the parts asked, with the buyer's reason if changed."""

    __tablename__ = "assessment"
    __table_args__ = (
        UniqueConstraint("campaign_id", "supplier_id", "scope"),
        UniqueConstraint("id", "supplier_id"),
        UniqueConstraint("id", "version_id"),
        ForeignKeyConstraint(
            ["current_result_id", "supplier_id"],
            ["assessment_result.id", "assessment_result.supplier_id"],
            name="fk_assessment_current_result",
            use_alter=True,
        ),
        CheckConstraint("(state = 'not_started') <= (started_at IS NULL)", name="not_started_has_no_time"),
        CheckConstraint(
            "(state IN ('submitted', 'returned', 'accepted')) <= (submitted_at IS NOT NULL)",
            name="submitted_has_a_time",
        ),
        CheckConstraint("(state = 'accepted') = (accepted_at IS NOT NULL)", name="accepted_has_a_time"),
        CheckConstraint("(state = 'returned') <= (returned_at IS NOT NULL)", name="returned_has_a_time"),
        Index("ix_assessment_supplier_id", "supplier_id"),
        # The newest of these moments is asked for at every look at the chain.
        Index("ix_assessment_started_at", "started_at"),
    )

    public_id: Mapped[str] = public_id_column()
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    supplier_id: Mapped[int] = mapped_column(ForeignKey("supplier.id"))
    version_id: Mapped[int] = mapped_column(ForeignKey("questionnaire_version.id"))
    scope: Mapped[str] = mapped_column(default="")
    axes: Mapped[list[str]] = mapped_column(JSON)
    axes_reason: Mapped[str] = mapped_column(PrivateText, default="")
    state: Mapped[AssessmentState] = mapped_column(
        state_type(AssessmentState, name="state"), default=AssessmentState.NOT_STARTED
    )
    created_at: Mapped[datetime]
    notice_version: Mapped[str | None]
    notice_seen_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    last_activity_at: Mapped[datetime | None]
    submitted_at: Mapped[datetime | None]
    returned_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    current_result_id: Mapped[int | None]

    campaign: Mapped[Campaign] = relationship()
    supplier: Mapped[Supplier] = relationship()


class Answer(Base):
    """One question answered. `code` for scored questions, `value` for the profile; `revision` counts up."""

    __tablename__ = "answer"
    __table_args__ = (
        ForeignKeyConstraint(["assessment_id", "supplier_id"], ["assessment.id", "assessment.supplier_id"]),
        ForeignKeyConstraint(["assessment_id", "version_id"], ["assessment.id", "assessment.version_id"]),
        ForeignKeyConstraint(["question_id", "version_id"], ["question.id", "question.version_id"]),
        CheckConstraint("revision >= 1", name="revision_from_1"),
    )

    id = None  # type: ignore[assignment]  # keyed by assessment and question, it has no number of its own
    assessment_id: Mapped[int] = mapped_column(primary_key=True)
    question_id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int]
    supplier_id: Mapped[int]
    code: Mapped[str | None]
    reason: Mapped[str | None]
    supports: Mapped[list[str]] = mapped_column(JSON, default=list)
    comment: Mapped[str] = mapped_column(PrivateText, default="")
    value: Mapped[Any | None] = mapped_column(JSON(none_as_null=True))
    revision: Mapped[int] = mapped_column(default=1)
    answered_at: Mapped[datetime]
    answered_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))


class AnswerRevision(Base):
    """Every text an answer ever had, in order; append-only."""

    __tablename__ = "answer_revision"
    __table_args__ = (
        UniqueConstraint("assessment_id", "question_id", "revision"),
        ForeignKeyConstraint(["assessment_id", "supplier_id"], ["assessment.id", "assessment.supplier_id"]),
    )
    __append_only__ = True

    assessment_id: Mapped[int]
    question_id: Mapped[int] = mapped_column(ForeignKey("question.id"))
    supplier_id: Mapped[int]
    revision: Mapped[int]
    content: Mapped[str] = mapped_column(PrivateText)
    answered_at: Mapped[datetime]
    answered_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))


class Submission(Base):
    """What was submitted: canonical JSON with reasons and comments, and its SHA-256; never edited.

    `industry` and `employees` are those of the register at that time: the peers whom it is counted among.
    """

    __tablename__ = "submission"
    __table_args__ = (
        UniqueConstraint("assessment_id", "number"),
        UniqueConstraint("id", "supplier_id"),
        UniqueConstraint("id", "assessment_id"),
        ForeignKeyConstraint(["assessment_id", "supplier_id"], ["assessment.id", "assessment.supplier_id"]),
    )
    __append_only__ = True

    public_id: Mapped[str] = public_id_column()
    assessment_id: Mapped[int]
    supplier_id: Mapped[int] = mapped_column(index=True)
    number: Mapped[int]
    submitted_at: Mapped[datetime]
    submitted_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    content: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str]
    industry: Mapped[str | None]
    employees: Mapped[int | None]
