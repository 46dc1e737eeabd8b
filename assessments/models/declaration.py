"""What a supplier declared of itself in SECURITY ACTION, as told by it or by the buyer's reader."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from assessments.models.base import Base, public_id_column
from assessments.models.party import Supplier, User


class SecurityActionDeclaration(Base):
    """One telling of where a supplier stands; the newest counts. A declaration, never an input to a score.

    `star` 0: nothing declared yet, though a policy may be published. `checked_on`: the day on which a reader
    of the buyer looked it up in the public list.
    """

    __tablename__ = "security_action_declaration"
    __table_args__ = (
        UniqueConstraint("id", "supplier_id"),
        CheckConstraint("star IN (0, 1, 2)", name="star_is_none_one_or_two"),
        CheckConstraint("(star = 0) = (declared_on IS NULL)", name="a_declared_star_has_a_day"),
        CheckConstraint("star > 0 OR declaration_id = ''", name="an_id_comes_with_a_star"),
        CheckConstraint("(checked_by_id IS NULL) = (checked_on IS NULL)", name="a_check_has_a_day"),
    )
    __append_only__ = True

    public_id: Mapped[str] = public_id_column()
    supplier_id: Mapped[int] = mapped_column(ForeignKey("supplier.id"), index=True)
    star: Mapped[int]
    declaration_id: Mapped[str] = mapped_column(String(11), default="")
    declared_on: Mapped[date | None]
    policy_url: Mapped[str] = mapped_column(String(500), default="")
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    recorded_at: Mapped[datetime]
    checked_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    checked_on: Mapped[date | None]

    supplier: Mapped[Supplier] = relationship()
    checked_by: Mapped[User | None] = relationship(foreign_keys=[checked_by_id])
