"""Add invitations, sessions and sign-in codes."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    _create_invitation()
    _create_user_session()
    _create_sign_in_code()
    _create_sign_in_try()


def downgrade() -> None:
    """Drop them, children first."""
    op.drop_table("sign_in_try")
    op.drop_table("sign_in_code")
    op.drop_table("user_session")
    op.drop_table("invitation")


def _create_invitation() -> None:
    op.create_table(
        "invitation",
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("supplier_id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=True),
        sa.Column("delegated_from_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assessment_id", "supplier_id"],
            ["assessment.id", "assessment.supplier_id"],
            name=op.f("fk_invitation_assessment_id_supplier_id"),
        ),
        sa.ForeignKeyConstraint(
            ["contact_id", "supplier_id"],
            ["contact.id", "contact.supplier_id"],
            name=op.f("fk_invitation_contact_id_supplier_id"),
        ),
        sa.ForeignKeyConstraint(
            ["delegated_from_id", "supplier_id"],
            ["invitation.id", "invitation.supplier_id"],
            name=op.f("fk_invitation_delegated_from_id_supplier_id"),
        ),
        sa.ForeignKeyConstraint(["supplier_id"], ["supplier.id"], name=op.f("fk_invitation_supplier_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("id", "supplier_id", name=op.f("uq_invitation_id_supplier_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_invitation_public_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_invitation_token_hash")),
    )
    op.create_index("ix_invitation_assessment_id", "invitation", ["assessment_id"], unique=False)
    op.create_index("ix_invitation_opened_at", "invitation", ["opened_at"], unique=False)
    op.create_index("ix_invitation_supplier_id", "invitation", ["supplier_id"], unique=False)


def _create_user_session() -> None:
    op.create_table(
        "user_session",
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column(
            "side",
            sa.Enum("buyer", "supplier", name="side", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("supplier_id", sa.Integer(), nullable=True),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(side = 'supplier') = (supplier_id IS NOT NULL)",
            name=op.f("ck_user_session_supplier_side_has_supplier"),
        ),
        sa.ForeignKeyConstraint(["supplier_id"], ["supplier.id"], name=op.f("fk_user_session_supplier_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_user_session_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_user_session_token_hash")),
    )
    op.create_index(op.f("ix_user_session_user_id"), "user_session", ["user_id"], unique=False)


def _create_sign_in_code() -> None:
    op.create_table(
        "sign_in_code",
        sa.Column("invitation_id", sa.Integer(), nullable=False),
        sa.Column("counter", sa.Integer(), nullable=False),
        sa.Column("browser_hash", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["invitation_id"], ["invitation.id"], name=op.f("fk_sign_in_code_invitation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_code")),
        sa.UniqueConstraint("invitation_id", "counter", name=op.f("uq_sign_in_code_invitation_id_counter")),
    )


def _create_sign_in_try() -> None:
    op.create_table(
        "sign_in_try",
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_try")),
    )
    op.create_index("ix_sign_in_try_subject_tried_at", "sign_in_try", ["subject", "tried_at"], unique=False)
