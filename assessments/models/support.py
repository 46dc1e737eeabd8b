"""Plans for the buyer's own support budget: what was asked for, and what came out. The buyer's alone."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from assessments.models.base import Base, public_id_column


class SupportPlan(Base):
    """A plan asked for; how far it is stands in its newest Job, whose subject it is.

    `unit_ids` are the rows of the units whose suppliers it is about, null for all. Yen are whole; a
    person-day counts as `day_yen`.
    """

    __tablename__ = "support_plan"
    __table_args__ = (CheckConstraint("budget_yen >= 0 AND day_yen >= 0", name="yen_are_not_negative"),)
    __append_only__ = True

    public_id: Mapped[str] = public_id_column()
    budget_yen: Mapped[int] = mapped_column(BigInteger)
    day_yen: Mapped[int] = mapped_column(BigInteger)
    without_subscription: Mapped[bool]
    unit_ids: Mapped[list[int] | None] = mapped_column(JSON(none_as_null=True))
    requested_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    requested_at: Mapped[datetime]


class SupportPlanResult(Base):
    """What came out, packed: a place in each vector a supplier with a result and a priority.

    `supplier_ids` and `gained` are int64, `inherent` is int8, `chosen` one bit a supplier and measure by
    rows, `yen` int64 of the chosen ones in that order. `measures` are keys of the catalogue, `curve` rows of
    budget, spent, gained and the bound no choice can exceed; `missing` is what implementing every gap would
    gain.
    """

    __tablename__ = "support_plan_result"
    __table_args__ = (UniqueConstraint("support_plan_id"),)
    __append_only__ = True

    support_plan_id: Mapped[int] = mapped_column(ForeignKey("support_plan.id"))
    scoring_checksum: Mapped[str]
    constants_checksum: Mapped[str]
    reckoned_on: Mapped[date]
    made_at: Mapped[datetime]
    unanswered: Mapped[int]
    ungraded: Mapped[int]
    missing: Mapped[int] = mapped_column(BigInteger)
    bound: Mapped[int] = mapped_column(BigInteger)
    measures: Mapped[list[Any]] = mapped_column(JSON)
    curve: Mapped[list[Any]] = mapped_column(JSON)
    supplier_ids: Mapped[bytes] = mapped_column(LargeBinary)
    inherent: Mapped[bytes] = mapped_column(LargeBinary)
    gained: Mapped[bytes] = mapped_column(LargeBinary)
    chosen: Mapped[bytes] = mapped_column(LargeBinary)
    yen: Mapped[bytes] = mapped_column(LargeBinary)
