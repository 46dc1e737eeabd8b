"""The register as a list: search, filter, sort, page. It reads; `suppliers` writes."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, true
from sqlalchemy.orm import Session, selectinload

from assessments.folding import search_words
from assessments.models import BusinessUnit, Contact, Relationship, Supplier

PAGE_SIZE = 50
EXPORT_CHUNK = 1_000
EXPOSURES = ("confidentiality", "continuity", "connectivity")
SORTS = ("name", "code", "employees", "spend", "updated")
_COLUMNS: dict[str, Any] = {
    "name": func.coalesce(func.nullif(Supplier.kana, ""), Supplier.name),
    "code": Supplier.code,
    "employees": Supplier.employees,
    "updated": Supplier.updated_at,
}


@dataclass(frozen=True, slots=True)
class RegisterFilter:
    """What a person looks for; unit, owner and tier must hold of the same relationship.

    `unit_ids` are the units the person may see, None for all: nothing of another unit's is read.
    """

    words: str = ""
    owner_id: int | None = None
    unit_id: int | None = None
    industry: str | None = None
    prefecture: str | None = None
    tier: int | None = None
    without_exposures: bool = False
    unit_ids: frozenset[int] | None = None


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """One supplier of the list, its relationships in view summed up and its main contact."""

    supplier: Supplier
    units: tuple[str, ...]
    owners: tuple[str, ...]
    kinds: tuple[str, ...]
    exposures: tuple[int | None, int | None, int | None]
    spend: int | None
    tier: int | None
    contact: Contact | None


@dataclass(frozen=True, slots=True)
class RegisterPage:
    """One page of the list; `first` and `last` count from 1, `total` is of all pages."""

    rows: list[RegisterRow]
    number: int
    pages: int
    first: int
    last: int
    total: int


def matching(wanted: RegisterFilter) -> ColumnElement[bool]:
    """Give the condition on Supplier that holds for what the filter asks."""
    conditions = [Supplier.search_text.contains(word, autoescape=True) for word in search_words(wanted.words)]
    if wanted.industry:
        conditions.append(Supplier.industry == wanted.industry)
    if wanted.prefecture:
        conditions.append(Supplier.prefecture == wanted.prefecture)
    of_relationship = _of_relationship(wanted)
    if of_relationship:
        conditions.append(_has(wanted, *of_relationship))
    if wanted.without_exposures:
        conditions.append(or_(~_has(wanted), _has(wanted, *of_relationship, _is_unset())))
    return and_(true(), *conditions)


def page(
    session: Session, scope: ColumnElement[bool], wanted: RegisterFilter, *, sort: str, number: int
) -> RegisterPage:
    """Give one page of the suppliers in scope, in four queries; a page past the end is the last one."""
    condition = and_(scope, matching(wanted))
    total = session.scalar(select(func.count()).select_from(Supplier).where(condition)) or 0
    pages = max(1, -(-total // PAGE_SIZE))
    number = min(max(1, number), pages)
    first = (number - 1) * PAGE_SIZE
    ordered = sorted_by(select(Supplier).where(condition), sort, wanted.unit_ids)
    found = session.scalars(ordered.limit(PAGE_SIZE).offset(first)).all()
    rows = rows_of(session, found, unit_ids=wanted.unit_ids)
    return RegisterPage(rows, number, pages, first + 1 if rows else 0, first + len(rows), total)


def exported(
    session: Session, scope: ColumnElement[bool], wanted: RegisterFilter, *, sort: str
) -> Iterator[tuple[Supplier, Relationship | None, Contact | None]]:
    """Give what the filter asks for, a supplier with each relationship in view beside a living contact."""
    ordered = sorted_by(select(Supplier).where(and_(scope, matching(wanted))), sort, wanted.unit_ids)
    found = session.scalars(ordered).all()
    for start in range(0, len(found), EXPORT_CHUNK):
        chunk = found[start : start + EXPORT_CHUNK]
        ids = [one.id for one in chunk]
        relationships = _relationships(session, ids, wanted.unit_ids)
        contacts = _contacts(session, ids)
        for one in chunk:
            pairs = zip_longest(relationships[one.id], contacts[one.id])
            yield from ((one, *pair) for pair in list(pairs) or [(None, None)])


def sorted_by(query: Select[Supplier], sort: str, unit_ids: frozenset[int] | None) -> Select[Supplier]:
    """Order by `name`, `code`, `employees`, `spend` or `updated`; a dash before it turns the order."""
    key, is_descending = sort.removeprefix("-"), sort.startswith("-")
    column = _spend(unit_ids) if key == "spend" else _COLUMNS.get(key, _COLUMNS["name"])
    ordered = column.desc() if is_descending else column.asc()
    return query.order_by(ordered.nulls_last(), Supplier.id)


def rows_of(
    session: Session, found: Sequence[Supplier], *, unit_ids: frozenset[int] | None
) -> list[RegisterRow]:
    """Add to suppliers what their relationships in view and their contacts say, in two queries."""
    ids = [supplier.id for supplier in found]
    relationships, contacts = _relationships(session, ids, unit_ids), _contacts(session, ids)
    return [_row(one, relationships[one.id], next(iter(contacts[one.id]), None)) for one in found]


def relationships_in_view(
    session: Session, supplier_id: int, *, unit_ids: frozenset[int] | None
) -> list[Relationship]:
    """Give what the units in view have with one supplier, the whole company first."""
    query = (
        select(Relationship)
        .join(BusinessUnit, Relationship.business_unit_id == BusinessUnit.id)
        .where(Relationship.supplier_id == supplier_id, _in_view(unit_ids))
        .options(selectinload(Relationship.business_unit), selectinload(Relationship.owner))
        .order_by(BusinessUnit.is_whole_company.desc(), BusinessUnit.name)
    )
    return list(session.scalars(query))


def _relationships(
    session: Session, supplier_ids: list[int], unit_ids: frozenset[int] | None
) -> dict[int, list[Relationship]]:
    query = (
        select(Relationship)
        .where(Relationship.supplier_id.in_(supplier_ids), _in_view(unit_ids))
        .options(selectinload(Relationship.business_unit), selectinload(Relationship.owner))
        .order_by(Relationship.id)
    )
    found: dict[int, list[Relationship]] = defaultdict(list)
    for relationship in session.scalars(query):
        found[relationship.supplier_id].append(relationship)
    return found


def _contacts(session: Session, supplier_ids: list[int]) -> dict[int, list[Contact]]:
    query = select(Contact).where(Contact.supplier_id.in_(supplier_ids), Contact.retired_at.is_(None))
    found: dict[int, list[Contact]] = defaultdict(list)
    for contact in session.scalars(query.order_by(Contact.id)):
        found[contact.supplier_id].append(contact)
    return found


def _row(supplier: Supplier, relationships: list[Relationship], contact: Contact | None) -> RegisterRow:
    spends = [one.spend for one in relationships if one.spend is not None]
    tiers_of = [one.tier for one in relationships if one.tier is not None]
    highest = [
        max((step for one in relationships if (step := getattr(one, name)) is not None), default=None)
        for name in EXPOSURES
    ]
    owners = [one.owner.name if one.owner else one.owner_name for one in relationships]
    return RegisterRow(
        supplier=supplier,
        units=tuple(one.business_unit.name for one in relationships),
        owners=tuple(dict.fromkeys(name for name in owners if name)),
        kinds=tuple(dict.fromkeys(one.transaction_kind for one in relationships if one.transaction_kind)),
        exposures=(highest[0], highest[1], highest[2]),
        spend=sum(spends) if spends else None,
        tier=min(tiers_of, default=None),
        contact=contact,
    )


def _of_relationship(wanted: RegisterFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.owner_id is not None:
        conditions.append(Relationship.owner_id == wanted.owner_id)
    if wanted.unit_id is not None:
        conditions.append(Relationship.business_unit_id == wanted.unit_id)
    if wanted.tier is not None:
        conditions.append(Relationship.tier == wanted.tier)
    return conditions


def _has(wanted: RegisterFilter, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(Relationship.supplier_id == Supplier.id, _in_view(wanted.unit_ids), *conditions)


def _is_unset() -> ColumnElement[bool]:
    return or_(*(getattr(Relationship, name).is_(None) for name in EXPOSURES))


def _in_view(unit_ids: frozenset[int] | None) -> ColumnElement[bool]:
    return true() if unit_ids is None else Relationship.business_unit_id.in_(unit_ids)


def _spend(unit_ids: frozenset[int] | None) -> ColumnElement[Any]:
    total = select(func.sum(Relationship.spend)).where(
        Relationship.supplier_id == Supplier.id, _in_view(unit_ids)
    )
    return total.correlate(Supplier).scalar_subquery()
