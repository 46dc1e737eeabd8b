"""Who hears of suppliers in a campaign: whoever looks after them, or the next person who still works here."""

from collections.abc import Collection, Iterable
from itertools import chain

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessments.models import Campaign, Membership, Relationship, Role, User
from assessments.owners import owners_of


def in_charge(session: Session, campaign: Campaign, supplier_ids: Collection[int]) -> dict[int, int]:
    """Give a user's id for each supplier; nobody who is suspended.

    The owner, else whoever made the campaign, somebody in procurement who may see the supplier, whoever
    approved the campaign, an administrator. Left out are suppliers only where there is none of these.
    """
    owners = owners_of(session, supplier_ids)
    found = {one: owner.user_id for one, owner in owners.items() if owner.user_id is not None}
    rest = [one for one in supplier_ids if one not in found]
    if rest:
        found |= _deputies(session, campaign, rest)
    return found


def _deputies(session: Session, campaign: Campaign, supplier_ids: Collection[int]) -> dict[int, int]:
    if (maker := _working(campaign.created_by)) is not None:
        return dict.fromkeys(supplier_ids, maker)
    buyers, units = _holders(session, Role.PROCUREMENT), _units(session, supplier_ids)
    fallback = _working(campaign.approved_by)
    if fallback is None:
        fallback = next((person for person, _unit in _holders(session, Role.ADMIN)), None)
    found = {}
    for one in supplier_ids:
        seeing = (person for person, unit in buyers if unit is None or unit in units.get(one, ()))
        person = next(chain(seeing, _given(fallback)), None)
        if person is not None:
            found[one] = person
    return found


def _working(person: User | None) -> int | None:
    return person.id if person is not None and person.suspended_at is None else None


def _given(person: int | None) -> Iterable[int]:
    return () if person is None else (person,)


def _holders(session: Session, role: Role) -> list[tuple[int, int | None]]:
    """Give (user id, unit id or None for all) of those who hold a role, longest first."""
    rows = session.execute(
        select(Membership.user_id, Membership.business_unit_id)
        .join(User, User.id == Membership.user_id)
        .where(Membership.role == role, User.suspended_at.is_(None))
        .order_by(Membership.id)
    )
    return [(row.user_id, row.business_unit_id) for row in rows]


def _units(session: Session, supplier_ids: Collection[int]) -> dict[int, set[int]]:
    """Give the units that buy from each supplier."""
    found: dict[int, set[int]] = {}
    rows = session.execute(
        select(Relationship.supplier_id, Relationship.business_unit_id).where(
            Relationship.supplier_id.in_(supplier_ids)
        )
    )
    for row in rows:
        found.setdefault(row.supplier_id, set()).add(row.business_unit_id)
    return found
