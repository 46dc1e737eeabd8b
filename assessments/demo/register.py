"""The demo's register: suppliers, contacts, relationships, in bulk."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from assessments.demo.cast import Cast
from assessments.demo.firms import Firm
from assessments.folding import search_text
from assessments.models import Contact, Relationship, Supplier
from assessments.models.base import Base

LEFT_OVER = ("confidentiality", "continuity", "connectivity")


def enter(
    session: Session, firms: Sequence[Firm], cast: Cast, *, without_address: frozenset[int], now: datetime
) -> tuple[list[int], list[int]]:
    """Write a batch of firms and give the ids of their suppliers and contacts, in order."""
    supplier_ids = insert_all(session, Supplier, [_supplier(firm, now=now) for firm in firms])
    contact_ids = insert_all(
        session,
        Contact,
        [
            _contact(firm, supplier_id, has_address=firm.number not in without_address)
            for firm, supplier_id in zip(firms, supplier_ids, strict=True)
        ],
    )
    insert_all(
        session,
        Relationship,
        [
            row
            for firm, supplier_id in zip(firms, supplier_ids, strict=True)
            for row in _relationships(firm, supplier_id, cast)
        ],
    )
    return supplier_ids, contact_ids


def insert_all(session: Session, model: type[Base], rows: list[dict[str, Any]]) -> list[int]:
    """Insert rows in one statement and give their ids in order."""
    if not rows:
        return []
    return list(session.scalars(insert(model).returning(model.id, sort_by_parameter_order=True), rows))


def _supplier(firm: Firm, *, now: datetime) -> dict[str, Any]:
    code = f"D{firm.number + 1:05d}"
    return {
        "code": code,
        "name": firm.name,
        "kana": firm.kana,
        "corporate_number": firm.corporate_number,
        "industry": firm.industry,
        "prefecture": firm.prefecture,
        "employees": firm.employees,
        "capital": firm.capital,
        "search_text": search_text(code, firm.name, firm.kana, firm.corporate_number),
        "is_demo": True,
        "created_at": now,
        "updated_at": now,
    }


def _contact(firm: Firm, supplier_id: int, *, has_address: bool) -> dict[str, Any]:
    return {
        "supplier_id": supplier_id,
        "name": firm.contact_name,
        "department": firm.department,
        "email": firm.contact_email if has_address else None,
        "phone": firm.phone,
    }


def _relationships(firm: Firm, supplier_id: int, cast: Cast) -> list[dict[str, Any]]:
    """The first unit by industry and number; a second one sees the supplier as less exposed."""
    first = _relationship(firm, supplier_id, cast, place=firm.number % len(cast.units))
    if not firm.has_second_unit:
        return [first]
    second = _relationship(firm, supplier_id, cast, place=(firm.number + 1) % len(cast.units))
    return [first, {**second, **_milder(first), "spend": firm.spend // 4}]


def _milder(first: Mapping[str, Any]) -> dict[str, Any]:
    return {name: max(1, (first[name] or 2) - 1) for name in LEFT_OVER}


def _relationship(firm: Firm, supplier_id: int, cast: Cast, *, place: int) -> dict[str, Any]:
    owner = cast.owners[firm.number % len(cast.owners)]
    return {
        "supplier_id": supplier_id,
        "business_unit_id": cast.units[place].id,
        "owner_id": owner.id,
        "owner_name": owner.name,
        "transaction_kind": firm.kind,
        **dict(zip(LEFT_OVER, firm.exposures, strict=True)),
        "spend": firm.spend,
        "tier": firm.tier,
    }
