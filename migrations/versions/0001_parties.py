"""Add the buyer, its units and users, suppliers, contacts and relationships."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    _create_organisation()
    _create_business_unit()
    _create_supplier()
    _create_user_account()
    _create_contact()
    _create_relationship()
    _create_membership()


def downgrade() -> None:
    """Drop them, children first."""
    op.drop_table("membership")
    op.drop_table("relationship")
    op.drop_table("contact")
    op.drop_table("user_account")
    op.drop_table("supplier")
    op.drop_table("business_unit")
    op.drop_table("organisation")


def _create_organisation() -> None:
    op.create_table(
        "organisation",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("time_zone", sa.String(), nullable=False),
        sa.Column("privacy_contact", sa.String(), nullable=False),
        sa.Column("complaint_contact", sa.String(), nullable=False),
        sa.Column("genuine_contact", sa.String(), nullable=False),
        sa.Column("retention_years", sa.Integer(), nullable=False),
        sa.Column("needs_campaign_approval", sa.Boolean(), nullable=False),
        sa.Column("yearly_capacity", sa.Integer(), nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
    )


def _create_business_unit() -> None:
    op.create_table(
        "business_unit",
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("is_whole_company", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_business_unit")),
        sa.UniqueConstraint("name", name=op.f("uq_business_unit_name")),
        sa.UniqueConstraint("public_id", name=op.f("uq_business_unit_public_id")),
    )


def _create_supplier() -> None:
    op.create_table(
        "supplier",
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("code", sa.String(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kana", sa.String(), nullable=False),
        sa.Column("corporate_number", sa.String(), nullable=True),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("industry", sa.String(), nullable=True),
        sa.Column("prefecture", sa.String(), nullable=True),
        sa.Column("employees", sa.Integer(), nullable=True),
        sa.Column("capital", sa.BigInteger(), nullable=True),
        sa.Column("search_text", sa.String(), nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("capital >= 0", name=op.f("ck_supplier_capital_not_negative")),
        sa.CheckConstraint("employees >= 0", name=op.f("ck_supplier_employees_not_negative")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supplier")),
        sa.UniqueConstraint("code", name=op.f("uq_supplier_code")),
        sa.UniqueConstraint("public_id", name=op.f("uq_supplier_public_id")),
    )
    op.create_index(
        "ix_supplier_corporate_number_site", "supplier", ["corporate_number", "site"], unique=False
    )
    op.create_index(op.f("ix_supplier_industry"), "supplier", ["industry"], unique=False)
    op.create_index(op.f("ix_supplier_name"), "supplier", ["name"], unique=False)
    op.create_index(op.f("ix_supplier_prefecture"), "supplier", ["prefecture"], unique=False)
    op.create_index("ix_supplier_updated_at", "supplier", ["updated_at"], unique=False)


def _create_user_account() -> None:
    op.create_table(
        "user_account",
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("department", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=True),
        sa.Column("totp_secret", sa.String(), nullable=True),
        sa.Column("totp_last_step", sa.Integer(), nullable=True),
        sa.Column("enrolment", sa.Integer(), nullable=False),
        sa.Column("enrolment_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("suspended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_account")),
        sa.UniqueConstraint("email", name=op.f("uq_user_account_email")),
        sa.UniqueConstraint("public_id", name=op.f("uq_user_account_public_id")),
    )


def _create_contact() -> None:
    op.create_table(
        "contact",
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("supplier_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("department", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["supplier_id"], ["supplier.id"], name=op.f("fk_contact_supplier_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
        sa.UniqueConstraint("id", "supplier_id", name=op.f("uq_contact_id_supplier_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_contact_public_id")),
    )
    op.create_index(op.f("ix_contact_email"), "contact", ["email"], unique=False)
    op.create_index(op.f("ix_contact_supplier_id"), "contact", ["supplier_id"], unique=False)


def _create_relationship() -> None:
    op.create_table(
        "relationship",
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("supplier_id", sa.Integer(), nullable=False),
        sa.Column("business_unit_id", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("owner_name", sa.String(), nullable=False),
        sa.Column("transaction_kind", sa.String(), nullable=True),
        sa.Column("confidentiality", sa.Integer(), nullable=True),
        sa.Column("continuity", sa.Integer(), nullable=True),
        sa.Column("connectivity", sa.Integer(), nullable=True),
        sa.Column("spend", sa.BigInteger(), nullable=True),
        sa.Column("tier", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "confidentiality BETWEEN 1 AND 5", name=op.f("ck_relationship_confidentiality_1_to_5")
        ),
        sa.CheckConstraint("connectivity BETWEEN 1 AND 5", name=op.f("ck_relationship_connectivity_1_to_5")),
        sa.CheckConstraint("continuity BETWEEN 1 AND 5", name=op.f("ck_relationship_continuity_1_to_5")),
        sa.CheckConstraint("spend >= 0", name=op.f("ck_relationship_spend_not_negative")),
        sa.CheckConstraint("tier >= 1", name=op.f("ck_relationship_tier_from_1")),
        sa.ForeignKeyConstraint(
            ["business_unit_id"], ["business_unit.id"], name=op.f("fk_relationship_business_unit_id")
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["user_account.id"], name=op.f("fk_relationship_owner_id")),
        sa.ForeignKeyConstraint(["supplier_id"], ["supplier.id"], name=op.f("fk_relationship_supplier_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_relationship")),
        sa.UniqueConstraint("public_id", name=op.f("uq_relationship_public_id")),
        sa.UniqueConstraint(
            "supplier_id", "business_unit_id", name=op.f("uq_relationship_supplier_id_business_unit_id")
        ),
    )
    op.create_index(
        op.f("ix_relationship_business_unit_id"), "relationship", ["business_unit_id"], unique=False
    )
    op.create_index(op.f("ix_relationship_owner_id"), "relationship", ["owner_id"], unique=False)


def _create_membership() -> None:
    op.create_table(
        "membership",
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "procurement",
                "risk",
                "legal",
                "auditor",
                "admin",
                "viewer",
                "respondent",
                "approver",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("business_unit_id", sa.Integer(), nullable=True),
        sa.Column("supplier_id", sa.Integer(), nullable=True),
        sa.Column("granted_by_id", sa.Integer(), nullable=True),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(role IN ('respondent', 'approver')) = (supplier_id IS NOT NULL)",
            name=op.f("ck_membership_supplier_roles_name_a_supplier"),
        ),
        sa.CheckConstraint(
            "business_unit_id IS NULL OR supplier_id IS NULL", name=op.f("ck_membership_one_side_only")
        ),
        sa.ForeignKeyConstraint(
            ["business_unit_id"], ["business_unit.id"], name=op.f("fk_membership_business_unit_id")
        ),
        sa.ForeignKeyConstraint(["granted_by_id"], ["user_account.id"], name="fk_membership_granted_by_id"),
        sa.ForeignKeyConstraint(["supplier_id"], ["supplier.id"], name=op.f("fk_membership_supplier_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_membership_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership")),
        sa.UniqueConstraint("public_id", name=op.f("uq_membership_public_id")),
        sa.UniqueConstraint(
            "user_id",
            "role",
            "business_unit_id",
            "supplier_id",
            name=op.f("uq_membership_user_id_role_business_unit_id_supplier_id"),
        ),
    )
    op.create_index(op.f("ix_membership_supplier_id"), "membership", ["supplier_id"], unique=False)
    op.create_index(op.f("ix_membership_user_id"), "membership", ["user_id"], unique=False)
