"""Add notices before an invitation, and the numbers by which suppliers check that it is genuine."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "advance_notice",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("business_days", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "business_days BETWEEN 1 AND 5", name=op.f("ck_advance_notice_business_days_1_to_5")
        ),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_advance_notice_campaign_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_advance_notice")),
        sa.UniqueConstraint("campaign_id", name=op.f("uq_advance_notice_campaign_id")),
    )
    op.create_table(
        "genuine_number",
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("supplier_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assessment_id", "supplier_id"],
            ["assessment.id", "assessment.supplier_id"],
            name=op.f("fk_genuine_number_assessment_id_supplier_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_genuine_number")),
        sa.UniqueConstraint("assessment_id", name=op.f("uq_genuine_number_assessment_id")),
        sa.UniqueConstraint("number", name=op.f("uq_genuine_number_number")),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("genuine_number")
    op.drop_table("advance_notice")
