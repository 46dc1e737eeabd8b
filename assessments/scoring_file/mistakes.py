"""What can be wrong with a file of answers, and where it stands; not how that is worded."""

import enum
from dataclasses import dataclass


class Fault(enum.StrEnum):
    """Why a file cannot be scored."""

    NO_HEADINGS = "no_headings"
    NO_SUPPLIER_COLUMN = "no_supplier_column"
    UNKNOWN_COLUMN = "unknown_column"
    COLUMN_TWICE = "column_twice"
    OUTSIDE_THE_COLUMNS = "outside_the_columns"
    UNCALCULATED = "uncalculated"
    NO_SUPPLIER = "no_supplier"
    SUPPLIER_TWICE = "supplier_twice"
    NO_SUCH_ANSWER = "no_such_answer"
    ABSENT_NOT_ALLOWED = "absent_not_allowed"
    NO_SUCH_ASSURANCE = "no_such_assurance"
    NO_SUCH_EXPOSURE = "no_such_exposure"


@dataclass(frozen=True, slots=True)
class Mistake:
    """One cell that cannot be read: its row and column as a spreadsheet counts them, both from 1.

    `heading` is what stands above the cell; there is no column where one is missing.
    `earlier` is the row or column that says the same, where that is the fault.
    """

    fault: Fault
    row: int
    column: int | None = None
    heading: str = ""
    typed: str = ""
    earlier: int | None = None
