"""Reads the first sheet of an XLSX file in a process of its own, with bounds on memory, size and time.

Run as `python -m assessments.imports.workbook`: the file comes in by standard input, rows go out as JSON.
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
from openpyxl.xml import DEFUSEDXML

from assessments.imports.reading import MOST_COLUMNS, MOST_ROWS, FileRefused, kept_row

MOST_MEMBERS, LARGEST_CONTENT, HIGHEST_RATIO = 200, 100 * 1024 * 1024, 100
SMALL_ENOUGH = 1024 * 1024
MEMORY, SECONDS = 1024 * 1024 * 1024, 50
_PADDED = re.compile(r"0{2,20}")


def read_sheet(content: bytes) -> list[tuple[int, list[str]]]:
    """Read the first visible sheet as text. Raises FileRefused."""
    if not DEFUSEDXML:
        raise RuntimeError("openpyxl reads workbooks safely only with defusedxml")
    _check_archive(content)
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        return list(_rows(sheets[0])) if sheets else []
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


def _rows(sheet: Any) -> Iterator[tuple[int, list[str]]]:
    found = 0
    cells_of_rows = sheet.iter_rows(max_row=MOST_ROWS * 2, max_col=MOST_COLUMNS + 1)
    for number, cells in enumerate(cells_of_rows, start=1):
        row = kept_row(number, [_text(cell) for cell in cells])
        if row is None:
            continue
        found += 1
        if found > MOST_ROWS + 1:
            raise FileRefused("too_many_rows", rows=MOST_ROWS)
        yield row


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
        told: dict[str, Any] = {"rows": read_sheet(sys.stdin.buffer.read())}
    except FileRefused as refusal:
        told = {"refused": refusal.reason, "facts": refusal.facts}
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main()
