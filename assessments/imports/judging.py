"""What every row of a file would do to the register, before anything is written."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessments.folding import folded
from assessments.imports import matching, merging
from assessments.imports.matching import Identity, Match, may_be_one_place
from assessments.imports.merging import Plan, SupplierState, unit_key
from assessments.imports.rows import ImportRow, words
from assessments.models import BusinessUnit, Membership, Relationship, Role, RowOutcome, User
from assessments.suppliers import WHOLE_COMPANY

CONTRADICTION = "contradicts_row"


@dataclass(frozen=True, slots=True)
class Reach:
    """What the person who imports may write to: units by key and suppliers by id; None is all."""

    units: frozenset[str] | None = None
    suppliers: frozenset[int] | None = None


@dataclass(slots=True)
class Judgement:
    """The rows with their outcomes, and the names of units that confirming would make."""

    rows: list[ImportRow]
    new_units: list[str] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        """Count the rows by outcome, and the new suppliers without an address."""
        found = {outcome.value: 0 for outcome in RowOutcome}
        for row in self.rows:
            found[row.outcome.value] += 1
        found["rows"] = len(self.rows)
        found["without_address"] = sum(
            row.outcome is RowOutcome.CREATE and "email" not in row.values for row in self.rows
        )
        return found


@dataclass(slots=True, eq=False)
class _Group:
    """The rows of the file that mean one supplier; `leader` is the first of them."""

    leader: int
    identity: Identity
    supplier_id: int | None
    state: SupplierState


def judge(session: Session, rows: list[ImportRow], *, reach: Reach) -> Judgement:
    """Give each readable row its outcome. Only reads."""
    judge_ = _Judge(session, reach)
    good = [row for row in rows if not row.errors]
    judge_.prepare(good)
    for row in good:
        judge_.judge(row)
    return Judgement(rows, list(judge_.new_units.values()))


def reach_of(session: Session, user_id: int | None) -> Reach:
    """Give what a user may write to by their procurement roles; an operator (None) may write to all."""
    if user_id is None:
        return Reach()
    unit_ids = set(
        session.scalars(
            select(Membership.business_unit_id).where(
                Membership.user_id == user_id, Membership.role == Role.PROCUREMENT
            )
        )
    )
    if None in unit_ids:
        return Reach()
    keys = session.scalars(select(BusinessUnit.name).where(BusinessUnit.id.in_(unit_ids)))
    suppliers = session.scalars(
        select(Relationship.supplier_id).where(Relationship.business_unit_id.in_(unit_ids))
    )
    return Reach(frozenset(unit_key(name) for name in keys), frozenset(suppliers))


class _Judge:
    """What is known while the rows of one file are judged in order."""

    def __init__(self, session: Session, reach: Reach) -> None:
        self.session = session
        self.reach = reach
        self.units = matching.unit_keys(session)
        self.whole_name = _whole_name(session)
        self.whole = unit_key(self.whole_name)
        self.owners = _owners(session)
        self.new_units: dict[str, str] = {}
        self.states: dict[int, SupplierState] = {}
        self.matches: dict[int, tuple[Identity, Match]] = {}
        self.groups = _Groups()
        self.seen: dict[tuple[str, ...], ImportRow] = {}

    def prepare(self, rows: Sequence[ImportRow]) -> None:
        """Match every row with the register, and load the suppliers that are meant."""
        known = matching.everybody(self.session)
        for row in rows:
            identity = matching.identity_of(row.values)
            self.matches[row.number] = identity, known.match(identity)
        meant = [match.supplier_id for _, match in self.matches.values() if match.supplier_id is not None]
        self.states = matching.states(self.session, meant, self.units)

    def judge(self, row: ImportRow) -> None:
        """Give one row its outcome and take its facts over."""
        self._look_at_unit(row)
        self._look_at_owner(row)
        if row.errors:
            return
        before = self.seen.get(tuple(row.cells))
        if before is not None:
            _repeat(row, before)
            return
        identity, match = self.matches[row.number]
        group = self.groups.find(identity, match)
        if group is None:
            self._lead(row, identity, match)
        else:
            self._follow(row, group)
        if not row.errors:
            self.seen[tuple(row.cells)] = row

    def _lead(self, row: ImportRow, identity: Identity, match: Match) -> None:
        alike = [] if match.supplier_id is not None else self.groups.alike(identity)
        suppliers = {*match.candidates, *(one.supplier_id for one in alike if one.supplier_id is not None)}
        if not self._may_touch({match.supplier_id, *suppliers} - {None}):
            row.errors["supplier_code" if identity.code else "name"] = words("supplier_of_other_unit")
            return
        known = match.supplier_id is not None
        state = self.states[match.supplier_id] if match.supplier_id is not None else merging.new_state()
        row.supplier_id = match.supplier_id
        row.candidates = {
            "suppliers": sorted(suppliers),
            "rows": [one.leader for one in alike if one.supplier_id is None],
        }
        is_asked = bool(row.candidates["suppliers"] or row.candidates["rows"])
        row.candidates = row.candidates if is_asked else {}
        if self._take(row, state):
            is_new = RowOutcome.CANDIDATE if is_asked else RowOutcome.CREATE
            row.outcome = row.outcome if known else is_new
            row.changes = row.changes if known else {}
            self.groups.add(_Group(row.number, identity, match.supplier_id, state))

    def _follow(self, row: ImportRow, group: _Group) -> None:
        if self._take(row, group.state):
            row.supplier_id = group.supplier_id
            row.same_as = group.leader if group.supplier_id is None else None
            self.groups.learn(group, self.matches[row.number][0])

    def _take(self, row: ImportRow, state: SupplierState) -> bool:
        plan = merging.plan(state, row.values, whole=self.whole)
        if plan.conflicts:
            row.errors |= {
                column: words(CONTRADICTION, row=other) for column, other in plan.conflicts.items()
            }
            return False
        _remark(row, plan, state)
        row.changes = plan.changes()
        if plan.relationship is not None:
            row.changes["business_unit"] = [None, row.values.get("business_unit", self.whole_name)]
        row.outcome = RowOutcome.UPDATE if row.changes or plan.adds() else RowOutcome.UNCHANGED
        merging.take(state, plan, number=row.number)
        return True

    def _look_at_unit(self, row: ImportRow) -> None:
        name = row.values.get("business_unit")
        key = self.whole if name is None else unit_key(name)
        if self.reach.units is not None and key not in self.reach.units:
            row.errors["business_unit"] = words("unit_out_of_reach" if name else "whole_out_of_reach")
        elif name is not None and key != self.whole and key not in self.units.values():
            self.new_units.setdefault(key, name)
            row.remarks["business_unit"] = words("new_unit")

    def _look_at_owner(self, row: ImportRow) -> None:
        typed = row.values.get("owner")
        if typed is None:
            return
        found = self.owners.get(folded(typed), [])
        if len(found) == 1:
            row.values["owner"] = found[0]
        else:
            row.remarks["owner"] = words("owner_several" if found else "owner_unknown")

    def _may_touch(self, supplier_ids: Iterable[int | None]) -> bool:
        return self.reach.suppliers is None or self.reach.suppliers.issuperset(supplier_ids)


class _Groups:
    """The suppliers met so far in the file, by their keys."""

    def __init__(self) -> None:
        self._by_supplier: dict[int, _Group] = {}
        self._by_code: dict[str, _Group] = {}
        self._by_number: dict[tuple[str, str], _Group] = {}
        self._by_name: dict[str, list[_Group]] = defaultdict(list)

    def find(self, identity: Identity, match: Match) -> _Group | None:
        """Find the group a row belongs to beyond doubt."""
        if match.supplier_id is not None:
            return self._by_supplier.get(match.supplier_id)
        if identity.code is not None and identity.code in self._by_code:
            return self._by_code[identity.code]
        found = self._by_number.get(identity.number_and_site) if identity.number_and_site else None
        is_sure = found is not None and (identity.code is None or found.identity.code is None)
        return found if is_sure else None

    def alike(self, identity: Identity) -> list[_Group]:
        """Find groups of the same name and place that no key tells apart, or of a contradicting code."""
        numbered = self._by_number.get(identity.number_and_site) if identity.number_and_site else None
        same = [numbered] if numbered is not None else []
        return same + [
            one
            for one in self._by_name.get(identity.name, [])
            if may_be_one_place(identity, one.identity)
            and (identity.code is None or one.identity.code is None)
            and (identity.number is None or one.identity.number is None)
        ]

    def add(self, group: _Group) -> None:
        """Keep a new group."""
        if group.supplier_id is not None:
            self._by_supplier[group.supplier_id] = group
        self._by_name[group.identity.name].append(group)
        self.learn(group, group.identity)

    def learn(self, group: _Group, identity: Identity) -> None:
        """Take over the keys that a further row of a group brings."""
        if identity.code is not None:
            self._by_code.setdefault(identity.code, group)
        if identity.number_and_site is not None:
            self._by_number.setdefault(identity.number_and_site, group)


def _repeat(row: ImportRow, before: ImportRow) -> None:
    row.outcome = RowOutcome.UNCHANGED
    row.supplier_id = before.supplier_id
    row.same_as = None if before.supplier_id is not None else before.same_as or before.number
    row.remarks["name"] = words("repeats_row", row=before.number)


def _remark(row: ImportRow, plan: Plan, state: SupplierState) -> None:
    if plan.meets_retired:
        row.remarks.setdefault("email" if "email" in row.values else "contact_name", words("contact_retired"))
    before = state.supplier.facts.get("name")
    if before is not None and folded(before) != folded(row.values["name"]):
        row.remarks.setdefault("name", words("name_changes", before=before))


def _whole_name(session: Session) -> str:
    name = session.scalar(select(BusinessUnit.name).where(BusinessUnit.is_whole_company))
    return name or WHOLE_COMPANY


def _owners(session: Session) -> dict[str, list[int]]:
    """Give the buyer's users by folded address and name."""
    theirs = select(Membership.user_id).where(Membership.supplier_id.is_(None))
    found: dict[str, list[int]] = defaultdict(list)
    users: Any = select(User.id, User.email, User.name).where(
        User.id.in_(theirs), User.suspended_at.is_(None)
    )
    for user_id, email, name in session.execute(users):
        for word in {folded(email), folded(name)} - {""}:
            found[word].append(user_id)
    return found
