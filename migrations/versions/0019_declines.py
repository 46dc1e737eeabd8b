"""Add a supplier's word that it does not answer this time."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "decline",
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("supplier_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "reason",
            sa.Enum(
                "answered_elsewhere",
                "no_longer_trading",
                "wrong_company",
                "overloaded",
                "other",
                name="reason",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("declined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("declined_by_id", sa.Integer(), nullable=False),
        sa.Column(
            "ending",
            sa.Enum(
                "taken_back",
                "asked_again",
                name="ending",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by_id", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(ending IS NULL) = (ended_at IS NULL)", name=op.f("ck_decline_ending_has_a_time")
        ),
        sa.CheckConstraint(
            "(ended_by_id IS NULL) = (ended_at IS NULL)", name=op.f("ck_decline_ending_is_somebody_s")
        ),
        sa.CheckConstraint("number >= 1", name=op.f("ck_decline_number_from_1")),
        sa.ForeignKeyConstraint(
            ["assessment_id", "supplier_id"],
            ["assessment.id", "assessment.supplier_id"],
            name=op.f("fk_decline_assessment_id_supplier_id"),
        ),
        sa.ForeignKeyConstraint(
            ["declined_by_id"], ["user_account.id"], name=op.f("fk_decline_declined_by_id")
        ),
        sa.ForeignKeyConstraint(["ended_by_id"], ["user_account.id"], name=op.f("fk_decline_ended_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decline")),
        sa.UniqueConstraint("assessment_id", "number", name=op.f("uq_decline_assessment_id_number")),
        sa.UniqueConstraint("public_id", name=op.f("uq_decline_public_id")),
    )
    op.create_index("ix_decline_supplier_id", "decline", ["supplier_id"], unique=False)


def downgrade() -> None:
    """Drop it."""
    op.drop_table("decline")
