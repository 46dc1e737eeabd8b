"""What stands behind answers: references a reviewer judged, and what a third party or a visit confirmed."""

import enum
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from assessments.models.base import Base, PrivateText, public_id_column, state_type
from assessments.models.party import Supplier


class GivenBy(enum.StrEnum):
    """取引先 gave it, or a reader of the buyer wrote it down."""

    SUPPLIER = "supplier"
    BUYER = "buyer"


class Verdict(enum.StrEnum):
    """確認できました, まだ確認できていません, or taken back by the supplier."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class ConfirmationKind(enum.StrEnum):
    """認証などの証明書, 第三者の報告書, 当社の訪問."""

    CERTIFICATE = "certificate"
    REPORT = "report"
    VISIT = "visit"


class Evidence(Base):
    """A reference behind answers of a submission: what it is, where it can be seen, its dates."""

    __tablename__ = "evidence"
    __table_args__ = (
        UniqueConstraint("id", "supplier_id"),
        UniqueConstraint("id", "version_id"),
        ForeignKeyConstraint(["submission_id", "supplier_id"], ["submission.id", "submission.supplier_id"]),
        ForeignKeyConstraint(
            ["submission_id", "assessment_id"], ["submission.id", "submission.assessment_id"]
        ),
        ForeignKeyConstraint(["assessment_id", "version_id"], ["assessment.id", "assessment.version_id"]),
        CheckConstraint("valid_until IS NULL OR valid_until >= dated_on", name="valid_from_its_date"),
    )
    __append_only__ = True

    public_id: Mapped[str] = public_id_column()
    supplier_id: Mapped[int] = mapped_column(ForeignKey("supplier.id"), index=True)
    submission_id: Mapped[int]
    assessment_id: Mapped[int] = mapped_column(index=True)
    version_id: Mapped[int]
    title: Mapped[str] = mapped_column(PrivateText)
    whereabouts: Mapped[str] = mapped_column(PrivateText)
    note: Mapped[str] = mapped_column(PrivateText, default="")
    dated_on: Mapped[date]
    valid_until: Mapped[date | None]
    given_by: Mapped[GivenBy] = mapped_column(state_type(GivenBy, name="given_by"))
    given_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    given_at: Mapped[datetime]

    questions: Mapped[list["EvidenceQuestion"]] = relationship(
        back_populates="evidence", order_by="EvidenceQuestion.question_id"
    )
    judgements: Mapped[list["EvidenceJudgement"]] = relationship(
        back_populates="evidence", order_by="EvidenceJudgement.number"
    )


class EvidenceQuestion(Base):
    """A question that a reference backs."""

    __tablename__ = "evidence_question"
    __table_args__ = (
        UniqueConstraint("evidence_id", "question_id"),
        ForeignKeyConstraint(["evidence_id", "version_id"], ["evidence.id", "evidence.version_id"]),
        ForeignKeyConstraint(["question_id", "version_id"], ["question.id", "question.version_id"]),
    )
    __append_only__ = True

    evidence_id: Mapped[int]
    question_id: Mapped[int]
    version_id: Mapped[int]

    evidence: Mapped[Evidence] = relationship(back_populates="questions")


class EvidenceJudgement(Base):
    """What was decided about a reference; the newest holds. `valid_until` is the reviewer's own limit."""

    __tablename__ = "evidence_judgement"
    __table_args__ = (
        UniqueConstraint("evidence_id", "number"),
        ForeignKeyConstraint(["evidence_id", "supplier_id"], ["evidence.id", "evidence.supplier_id"]),
        CheckConstraint("(verdict = 'refused') <= (reason <> '')", name="refused_with_a_reason"),
    )
    __append_only__ = True

    evidence_id: Mapped[int]
    supplier_id: Mapped[int]
    number: Mapped[int]
    verdict: Mapped[Verdict] = mapped_column(state_type(Verdict, name="verdict"))
    reason: Mapped[str] = mapped_column(PrivateText, default="")
    valid_until: Mapped[date | None]
    judged_on: Mapped[date]
    judged_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    judged_at: Mapped[datetime]

    evidence: Mapped[Evidence] = relationship(back_populates="judgements")


class Confirmation(Base):
    """What somebody independent, or a visit of the buyer's, confirmed, and between which days it holds.

    `certificate` is a kind of the content, None for a visit. `note` is the buyer's alone.
    """

    __tablename__ = "confirmation"
    __table_args__ = (
        UniqueConstraint("id", "supplier_id"),
        UniqueConstraint("id", "version_id"),
        CheckConstraint("ends_on >= starts_on", name="ends_after_it_starts"),
        CheckConstraint("(kind = 'visit') = (certificate IS NULL)", name="a_visit_is_no_certificate"),
    )
    __append_only__ = True

    public_id: Mapped[str] = public_id_column()
    supplier_id: Mapped[int] = mapped_column(ForeignKey("supplier.id"), index=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("questionnaire_version.id"))
    kind: Mapped[ConfirmationKind] = mapped_column(state_type(ConfirmationKind, name="kind"))
    certificate: Mapped[str | None]
    reference: Mapped[str] = mapped_column(PrivateText)
    note: Mapped[str] = mapped_column(PrivateText, default="")
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    recorded_at: Mapped[datetime]

    supplier: Mapped[Supplier] = relationship()
    questions: Mapped[list["ConfirmationQuestion"]] = relationship(
        back_populates="confirmation", order_by="ConfirmationQuestion.question_id"
    )
    withdrawal: Mapped["ConfirmationWithdrawal | None"] = relationship(back_populates="confirmation")


class ConfirmationQuestion(Base):
    """A question that a confirmation covers."""

    __tablename__ = "confirmation_question"
    __table_args__ = (
        UniqueConstraint("confirmation_id", "question_id"),
        ForeignKeyConstraint(
            ["confirmation_id", "version_id"], ["confirmation.id", "confirmation.version_id"]
        ),
        ForeignKeyConstraint(["question_id", "version_id"], ["question.id", "question.version_id"]),
    )
    __append_only__ = True

    confirmation_id: Mapped[int]
    question_id: Mapped[int]
    version_id: Mapped[int]

    confirmation: Mapped[Confirmation] = relationship(back_populates="questions")


class ConfirmationWithdrawal(Base):
    """Why a confirmation no longer counts, for any submission."""

    __tablename__ = "confirmation_withdrawal"
    __table_args__ = (
        UniqueConstraint("confirmation_id"),
        ForeignKeyConstraint(
            ["confirmation_id", "supplier_id"], ["confirmation.id", "confirmation.supplier_id"]
        ),
    )
    __append_only__ = True

    confirmation_id: Mapped[int]
    supplier_id: Mapped[int]
    reason: Mapped[str] = mapped_column(PrivateText)
    withdrawn_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    withdrawn_at: Mapped[datetime]

    confirmation: Mapped[Confirmation] = relationship(back_populates="withdrawal")
