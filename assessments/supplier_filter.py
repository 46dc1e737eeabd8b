"""The one language in which suppliers are filtered: the register, campaigns and the command line share it."""

from dataclasses import dataclass, fields

from sqlalchemy import ColumnElement, false, func, select
from sqlalchemy.orm import Session

from assessments import reference
from assessments.folding import search_words
from assessments.models import BusinessUnit, Relationship, Supplier, User

EXPOSURES = (Relationship.confidentiality, Relationship.continuity, Relationship.connectivity)
HIGHEST_STEP = 5
HIGHEST_TIER = 9
Coded = reference.Industry | reference.Prefecture | reference.TransactionKind | reference.SizeBand


class FilterRefused(Exception):
    """A filter names something that does not exist; `key` and `value` say what, as typed."""

    def __init__(self, key: str, value: str) -> None:
        """Keep what was typed."""
        super().__init__(f"{key}={value}")
        self.key, self.value = key, value


@dataclass(frozen=True, slots=True)
class SupplierFilter:
    """What must hold for a supplier; blank asks nothing.

    `unit` and `owner` are public ids, the others codes of `reference`; `exposure` is the least a highest
    exposure must be (1-5). Unit, owner, kind, tier and exposure must hold of one and the same relationship.
    """

    words: str = ""
    unit: str = ""
    owner: str = ""
    industry: str = ""
    prefecture: str = ""
    country: str = ""
    size: str = ""
    kind: str = ""
    tier: int | None = None
    exposure: int | None = None

    @property
    def is_blank(self) -> bool:
        """True where every supplier fits."""
        return self == SupplierFilter()


def conditions(chosen: SupplierFilter) -> list[ColumnElement[bool]]:
    """Give the conditions on Supplier."""
    found: list[ColumnElement[bool]] = [
        Supplier.search_text.contains(word, autoescape=True) for word in search_words(chosen.words)
    ]
    if chosen.industry:
        found.append(Supplier.industry == chosen.industry)
    if chosen.prefecture:
        found.append(Supplier.prefecture == chosen.prefecture)
    if chosen.country:
        found.append(Supplier.country == chosen.country)
    if chosen.size:
        found.append(_in_size(chosen.size))
    between = relationship_conditions(chosen)
    if between:
        found.append(Supplier.id.in_(select(Relationship.supplier_id).where(*between)))
    return found


def relationship_conditions(chosen: SupplierFilter) -> list[ColumnElement[bool]]:
    """Give the conditions on Relationship alone; none where the filter asks nothing of it."""
    found: list[ColumnElement[bool]] = []
    if chosen.unit:
        unit = select(BusinessUnit.id).where(BusinessUnit.public_id == chosen.unit)
        found.append(Relationship.business_unit_id.in_(unit))
    if chosen.owner:
        owner = select(User.id).where(User.public_id == chosen.owner)
        found.append(Relationship.owner_id.in_(owner))
    if chosen.kind:
        found.append(Relationship.transaction_kind == chosen.kind)
    if chosen.tier is not None:
        found.append(Relationship.tier == chosen.tier)
    if chosen.exposure is not None:
        found.append(_at_least(chosen.exposure))
    return found


def from_words(session: Session, pairs: list[tuple[str, str]]) -> SupplierFilter:
    """Read `key=value` pairs of an operator, by the column names of an import. Raises FilterRefused."""
    facts: dict[str, str | int] = {}
    for key, value in pairs:
        name = _NAMES.get(key, key)
        if name not in {field.name for field in fields(SupplierFilter)} or name in facts or not value.strip():
            raise FilterRefused(key, value)
        facts[name] = _read(session, name, key, value.strip())
    return SupplierFilter(**facts)  # type: ignore[arg-type]  # `_read` gives each field its own type


_NAMES = {
    "name": "words",
    "supplier_code": "words",
    "business_unit": "unit",
    "transaction_kind": "kind",
    "inherent": "exposure",
}


def _read(session: Session, name: str, key: str, value: str) -> str | int:
    match name:
        case "tier":
            return _step(key, value, highest=HIGHEST_TIER)
        case "exposure":
            return _step(key, value, highest=HIGHEST_STEP)
        case "unit" | "owner":
            return _known(session, name, key, value)
        case "country":
            return value.upper()
        case "words":
            return value
    code = _code(name, value)
    if code is None:
        raise FilterRefused(key, value)
    return code


def _code(name: str, value: str) -> str | None:
    found: Coded | None
    match name:
        case "industry":
            found = reference.find_industry(value)
        case "prefecture":
            found = reference.find_prefecture(value)
        case "kind":
            found = reference.find_transaction_kind(value)
        case _:
            found = next((band for band in reference.size_bands() if band.code == value), None)
    return found.code if found else None


def _step(key: str, value: str, *, highest: int) -> int:
    if not (value.isdecimal() and 1 <= int(value) <= highest):
        raise FilterRefused(key, value)
    return int(value)


def _known(session: Session, name: str, key: str, value: str) -> str:
    if name == "unit":
        wanted = select(BusinessUnit.public_id).where(BusinessUnit.name == value)
    else:
        wanted = select(User.public_id).where((User.email == value.lower()) | (User.name == value))
    found = session.scalars(wanted).all()
    if len(found) != 1:
        raise FilterRefused(key, value)
    return found[0]


def _in_size(code: str) -> ColumnElement[bool]:
    band = next((band for band in reference.size_bands() if band.code == code), None)
    if band is None:
        return false()
    # The smallest band takes in those with nobody employed.
    lowest = 0 if band is reference.size_bands()[0] else band.minimum
    is_large_enough = Supplier.employees >= lowest
    return is_large_enough if band.maximum is None else is_large_enough & (Supplier.employees <= band.maximum)


def _at_least(step: int) -> ColumnElement[bool]:
    is_reached: ColumnElement[bool] = false()
    for column in EXPOSURES:
        is_reached = is_reached | (func.coalesce(column, 0) >= step)
    return is_reached
