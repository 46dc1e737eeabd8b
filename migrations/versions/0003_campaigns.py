"""Add campaigns."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    _create_campaign()


def downgrade() -> None:
    """Drop them, children first."""
    op.drop_table("campaign")


def _create_campaign() -> None:
    op.create_table(
        "campaign",
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("repeat_reason", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "awaiting_approval",
                "approved",
                "opening",
                "open",
                "closed",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approval_requested_by_id", sa.Integer(), nullable=True),
        sa.Column("approval", sa.String(), nullable=True),
        sa.Column("approved_by_id", sa.Integer(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approval_note", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'closed') = (closed_at IS NOT NULL)", name=op.f("ck_campaign_closed_has_a_time")
        ),
        sa.CheckConstraint(
            "(state IN ('open', 'closed')) <= (opened_at IS NOT NULL)",
            name=op.f("ck_campaign_open_has_a_time"),
        ),
        sa.CheckConstraint(
            "(approved_at IS NULL) = (approval IS NULL)", name=op.f("ck_campaign_approval_has_a_time")
        ),
        sa.ForeignKeyConstraint(
            ["approval_requested_by_id"],
            ["user_account.id"],
            name=op.f("fk_campaign_approval_requested_by_id"),
        ),
        sa.ForeignKeyConstraint(
            ["approved_by_id"], ["user_account.id"], name=op.f("fk_campaign_approved_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["user_account.id"], name=op.f("fk_campaign_created_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["questionnaire_version.id"], name=op.f("fk_campaign_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign")),
        sa.UniqueConstraint("public_id", name=op.f("uq_campaign_public_id")),
    )
