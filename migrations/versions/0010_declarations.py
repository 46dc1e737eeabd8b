"""Add what suppliers declared in SECURITY ACTION."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "security_action_declaration",
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("supplier_id", sa.Integer(), nullable=False),
        sa.Column("star", sa.Integer(), nullable=False),
        sa.Column("declaration_id", sa.String(length=11), nullable=False),
        sa.Column("declared_on", sa.Date(), nullable=True),
        sa.Column("policy_url", sa.String(length=500), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checked_by_id", sa.Integer(), nullable=True),
        sa.Column("checked_on", sa.Date(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        *_checks(),
        sa.ForeignKeyConstraint(
            ["checked_by_id"], ["user_account.id"], name=op.f("fk_security_action_declaration_checked_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"],
            ["user_account.id"],
            name=op.f("fk_security_action_declaration_recorded_by_id"),
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["supplier.id"], name=op.f("fk_security_action_declaration_supplier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_security_action_declaration")),
        sa.UniqueConstraint("id", "supplier_id", name=op.f("uq_security_action_declaration_id_supplier_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_security_action_declaration_public_id")),
    )
    op.create_index(
        op.f("ix_security_action_declaration_supplier_id"),
        "security_action_declaration",
        ["supplier_id"],
        unique=False,
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("security_action_declaration")


def _checks() -> list[sa.CheckConstraint]:
    conditions = {
        "star_is_none_one_or_two": "star IN (0, 1, 2)",
        "a_declared_star_has_a_day": "(star = 0) = (declared_on IS NULL)",
        "an_id_comes_with_a_star": "star > 0 OR declaration_id = ''",
        "a_check_has_a_day": "(checked_by_id IS NULL) = (checked_on IS NULL)",
    }
    return [
        sa.CheckConstraint(condition, name=op.f(f"ck_security_action_declaration_{name}"))
        for name, condition in conditions.items()
    ]
