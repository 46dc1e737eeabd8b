"""Add evidence with its judgements, and confirmations."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    _create_confirmation()
    _create_confirmation_withdrawal()
    _create_confirmation_question()
    _create_evidence()
    _create_evidence_judgement()
    _create_evidence_question()


def downgrade() -> None:
    """Drop them, children first."""
    op.drop_table("evidence_question")
    op.drop_table("evidence_judgement")
    op.drop_table("evidence")
    op.drop_table("confirmation_question")
    op.drop_table("confirmation_withdrawal")
    op.drop_table("confirmation")


def _create_confirmation() -> None:
    op.create_table(
        "confirmation",
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("supplier_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "certificate",
                "report",
                "visit",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("certificate", sa.String(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'visit') = (certificate IS NULL)", name=op.f("ck_confirmation_a_visit_is_no_certificate")
        ),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_confirmation_ends_after_it_starts")),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["user_account.id"], name=op.f("fk_confirmation_recorded_by_id")
        ),
        sa.ForeignKeyConstraint(["supplier_id"], ["supplier.id"], name=op.f("fk_confirmation_supplier_id")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["questionnaire_version.id"], name=op.f("fk_confirmation_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_confirmation")),
        sa.UniqueConstraint("id", "supplier_id", name=op.f("uq_confirmation_id_supplier_id")),
        sa.UniqueConstraint("id", "version_id", name=op.f("uq_confirmation_id_version_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_confirmation_public_id")),
    )
    op.create_index(op.f("ix_confirmation_supplier_id"), "confirmation", ["supplier_id"], unique=False)


def _create_confirmation_withdrawal() -> None:
    op.create_table(
        "confirmation_withdrawal",
        sa.Column("confirmation_id", sa.Integer(), nullable=False),
        sa.Column("supplier_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("withdrawn_by_id", sa.Integer(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["confirmation_id", "supplier_id"],
            ["confirmation.id", "confirmation.supplier_id"],
            name=op.f("fk_confirmation_withdrawal_confirmation_id_supplier_id"),
        ),
        sa.ForeignKeyConstraint(
            ["withdrawn_by_id"], ["user_account.id"], name=op.f("fk_confirmation_withdrawal_withdrawn_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_confirmation_withdrawal")),
        sa.UniqueConstraint("confirmation_id", name=op.f("uq_confirmation_withdrawal_confirmation_id")),
    )


def _create_confirmation_question() -> None:
    op.create_table(
        "confirmation_question",
        sa.Column("confirmation_id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["confirmation_id", "version_id"],
            ["confirmation.id", "confirmation.version_id"],
            name=op.f("fk_confirmation_question_confirmation_id_version_id"),
        ),
        sa.ForeignKeyConstraint(
            ["question_id", "version_id"],
            ["question.id", "question.version_id"],
            name=op.f("fk_confirmation_question_question_id_version_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_confirmation_question")),
        sa.UniqueConstraint(
            "confirmation_id",
            "question_id",
            name=op.f("uq_confirmation_question_confirmation_id_question_id"),
        ),
    )


def _create_evidence() -> None:
    op.create_table(
        "evidence",
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("supplier_id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("whereabouts", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("dated_on", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column(
            "given_by",
            sa.Enum(
                "supplier", "buyer", name="given_by", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("given_by_id", sa.Integer(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "valid_until IS NULL OR valid_until >= dated_on", name=op.f("ck_evidence_valid_from_its_date")
        ),
        sa.ForeignKeyConstraint(
            ["assessment_id", "version_id"],
            ["assessment.id", "assessment.version_id"],
            name=op.f("fk_evidence_assessment_id_version_id"),
        ),
        sa.ForeignKeyConstraint(["given_by_id"], ["user_account.id"], name=op.f("fk_evidence_given_by_id")),
        sa.ForeignKeyConstraint(
            ["submission_id", "assessment_id"],
            ["submission.id", "submission.assessment_id"],
            name=op.f("fk_evidence_submission_id_assessment_id"),
        ),
        sa.ForeignKeyConstraint(
            ["submission_id", "supplier_id"],
            ["submission.id", "submission.supplier_id"],
            name=op.f("fk_evidence_submission_id_supplier_id"),
        ),
        sa.ForeignKeyConstraint(["supplier_id"], ["supplier.id"], name=op.f("fk_evidence_supplier_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
        sa.UniqueConstraint("id", "supplier_id", name=op.f("uq_evidence_id_supplier_id")),
        sa.UniqueConstraint("id", "version_id", name=op.f("uq_evidence_id_version_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_evidence_public_id")),
    )
    op.create_index(op.f("ix_evidence_assessment_id"), "evidence", ["assessment_id"], unique=False)
    op.create_index(op.f("ix_evidence_supplier_id"), "evidence", ["supplier_id"], unique=False)


def _create_evidence_judgement() -> None:
    op.create_table(
        "evidence_judgement",
        sa.Column("evidence_id", sa.Integer(), nullable=False),
        sa.Column("supplier_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "verdict",
            sa.Enum(
                "accepted",
                "refused",
                "withdrawn",
                name="verdict",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("judged_on", sa.Date(), nullable=False),
        sa.Column("judged_by_id", sa.Integer(), nullable=False),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(verdict = 'refused') <= (reason <> '')",
            name=op.f("ck_evidence_judgement_refused_with_a_reason"),
        ),
        sa.ForeignKeyConstraint(
            ["evidence_id", "supplier_id"],
            ["evidence.id", "evidence.supplier_id"],
            name=op.f("fk_evidence_judgement_evidence_id_supplier_id"),
        ),
        sa.ForeignKeyConstraint(
            ["judged_by_id"], ["user_account.id"], name=op.f("fk_evidence_judgement_judged_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_judgement")),
        sa.UniqueConstraint("evidence_id", "number", name=op.f("uq_evidence_judgement_evidence_id_number")),
    )


def _create_evidence_question() -> None:
    op.create_table(
        "evidence_question",
        sa.Column("evidence_id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["evidence_id", "version_id"],
            ["evidence.id", "evidence.version_id"],
            name=op.f("fk_evidence_question_evidence_id_version_id"),
        ),
        sa.ForeignKeyConstraint(
            ["question_id", "version_id"],
            ["question.id", "question.version_id"],
            name=op.f("fk_evidence_question_question_id_version_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_question")),
        sa.UniqueConstraint(
            "evidence_id", "question_id", name=op.f("uq_evidence_question_evidence_id_question_id")
        ),
    )
