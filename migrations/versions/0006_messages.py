"""Add the outbox and the local mailbox."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    _create_message()
    _create_local_mail()


def downgrade() -> None:
    """Drop them, children first."""
    op.drop_table("local_mail")
    op.drop_table("message")


def _create_message() -> None:
    op.create_table(
        "message",
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("send_key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("lane", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "queued",
                "leased",
                "sending",
                "sent",
                "unknown",
                "failed",
                "cancelled",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("to_email", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("invitation_id", sa.Integer(), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("campaign_id", sa.Integer(), nullable=True),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_by", sa.String(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failure", sa.Text(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'sent') <= (sent_at IS NOT NULL)", name=op.f("ck_message_sent_has_a_time")
        ),
        sa.CheckConstraint(
            "(state IN ('leased', 'sending')) = (lease_until IS NOT NULL)",
            name=op.f("ck_message_lease_has_an_end"),
        ),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_message_campaign_id")),
        sa.ForeignKeyConstraint(["invitation_id"], ["invitation.id"], name=op.f("fk_message_invitation_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_message_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("public_id", name=op.f("uq_message_public_id")),
        sa.UniqueConstraint("send_key", name=op.f("uq_message_send_key")),
    )
    op.create_index(op.f("ix_message_campaign_id"), "message", ["campaign_id"], unique=False)
    op.create_index("ix_message_invitation_id_kind", "message", ["invitation_id", "kind"], unique=False)
    op.create_index("ix_message_state_lane_due_at", "message", ["state", "lane", "due_at"], unique=False)


def _create_local_mail() -> None:
    op.create_table(
        "local_mail",
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("to_email", sa.String(), nullable=False),
        sa.Column("reply_to", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_local_mail_message_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_local_mail")),
        sa.UniqueConstraint("public_id", name=op.f("uq_local_mail_public_id")),
    )
    op.create_index(op.f("ix_local_mail_sent_at"), "local_mail", ["sent_at"], unique=False)
    op.create_index(op.f("ix_local_mail_to_email"), "local_mail", ["to_email"], unique=False)
