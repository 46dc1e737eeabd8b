"""Verbs of the register: suppliers, their contacts, and what each unit of the buyer has with them."""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from assessments import audit
from assessments.countries import HOME
from assessments.folding import search_text
from assessments.models import BusinessUnit, Contact, Relationship, StarOverride, Supplier

WHOLE_COMPANY = "全社"


class CodeTaken(Exception):
    """Another supplier has this 取引先コード."""


class ContactKnown(Exception):
    """This supplier already has a contact with this address."""


class RelationshipKnown(Exception):
    """The supplier already has a relationship with this unit."""


class LastRelationship(Exception):
    """The only relationship of a supplier stays: without one nobody would look after it."""


@dataclass(frozen=True, slots=True)
class SupplierFacts:
    """What the register holds about a supplier; `industry` and `prefecture` are codes, yen are whole."""

    name: str
    code: str | None = None
    kana: str = ""
    corporate_number: str | None = None
    site: str = ""
    country: str = HOME
    industry: str | None = None
    prefecture: str | None = None
    employees: int | None = None
    capital: int | None = None


@dataclass(frozen=True, slots=True)
class ContactFacts:
    """Whom to write to; `email` is normalised, or None where there is none."""

    name: str = ""
    department: str = ""
    email: str | None = None
    phone: str = ""
    language: str = "ja"


@dataclass(frozen=True, slots=True)
class RelationshipFacts:
    """What a unit has with a supplier; exposures 1–5, spend in yen a year, tier from 1."""

    owner_id: int | None = None
    owner_name: str = ""
    transaction_kind: str | None = None
    confidentiality: int | None = None
    continuity: int | None = None
    connectivity: int | None = None
    spend: int | None = None
    tier: int | None = None
    note: str = ""


def create(session: Session, facts: SupplierFacts, *, unit: BusinessUnit, now: datetime, by: str) -> Supplier:
    """Enter a supplier with an empty relationship to one unit. Raises CodeTaken."""
    _refuse_taken_code(session, facts.code, besides=None)
    supplier = Supplier(**asdict(facts), search_text=searchable(facts), created_at=now, updated_at=now)
    supplier.relationships = [Relationship(business_unit=unit)]
    session.add(supplier)
    session.flush()
    audit.note(session, supplier, "supplier.created", now=now, by=by, fields=sorted(_given(facts)))
    return supplier


def update(session: Session, supplier: Supplier, facts: SupplierFacts, *, now: datetime, by: str) -> None:
    """Change a supplier's facts; nothing is written where nothing changed. Raises CodeTaken."""
    _refuse_taken_code(session, facts.code, besides=supplier.id)
    changed = _set(supplier, asdict(facts))
    if changed:
        supplier.search_text = searchable(facts)
        supplier.updated_at = now
        audit.note(session, supplier, "supplier.updated", now=now, by=by, fields=sorted(changed))


def add_contact(
    session: Session, supplier: Supplier, facts: ContactFacts, *, now: datetime, by: str
) -> Contact:
    """Add a person to write to. Raises ContactKnown."""
    _refuse_known_address(session, supplier.id, facts.email, besides=None)
    contact = Contact(supplier_id=supplier.id, **asdict(facts))
    session.add(contact)
    session.flush()
    audit.note(session, supplier, "contact.added", now=now, by=by, fields=sorted(_given(facts)))
    return contact


def edit_contact(
    session: Session, supplier: Supplier, contact: Contact, facts: ContactFacts, *, now: datetime, by: str
) -> None:
    """Change a contact; invitations already sent keep what they froze. Raises ContactKnown."""
    _refuse_known_address(session, supplier.id, facts.email, besides=contact.id)
    changed = _set(contact, asdict(facts))
    if changed:
        audit.note(session, supplier, "contact.edited", now=now, by=by, fields=sorted(changed))


def retire_contact(session: Session, supplier: Supplier, contact: Contact, *, now: datetime, by: str) -> None:
    """Write to this person no more; the row stays and can be restored."""
    if contact.retired_at is None:
        contact.retired_at = now
        audit.note(session, supplier, "contact.retired", now=now, by=by, fields=["retired_at"])


def replace_contacts(
    session: Session,
    supplier: Supplier,
    to: ContactFacts,
    former: Collection[int | None],
    *,
    now: datetime,
    by: str,
) -> Contact:
    """Find or make the contact, and retire the former ones, so that the next campaign finds this one."""
    living = select(Contact).where(Contact.supplier_id == supplier.id, Contact.retired_at.is_(None))
    contacts = session.scalars(living).all()
    known = next((one for one in contacts if one.email == to.email), None)
    for one in contacts:
        if one is not known and one.id in former:
            retire_contact(session, supplier, one, now=now, by=by)
    if known is None:
        return add_contact(session, supplier, to, now=now, by=by)
    edit_contact(session, supplier, known, to, now=now, by=by)
    return known


