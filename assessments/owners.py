"""Who at the buyer looks after a supplier: the person named in mails, on the first screen and in a talk."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessments.models import Relationship, User


@dataclass(frozen=True, slots=True)
class Owner:
    """A person at the buyer; without `user_id` they are known by name alone and cannot be written to."""

    user_id: int | None
    name: str
    phone: str
    email: str


def owner_of(session: Session, supplier_id: int) -> Owner | None:
    """Give the owner of the supplier's first relationship that has one: a user before a mere name."""
    return owners_of(session, [supplier_id]).get(supplier_id)


def owners_of(session: Session, supplier_ids: Collection[int]) -> dict[int, Owner]:
    """Give the owners of many suppliers by the supplier's id; those without one are left out."""
    if not supplier_ids:
        return {}
    rows: Any = session.execute(
        select(Relationship.supplier_id, Relationship.owner_name, User.id, User.name, User.phone, User.email)
        .outerjoin(User, (User.id == Relationship.owner_id) & User.suspended_at.is_(None))
        .where(Relationship.supplier_id.in_(supplier_ids))
        .order_by(Relationship.id)
    )
    users: dict[int, Owner] = {}
    named: dict[int, Owner] = {}
    for supplier_id, owner_name, user_id, name, phone, email in rows:
        if user_id is not None:
            users.setdefault(supplier_id, Owner(user_id, name or email, phone, email))
        elif owner_name.strip():
            named.setdefault(supplier_id, Owner(None, owner_name, "", ""))
    return named | users
