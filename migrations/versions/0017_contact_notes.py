"""Add the buyer's notes about its contacts with suppliers."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "contact_note",
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("supplier_id", sa.Integer(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column(
            "channel",
            sa.Enum(
                "phone",
                "mail",
                "visit",
                name="channel",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("next_on", sa.Date(), nullable=True),
        sa.Column("corrects_id", sa.Integer(), nullable=True),
        sa.Column("written_by_id", sa.Integer(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["corrects_id", "supplier_id"],
            ["contact_note.id", "contact_note.supplier_id"],
            name=op.f("fk_contact_note_corrects_id_supplier_id"),
        ),
        sa.ForeignKeyConstraint(["supplier_id"], ["supplier.id"], name=op.f("fk_contact_note_supplier_id")),
        sa.ForeignKeyConstraint(
            ["written_by_id"], ["user_account.id"], name=op.f("fk_contact_note_written_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_note")),
        sa.UniqueConstraint("corrects_id", name=op.f("uq_contact_note_corrects_id")),
        sa.UniqueConstraint("id", "supplier_id", name=op.f("uq_contact_note_id_supplier_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_contact_note_public_id")),
    )
    op.create_index(
        "ix_contact_note_supplier_id_happened_on",
        "contact_note",
        ["supplier_id", "happened_on"],
        unique=False,
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("contact_note")
