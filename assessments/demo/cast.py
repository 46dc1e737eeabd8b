"""The buyer of the demo: the organisation, its units, its people."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessments.content_files import read_yaml
from assessments.demo.firms import material
from assessments.models import BusinessUnit, Membership, Organisation, Role, Supplier, User
from assessments.passwords import hashed


class RealSuppliers(Exception):
    """The database holds suppliers that are not of a demo: it is left alone."""


@dataclass(frozen=True)
class Cast:
    """The buyer's rows that the rest of the demo hangs on."""

    units: tuple[BusinessUnit, ...]
    owners: tuple[User, ...]
    reviewer: User
    by_role: Mapping[str, User]


@cache
def script() -> Mapping[str, Any]:
    """The organisation, users and campaigns as written down."""
    found: Mapping[str, Any] = read_yaml("demo/cast.yaml")
    return found


def refuse_real_suppliers(session: Session) -> None:
    """Raise RealSuppliers where the register holds anything that is not of a demo."""
    real = session.scalar(select(Supplier.id).where(~Supplier.is_demo).limit(1))
    organisation = session.scalar(select(Organisation.id).where(~Organisation.is_demo).limit(1))
    if real is not None or organisation is not None:
        raise RealSuppliers


def stands(session: Session) -> bool:
    """Tell whether the demo is already there."""
    return session.scalar(select(Organisation.id).where(Organisation.is_demo).limit(1)) is not None


def enter(session: Session, *, passwords: Mapping[str, str], now: datetime) -> Cast:
    """Write the organisation, units and users; `passwords` is by the user's address."""
    session.add(Organisation(**script()["organisation"], needs_campaign_approval=False, is_demo=True))
    whole = BusinessUnit(name="全社", is_whole_company=True)
    units = (whole, *(BusinessUnit(name=name) for name in material()["units"]))
    session.add_all(units)
    people = [_user(entry, passwords[entry["email"]], now=now) for entry in script()["users"]]
    session.add_all(people)
    session.flush()
    roles = [entry["roles"] for entry in script()["users"]]
    owners = tuple(user for user, held in zip(people, roles, strict=True) if Role.PROCUREMENT in held)
    by_role = {
        entry["shown_as"]: user
        for entry, user in zip(script()["users"], people, strict=True)
        if "shown_as" in entry
    }
    return Cast(units=units, owners=owners, reviewer=by_role[Role.RISK], by_role=by_role)


def addresses() -> list[str]:
    """The addresses of the demo's users."""
    return [entry["email"] for entry in script()["users"]]


def _user(entry: Mapping[str, Any], password: str, *, now: datetime) -> User:
    return User(
        email=entry["email"],
        name=entry["name"],
        department=entry["department"],
        phone=entry["phone"],
        password_hash=hashed(password),
        is_demo=True,
        created_at=now,
        memberships=[Membership(role=Role(role), granted_at=now) for role in entry["roles"]],
    )
