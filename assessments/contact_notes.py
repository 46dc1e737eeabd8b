"""Contact notes: what was said with a supplier and when to get in touch again; corrected by a new note."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, select
from sqlalchemy.orm import Session, aliased, joinedload

from assessments import audit
from assessments.models import Contact, ContactNote, NoteChannel, Relationship, Supplier, User


class AlreadyCorrected(Exception):
    """Another note stands in the place of this one already."""


@dataclass(frozen=True, slots=True)
class Told:
    """One contact as told; `person` is whom at the supplier, `next_on` the day to get in touch again."""

    happened_on: date
    channel: NoteChannel
    text: str
    person: str = ""
    next_on: date | None = None


@dataclass(frozen=True, slots=True)
class NextCall:
    """A supplier to get in touch with, its last note, and who in view looks after it."""

    supplier: Supplier
    note: ContactNote
    owners: tuple[User, ...]
    contact: Contact | None


def add(session: Session, supplier: Supplier, told: Told, *, now: datetime, by: User) -> ContactNote:
    """Note a contact down."""
    note = _note_down(session, supplier.id, told, now=now, written_by_id=by.id)
    audit.note(session, supplier, "contact_note.added", now=now, by=by)
    return note


def receive(session: Session, supplier: Supplier, told: Told, *, key: str, now: datetime) -> bool:
    """Note down what a supplier wrote back; False where the mail of this key stands already."""
    if session.scalar(select(exists().where(ContactNote.reply_key == key))):
        return False
    _note_down(session, supplier.id, told, now=now, reply_key=key)
    audit.note(session, supplier, "contact_note.received", now=now, by=audit.OPERATOR)
    return True


def correct(
    session: Session, supplier: Supplier, note: ContactNote, told: Told, *, now: datetime, by: User
) -> ContactNote:
    """Put a new note in the place of a wrong one, which stays to be read. Raises AlreadyCorrected."""
    session.refresh(note, with_for_update=True)
    if session.scalar(select(exists().where(ContactNote.corrects_id == note.id))):
        raise AlreadyCorrected
    made = _note_down(session, supplier.id, told, now=now, written_by_id=by.id, corrects_id=note.id)
    audit.note(session, supplier, "contact_note.corrected", now=now, by=by)
    return made


def of_supplier(session: Session, supplier: Supplier, *, most: int | None = None) -> list[ContactNote]:
    """Give the notes that stand, the latest contact first."""
    standing = select(ContactNote).where(ContactNote.supplier_id == supplier.id, _stands())
    ordered = standing.order_by(ContactNote.happened_on.desc(), ContactNote.id.desc()).limit(most)
    return list(session.scalars(ordered.options(joinedload(ContactNote.written_by))))


def corrected(session: Session, supplier: Supplier) -> list[ContactNote]:
    """Give the notes in whose place another one stands, the last written first."""
    gone = select(ContactNote).where(ContactNote.supplier_id == supplier.id, ~_stands())
    return list(
        session.scalars(gone.order_by(ContactNote.id.desc()).options(joinedload(ContactNote.written_by)))
    )


def latest(session: Session, supplier_ids: Collection[int]) -> dict[int, ContactNote]:
    """Give the note of the latest contact by the supplier's id; those without one are left out."""
    if not supplier_ids:
        return {}
    found = session.scalars(select(ContactNote).where(_is_latest(ContactNote.supplier_id.in_(supplier_ids))))
    return {note.supplier_id: note for note in found}


def count_next(session: Session, scope: ColumnElement[bool]) -> int:
    """Give how many suppliers within `scope` (a condition on Supplier) are to be called."""
    return session.scalar(select(func.count()).select_from(_next(scope).subquery())) or 0


def next_calls(
    session: Session,
    scope: ColumnElement[bool],
    *,
    in_view: ColumnElement[bool],
    first: int = 0,
    most: int | None = None,
) -> list[NextCall]:
    """Give whom to get in touch with, the earliest day first, in three queries.

    The latest contact says when; one that says nothing ends it. `in_view` is a condition on Relationship.
    """
    ordered = _next(scope).order_by(ContactNote.next_on, Supplier.name, Supplier.id)
    found: Sequence[Any] = session.execute(ordered.offset(first).limit(most)).all()
    ids = [supplier.id for supplier, _note in found]
    owners, contacts = _owners(session, ids, in_view), _contacts(session, ids)
    return [
        NextCall(supplier, note, tuple(owners.get(supplier.id, {}).values()), contacts.get(supplier.id))
        for supplier, note in found
    ]


def _next(scope: ColumnElement[bool]) -> Select[Supplier, ContactNote]:
    return (
        select(Supplier, ContactNote)
        .join(ContactNote, ContactNote.supplier_id == Supplier.id)
        .where(scope, _is_latest(), ContactNote.next_on.is_not(None))
    )


def _is_latest(*among: ColumnElement[bool]) -> ColumnElement[bool]:
    """Hold of the note of each supplier's latest contact."""
    place = (
        func.row_number()
        .over(
            partition_by=ContactNote.supplier_id,
            order_by=(ContactNote.happened_on.desc(), ContactNote.id.desc()),
        )
        .label("place")
    )
    ranked = select(ContactNote.id, place).where(_stands(), *among).subquery()
    return ContactNote.id.in_(select(ranked.c.id).where(ranked.c.place == 1))


def _stands() -> ColumnElement[bool]:
    newer = aliased(ContactNote)
    return ~exists().where(newer.corrects_id == ContactNote.id)


def _owners(
    session: Session, supplier_ids: Collection[int], in_view: ColumnElement[bool]
) -> dict[int, dict[int, User]]:
    found: dict[int, dict[int, User]] = {}
    rows = session.execute(
        select(Relationship.supplier_id, User)
        .join(User, User.id == Relationship.owner_id)
        .where(Relationship.supplier_id.in_(supplier_ids), in_view)
        .order_by(Relationship.id)
    )
    for supplier_id, user in rows:
        found.setdefault(supplier_id, {})[user.id] = user
    return found


def _contacts(session: Session, supplier_ids: Collection[int]) -> dict[int, Contact]:
    living = select(Contact).where(Contact.supplier_id.in_(supplier_ids), Contact.retired_at.is_(None))
    return {one.supplier_id: one for one in session.scalars(living.order_by(Contact.id.desc()))}


def _note_down(
    session: Session, supplier_id: int, told: Told, *, now: datetime, **whence: int | str
) -> ContactNote:
    made = ContactNote(
        supplier_id=supplier_id,
        happened_on=told.happened_on,
        channel=told.channel,
        person=told.person.strip(),
        text=told.text.strip(),
        next_on=told.next_on,
        written_at=now,
        **whence,
    )
    session.add(made)
    session.flush()
    return made
