"""The public scheme's star that the buyer expects in place of the reckoned one, and why."""

from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload

from assessments import audit
from assessments.models import Relationship, StarOverride, Supplier, User

STARS = (3, 4)
FOUR_STARS = 4


class NoReasonGiven(Exception):
    """A star is decided or taken back only with a reason."""


class NotAStar(Exception):
    """The public scheme has three or four stars to expect."""


class NothingDecided(Exception):
    """There is no decided star to take back."""


def decide(
    session: Session, relationship: Relationship, star: int, *, reason: str, now: datetime, by: User
) -> StarOverride:
    """Expect this star of a relationship whatever is reckoned. Raises NotAStar, NoReasonGiven."""
    if star not in STARS:
        raise NotAStar(star)
    return _written(session, relationship, star, reason, now=now, by=by)


def take_back(
    session: Session, relationship: Relationship, *, reason: str, now: datetime, by: User
) -> StarOverride:
    """Go back to the reckoned star. Raises NothingDecided, NoReasonGiven."""
    standing = newest(session, relationship)
    if standing is None or standing.star is None:
        raise NothingDecided(relationship.public_id)
    return _written(session, relationship, None, reason, now=now, by=by)


def newest(session: Session, relationship: Relationship) -> StarOverride | None:
    """Give the last decision about a relationship, also one that took a star back."""
    return next(iter(history(session, relationship)), None)


def history(session: Session, relationship: Relationship) -> list[StarOverride]:
    """Give every decision about a relationship, the newest first."""
    query = select(StarOverride).where(
        StarOverride.supplier_id == relationship.supplier_id,
        StarOverride.business_unit_id == relationship.business_unit_id,
    )
    return list(session.scalars(_with_who(query).order_by(StarOverride.id.desc())))


def of_supplier(session: Session, supplier: Supplier) -> dict[int, StarOverride]:
    """Give the decided stars that hold for a supplier's relationships, by business unit."""
    query = _with_who(select(StarOverride).where(StarOverride.supplier_id == supplier.id))
    found = {one.business_unit_id: one for one in session.scalars(query.order_by(StarOverride.id))}
    return {unit: one for unit, one in found.items() if one.star is not None}


def decided(session: Session) -> dict[tuple[int, int], int]:
    """Give the stars that hold, by supplier and business unit."""
    standing = standing_ids().subquery()
    columns = (StarOverride.supplier_id, StarOverride.business_unit_id, StarOverride.star)
    query = select(*columns).where(StarOverride.id.in_(select(standing)), StarOverride.star.is_not(None))
    return {(supplier, unit): star for supplier, unit, star in session.execute(query) if star}


def standing_ids() -> Select[int]:
    """Give the ids of the newest decisions, one a relationship."""
    return select(func.max(StarOverride.id)).group_by(StarOverride.supplier_id, StarOverride.business_unit_id)


def _with_who(query: Select[StarOverride]) -> Select[StarOverride]:
    return query.options(joinedload(StarOverride.decided_by))


def _written(
    session: Session, relationship: Relationship, star: int | None, reason: str, *, now: datetime, by: User
) -> StarOverride:
    if not reason.strip():
        raise NoReasonGiven(relationship.public_id)
    made = StarOverride(
        supplier_id=relationship.supplier_id,
        business_unit_id=relationship.business_unit_id,
        star=star,
        reason=reason.strip(),
        decided_by_id=by.id,
        decided_at=now,
    )
    session.add(made)
    session.flush()
    audit.note(session, relationship, "star.decided" if star else "star.taken_back", now=now, by=by)
    return made
