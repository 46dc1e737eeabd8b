"""What tells a genuine request from a false one: the notice before it, and the number to check it by."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from assessments.models.base import Base


class AdvanceNotice(Base):
    """A campaign of which suppliers are told some business days before its invitation."""

    __tablename__ = "advance_notice"
    __table_args__ = (
        UniqueConstraint("campaign_id"),
        CheckConstraint("business_days BETWEEN 1 AND 5", name="business_days_1_to_5"),
    )

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    business_days: Mapped[int] = mapped_column(default=1)


class GenuineNumber(Base):
    """受付番号: stands in an assessment's mails; the buyer's own page tells by it that they are genuine.

    It opens nothing and names no supplier.
    """

    __tablename__ = "genuine_number"
    __table_args__ = (
        UniqueConstraint("number"),
        UniqueConstraint("assessment_id"),
        ForeignKeyConstraint(["assessment_id", "supplier_id"], ["assessment.id", "assessment.supplier_id"]),
    )
    __append_only__ = True

    number: Mapped[str]
    assessment_id: Mapped[int]
    supplier_id: Mapped[int]
    made_at: Mapped[datetime]
