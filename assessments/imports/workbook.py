"""Reads the first sheet of an XLSX file in a process of its own, with bounds on memory, size and time.

Run as `python -m assessments.imports.workbook COLUMNS`, with how many columns there may be: the file comes in
by standard input, rows go out as JSON.
"""

import io
import json
import re
import resource
import sys
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from openpyxl import load_workbook
from openpyxl.cell.read_only import EMPTY_CELL
from openpyxl.worksheet import _read_only
from openpyxl.worksheet._reader import FORMULA_TAG, VALUE_TAG, WorkSheetParser
from openpyxl.worksheet.cell_range import CellRange
from openpyxl.xml import DEFUSEDXML

from assessments.imports.reading import MOST_ANSWER_COLUMNS, MOST_ROWS, UNCALCULATED, FileRefused, kept_row

MOST_MEMBERS, LARGEST_CONTENT, HIGHEST_RATIO = 200, 100 * 1024 * 1024, 100
SMALL_ENOUGH = 1024 * 1024
MEMORY, SECONDS = 1024 * 1024 * 1024, 50
_PADDED = re.compile(r"0{2,20}")
_TEXT = "str"
_OF_SEVERAL_CELLS = ("array", "dataTable")


class _Parser(WorkSheetParser):
    """A sheet's cells, with UNCALCULATED where a formula stands whose value was never written down.

    Programs that write workbooks leave formulas so; openpyxl itself gives such a cell as a blank one.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.blocks: list[CellRange] = []

    def parse_cell(self, element: Any) -> dict[str, Any]:
        """Read a cell; one formula may fill a block of them."""
        cell: dict[str, Any] = super().parse_cell(element)
        if cell["value"] is not None:
            return cell
        formula = element.find(FORMULA_TAG)
        # A text of no letters, as Excel writes what ="" gives, was calculated and is blank.
        is_text = cell["data_type"] == _TEXT and element.find(VALUE_TAG) is not None
        if formula is not None and not is_text:
            cell["value"] = UNCALCULATED
            if formula.get("t") in _OF_SEVERAL_CELLS and formula.get("ref"):
                self.blocks.append(CellRange(formula.get("ref")))
        return cell

    def parse_row(self, row: Any) -> tuple[int, list[dict[str, Any]]]:
        """Read a row; what a block would fill is as little known as the formula that fills it."""
        number, cells = super().parse_row(row)
        for block in self.blocks:
            if block.min_row <= number <= block.max_row:
                cells = _filled(
                    number, cells, range(block.min_col, min(block.max_col, MOST_ANSWER_COLUMNS) + 1)
                )
        return number, cells


def _filled(number: int, cells: list[dict[str, Any]], columns: range) -> list[dict[str, Any]]:
    here = {cell["column"] for cell in cells if cell["value"] is not None}
    blank = {"row": number, "value": UNCALCULATED, "data_type": _TEXT, "style_id": 0}
    return cells + [blank | {"column": column} for column in columns if column not in here]


# A sheet that is read row by row makes its parser by this name, and has no other way to another one.
_read_only.WorkSheetParser = _Parser  # type: ignore[attr-defined]  # the stubs leave it out


def read_sheet(content: bytes, *, most_columns: int) -> list[tuple[int, list[str]]]:
    """Read the first visible sheet as text. Raises FileRefused."""
    if not DEFUSEDXML:
        raise RuntimeError("openpyxl reads workbooks safely only with defusedxml")
    _check_archive(content)
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        return list(_rows(sheets[0], most_columns)) if sheets else []
    except (
        DefusedXmlException, ParseError, zipfile.BadZipFile, KeyError, ValueError, TypeError,
        IndexError, AttributeError, OSError, EOFError, OverflowError, MemoryError,
    ) as error:  # fmt: skip  # openpyxl raises all of these on broken files
        raise FileRefused("broken_workbook") from error


def _check_archive(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
    except zipfile.BadZipFile as error:
        raise FileRefused("broken_workbook") from error
    unpacked = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    is_dense = unpacked > SMALL_ENOUGH and unpacked > HIGHEST_RATIO * max(1, packed)
    if len(members) > MOST_MEMBERS or unpacked > LARGEST_CONTENT or is_dense:
        raise FileRefused("workbook_too_heavy")
    if any(member.flag_bits & 1 for member in members):
        raise FileRefused("old_or_locked")


def _rows(sheet: Any, most_columns: int) -> Iterator[tuple[int, list[str]]]:
    found = 0
    cells_of_rows = sheet.iter_rows(max_row=MOST_ROWS * 2, max_col=most_columns + 1)
    for number, cells in enumerate(cells_of_rows, start=1):
        texts = [_text(cell) for cell in _without_padding(cells)]
        row = kept_row(number, texts, most_columns=most_columns)
        if row is None:
            continue
        found += 1
        if found > MOST_ROWS + 1:
            raise FileRefused("too_many_rows", rows=MOST_ROWS)
        yield row


def _without_padding(cells: tuple[Any, ...]) -> tuple[Any, ...]:
    """Every row comes as wide as was asked for; behind its last cell that is one and the same empty one."""
    end = next((end for end in range(len(cells), 0, -1) if cells[end - 1] is not EMPTY_CELL), 0)
    return cells[:end]


def _text(cell: Any) -> str:
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return _number(value, cell.number_format)
    if isinstance(value, datetime | date):
        return value.isoformat()[:10]
    return str(value)


def _number(value: float, shown_as: str) -> str:
    if value != int(value):
        return repr(value)
    whole = str(int(value))
    return whole.zfill(len(shown_as)) if _PADDED.fullmatch(shown_as) else whole


def main() -> None:
    """Read standard input, write the rows or the refusal to standard output."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    try:
        told: dict[str, Any] = {"rows": read_sheet(sys.stdin.buffer.read(), most_columns=int(sys.argv[1]))}
    except FileRefused as refusal:
        told = {"refused": refusal.reason, "facts": refusal.facts}
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main()
