"""Scoring anew what was submitted: each run, and who moved in it and why."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from assessments.models.base import Base, public_id_column


class Rescoring(Base):
    """One run over all current results; how far it is stands in its Job, whose subject it is."""

    __tablename__ = "rescoring"
    __append_only__ = True

    public_id: Mapped[str] = public_id_column()
    requested_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    requested_at: Mapped[datetime]


class RescoringMove(Base):
    """A result whose level or self-check score moved: the new snapshot, the one before it, and why.

    `levels` are [level before, level after] by set that moved (axis, lens or domain), null for none; the
    self-check scores stand in the snapshots. `causes` are constants with what they were and became, or
    `questionnaire`. Bands are those of the supplier's highest priority, null without one. The buyer's alone.
    """

    __tablename__ = "rescoring_move"
    __table_args__ = (
        UniqueConstraint("rescoring_id", "result_id"),
        ForeignKeyConstraint(
            ["result_id", "supplier_id"], ["assessment_result.id", "assessment_result.supplier_id"]
        ),
        ForeignKeyConstraint(
            ["before_id", "supplier_id"], ["assessment_result.id", "assessment_result.supplier_id"]
        ),
    )
    __append_only__ = True

    rescoring_id: Mapped[int] = mapped_column(ForeignKey("rescoring.id"))
    result_id: Mapped[int]
    before_id: Mapped[int]
    supplier_id: Mapped[int]
    levels: Mapped[dict[str, Any]] = mapped_column("axes", JSON)
    causes: Mapped[list[Any]] = mapped_column(JSON)
    band_before: Mapped[str | None]
    band_after: Mapped[str | None]
