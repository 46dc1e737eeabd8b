"""How a person got in: sessions, sign-in codes and the tries that are counted against abuse."""

import enum
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from assessments.models.base import Base, state_type
from assessments.models.campaign import Invitation
from assessments.models.party import Supplier, User


class Side(enum.StrEnum):
    """Which side of the house a session opens."""

    BUYER = "buyer"
    SUPPLIER = "supplier"


class UserSession(Base):
    """A session on the server: the browser holds the secret, the row its SHA-256."""

    __tablename__ = "user_session"
    __table_args__ = (
        UniqueConstraint("token_hash"),
        CheckConstraint("(side = 'supplier') = (supplier_id IS NOT NULL)", name="supplier_side_has_supplier"),
    )

    token_hash: Mapped[str]
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    side: Mapped[Side] = mapped_column(state_type(Side, name="side"))
    supplier_id: Mapped[int | None] = mapped_column(ForeignKey("supplier.id"))
    verified_at: Mapped[datetime]
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    user: Mapped[User] = relationship()
    supplier: Mapped[Supplier | None] = relationship()


class SignInCode(Base):
    """A six-digit code that was asked for; the digits are recomputed from the counter and never stored."""

    __tablename__ = "sign_in_code"
    __table_args__ = (UniqueConstraint("invitation_id", "counter"),)

    invitation_id: Mapped[int] = mapped_column(ForeignKey("invitation.id"))
    counter: Mapped[int]
    browser_hash: Mapped[str]
    asked_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    used_at: Mapped[datetime | None]

    invitation: Mapped[Invitation] = relationship()


class SignInTry(Base):
    """A failed try to sign in, counted by subject (a pseudonym of address or network place), then swept."""

    __tablename__ = "sign_in_try"
    __table_args__ = (Index("ix_sign_in_try_subject_tried_at", "subject", "tried_at"),)

    subject: Mapped[str]
    tried_at: Mapped[datetime]
