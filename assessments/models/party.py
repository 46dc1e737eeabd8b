"""Who takes part: the buyer, its units and users; the suppliers, their contacts, what we have with them."""

import enum
from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from assessments.models.base import Base, PrivateText, public_id_column, state_type


class Role(enum.StrEnum):
    """What a membership allows; the last two belong to a supplier."""

    PROCUREMENT = "procurement"
    RISK = "risk"
    LEGAL = "legal"
    AUDITOR = "auditor"
    ADMIN = "admin"
    VIEWER = "viewer"
    RESPONDENT = "respondent"
    APPROVER = "approver"


class Organisation(Base):
    """The one buyer of this installation: names, sender, privacy notice, calendar and limits."""

    __tablename__ = "organisation"

    name: Mapped[str]
    name_en: Mapped[str]
    time_zone: Mapped[str] = mapped_column(default="Asia/Tokyo")
    privacy_contact: Mapped[str]
    complaint_contact: Mapped[str]
    genuine_contact: Mapped[str]
    retention_years: Mapped[int] = mapped_column(default=5)
    needs_campaign_approval: Mapped[bool] = mapped_column(default=True)
    yearly_capacity: Mapped[int] = mapped_column(default=30)
    is_demo: Mapped[bool] = mapped_column(default=False)


class BusinessUnit(Base):
    """A unit of the buyer; the one whose `is_whole_company` is true stands for 全社."""

    __tablename__ = "business_unit"
    __table_args__ = (UniqueConstraint("name"),)

    public_id: Mapped[str] = public_id_column()
    name: Mapped[str]
    is_whole_company: Mapped[bool] = mapped_column(default=False)


class Supplier(Base):
    """A third party in the register. `search_text` is the folded name, kana, code and number."""

    __tablename__ = "supplier"
    __table_args__ = (
        UniqueConstraint("code"),
        CheckConstraint("employees >= 0", name="employees_not_negative"),
        CheckConstraint("capital >= 0", name="capital_not_negative"),
        Index("ix_supplier_corporate_number_site", "corporate_number", "site"),
        # The newest of these moments is asked for at every look at the chain.
        Index("ix_supplier_updated_at", "updated_at"),
    )

    public_id: Mapped[str] = public_id_column()
    code: Mapped[str | None]
    name: Mapped[str] = mapped_column(index=True)
    kana: Mapped[str] = mapped_column(default="")
    corporate_number: Mapped[str | None]
    site: Mapped[str] = mapped_column(default="")
    country: Mapped[str] = mapped_column(default="JP")
    industry: Mapped[str | None] = mapped_column(index=True)
    prefecture: Mapped[str | None] = mapped_column(index=True)
    employees: Mapped[int | None]
    capital: Mapped[int | None] = mapped_column(BigInteger)
    search_text: Mapped[str] = mapped_column(default="")
    is_demo: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    contacts: Mapped[list["Contact"]] = relationship(back_populates="supplier", order_by="Contact.id")
    relationships: Mapped[list["Relationship"]] = relationship(
        back_populates="supplier", order_by="Relationship.id"
    )


class Contact(Base):
    """Whom we write to at a supplier; the first by id that is not retired is the main one."""

    __tablename__ = "contact"
    __table_args__ = (UniqueConstraint("id", "supplier_id"),)

    public_id: Mapped[str] = public_id_column()
    supplier_id: Mapped[int] = mapped_column(ForeignKey("supplier.id"), index=True)
    name: Mapped[str] = mapped_column(default="")
    department: Mapped[str] = mapped_column(default="")
    email: Mapped[str | None] = mapped_column(index=True)
    phone: Mapped[str] = mapped_column(default="")
    language: Mapped[str] = mapped_column(default="ja")
    retired_at: Mapped[datetime | None]

    supplier: Mapped[Supplier] = relationship(back_populates="contacts")


class Relationship(Base):
    """What one unit of the buyer has with a supplier. The buyer's alone: no supplier's page shows it."""

    __tablename__ = "relationship"
    __table_args__ = (
        UniqueConstraint("supplier_id", "business_unit_id"),
        CheckConstraint("confidentiality BETWEEN 1 AND 5", name="confidentiality_1_to_5"),
        CheckConstraint("continuity BETWEEN 1 AND 5", name="continuity_1_to_5"),
        CheckConstraint("connectivity BETWEEN 1 AND 5", name="connectivity_1_to_5"),
        CheckConstraint("spend >= 0", name="spend_not_negative"),
        CheckConstraint("tier >= 1", name="tier_from_1"),
    )

    public_id: Mapped[str] = public_id_column()
    supplier_id: Mapped[int] = mapped_column(ForeignKey("supplier.id"))
    business_unit_id: Mapped[int] = mapped_column(ForeignKey("business_unit.id"), index=True)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    owner_name: Mapped[str] = mapped_column(default="")
    transaction_kind: Mapped[str | None]
    confidentiality: Mapped[int | None]
    continuity: Mapped[int | None]
    connectivity: Mapped[int | None]
    spend: Mapped[int | None] = mapped_column(BigInteger)
    tier: Mapped[int | None]
    note: Mapped[str] = mapped_column(PrivateText, default="")

    supplier: Mapped[Supplier] = relationship(back_populates="relationships")
    business_unit: Mapped[BusinessUnit] = relationship()
    owner: Mapped["User | None"] = relationship()


class User(Base):
    """A person, by normalised address; what they may do is in their memberships."""

    __tablename__ = "user_account"
    __table_args__ = (UniqueConstraint("email"),)

    public_id: Mapped[str] = public_id_column()
    email: Mapped[str]
    name: Mapped[str] = mapped_column(default="")
    department: Mapped[str] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(default="")
    language: Mapped[str] = mapped_column(default="ja")
    password_hash: Mapped[str | None]
    totp_secret: Mapped[str | None]
    totp_last_step: Mapped[int | None]
    enrolment: Mapped[int] = mapped_column(default=0)
    enrolment_expires_at: Mapped[datetime | None]
    suspended_at: Mapped[datetime | None]
    is_demo: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]

    memberships: Mapped[list["Membership"]] = relationship(
        back_populates="user", foreign_keys="Membership.user_id", order_by="Membership.id"
    )


class Membership(Base):
    """A role of a person: at the buyer (all units, or one), or at one supplier."""

    __tablename__ = "membership"
    __table_args__ = (
        CheckConstraint(
            "(role IN ('respondent', 'approver')) = (supplier_id IS NOT NULL)",
            name="supplier_roles_name_a_supplier",
        ),
        CheckConstraint("business_unit_id IS NULL OR supplier_id IS NULL", name="one_side_only"),
        ForeignKeyConstraint(["granted_by_id"], ["user_account.id"], name="fk_membership_granted_by_id"),
        UniqueConstraint("user_id", "role", "business_unit_id", "supplier_id"),
    )

    public_id: Mapped[str] = public_id_column()
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    role: Mapped[Role] = mapped_column(state_type(Role, name="role"))
    business_unit_id: Mapped[int | None] = mapped_column(ForeignKey("business_unit.id"))
    supplier_id: Mapped[int | None] = mapped_column(ForeignKey("supplier.id"), index=True)
    granted_by_id: Mapped[int | None]
    granted_at: Mapped[datetime]

    user: Mapped[User] = relationship(back_populates="memberships", foreign_keys=[user_id])
    business_unit: Mapped[BusinessUnit | None] = relationship()
    supplier: Mapped[Supplier | None] = relationship()
