"""Who at the buyer looks after a supplier: the person named in mails, on the first screen and in a talk."""

from dataclasses import dataclass

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
    rows = session.execute(
        select(Relationship.owner_name, User.id, User.name, User.phone, User.email)
        .outerjoin(User, (User.id == Relationship.owner_id) & User.suspended_at.is_(None))
        .where(Relationship.supplier_id == supplier_id)
        .order_by(Relationship.id)
    ).all()
    for _, user_id, name, phone, email in rows:
        if user_id is not None:
            return Owner(user_id, name or email, phone, email)
    named = next((owner_name for owner_name, *_ in rows if owner_name.strip()), None)
    return Owner(None, named, "", "") if named else None
