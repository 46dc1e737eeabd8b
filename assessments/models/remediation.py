"""The talk about cost and timing that a supplier may open at any time; measures themselves are content."""

import enum
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from assessments.models.base import Base, PrivateText, public_id_column, state_type
from assessments.models.party import Supplier, User


class ConsultationTopic(enum.StrEnum):
    """費用, 時期, 対策の内容, その他."""

    COST = "cost"
    TIMING = "timing"
    MEASURE = "measure"
    OTHER = "other"


class Consultation(Base):
    """A case a supplier opened, with its owner at the buyer. Never an input to a score (TR09)."""

    __tablename__ = "consultation"
    __table_args__ = (
        ForeignKeyConstraint(["assessment_id", "supplier_id"], ["assessment.id", "assessment.supplier_id"]),
        CheckConstraint("(answered_at IS NULL) = (answer = '')", name="answer_has_a_time"),
    )

    public_id: Mapped[str] = public_id_column()
    supplier_id: Mapped[int] = mapped_column(ForeignKey("supplier.id"), index=True)
    assessment_id: Mapped[int | None]
    topic: Mapped[ConsultationTopic] = mapped_column(state_type(ConsultationTopic, name="topic"))
    message: Mapped[str] = mapped_column(PrivateText)
    opened_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    opened_at: Mapped[datetime]
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    answer: Mapped[str] = mapped_column(PrivateText, default="")
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    answered_at: Mapped[datetime | None]

    supplier: Mapped[Supplier] = relationship()
    opened_by: Mapped[User] = relationship(foreign_keys=[opened_by_id])
    owner: Mapped[User | None] = relationship(foreign_keys=[owner_id])
