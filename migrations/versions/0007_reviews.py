"""Add reviews and consultations."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    _create_review()
    _create_review_comment()
    _create_consultation()


def downgrade() -> None:
    """Drop them, children first."""
    op.drop_table("consultation")
    op.drop_table("review_comment")
    op.drop_table("review")


def _create_review() -> None:
    op.create_table(
        "review",
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("supplier_id", sa.Integer(), nullable=False),
        sa.Column(
            "decision",
            sa.Enum(
                "accepted", "returned", name="decision", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("reviewed_by_id", sa.Integer(), nullable=False),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assessment_id", "supplier_id"],
            ["assessment.id", "assessment.supplier_id"],
            name=op.f("fk_review_assessment_id_supplier_id"),
        ),
        sa.ForeignKeyConstraint(
            ["reviewed_by_id"], ["user_account.id"], name=op.f("fk_review_reviewed_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["submission_id", "supplier_id"],
            ["submission.id", "submission.supplier_id"],
            name=op.f("fk_review_submission_id_supplier_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review")),
        sa.UniqueConstraint("id", "supplier_id", name=op.f("uq_review_id_supplier_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_review_public_id")),
        sa.UniqueConstraint("submission_id", name=op.f("uq_review_submission_id")),
    )
    op.create_index(op.f("ix_review_assessment_id"), "review", ["assessment_id"], unique=False)


def _create_review_comment() -> None:
    op.create_table(
        "review_comment",
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["question_id"], ["question.id"], name=op.f("fk_review_comment_question_id")),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name=op.f("fk_review_comment_review_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_comment")),
        sa.UniqueConstraint("review_id", "question_id", name=op.f("uq_review_comment_review_id_question_id")),
    )


def _create_consultation() -> None:
    op.create_table(
        "consultation",
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("supplier_id", sa.Integer(), nullable=False),
        sa.Column("assessment_id", sa.Integer(), nullable=True),
        sa.Column(
            "topic",
            sa.Enum(
                "cost",
                "timing",
                "measure",
                "other",
                name="topic",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("opened_by_id", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_by_id", sa.Integer(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(answered_at IS NULL) = (answer = '')", name=op.f("ck_consultation_answer_has_a_time")
        ),
        sa.ForeignKeyConstraint(
            ["answered_by_id"], ["user_account.id"], name=op.f("fk_consultation_answered_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["assessment_id", "supplier_id"],
            ["assessment.id", "assessment.supplier_id"],
            name=op.f("fk_consultation_assessment_id_supplier_id"),
        ),
        sa.ForeignKeyConstraint(
            ["opened_by_id"], ["user_account.id"], name=op.f("fk_consultation_opened_by_id")
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["user_account.id"], name=op.f("fk_consultation_owner_id")),
        sa.ForeignKeyConstraint(["supplier_id"], ["supplier.id"], name=op.f("fk_consultation_supplier_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consultation")),
        sa.UniqueConstraint("public_id", name=op.f("uq_consultation_public_id")),
    )
    op.create_index(op.f("ix_consultation_owner_id"), "consultation", ["owner_id"], unique=False)
    op.create_index(op.f("ix_consultation_supplier_id"), "consultation", ["supplier_id"], unique=False)
