"""An uploaded file as rows of text: CSV in UTF-8 or CP932 here, XLSX in a process of its own."""

import csv
import io
import json
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

from assessments.folding import UNSEEN

LARGEST_FILE = 20 * 1024 * 1024
MOST_ROWS = 50_000
# The columns of a list of suppliers, and of a file of answers, which has two for each question.
MOST_COLUMNS, MOST_ANSWER_COLUMNS = 100, 300
LONGEST_CELL = 1_000
WORKBOOK_SECONDS = 60
UNREADABLE = "\ufffd"
# What a cell of a workbook holds whose formula was never calculated; people see it as it stands here.
UNCALCULATED = "#FORMULA!"
MOST_UNREADABLE = 0.01
_ZIP, _OLD_OFFICE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
# A cell of ours that was kept from being a formula carries an apostrophe before one of these.
NEUTRALISED = "=+-@\t\r\n＝＋－＠"
_CONTROL = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 127]) | UNSEEN


class FileRefused(Exception):
    """The file as a whole cannot be read; `reason` names why, `facts` fill in the words."""

    def __init__(self, reason: str, **facts: Any) -> None:
        """Keep why."""
        super().__init__(reason)
        self.reason = reason
        self.facts = facts


@dataclass(frozen=True, slots=True)
class Table:
    """The rows that hold something, with their numbers as a spreadsheet counts them."""

    encoding: str
    rows: list[tuple[int, list[str]]]


def read(content: bytes) -> Table:
    """Read a file by what it is, not by what it is called. Raises FileRefused."""
    check_size(content)
    if content.startswith(_OLD_OFFICE):
        raise FileRefused("old_or_locked")
    return read_workbook(content) if content.startswith(_ZIP) else _read_csv(content)


def check_size(content: bytes) -> None:
    """Refuse a file that is empty or too large before anything else. Raises FileRefused."""
    if len(content) > LARGEST_FILE:
        raise FileRefused("too_large", megabytes=LARGEST_FILE // 1024 // 1024)
    if not content.strip():
        raise FileRefused("empty")


def kept_row(
    number: int, cells: list[str], *, most_columns: int = MOST_COLUMNS
) -> tuple[int, list[str]] | None:
    """Give a row without what cannot be seen, None where nothing is left. Raises FileRefused."""
    read_cells = [_kept_cell(cell) for cell in cells]
    while read_cells and not read_cells[-1]:
        read_cells.pop()
    if not read_cells:
        return None
    if len(read_cells) > most_columns:
        raise FileRefused("too_many_columns", columns=most_columns)
    return number, read_cells


def _kept_cell(cell: str) -> str:
    if not (cell.isascii() and cell.isprintable()):
        cell = cell.translate(_CONTROL)
    cell = cell.strip()
    if cell[:1] == "'" and cell[1:2] and cell[1] in NEUTRALISED:
        cell = cell[1:]
    return cell[: LONGEST_CELL + 1]


def _read_csv(content: bytes) -> Table:
    if b"\0" in content or content.startswith(_UTF_16):
        raise FileRefused("no_text")
    encoding, text = _decoded(content)
    rows = []
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(text, newline=""), _dialect(text)), start=1):
            row = kept_row(number, cells)
            if row is not None:
                rows.append(row)
            if len(rows) > MOST_ROWS + 1:
                raise FileRefused("too_many_rows", rows=MOST_ROWS)
    except csv.Error as error:
        raise FileRefused("broken_csv") from error
    return Table(encoding, rows)


def _decoded(content: bytes) -> tuple[str, str]:
    for encoding in ("utf-8-sig", "cp932"):
        try:
            return encoding.removesuffix("-sig"), content.decode(encoding)
        except UnicodeDecodeError:
            continue
    guesses = [(encoding, content.decode(encoding, errors="replace")) for encoding in ("cp932", "utf-8-sig")]
    encoding, text = min(guesses, key=lambda guess: guess[1].count(UNREADABLE))
    if text.count(UNREADABLE) > max(1, MOST_UNREADABLE * len(text)):
        raise FileRefused("unknown_encoding")
    return encoding.removesuffix("-sig"), text


def _dialect(text: str) -> type[csv.Dialect]:
    heading = text.split("\n", 1)[0]
    return csv.excel_tab if "\t" in heading and "," not in heading else csv.excel


def read_workbook(content: bytes, *, most_columns: int = MOST_COLUMNS) -> Table:
    """Read a workbook in a process of its own. Raises FileRefused."""
    check_size(content)
    command = [sys.executable, "-m", "assessments.imports.workbook", str(most_columns)]
    try:
        done = subprocess.run(
            command, input=content, capture_output=True, timeout=WORKBOOK_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise FileRefused("workbook_too_heavy") from error
    if done.returncode != 0:
        raise FileRefused("broken_workbook")
    told = json.loads(done.stdout)
    if "refused" in told:
        raise FileRefused(told["refused"], **told["facts"])
    return Table("xlsx", [(number, cells) for number, cells in told["rows"]])
