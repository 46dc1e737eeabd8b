"""A row of the file: what its cells were read as, what stands in the way, and what it would do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from assessments.imports.cells import NotReadable, read_cell, remark
from assessments.imports.columns import Headings
from assessments.models import RowOutcome

Words = dict[str, Any]


@dataclass(slots=True)
class ImportRow:
    """Cells as typed, values by column (blank ones left out), and the judgement on them.

    `errors` and `remarks` are words by column, `changes` (before, after) by column.
    """

    number: int
    cells: list[str]
    values: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, Words] = field(default_factory=dict)
    remarks: dict[str, Words] = field(default_factory=dict)
    changes: dict[str, list[Any]] = field(default_factory=dict)
    outcome: RowOutcome = RowOutcome.ERROR
    supplier_id: int | None = None
    candidates: dict[str, list[int]] = field(default_factory=dict)
    same_as: int | None = None


def read_rows(headings: Headings, rows: Sequence[tuple[int, list[str]]], *, encoding: str) -> list[ImportRow]:
    """Read every row below the headings; equal cells of a column are read once."""
    known: dict[str, dict[str, Any]] = {key: {} for key in headings.places}
    return [
        _read_row(headings.places, number, cells, known, encoding=encoding)
        for number, cells in rows
        if number > headings.row
    ]


def words(reason: str, **facts: Any) -> Words:
    """Give an error or remark as it is kept: why, and what fills in the words."""
    return {"reason": reason, **facts}


def _read_row(
    places: Mapping[str, int],
    number: int,
    cells: list[str],
    known: dict[str, dict[str, Any]],
    *,
    encoding: str,
) -> ImportRow:
    row = ImportRow(number, cells)
    for key, place in places.items():
        typed = cells[place] if place < len(cells) else ""
        if typed:
            _read_into(row, key, typed, known[key], encoding=encoding)
    if "name" not in row.values and "name" not in row.errors:
        row.errors["name"] = words("name_missing")
    return row


def _read_into(row: ImportRow, key: str, typed: str, known: dict[str, Any], *, encoding: str) -> None:
    value = known.get(typed)
    if value is None:
        try:
            value = read_cell(key, typed)
        except NotReadable as error:
            row.errors[key] = words(error.reason, **error.facts)
            return
        if value is None:
            return
        known[typed] = value
    row.values[key] = value
    look = remark(key, value, typed, encoding=encoding)
    if look is not None:
        row.remarks[key] = words(look)
