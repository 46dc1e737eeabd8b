"""What the buyer's reader decided about a submission, with comments by question."""

import enum
from datetime import datetime

from sqlalchemy import ForeignKey, ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from assessments.models.base import Base, PrivateText, public_id_column, state_type


class Decision(enum.StrEnum):
    """確認済み, or 確認のお願い."""

    ACCEPTED = "accepted"
    RETURNED = "returned"


class Review(Base):
    """One decision about one submission; a submission is decided once."""

    __tablename__ = "review"
    __table_args__ = (
        UniqueConstraint("submission_id"),
        UniqueConstraint("id", "supplier_id"),
        ForeignKeyConstraint(["submission_id", "supplier_id"], ["submission.id", "submission.supplier_id"]),
        ForeignKeyConstraint(["assessment_id", "supplier_id"], ["assessment.id", "assessment.supplier_id"]),
    )
    __append_only__ = True

    public_id: Mapped[str] = public_id_column()
    submission_id: Mapped[int]
    assessment_id: Mapped[int] = mapped_column(index=True)
    supplier_id: Mapped[int]
    decision: Mapped[Decision] = mapped_column(state_type(Decision, name="decision"))
    message: Mapped[str] = mapped_column(PrivateText, default="")
    reviewed_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    reviewed_at: Mapped[datetime]

    comments: Mapped[list["ReviewComment"]] = relationship(
        back_populates="review", order_by="ReviewComment.question_id"
    )


class ReviewComment(Base):
    """What the reader asks about one question; the supplier sees it beside that question."""

    __tablename__ = "review_comment"
    __table_args__ = (UniqueConstraint("review_id", "question_id"),)
    __append_only__ = True

    review_id: Mapped[int] = mapped_column(ForeignKey("review.id"))
    question_id: Mapped[int] = mapped_column(ForeignKey("question.id"))
    comment: Mapped[str] = mapped_column(PrivateText)

    review: Mapped[Review] = relationship(back_populates="comments")
