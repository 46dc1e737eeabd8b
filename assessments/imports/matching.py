"""Which supplier of the register a row means: by code, else by 法人番号 and site, else a person decides."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, or_, select
from sqlalchemy.orm import Session

from assessments.folding import folded
from assessments.imports.merging import CONTACT_FIELDS, SUPPLIER_FIELDS, Part, SupplierState, unit_key
from assessments.models import BusinessUnit, Contact, Relationship, Supplier

CHUNK = 500


@dataclass(frozen=True, slots=True)
class Identity:
    """What tells a supplier from others; name and site are folded."""

    code: str | None
    number: str | None
    site: str
    name: str
    prefecture: str | None

    @property
    def number_and_site(self) -> tuple[str, str] | None:
        """The second key, where there is a number."""
        return None if self.number is None else (self.number, self.site)


@dataclass(frozen=True, slots=True)
class Match:
    """The supplier a row means, or those it may mean, or neither."""

    supplier_id: int | None = None
    candidates: list[int] = field(default_factory=list)


class Known:
    """The suppliers of the register, or some of them, by what tells them apart."""

    def __init__(self, rows: Iterable[tuple[int, Identity]]) -> None:
        """Index suppliers by their keys."""
        self.identities = dict(rows)
        self._by_code: dict[str, int] = {}
        self._by_short_code: dict[str, list[int]] = defaultdict(list)
        self._by_number: dict[str, list[int]] = defaultdict(list)
        self._by_name: dict[str, list[int]] = defaultdict(list)
        for supplier_id, identity in self.identities.items():
            if identity.code is not None:
                self._by_code[identity.code] = supplier_id
                self._by_short_code[_short(identity.code)].append(supplier_id)
            if identity.number is not None:
                self._by_number[identity.number].append(supplier_id)
            self._by_name[identity.name].append(supplier_id)

    def match(self, row: Identity) -> Match:
        """Find whom a row means; several, or a contradicting code, are for a person to decide."""
        if row.code is not None and row.code in self._by_code:
            return Match(self._by_code[row.code])
        same = [one for one in self._numbered(row) if self.identities[one].site == row.site]
        if len(same) == 1 and (row.code is None or self.identities[same[0]].code is None):
            return Match(same[0])
        return Match(candidates=sorted({*same, *self._alike(row)}))

    def _numbered(self, row: Identity) -> list[int]:
        return self._by_number.get(row.number, []) if row.number is not None else []

    def _alike(self, row: Identity) -> Iterator[int]:
        for one in self._numbered(row):
            if not (row.site and self.identities[one].site):
                yield one
        for one in self._by_name.get(row.name, []):
            if may_be_one_place(row, self.identities[one]):
                yield one
        if row.code is not None and row.code.isdigit():
            yield from self._by_short_code.get(_short(row.code), [])


def may_be_one_place(one: Identity, other: Identity) -> bool:
    """Tell whether two are in the same prefecture, as far as is known."""
    return one.prefecture == other.prefecture or not one.prefecture or not other.prefecture


def identity_of(values: Mapping[str, Any]) -> Identity:
    """Give what tells the supplier of a row from others."""
    return Identity(
        code=values.get("supplier_code"),
        number=values.get("corporate_number"),
        site=folded(values.get("site", "")),
        name=folded(values.get("name", "")),
        prefecture=values.get("prefecture"),
    )


def everybody(session: Session) -> Known:
    """Give all suppliers of the register."""
    return Known(_identities(session, None))


def those_with_keys(session: Session, rows: Sequence[Identity]) -> Known:
    """Give the suppliers that share a code, or a number, with one of a few rows."""
    codes = {row.code for row in rows if row.code is not None}
    numbers = {row.number for row in rows if row.number is not None}
    return Known(_identities(session, or_(Supplier.code.in_(codes), Supplier.corporate_number.in_(numbers))))


def states(
    session: Session, supplier_ids: Iterable[int], units: Mapping[int, str]
) -> dict[int, SupplierState]:
    """Give suppliers in memory with contacts and relationships; `units` are the units' keys by id."""
    found: dict[int, SupplierState] = {}
    ids = sorted(set(supplier_ids))
    for start in range(0, len(ids), CHUNK):
        found |= _states(session, ids[start : start + CHUNK], units)
    return found


def unit_keys(session: Session) -> dict[int, str]:
    """Give the keys of the units by their ids."""
    return {
        one_id: unit_key(name) for one_id, name in session.execute(select(BusinessUnit.id, BusinessUnit.name))
    }


def _states(session: Session, ids: list[int], units: Mapping[int, str]) -> dict[int, SupplierState]:
    columns = Supplier.__table__.c
    wanted = [columns[name] for name in ("id", *SUPPLIER_FIELDS.values())]
    rows = session.execute(select(*wanted).where(Supplier.id.in_(ids))).mappings()
    found = {row["id"]: SupplierState(Part(id=row["id"], facts=_facts(row))) for row in rows}
    contacts = Contact.__table__.c
    wanted = [contacts[name] for name in ("id", "supplier_id", "retired_at", *CONTACT_FIELDS.values())]
    query = select(*wanted).where(Contact.supplier_id.in_(ids)).order_by(Contact.id)
    for row in session.execute(query).mappings():
        part = Part(id=row["id"], facts=_facts(row), is_retired=row["retired_at"] is not None)
        found[row["supplier_id"]].contacts.append(part)
    relationships = select(Relationship.__table__).where(Relationship.supplier_id.in_(ids))
    for row in session.execute(relationships).mappings():
        facts = _facts(row) | {"owner": row["owner_id"] or row["owner_name"] or None}
        state = found[row["supplier_id"]]
        state.relationships[units[row["business_unit_id"]]] = Part(id=row["id"], facts=facts)
    return found


def _facts(row: RowMapping) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in {"id", "supplier_id", "retired_at"}}


def _identities(session: Session, condition: ColumnElement[bool] | None) -> Iterator[tuple[int, Identity]]:
    query = select(
        Supplier.id,
        Supplier.code,
        Supplier.corporate_number,
        Supplier.site,
        Supplier.name,
        Supplier.prefecture,
    )
    for one in session.execute(query if condition is None else query.where(condition)):
        yield (
            one.id,
            Identity(one.code, one.corporate_number, folded(one.site), folded(one.name), one.prefecture),
        )


def _short(code: str) -> str:
    return code.lstrip("0") if code.isdigit() else code
