"""Add the course of a campaign over time, its history, and the buyer's office hours."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "office_hours",
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("opens_at", sa.Time(), nullable=False),
        sa.Column("closes_at", sa.Time(), nullable=False),
        sa.Column("rests_at_new_year", sa.Boolean(), nullable=False),
        sa.Column("breaks", sa.JSON(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("opens_at < closes_at", name=op.f("ck_office_hours_opens_before_it_closes")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_office_hours_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_office_hours")),
        sa.UniqueConstraint("organisation_id", name=op.f("uq_office_hours_organisation_id")),
    )
    op.create_table(
        "campaign_course",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("scheduled_by_id", sa.Integer(), nullable=True),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("per_day", sa.Integer(), nullable=True),
        sa.Column("reminds", sa.Boolean(), nullable=False),
        sa.Column("first_after", sa.Integer(), nullable=False),
        sa.Column("then_every", sa.Integer(), nullable=False),
        sa.Column("at_most", sa.Integer(), nullable=False),
        sa.Column("final_before", sa.Integer(), nullable=True),
        sa.Column("tells_owner", sa.Boolean(), nullable=False),
        sa.Column("is_yearly", sa.Boolean(), nullable=False),
        sa.Column("follows_id", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("final_before >= 1", name=op.f("ck_campaign_course_final_from_1")),
        sa.CheckConstraint(
            "first_after >= 1 AND then_every >= 1 AND at_most >= 1",
            name=op.f("ck_campaign_course_reminders_from_1"),
        ),
        sa.CheckConstraint("per_day >= 1", name=op.f("ck_campaign_course_per_day_from_1")),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_campaign_course_campaign_id")
        ),
        sa.ForeignKeyConstraint(["follows_id"], ["campaign.id"], name=op.f("fk_campaign_course_follows_id")),
        sa.ForeignKeyConstraint(
            ["scheduled_by_id"], ["user_account.id"], name=op.f("fk_campaign_course_scheduled_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_course")),
        sa.UniqueConstraint("campaign_id", name=op.f("uq_campaign_course_campaign_id")),
        sa.UniqueConstraint("follows_id", name=op.f("uq_campaign_course_follows_id")),
    )
    op.create_table(
        "campaign_step",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "requested",
                "approved",
                "sent_back",
                "scheduled",
                "unscheduled",
                "not_started",
                "opened",
                "paused",
                "resumed",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["user_account.id"], name=op.f("fk_campaign_step_by_id")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_campaign_step_campaign_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_step")),
    )
    op.create_index("ix_campaign_step_campaign_id", "campaign_step", ["campaign_id"], unique=False)


def downgrade() -> None:
    """Drop them, children first."""
    op.drop_table("campaign_step")
    op.drop_table("campaign_course")
    op.drop_table("office_hours")
