"""Add the stars that the buyer expects in place of the reckoned ones."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "star_override",
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("supplier_id", sa.Integer(), nullable=False),
        sa.Column("business_unit_id", sa.Integer(), nullable=False),
        sa.Column("star", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("star IN (3, 4)", name=op.f("ck_star_override_star_3_or_4")),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["user_account.id"], name=op.f("fk_star_override_decided_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id", "business_unit_id"],
            ["relationship.supplier_id", "relationship.business_unit_id"],
            name=op.f("fk_star_override_supplier_id_business_unit_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_star_override")),
        sa.UniqueConstraint("public_id", name=op.f("uq_star_override_public_id")),
    )
    op.create_index(
        "ix_star_override_supplier_id_business_unit_id",
        "star_override",
        ["supplier_id", "business_unit_id"],
        unique=False,
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("star_override")
