"""How an operator chooses suppliers: `key=value` by the column names of an import, as a condition."""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, and_, exists, select, true

from assessments import reference
from assessments.countries import Country, find_country
from assessments.folding import search_words
from assessments.models import BusinessUnit, Relationship, Supplier, User

EXPOSURES = ("confidentiality", "continuity", "connectivity")
KEYS = (
    "name",
    "supplier_code",
    "industry",
    "prefecture",
    "country",
    "business_unit",
    "owner",
    "transaction_kind",
    "tier",
    *EXPOSURES,
)
Coded = reference.Industry | reference.Prefecture | reference.TransactionKind | Country
HIGHEST_STEP, HIGHEST_TIER = 5, 9


class FilterRefused(Exception):
    """A filter names a key that does not exist, or a value its key cannot have."""


def condition(pairs: Iterable[tuple[str, str]]) -> ColumnElement[bool]:
    """Give the condition on Supplier that all pairs hold; none asks nothing. Raises FilterRefused.

    Those of a relationship must hold of one and the same; an exposure means "at least".
    """
    of_supplier: list[ColumnElement[bool]] = [true()]
    of_relationship: list[ColumnElement[bool]] = []
    for key, value in pairs:
        if key not in KEYS or not value.strip():
            raise FilterRefused(f"{key}={value}: filter by one of {', '.join(KEYS)}")
        found = _of_supplier(key, value.strip())
        if found is not None:
            of_supplier.append(found)
        else:
            of_relationship.append(_of_relationship(key, value.strip()))
    if of_relationship:
        of_supplier.append(exists().where(Relationship.supplier_id == Supplier.id, *of_relationship))
    return and_(*of_supplier)


def _of_supplier(key: str, value: str) -> ColumnElement[bool] | None:
    match key:
        case "name":
            return and_(
                *(Supplier.search_text.contains(word, autoescape=True) for word in search_words(value))
            )
        case "supplier_code":
            return Supplier.code == value
        case "industry":
            return Supplier.industry == _code(key, value, reference.find_industry(value))
        case "prefecture":
            return Supplier.prefecture == _code(key, value, reference.find_prefecture(value))
        case "country":
            return Supplier.country == _code(key, value, find_country(value))
    return None


def _of_relationship(key: str, value: str) -> ColumnElement[bool]:
    match key:
        case "business_unit":
            unit = select(BusinessUnit.id).where(
                (BusinessUnit.name == value) | (BusinessUnit.public_id == value)
            )
            return Relationship.business_unit_id.in_(unit)
        case "owner":
            owner = select(User.id).where((User.email == value.lower()) | (User.name == value))
            return Relationship.owner_id.in_(owner)
        case "transaction_kind":
            kind = _code(key, value, reference.find_transaction_kind(value))
            return Relationship.transaction_kind == kind
        case "tier":
            return Relationship.tier == _step(key, value, highest=HIGHEST_TIER)
    exposure: ColumnElement[int] = getattr(Relationship, key)
    return exposure >= _step(key, value, highest=HIGHEST_STEP)


def _code(key: str, value: str, found: Coded | None) -> str:
    if found is None:
        raise FilterRefused(f"{key}={value}: no such {key}")
    return found.code


def _step(key: str, value: str, *, highest: int) -> int:
    if not (value.isdecimal() and 1 <= int(value) <= highest):
        raise FilterRefused(f"{key}={value}: a number from 1 to {highest}")
    return int(value)
