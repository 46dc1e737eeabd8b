"""A supplier's word that it does not answer this time, and how that ended if it did."""

import enum
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from assessments.models.base import Base, PrivateText, public_id_column, state_type
from assessments.models.party import User


class DeclineReason(enum.StrEnum):
    """別の形で回答済み, 取引がない, 会社が違う, 手が回らない（話したい）, その他."""

    ANSWERED_ELSEWHERE = "answered_elsewhere"
    NO_LONGER_TRADING = "no_longer_trading"
    WRONG_COMPANY = "wrong_company"
    OVERLOADED = "overloaded"
    OTHER = "other"


class DeclineEnd(enum.StrEnum):
    """取引先が取り消した, こちらからもう一度お願いした."""

    TAKEN_BACK = "taken_back"
    ASKED_AGAIN = "asked_again"


class Decline(Base):
    """One time a supplier declined; it stands until it ends. Never an input to a score or held against it."""

    __tablename__ = "decline"
    __table_args__ = (
        UniqueConstraint("assessment_id", "number"),
        ForeignKeyConstraint(["assessment_id", "supplier_id"], ["assessment.id", "assessment.supplier_id"]),
        CheckConstraint("(ending IS NULL) = (ended_at IS NULL)", name="ending_has_a_time"),
        CheckConstraint("(ended_by_id IS NULL) = (ended_at IS NULL)", name="ending_is_somebody_s"),
        CheckConstraint("number >= 1", name="number_from_1"),
    )

    public_id: Mapped[str] = public_id_column()
    assessment_id: Mapped[int]
    supplier_id: Mapped[int] = mapped_column(index=True)
    number: Mapped[int]
    reason: Mapped[DeclineReason] = mapped_column(state_type(DeclineReason, name="reason"))
    remark: Mapped[str] = mapped_column(PrivateText, default="")
    declined_at: Mapped[datetime]
    declined_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    ending: Mapped[DeclineEnd | None] = mapped_column(state_type(DeclineEnd, name="ending"))
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))

    declined_by: Mapped[User] = relationship(foreign_keys=[declined_by_id])
    ended_by: Mapped[User | None] = relationship(foreign_keys=[ended_by_id])
