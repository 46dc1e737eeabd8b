"""The buyer's units and people that the forms of the register offer."""

from sqlalchemy import select

from assessments import suppliers
from assessments.models import BusinessUnit, Membership, User
from portal import db
from portal.access import actor

WHOLE = "whole"


def offered() -> list[tuple[str, str]]:
    """Give the units the person may write to, the whole company first where it is theirs."""
    mine = actor().unit_ids
    query = select(BusinessUnit).order_by(BusinessUnit.name)
    found = db.session().scalars(query if mine is None else query.where(BusinessUnit.id.in_(mine))).all()
    whole = next((unit.name for unit in found if unit.is_whole_company), suppliers.WHOLE_COMPANY)
    has_whole = mine is None or any(unit.is_whole_company for unit in found)
    named = [(unit.public_id, unit.name) for unit in found if not unit.is_whole_company]
    return [(WHOLE, whole), *named] if has_whole else named


def chosen(value: str) -> BusinessUnit:
    """Give the unit of a choice that the form has found to be among those offered."""
    if value == WHOLE:
        return suppliers.whole_company(db.session())
    return db.session().scalars(select(BusinessUnit).where(BusinessUnit.public_id == value)).one()


def owners() -> list[User]:
    """Give the buyer's users who may look after a supplier, by name."""
    theirs = select(Membership.user_id).where(Membership.supplier_id.is_(None))
    query = select(User).where(User.id.in_(theirs), User.suspended_at.is_(None))
    return list(db.session().scalars(query.order_by(User.name, User.id)))
