"""Add the pace of mail by domain, and how a person settled mails whose end was not known."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "mail_pace",
        sa.Column("domain", sa.String(), nullable=False),
        sa.Column("free_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("promised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_pace")),
        sa.UniqueConstraint("domain", name=op.f("uq_mail_pace_domain")),
    )
    op.create_table(
        "message_settlement",
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column(
            "verdict",
            sa.Enum(
                "delivered",
                "sent_again",
                name="verdict",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("successor_id", sa.Integer(), nullable=True),
        sa.Column("settled_by_id", sa.Integer(), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(verdict = 'sent_again') = (successor_id IS NOT NULL)",
            name=op.f("ck_message_settlement_sent_again_has_a_successor"),
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_message_settlement_message_id")
        ),
        sa.ForeignKeyConstraint(
            ["settled_by_id"], ["user_account.id"], name=op.f("fk_message_settlement_settled_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["successor_id"], ["message.id"], name=op.f("fk_message_settlement_successor_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_settlement")),
        sa.UniqueConstraint("message_id", name=op.f("uq_message_settlement_message_id")),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("message_settlement")
    op.drop_table("mail_pace")
