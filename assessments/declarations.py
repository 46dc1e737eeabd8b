"""Keeping what a supplier declared in SECURITY ACTION, and that a reader looked it up; it moves no score."""

import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from assessments import audit
from assessments.models import SecurityActionDeclaration, Supplier, User
from assessments.schemes import self_declaration

LONGEST_ADDRESS = 500
STARS = (0, 1, 2)


class NotADeclarationId(ValueError):
    """This has not the form of a declaration ID."""


class NotAWebAddress(ValueError):
    """This is not the address of a page on the web."""


class DayToCome(ValueError):
    """Nothing can have been declared on a day that is still to come."""


class NothingToCheck(Exception):
    """There is no declared star that could be looked up."""


@dataclass(frozen=True, slots=True)
class Told:
    """What is told: star 0 to 2, the ID ("" if not at hand), the day, the address of the policy.

    `policy_url` "": no policy is published on the web.
    """

    star: int
    declaration_id: str
    declared_on: date | None
    policy_url: str


@dataclass(frozen=True, slots=True)
class StarCounts:
    """How many suppliers declared how many stars, and how many of these were looked up."""

    one: int
    two: int
    checked: int


def current(session: Session, supplier_id: int) -> SecurityActionDeclaration | None:
    """Give what was told last; None where nothing was."""
    told = select(SecurityActionDeclaration).where(SecurityActionDeclaration.supplier_id == supplier_id)
    return session.scalar(told.order_by(SecurityActionDeclaration.id.desc()).limit(1))


def tell(
    session: Session, supplier: Supplier, told: Told, *, now: datetime, today: date, by: User
) -> SecurityActionDeclaration:
    """Keep what was told; a check of what was told before does not carry over to something else.

    Raises NotADeclarationId, NotAWebAddress, DayToCome.
    """
    if told.declared_on is not None and told.declared_on > today:
        raise DayToCome
    star, last = told.star, current(session, supplier.id)
    made = SecurityActionDeclaration(
        supplier_id=supplier.id,
        star=star,
        declaration_id=declaration_id(told.declaration_id) if star else "",
        declared_on=told.declared_on if star else None,
        policy_url=web_address(told.policy_url),
        recorded_by_id=by.id,
        recorded_at=now,
    )
    if last is not None and _is_same_star(last, made):
        made.checked_by_id, made.checked_on = last.checked_by_id, last.checked_on
    return _kept(session, made, "security_action.told", now=now, by=by)


def check(
    session: Session, supplier: Supplier, *, now: datetime, today: date, by: User
) -> SecurityActionDeclaration:
    """Note that a reader looked the declaration up in the public list. Raises NothingToCheck."""
    last = current(session, supplier.id)
    if last is None or not last.star:
        raise NothingToCheck
    made = SecurityActionDeclaration(
        supplier_id=supplier.id,
        star=last.star,
        declaration_id=last.declaration_id,
        declared_on=last.declared_on,
        policy_url=last.policy_url,
        recorded_by_id=by.id,
        recorded_at=now,
        checked_by_id=by.id,
        checked_on=today,
    )
    return _kept(session, made, "security_action.checked", now=now, by=by)


def as_record(session: Session, supplier_id: int) -> dict[str, Any] | None:
    """Give what was told last as a supplier takes it along; None where nothing was."""
    told = current(session, supplier_id)
    if told is None:
        return None
    return {
        "star": told.star,
        "declaration_id": told.declaration_id,
        "declared_on": told.declared_on.isoformat() if told.declared_on else None,
        "policy_url": told.policy_url,
    }


def count_stars(session: Session, supplier_ids: Collection[int]) -> StarCounts:
    """Count what was told last of these suppliers."""
    newest = select(func.max(SecurityActionDeclaration.id)).group_by(SecurityActionDeclaration.supplier_id)
    columns = (
        SecurityActionDeclaration.supplier_id,
        SecurityActionDeclaration.star,
        SecurityActionDeclaration.checked_on,
    )
    wanted = frozenset(supplier_ids)
    rows = session.execute(select(*columns).where(SecurityActionDeclaration.id.in_(newest))).all()
    found = [(star, checked_on) for supplier_id, star, checked_on in rows if supplier_id in wanted]
    return StarCounts(
        one=sum(star == 1 for star, _ in found),
        two=sum(star == 2 for star, _ in found),  # noqa: PLR2004  two stars
        checked=sum(checked_on is not None for _, checked_on in found),
    )


def declaration_id(typed: str) -> str:
    """Give a declaration ID as it is kept; "" stays so. Raises NotADeclarationId."""
    plain = unicodedata.normalize("NFKC", typed).strip()
    if plain and not self_declaration().is_id(plain):
        raise NotADeclarationId
    return plain


def web_address(typed: str) -> str:
    """Give the address of a page as it is kept; "" stays so. Raises NotAWebAddress."""
    plain = typed.strip()
    if not plain:
        return ""
    try:
        parts = urlsplit(plain)
    except ValueError as error:
        raise NotAWebAddress from error
    has_place = parts.scheme in {"http", "https"} and "." in (parts.hostname or "")
    if not has_place or len(plain) > LONGEST_ADDRESS or any(letter.isspace() for letter in plain):
        raise NotAWebAddress
    return plain


def _is_same_star(last: SecurityActionDeclaration, made: SecurityActionDeclaration) -> bool:
    before = (last.star, last.declaration_id, last.declared_on)
    return before == (made.star, made.declaration_id, made.declared_on)


def _kept(
    session: Session, made: SecurityActionDeclaration, action: str, *, now: datetime, by: User
) -> SecurityActionDeclaration:
    session.add(made)
    session.flush()
    audit.note(session, made, action, now=now, by=by, star=made.star)
    return made
