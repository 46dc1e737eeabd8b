"""Verbs of an upload: take a file in, keep its rows as judged, decide, confirm, discard."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, delete, func, insert, select, update
from sqlalchemy.orm import Session

from assessments import audit
from assessments.imports.columns import Headings
from assessments.imports.judging import Judgement
from assessments.imports.reading import FileRefused
from assessments.imports.rows import ImportRow
from assessments.models import ImportState, RowOutcome, Supplier, SupplierImport, SupplierImportRow

ROWS_AT_ONCE, STRETCH = 500, 10_000
LONGEST_FILE_NAME = 200
UPDATE, CREATE, SKIP = "update", "create", "skip"
_ROWS: Any = SupplierImportRow.__table__
_JUDGED = (
    "values",
    "errors",
    "remarks",
    "changes",
    "candidates",
    "outcome",
    "supplier_id",
    "same_as",
    "chosen",
)
_OPEN = frozenset({ImportState.UPLOADED, ImportState.READY, ImportState.REFUSED})


class ImportIsClosed(Exception):
    """The upload is being written, or was written or discarded: nothing about it can be decided any more."""


class RegisterChanged(Exception):
    """The register changed after the rows were judged: they must be judged anew before they are written."""


class NotACandidate(Exception):
    """The row asks for no decision, or not for this one."""


def upload(
    session: Session, file_name: str, content: bytes, *, now: datetime, by_id: int | None
) -> SupplierImport:
    """Take a file in; nothing of it is read yet. `by_id` is the user's id, None for an operator."""
    made = SupplierImport(
        file_name=file_name[-LONGEST_FILE_NAME:], content=content, uploaded_by_id=by_id, uploaded_at=now
    )
    session.add(made)
    session.flush()
    return made


def content_of(session: Session, import_id: int) -> bytes:
    """Give the uploaded bytes; empty once the rows are kept."""
    return session.scalar(select(SupplierImport.content).where(SupplierImport.id == import_id)) or b""


def refuse(session: Session, upload_: SupplierImport, refusal: FileRefused) -> None:
    """Say that the file cannot be read at all, and drop its bytes."""
    upload_.state = ImportState.REFUSED
    upload_.failure = refusal.reason
    upload_.counts = dict(refusal.facts)
    upload_.content = b""
    session.flush()


def kept_rows(session: Session, import_id: int) -> list[tuple[int, list[str]]]:
    """Give the rows kept so far as they were typed, in order."""
    query = select(SupplierImportRow.number, SupplierImportRow.cells)
    found = session.execute(
        query.where(SupplierImportRow.import_id == import_id).order_by(SupplierImportRow.number)
    )
    return [(number, cells) for number, cells in found]


def decisions(
    session: Session, import_id: int
) -> dict[int, tuple[str, dict[str, Any], int | None, int | None]]:
    """Give what was decided so far, by row: the choice, its candidates, supplier and row."""
    rows = session.scalars(_rows_of(import_id).where(SupplierImportRow.chosen.is_not(None)))
    return {
        row.number: (row.chosen, row.candidates, row.supplier_id, row.same_as)
        for row in rows
        if row.chosen is not None
    }


def drop_rows(session: Session, import_id: int, numbers: range) -> None:
    """Forget kept rows before the file is read anew; those of these numbers, so that nobody waits long."""
    in_range = SupplierImportRow.number.between(numbers.start, numbers.stop - 1)
    session.execute(delete(SupplierImportRow).where(SupplierImportRow.import_id == import_id, in_range))


def stretches(session: Session, import_id: int) -> list[range]:
    """Give the numbers of the rows kept so far, in stretches that one short transaction can touch."""
    highest = session.scalar(
        select(func.max(SupplierImportRow.number)).where(SupplierImportRow.import_id == import_id)
    )
    return [range(start, start + STRETCH) for start in range(1, (highest or 0) + 1, STRETCH)]


