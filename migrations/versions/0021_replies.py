"""Let a contact note come from a supplier's reply by mail, which nobody at the buyer wrote, and only once."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Tell replies by a key of their own."""
    with op.batch_alter_table("contact_note") as table:
        table.add_column(sa.Column("reply_key", sa.String(), nullable=True))
        table.alter_column("written_by_id", existing_type=sa.Integer(), nullable=True)
        table.create_unique_constraint(op.f("uq_contact_note_reply_key"), ["reply_key"])
        table.create_check_constraint(
            op.f("ck_contact_note_is_somebody_s_or_a_reply"),
            "(written_by_id IS NULL) = (reply_key IS NOT NULL)",
        )


def downgrade() -> None:
    """Let every note have a writer again; replies go."""
    op.execute("DELETE FROM contact_note WHERE written_by_id IS NULL")
    with op.batch_alter_table("contact_note") as table:
        table.drop_constraint(op.f("ck_contact_note_is_somebody_s_or_a_reply"), type_="check")
        table.drop_constraint(op.f("uq_contact_note_reply_key"), type_="unique")
        table.alter_column("written_by_id", existing_type=sa.Integer(), nullable=False)
        table.drop_column("reply_key")
