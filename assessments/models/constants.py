"""What the buyer decided about the model: its own constants, and the star expected of a relationship."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from assessments.models.base import Base, PrivateText, public_id_column
from assessments.models.party import User


class ConstantsChoice(Base):
    """Constants the buyer chose, by name as in the model's content; the newest row holds.

    `chosen` names those that differ from the shipped ones, and is empty (its checksum too) where all are as
    shipped. `decided_by` is a person or a board in the buyer's words.
    """

    __tablename__ = "constants_choice"
    __append_only__ = True

    public_id: Mapped[str] = public_id_column()
    chosen: Mapped[dict[str, Any]] = mapped_column(JSON)
    checksum: Mapped[str] = mapped_column(index=True)
    decided_by: Mapped[str] = mapped_column(PrivateText)
    decided_on: Mapped[date]
    reason: Mapped[str] = mapped_column(PrivateText)
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    recorded_at: Mapped[datetime]

    recorded_by: Mapped[User] = relationship()


class StarOverride(Base):
    """The star the buyer expects of a relationship in place of the reckoned one; the newest row holds.

    No star: taken back. The buyer's alone: no supplier's page shows it.
    """

    __tablename__ = "star_override"
    __table_args__ = (
        ForeignKeyConstraint(
            ["supplier_id", "business_unit_id"], ["relationship.supplier_id", "relationship.business_unit_id"]
        ),
        CheckConstraint("star IN (3, 4)", name="star_3_or_4"),
        Index("ix_star_override_supplier_id_business_unit_id", "supplier_id", "business_unit_id"),
    )
    __append_only__ = True

    public_id: Mapped[str] = public_id_column()
    supplier_id: Mapped[int]
    business_unit_id: Mapped[int]
    star: Mapped[int | None]
    reason: Mapped[str] = mapped_column(PrivateText)
    decided_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    decided_at: Mapped[datetime]

    decided_by: Mapped[User] = relationship()
