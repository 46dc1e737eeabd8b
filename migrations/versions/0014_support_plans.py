"""Add plans for the buyer's own support budget, and what came out of them."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "support_plan",
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("budget_yen", sa.BigInteger(), nullable=False),
        sa.Column("day_yen", sa.BigInteger(), nullable=False),
        sa.Column("without_subscription", sa.Boolean(), nullable=False),
        sa.Column("unit_ids", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("requested_by_id", sa.Integer(), nullable=True),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "budget_yen >= 0 AND day_yen >= 0", name=op.f("ck_support_plan_yen_are_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["requested_by_id"], ["user_account.id"], name=op.f("fk_support_plan_requested_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_support_plan")),
        sa.UniqueConstraint("public_id", name=op.f("uq_support_plan_public_id")),
    )
    op.create_table(
        "support_plan_result",
        sa.Column("support_plan_id", sa.Integer(), nullable=False),
        sa.Column("scoring_checksum", sa.String(), nullable=False),
        sa.Column("constants_checksum", sa.String(), nullable=False),
        sa.Column("reckoned_on", sa.Date(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("unanswered", sa.Integer(), nullable=False),
        sa.Column("ungraded", sa.Integer(), nullable=False),
        sa.Column("missing", sa.BigInteger(), nullable=False),
        sa.Column("bound", sa.BigInteger(), nullable=False),
        sa.Column("measures", sa.JSON(), nullable=False),
        sa.Column("curve", sa.JSON(), nullable=False),
        sa.Column("supplier_ids", sa.LargeBinary(), nullable=False),
        sa.Column("inherent", sa.LargeBinary(), nullable=False),
        sa.Column("gained", sa.LargeBinary(), nullable=False),
        sa.Column("chosen", sa.LargeBinary(), nullable=False),
        sa.Column("yen", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["support_plan_id"], ["support_plan.id"], name=op.f("fk_support_plan_result_support_plan_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_support_plan_result")),
        sa.UniqueConstraint("support_plan_id", name=op.f("uq_support_plan_result_support_plan_id")),
    )


def downgrade() -> None:
    """Drop them, the result first."""
    op.drop_table("support_plan_result")
    op.drop_table("support_plan")
