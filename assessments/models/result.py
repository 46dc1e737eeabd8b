"""Scored snapshots of submissions; never edited, a new judgement makes a new row."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, ForeignKeyConstraint, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from assessments.models.base import Base, public_id_column


class AssessmentResult(Base):
    """The answers as packed int8 vectors over the scored questions in order, and what they score.

    `levels` and `scores` are by set name (domains, axes, lenses): 1-5 or null, and 0-100 or null.
    `reasons` (int8) and `supports` (little-endian uint16) pack what was said beside each answer: the place of
    the reason in the content's list from 1, 0 for none; a bit a wanted support in the order of its list.
    `constants_checksum` names the buyer's own constants it was scored with, blank for the shipped ones.
    """

    __tablename__ = "assessment_result"
    __table_args__ = (
        UniqueConstraint("submission_id", "judgement"),
        UniqueConstraint("id", "supplier_id"),
        ForeignKeyConstraint(["submission_id", "supplier_id"], ["submission.id", "submission.supplier_id"]),
        ForeignKeyConstraint(["assessment_id", "supplier_id"], ["assessment.id", "assessment.supplier_id"]),
        CheckConstraint("official_score BETWEEN -25 AND 100", name="official_score_range"),
    )
    __append_only__ = True

    public_id: Mapped[str] = public_id_column()
    submission_id: Mapped[int]
    assessment_id: Mapped[int] = mapped_column(index=True)
    supplier_id: Mapped[int] = mapped_column(index=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("questionnaire_version.id"))
    judgement: Mapped[int] = mapped_column(default=1)
    model: Mapped[str]
    scoring_checksum: Mapped[str]
    constants_checksum: Mapped[str] = mapped_column(default="", server_default="")
    codes: Mapped[bytes] = mapped_column(LargeBinary)
    assurance: Mapped[bytes] = mapped_column(LargeBinary)
    reasons: Mapped[bytes] = mapped_column(LargeBinary)
    supports: Mapped[bytes] = mapped_column(LargeBinary)
    levels: Mapped[dict[str, Any]] = mapped_column(JSON)
    scores: Mapped[dict[str, Any]] = mapped_column(JSON)
    official_score: Mapped[int | None]
    unknown_count: Mapped[int]
    absent_count: Mapped[int]
    submitted_at: Mapped[datetime]
    scored_at: Mapped[datetime]
