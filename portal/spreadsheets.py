"""Tables as files to download: CSV and XLSX in which no cell is ever a formula."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import Response, send_file
from xlsxwriter import Workbook

from portal import filters

CSV_TYPE = "text/csv"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LONGEST_SHEET_NAME = 31
WIDEST = 40
_STARTS_A_FORMULA = re.compile(r"^[\s\x00]*[=+\-@＝＋－＠]|^[\t\r\n\x00]")
_NOT_IN_A_SHEET_NAME = re.compile(r"[\[\]:*?/\\]|^'|'$")

Cell = str | int | float | date | datetime | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table: a name, headings, rows. Times are shown in the organisation's zone."""

    name: str
    headings: Sequence[str]
    rows: Sequence[Sequence[Cell]]


def csv_response(file_name: str, sheet: Sheet) -> Response:
    """Give one table as CSV that spreadsheet programs open in Japanese (UTF-8 with its mark)."""
    return _download(csv_bytes(sheet), CSV_TYPE, f"{file_name}.csv")


def xlsx_response(file_name: str, sheets: Iterable[Sheet]) -> Response:
    """Give tables as one workbook."""
    return _download(xlsx_bytes(sheets), XLSX_TYPE, f"{file_name}.xlsx")


def csv_bytes(sheet: Sheet) -> bytes:
    """Write a table as CSV (RFC 4180); what a program might take for a formula gets an apostrophe."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([harmless(heading) for heading in sheet.headings])
    writer.writerows([_csv_cell(cell) for cell in row] for row in sheet.rows)
    return text.getvalue().encode("utf-8-sig")


def xlsx_bytes(sheets: Iterable[Sheet]) -> bytes:
    """Write tables as a workbook; every text is a text cell."""
    file = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with Workbook(file, {**options, "constant_memory": True, "in_memory": True}) as book:
        bold = book.add_format({"bold": True, "bottom": 1})
        day = book.add_format({"num_format": "yyyy/mm/dd"})
        used: set[str] = set()
        for sheet in sheets:
            page = book.add_worksheet(_sheet_name(sheet.name, used))
            page.freeze_panes(1, 0)
            for column, width in enumerate(_widths(sheet)):
                page.set_column(column, column, width)
            for column, heading in enumerate(sheet.headings):
                page.write_string(0, column, heading, bold)
            for number, row in enumerate(sheet.rows, start=1):
                for column, cell in enumerate(row):
                    _write(page, number, column, cell, day)
    return file.getvalue()


def harmless(text: str) -> str:
    """Give a text as it may stand in CSV: what starts like a formula gets an apostrophe before it."""
    return f"'{text}" if _STARTS_A_FORMULA.match(text) else text


def _csv_cell(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case str():
            return harmless(cell)
        case datetime():
            return f"{cell.astimezone(filters.zone()):%Y/%m/%d %H:%M}"
        case date():
            return f"{cell:%Y/%m/%d}"
    return str(cell)


def _write(page: Any, row: int, column: int, cell: Cell, day: Any) -> None:
    match cell:
        case None | "":
            return
        case str():
            page.write_string(row, column, cell)
        case datetime():
            page.write_string(row, column, _csv_cell(cell))
        case date():
            page.write_datetime(row, column, datetime(cell.year, cell.month, cell.day), day)  # noqa: DTZ001
        case _:
            page.write_number(row, column, cell)


def _widths(sheet: Sheet) -> list[int]:
    looked_at = [sheet.headings, *sheet.rows[:200]]
    columns = range(len(sheet.headings))
    return [min(WIDEST, 2 + max(_width(row[column]) for row in looked_at)) for column in columns]


def _width(cell: Cell) -> int:
    # A full-width letter is as wide as two others.
    return sum(2 if letter > "\u2e7f" else 1 for letter in _csv_cell(cell))


def _sheet_name(name: str, used: set[str]) -> str:
    plain = _NOT_IN_A_SHEET_NAME.sub(" ", name).strip() or "Sheet"
    chosen = plain[:LONGEST_SHEET_NAME]
    number = 2
    while chosen.lower() in used:
        chosen = f"{plain[: LONGEST_SHEET_NAME - 4]} {number}"
        number += 1
    used.add(chosen.lower())
    return chosen


def _download(content: bytes, kind: str, name: str) -> Response:
    return send_file(io.BytesIO(content), mimetype=kind, as_attachment=True, download_name=name)