def restore_contact(
    session: Session, supplier: Supplier, contact: Contact, *, now: datetime, by: str
) -> None:
    """Write to this person again. Raises ContactKnown when somebody has taken the address over."""
    if contact.retired_at is not None:
        _refuse_known_address(session, supplier.id, contact.email, besides=contact.id)
        contact.retired_at = None
        audit.note(session, supplier, "contact.restored", now=now, by=by, fields=["retired_at"])


def add_relationship(
    session: Session,
    supplier: Supplier,
    unit: BusinessUnit,
    facts: RelationshipFacts,
    *,
    now: datetime,
    by: str,
) -> Relationship:
    """Enter what a unit has with a supplier. Raises RelationshipKnown."""
    if relationship_of(session, supplier.id, unit.id) is not None:
        raise RelationshipKnown
    made = Relationship(supplier_id=supplier.id, business_unit_id=unit.id, **asdict(facts))
    session.add(made)
    session.flush()
    audit.note(session, supplier, "relationship.added", now=now, by=by, fields=sorted(_given(facts)))
    return made


def set_relationship(
    session: Session,
    supplier: Supplier,
    relationship: Relationship,
    facts: RelationshipFacts,
    *,
    now: datetime,
    by: str,
) -> None:
    """Change what a unit has with a supplier."""
    changed = _set(relationship, asdict(facts))
    if changed:
        audit.note(session, supplier, "relationship.set", now=now, by=by, fields=sorted(changed))


def remove_relationship(
    session: Session, supplier: Supplier, relationship: Relationship, *, now: datetime, by: str
) -> None:
    """Remove what a unit had with a supplier, with the stars decided for it; others stay.

    Raises LastRelationship.
    """
    session.execute(select(Supplier.id).where(Supplier.id == supplier.id).with_for_update())
    others = select(Relationship.id).where(
        Relationship.supplier_id == supplier.id, Relationship.id != relationship.id
    )
    if session.scalar(others.limit(1)) is None:
        raise LastRelationship
    mine = (StarOverride.supplier_id == supplier.id) & (
        StarOverride.business_unit_id == relationship.business_unit_id
    )
    session.execute(delete(StarOverride).where(mine))
    session.delete(relationship)
    session.flush()
    session.expire(supplier, ["relationships"])
    audit.note(session, supplier, "relationship.removed", now=now, by=by, fields=[])


def relationship_of(session: Session, supplier_id: int, unit_id: int) -> Relationship | None:
    """Give what a unit has with a supplier, or None."""
    return session.scalar(
        select(Relationship).where(
            Relationship.supplier_id == supplier_id, Relationship.business_unit_id == unit_id
        )
    )


def whole_company(session: Session) -> BusinessUnit:
    """Give the unit that stands for 全社, made where it is not there yet."""
    standing = session.scalar(select(BusinessUnit).where(BusinessUnit.is_whole_company))
    if standing is None:
        standing = BusinessUnit(name=WHOLE_COMPANY, is_whole_company=True)
        session.add(standing)
        session.flush()
    return standing


def searchable(facts: SupplierFacts) -> str:
    """Give what a search for this supplier looks in: name, kana, code, number and site, folded."""
    return search_text(facts.name, facts.kana, facts.code, facts.corporate_number, facts.site)


def _refuse_taken_code(session: Session, code: str | None, *, besides: int | None) -> None:
    if code is None:
        return
    holder = session.scalar(select(Supplier.id).where(Supplier.code == code))
    if holder is not None and holder != besides:
        raise CodeTaken


def _refuse_known_address(
    session: Session, supplier_id: int, email: str | None, *, besides: int | None
) -> None:
    if email is None:
        return
    holders = session.scalars(
        select(Contact.id).where(
            Contact.supplier_id == supplier_id, Contact.email == email, Contact.retired_at.is_(None)
        )
    )
    if any(holder != besides for holder in holders):
        raise ContactKnown


def _set(row: Supplier | Contact | Relationship, facts: dict[str, Any]) -> list[str]:
    changed = [field for field, value in facts.items() if getattr(row, field) != value]
    for field in changed:
        setattr(row, field, facts[field])
    return changed


def _given(facts: SupplierFacts | ContactFacts | RelationshipFacts) -> list[str]:
    return [field for field, value in asdict(facts).items() if value not in (None, "")]