def keep_rows(
    session: Session, import_id: int, rows: Sequence[ImportRow], decided: Mapping[int, Any]
) -> None:
    """Keep judged rows; a decision made before stands where the same question is still asked."""
    session.execute(insert(_ROWS), [_kept(import_id, row, decided) for row in rows])


def change_rows(
    session: Session, import_id: int, rows: Sequence[ImportRow], decided: Mapping[int, Any]
) -> None:
    """Judge kept rows anew where they stand; a decision stands as with `keep_rows`."""
    judged = {name: bindparam(f"new_{name}", type_=_ROWS.c[name].type) for name in _JUDGED}
    statement = (
        update(_ROWS)
        .where(_ROWS.c.import_id == import_id, _ROWS.c.number == bindparam("of_number"))
        .values(judged)
    )
    kept = [_kept(import_id, row, decided) for row in rows]
    session.connection().execute(
        statement,
        [{"of_number": row["number"], **{f"new_{name}": row[name] for name in _JUDGED}} for row in kept],
    )


def ready(
    session: Session,
    upload_: SupplierImport,
    headings: Headings,
    judgement: Judgement,
    *,
    encoding: str,
    now: datetime,
) -> None:
    """Offer the judged rows for confirmation; the file's bytes are kept no longer."""
    upload_.encoding = encoding
    upload_.headings = headings.typed
    upload_.columns = {
        "places": dict(headings.places),
        "repeated": headings.repeated,
        "row": headings.row,
        "reason": headings.reason,
    }
    upload_.unknown_columns = headings.unknown
    upload_.counts = {**judgement.counts(), "new_units": judgement.new_units}
    upload_.content = b""
    upload_.state = ImportState.READY
    upload_.previewed_at = now
    session.flush()


def decide(
    session: Session, upload_: SupplierImport, number: int, choice: str, *, target: int | None = None
) -> None:
    """Decide about one doubtful row: `update` a candidate, `create` another supplier, or `skip` the row.

    `target` is a supplier's id, or minus a row's number. Raises ImportIsClosed, NotACandidate.
    """
    _must_be_ready(upload_)
    row = session.scalar(
        _rows_of(upload_.id).where(
            SupplierImportRow.number == number, SupplierImportRow.outcome == RowOutcome.CANDIDATE
        )
    )
    if row is None or choice not in {UPDATE, CREATE, SKIP}:
        raise NotACandidate
    if choice == UPDATE and target not in targets_of(row.candidates):
        raise NotACandidate
    for name, value in _choice(choice, target if choice == UPDATE else None).items():
        setattr(row, name, value)


def decide_all(session: Session, upload_: SupplierImport, choice: str) -> int:
    """Decide alike about every doubtful row that is still open; `update` where there is one candidate.

    Gives how many were decided. Raises ImportIsClosed, NotACandidate.
    """
    _must_be_ready(upload_)
    if choice not in {UPDATE, CREATE, SKIP}:
        raise NotACandidate
    still_open = select(SupplierImportRow.id, SupplierImportRow.candidates).where(
        SupplierImportRow.import_id == upload_.id,
        SupplierImportRow.outcome == RowOutcome.CANDIDATE,
        SupplierImportRow.chosen.is_(None),
    )
    rows = session.execute(still_open).all()
    chosen = [
        {"id": row.id, **_choice(choice, targets[0] if choice == UPDATE else None)}
        for row in rows
        if len(targets := targets_of(row.candidates)) == 1 or choice != UPDATE
    ]
    if chosen:
        session.execute(update(SupplierImportRow), chosen)
    return len(chosen)


def targets_of(candidates: Mapping[str, list[int]]) -> list[int]:
    """Give whom a doubtful row may be the same as: ids of suppliers, and rows as minus their numbers."""
    return [*candidates.get("suppliers", []), *(-number for number in candidates.get("rows", []))]


