"""Add runs of scoring anew, and who moved in them."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "rescoring",
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("requested_by_id", sa.Integer(), nullable=True),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["requested_by_id"], ["user_account.id"], name=op.f("fk_rescoring_requested_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rescoring")),
        sa.UniqueConstraint("public_id", name=op.f("uq_rescoring_public_id")),
    )
    op.create_table(
        "rescoring_move",
        sa.Column("rescoring_id", sa.Integer(), nullable=False),
        sa.Column("result_id", sa.Integer(), nullable=False),
        sa.Column("before_id", sa.Integer(), nullable=False),
        sa.Column("supplier_id", sa.Integer(), nullable=False),
        sa.Column("axes", sa.JSON(), nullable=False),
        sa.Column("causes", sa.JSON(), nullable=False),
        sa.Column("band_before", sa.String(), nullable=True),
        sa.Column("band_after", sa.String(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["before_id", "supplier_id"],
            ["assessment_result.id", "assessment_result.supplier_id"],
            name=op.f("fk_rescoring_move_before_id_supplier_id"),
        ),
        sa.ForeignKeyConstraint(
            ["rescoring_id"], ["rescoring.id"], name=op.f("fk_rescoring_move_rescoring_id")
        ),
        sa.ForeignKeyConstraint(
            ["result_id", "supplier_id"],
            ["assessment_result.id", "assessment_result.supplier_id"],
            name=op.f("fk_rescoring_move_result_id_supplier_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rescoring_move")),
        sa.UniqueConstraint(
            "rescoring_id", "result_id", name=op.f("uq_rescoring_move_rescoring_id_result_id")
        ),
    )


def downgrade() -> None:
    """Drop them, children first."""
    op.drop_table("rescoring_move")
    op.drop_table("rescoring")
