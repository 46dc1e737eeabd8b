"""Add the buyer's own constants, and by which of them a result was scored."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table and the column; what stands was scored by the shipped constants."""
    op.create_table(
        "constants_choice",
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("chosen", sa.JSON(), nullable=False),
        sa.Column("checksum", sa.String(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["user_account.id"], name=op.f("fk_constants_choice_recorded_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_constants_choice")),
        sa.UniqueConstraint("public_id", name=op.f("uq_constants_choice_public_id")),
    )
    op.create_index(op.f("ix_constants_choice_checksum"), "constants_choice", ["checksum"], unique=False)
    op.add_column(
        "assessment_result", sa.Column("constants_checksum", sa.String(), server_default="", nullable=False)
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_column("assessment_result", "constants_checksum")
    op.drop_table("constants_choice")
