"""Writes confirmed rows into the register, a chunk a transaction; a chunk run twice does no harm."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, and_, bindparam, func, or_, select, update
from sqlalchemy.orm import Session

from assessments import audit
from assessments.imports import matching, merging, writing
from assessments.imports.merging import SupplierState, unit_key
from assessments.imports.rows import Words, words
from assessments.imports.uploads import CREATE, UPDATE
from assessments.models import BusinessUnit, ImportState, RowOutcome, SupplierImport, SupplierImportRow
from assessments.suppliers import whole_company

CHUNK = 300
_ROWS: Any = SupplierImportRow.__table__
_SETTLE = (
    update(_ROWS)
    .where(_ROWS.c.id == bindparam("row_id"))
    .values(applied=True, supplier_id=bindparam("of_supplier"))
)


@dataclass(frozen=True, slots=True)
class Settled:
    """How far a chunk came: the number of its last row, and how many rows it settled."""

    last: int
    count: int


@dataclass(slots=True)
class _Merged:
    """What a chunk's rows came to: the state behind each row that is written, why others are left out."""

    states: dict[int, SupplierState] = field(default_factory=dict)
    left: dict[int, dict[str, Words]] = field(default_factory=dict)
    outcomes: Counter[str] = field(default_factory=Counter)


def apply_chunk(session: Session, upload: SupplierImport, *, after: int, now: datetime) -> Settled | None:
    """Settle the next rows after the row `after`, in order; None when nothing is left to write."""
    following = _pending(upload.id).where(SupplierImportRow.number > after)
    rows = session.execute(following.order_by(SupplierImportRow.number).limit(CHUNK)).all()
    if not rows:
        return None
    whole = whole_company(session)
    units = _units(session, [row.values.get("business_unit") for row in rows])
    merged = _merge(session, upload.id, rows, units, whole=unit_key(whole.name))
    writing.write(session, merged.states.values(), units, now=now)
    _settle(session, rows, merged)
    _add_to_counts(upload, merged.outcomes)
    session.flush()
    return Settled(last=rows[-1].number, count=len(rows))


def settle_unchanged(session: Session, upload: SupplierImport, numbers: range) -> int:
    """Settle at once the rows of these numbers that say what the register says already; gives how many."""
    row = SupplierImportRow
    says_the_same = (
        row.import_id == upload.id,
        row.number.between(numbers.start, numbers.stop - 1),
        row.outcome == RowOutcome.UNCHANGED,
        row.supplier_id.is_not(None),
        row.applied.is_(False),
    )
    count = session.scalar(select(func.count()).select_from(row).where(*says_the_same)) or 0
    session.execute(
        update(row).where(*says_the_same).values(applied=True).execution_options(synchronize_session=False)
    )
    _add_to_counts(upload, Counter(unchanged=count))
    session.flush()
    return count


def pending_rows(session: Session, import_id: int) -> int:
    """Count the rows that are confirmed and not yet written."""
    return session.scalar(select(func.count()).select_from(_pending(import_id).subquery())) or 0


def finish(session: Session, upload: SupplierImport, *, now: datetime, by: str) -> None:
    """Close an upload whose rows are all settled; the trail tells how many."""
    if upload.state is ImportState.APPLIED:
        return
    upload.state = ImportState.APPLIED
    upload.applied_at = now
    audit.note(session, upload, "import.applied", now=now, by=by, **upload.counts.get("applied", {}))


def _add_to_counts(upload: SupplierImport, outcomes: Counter[str]) -> None:
    so_far = Counter(upload.counts.get("applied", {}))
    upload.counts = {**upload.counts, "applied": dict(so_far + outcomes)}


def _pending(import_id: int) -> Select[Any]:
    row = SupplierImportRow
    is_good = row.outcome.in_([RowOutcome.CREATE, RowOutcome.UPDATE, RowOutcome.UNCHANGED])
    is_decided = and_(row.outcome == RowOutcome.CANDIDATE, row.chosen.in_([CREATE, UPDATE]))
    return select(row.id, row.number, row.values, row.outcome, row.supplier_id, row.same_as).where(
        row.import_id == import_id, row.applied.is_(False), or_(is_good, is_decided)
    )


def _units(session: Session, names: Iterable[str | None]) -> dict[str, int]:
    """Give the units by key; those the rows name for the first time are made, as the preview said."""
    known = {key: one_id for one_id, key in matching.unit_keys(session).items()}
    for name in names:
        if name is not None and unit_key(name) not in known:
            made = BusinessUnit(name=name)
            session.add(made)
            session.flush()
            known[unit_key(name)] = made.id
    return known


def _merge(
    session: Session, import_id: int, rows: Sequence[Row[Any]], units: dict[str, int], *, whole: str
) -> _Merged:
    keys = {one_id: key for key, one_id in units.items()}
    meant = _meant(session, import_id, rows)
    states = matching.states(session, [one for one in meant.values() if one is not None], keys)
    merged = _Merged()
    for row in rows:
        state = _state_of(row, meant, states, merged)
        if state is None:
            merged.left[row.number] = {"name": words("leader_left_out", row=row.same_as)}
            continue
        is_new = state.is_new and not state.supplier.set_by
        plan = merging.plan(state, row.values, whole=whole)
        if plan.conflicts:
            merged.left[row.number] = {
                column: words("contradicts_row", row=other) for column, other in plan.conflicts.items()
            }
            continue
        merging.take(state, plan, number=row.number)
        merged.states[row.number] = state
        changes_nothing = row.outcome is RowOutcome.UNCHANGED
        merged.outcomes["created" if is_new else "unchanged" if changes_nothing else "updated"] += 1
    return merged


def _meant(session: Session, import_id: int, rows: Sequence[Row[Any]]) -> dict[int, int | None]:
    """Give the supplier each row is for where it is in the register by now."""
    new = {row.number: row for row in rows if row.supplier_id is None and row.same_as is None}
    identities = {number: matching.identity_of(row.values) for number, row in new.items()}
    known = matching.those_with_keys(session, list(identities.values()))
    leaders = {row.same_as for row in rows if row.same_as is not None}
    written = select(SupplierImportRow.number, SupplierImportRow.supplier_id).where(
        SupplierImportRow.import_id == import_id,
        SupplierImportRow.number.in_(leaders),
        SupplierImportRow.applied.is_(True),
    )
    led = {row.number: row.supplier_id for row in session.execute(written)}
    return {
        row.number: row.supplier_id
        or led.get(row.same_as)
        or (known.match(identities[row.number]).supplier_id if row.number in new else None)
        for row in rows
    }


def _state_of(
    row: Row[Any], meant: dict[int, int | None], states: dict[int, SupplierState], merged: _Merged
) -> SupplierState | None:
    supplier_id = meant[row.number]
    if supplier_id is not None:
        return states[supplier_id]
    return merging.new_state() if row.same_as is None else merged.states.get(row.same_as)


def _settle(session: Session, rows: Sequence[Row[Any]], merged: _Merged) -> None:
    settled = [
        {"row_id": row.id, "of_supplier": merged.states[row.number].supplier.id}
        for row in rows
        if row.number in merged.states
    ]
    left = [
        {"id": row.id, "outcome": RowOutcome.ERROR, "errors": merged.left[row.number]}
        for row in rows
        if row.number in merged.left
    ]
    if settled:
        session.connection().execute(_SETTLE, settled)
    if left:
        session.execute(update(SupplierImportRow), left)
