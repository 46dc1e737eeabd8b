"""What a row changes of a supplier held in memory: its facts, one contact, one relationship."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from assessments.countries import HOME
from assessments.folding import folded

SUPPLIER_FIELDS = {
    "supplier_code": "code",
    "name": "name",
    "kana": "kana",
    "corporate_number": "corporate_number",
    "site": "site",
    "country": "country",
    "industry": "industry",
    "prefecture": "prefecture",
    "employees": "employees",
    "capital": "capital",
}
CONTACT_FIELDS = {
    "contact_name": "name",
    "department": "department",
    "email": "email",
    "phone": "phone",
    "language": "language",
}
RELATIONSHIP_FIELDS = {
    "owner": "owner",
    "transaction_kind": "transaction_kind",
    "confidentiality": "confidentiality",
    "continuity": "continuity",
    "connectivity": "connectivity",
    "spend": "spend",
    "tier": "tier",
}
NEW_SUPPLIER: Mapping[str, Any] = {"kana": "", "site": "", "country": HOME}
NEW_CONTACT: Mapping[str, Any] = {"name": "", "department": "", "phone": "", "language": "ja"}


@dataclass(slots=True, eq=False)
class Part:
    """A supplier, contact or relationship in memory; `set_by` names the row that gave each fact."""

    id: int | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    is_retired: bool = False
    is_changed: bool = False
    set_by: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class SupplierState:
    """A supplier with its contacts in order and its relationships by the unit's folded name."""

    supplier: Part
    contacts: list[Part] = field(default_factory=list)
    relationships: dict[str, Part] = field(default_factory=dict)

    @property
    def is_new(self) -> bool:
        """True where the register does not hold it yet."""
        return self.supplier.id is None


@dataclass(slots=True)
class Plan:
    """What a row asks for: facts by part, parts to be added, and rows it contradicts by column."""

    wanted: list[tuple[Part, str, str, Any]] = field(default_factory=list)
    contact: Part | None = None
    relationship: tuple[str, Part] | None = None
    conflicts: dict[str, int] = field(default_factory=dict)
    meets_retired: bool = False

    def changes(self) -> dict[str, list[Any]]:
        """Give before and after by column, of what is different."""
        return {
            column: [part.facts.get(name), value]
            for part, column, name, value in self.wanted
            if part.facts.get(name) != value
        }

    def adds(self) -> bool:
        """Tell whether a contact or a relationship is new."""
        return self.contact is not None or self.relationship is not None


def new_state() -> SupplierState:
    """Give a supplier that is about to be made."""
    return SupplierState(Part(facts=dict(NEW_SUPPLIER)))


def unit_key(name: str) -> str:
    """Give the name of a unit as units are compared."""
    return folded(name)


def plan(state: SupplierState, values: Mapping[str, Any], *, whole: str) -> Plan:
    """Say what a row asks for; `whole` is the key of the unit that stands for 全社. Changes nothing."""
    made = Plan()
    _want(made, state.supplier, values, SUPPLIER_FIELDS)
    _plan_contact(made, state, values)
    _plan_relationship(made, state, values, whole)
    if state.supplier.set_by:
        made.wanted = [one for one in made.wanted if not _is_said_otherwise(*one)]
        made.conflicts = {
            column: part.set_by[name]
            for part, column, name, value in made.wanted
            if name in part.set_by and part.facts.get(name) != value
        }
    return made


def take(state: SupplierState, made: Plan, *, number: int) -> None:
    """Carry a plan out in memory, in the name of the row `number`."""
    for part, _column, name, value in made.wanted:
        if part.facts.get(name) != value:
            part.facts[name] = value
            part.is_changed = True
        part.set_by[name] = number
    if made.contact is not None:
        state.contacts.append(made.contact)
    if made.relationship is not None:
        key, part = made.relationship
        state.relationships[key] = part


def _is_said_otherwise(part: Part, _column: str, name: str, value: Any) -> bool:
    """Tell whether an earlier row of the file gave the same text in another way of writing."""
    before = part.facts.get(name)
    if name not in part.set_by or not isinstance(value, str) or not isinstance(before, str):
        return False
    return before != value and folded(before) == folded(value)


def _want(made: Plan, part: Part, values: Mapping[str, Any], fields: Mapping[str, str]) -> None:
    made.wanted += [
        (part, column, name, values[column]) for column, name in fields.items() if column in values
    ]


def _plan_contact(made: Plan, state: SupplierState, values: Mapping[str, Any]) -> None:
    if not any(column in values for column in CONTACT_FIELDS):
        return
    found = _contact_of(state, values)
    if found is not None and found.is_retired:
        made.meets_retired = True
        return
    if found is None:
        if not any(column in values for column in ("contact_name", "email", "phone")):
            return
        found = made.contact = Part(facts=dict(NEW_CONTACT))
    _want(made, found, values, CONTACT_FIELDS)


def _contact_of(state: SupplierState, values: Mapping[str, Any]) -> Part | None:
    """Find by address, else by name among those without one; with neither, the main contact."""
    if not state.contacts:
        return None
    email, name = values.get("email"), folded(values.get("contact_name", ""))
    if email is not None:
        same = [one for one in state.contacts if one.facts.get("email") == email]
        if same:
            return min(same, key=lambda one: one.is_retired)
    living = [one for one in state.contacts if not one.is_retired]
    if email is not None:
        living = [one for one in living if not one.facts.get("email")]
    if not name:
        return living[0] if living else None
    named = [one for one in living if folded(one.facts.get("name", "")) == name]
    nameless = [one for one in living if not one.facts.get("name")]
    return next(iter(named or nameless), None)


def _plan_relationship(made: Plan, state: SupplierState, values: Mapping[str, Any], whole: str) -> None:
    key = unit_key(values["business_unit"]) if "business_unit" in values else whole
    found = state.relationships.get(key)
    if found is None:
        is_asked = "business_unit" in values or any(column in values for column in RELATIONSHIP_FIELDS)
        is_first = state.is_new and not state.relationships
        if not (is_asked or is_first):
            return
        found = Part()
        made.relationship = (key, found)
    _want(made, found, values, RELATIONSHIP_FIELDS)