def undecided(session: Session, import_id: int) -> int:
    """Count the doubtful rows nobody has decided about."""
    query = (
        select(func.count())
        .select_from(SupplierImportRow)
        .where(
            SupplierImportRow.import_id == import_id,
            SupplierImportRow.outcome == RowOutcome.CANDIDATE,
            SupplierImportRow.chosen.is_(None),
        )
    )
    return session.scalar(query) or 0


def left_out(session: Session, import_id: int) -> list[SupplierImportRow]:
    """Give the rows that were not or will not be written for want of sense or of a decision, in order."""
    is_open = (SupplierImportRow.outcome == RowOutcome.CANDIDATE) & SupplierImportRow.chosen.is_(None)
    is_wrong = SupplierImportRow.outcome == RowOutcome.ERROR
    wanted = _rows_of(import_id).where(is_open | is_wrong, SupplierImportRow.applied.is_(False))
    return list(session.scalars(wanted.order_by(SupplierImportRow.number)))


def confirm(session: Session, upload_: SupplierImport, *, now: datetime, by: str) -> None:
    """Have the good and the decided rows written. Raises ImportIsClosed, RegisterChanged."""
    _must_be_ready(upload_)
    latest = session.scalar(select(func.max(Supplier.updated_at)))
    if latest is not None and upload_.previewed_at is not None and latest > upload_.previewed_at:
        raise RegisterChanged
    upload_.state = ImportState.APPLYING
    rows = upload_.counts.get("rows", 0)
    audit.note(session, upload_, "import.confirmed", now=now, by=by, rows=rows)


def judge_again(session: Session, upload_: SupplierImport) -> None:
    """Have the kept rows judged anew. Raises ImportIsClosed."""
    _must_be_ready(upload_)
    upload_.state = ImportState.UPLOADED
    session.flush()


def discard(session: Session, upload_: SupplierImport, *, now: datetime, by: str) -> None:
    """Forget an upload with all its rows; the register stays as it is. Raises ImportIsClosed."""
    if upload_.state not in _OPEN:
        raise ImportIsClosed
    audit.note(session, upload_, "import.discarded", now=now, by=by)
    for numbers in stretches(session, upload_.id):
        drop_rows(session, upload_.id, numbers)
    session.delete(upload_)
    session.flush()


def locked(session: Session, import_id: int) -> SupplierImport | None:
    """Give an upload and keep others from changing it until the end of the transaction."""
    return session.scalar(
        select(SupplierImport).where(SupplierImport.id == import_id).with_for_update(of=SupplierImport)
    )


def _must_be_ready(upload_: SupplierImport) -> None:
    if upload_.state is not ImportState.READY:
        raise ImportIsClosed


def _choice(choice: str, target: int | None) -> dict[str, Any]:
    return {
        "chosen": choice,
        "supplier_id": target if target is not None and target > 0 else None,
        "same_as": -target if target is not None and target < 0 else None,
    }


def _kept(import_id: int, row: ImportRow, decided: Mapping[int, Any]) -> dict[str, Any]:
    chosen, candidates, supplier_id, same_as = decided.get(row.number, (None, None, None, None))
    still_asked = row.outcome is RowOutcome.CANDIDATE and candidates == row.candidates
    return {
        "import_id": import_id,
        "number": row.number,
        "cells": row.cells,
        "values": row.values,
        "errors": row.errors,
        "remarks": row.remarks,
        "changes": row.changes,
        "candidates": row.candidates,
        "outcome": row.outcome if not row.errors else RowOutcome.ERROR,
        "supplier_id": supplier_id if still_asked else row.supplier_id,
        "same_as": same_as if still_asked else row.same_as,
        "chosen": chosen if still_asked else None,
        "applied": False,
    }


def _rows_of(import_id: int) -> Select[SupplierImportRow]:
    return select(SupplierImportRow).where(SupplierImportRow.import_id == import_id)
