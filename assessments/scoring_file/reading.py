"""Reads a file of answers as a whole: every cell checked, every mistake told, codes kept in few bytes."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from assessments.folding import cleaned
from assessments.imports.reading import UNCALCULATED
from assessments.questionnaire_content import Content
from assessments.scoring_file.columns import SUPPLIER, CodedColumn, Columns, columns, compared
from assessments.scoring_file.mistakes import Fault, Mistake
from assessments.scoring_file.tables import rows
from scoring.model import EXPOSURES
from scoring.scale import Codes


@dataclass(frozen=True)
class AnswersFile:
    """What a file says: a supplier a row; answers and assurance by question, exposures 0 where blank."""

    suppliers: list[str]
    answers: Codes
    assurance: Codes
    exposures: Codes


def read(content: Content, path: Path, *, tell: Callable[[Mistake], None]) -> AnswersFile | None:
    """Read and check a whole file; None where a mistake was told. Raises FileRefused."""
    kept = _Kept(tell)
    table = rows(path)
    first, headings = next(table, (1, []))
    if not any(heading.strip() for heading in headings):
        tell(Mistake(Fault.NO_HEADINGS, first))
        return None
    found = columns(content, headings, row=first, tell=kept.refuse)
    width = 2 * len(content.scored) + len(EXPOSURES)
    for number, cells in table:
        if any(cell and not cell.isspace() for cell in cells):
            _keep(kept, found, number, [cell.strip() for cell in cells], width=width)
    if kept.is_refused:
        return None
    codes = np.frombuffer(kept.codes, dtype=np.int8).reshape(len(kept.suppliers), width)
    asked = len(content.scored)
    return AnswersFile(kept.suppliers, codes[:, :asked], codes[:, asked : 2 * asked], codes[:, 2 * asked :])


@dataclass
class _Kept:
    """What has been read: each supplier as typed, the codes of all rows, and whether a mistake was told.

    `rows` is where a supplier stands, by its name in the form in which words are compared.
    """

    tell: Callable[[Mistake], None]
    suppliers: list[str] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)
    codes: bytearray = field(default_factory=bytearray)
    is_refused: bool = False

    def refuse(self, mistake: Mistake) -> None:
        """Tell a mistake, and remember that there was one."""
        self.is_refused = True
        self.tell(mistake)


def _keep(kept: _Kept, found: Columns, number: int, cells: list[str], *, width: int) -> None:
    for place, typed in enumerate(cells):
        if typed and place not in found.named:
            kept.refuse(Mistake(Fault.OUTSIDE_THE_COLUMNS, number, place + 1, "", typed))
    _keep_supplier(kept, found.supplier, number, cells)
    codes = bytearray(width)
    for column in found.coded:
        typed = cells[column.place] if column.place < len(cells) else ""
        if not typed:
            continue
        code = column.codes.get(typed)
        if code is None:
            code = column.codes.get(compared(typed))
        if code is None:
            kept.refuse(Mistake(_fault(column, typed), number, column.place + 1, column.heading, typed))
        else:
            codes[column.target] = code
    kept.codes += codes


def _keep_supplier(kept: _Kept, place: int | None, number: int, cells: list[str]) -> None:
    if place is None:
        return
    supplier = cells[place] if place < len(cells) else ""
    alike = compared(cleaned(supplier))
    if not alike:
        kept.refuse(Mistake(Fault.NO_SUPPLIER, number, place + 1, SUPPLIER))
        return
    if supplier == UNCALCULATED:
        kept.refuse(Mistake(Fault.UNCALCULATED, number, place + 1, SUPPLIER))
        return
    kept.suppliers.append(supplier)
    earlier = kept.rows.setdefault(alike, number)
    if earlier != number:
        kept.refuse(Mistake(Fault.SUPPLIER_TWICE, number, place + 1, SUPPLIER, supplier, earlier))


def _fault(column: CodedColumn, typed: str) -> Fault:
    if typed == UNCALCULATED:
        return Fault.UNCALCULATED
    return Fault.ABSENT_NOT_ALLOWED if compared(typed) in column.forbidden else column.fault
