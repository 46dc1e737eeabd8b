"""What the buyer noted about its contacts with a supplier. The buyer's alone: no supplier's page shows it."""

import enum
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from assessments.models.base import Base, PrivateText, public_id_column, state_type
from assessments.models.party import User


class NoteChannel(enum.StrEnum):
    """電話, メール, 訪問."""

    PHONE = "phone"
    MAIL = "mail"
    VISIT = "visit"


class ContactNote(Base):
    """One contact with a supplier, and the day to get in touch again, if any.

    A note that corrects another one stands in its place; nothing is overwritten. What the supplier wrote back
    by mail has no writer at the buyer; `reply_key` tells such mails apart.
    """

    __tablename__ = "contact_note"
    __table_args__ = (
        UniqueConstraint("id", "supplier_id"),
        UniqueConstraint("corrects_id"),
        UniqueConstraint("reply_key"),
        CheckConstraint("(written_by_id IS NULL) = (reply_key IS NOT NULL)", name="is_somebody_s_or_a_reply"),
        ForeignKeyConstraint(["corrects_id", "supplier_id"], ["contact_note.id", "contact_note.supplier_id"]),
        Index("ix_contact_note_supplier_id_happened_on", "supplier_id", "happened_on"),
    )
    __append_only__ = True

    public_id: Mapped[str] = public_id_column()
    supplier_id: Mapped[int] = mapped_column(ForeignKey("supplier.id"))
    happened_on: Mapped[date]
    channel: Mapped[NoteChannel] = mapped_column(state_type(NoteChannel, name="channel"))
    person: Mapped[str] = mapped_column(default="")
    text: Mapped[str] = mapped_column(PrivateText)
    next_on: Mapped[date | None]
    corrects_id: Mapped[int | None]
    written_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    written_at: Mapped[datetime]
    reply_key: Mapped[str | None]

    written_by: Mapped[User | None] = relationship()
