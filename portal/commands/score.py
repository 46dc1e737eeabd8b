"""`sanpo score`: a file of answers scored by the model; opens no database and no data directory."""

import io
import json
import math
import os
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TextIO

import click

from assessments.content_files import questionnaire_names
from assessments.imports.reading import FileRefused
from assessments.questionnaire_content import Content, UnknownQuestionnaire, read
from assessments.scoring_file import reading
from assessments.scoring_file.mistakes import Fault, Mistake
from assessments.scoring_file.records import records
from portal import console

REFUSED = 2
LONGEST_TYPED = 40
SUPPLIER_WIDTH, AXIS_WIDTH = 22, 10
NONE = "–"
FAULTS = {
    Fault.NO_HEADINGS: "the first row holds no headings",
    Fault.NO_SUPPLIER_COLUMN: "no column is called 'supplier'",
    Fault.UNKNOWN_COLUMN: ("is no column of this questionnaire; `sanpo questionnaire export` lists its keys"),
    Fault.COLUMN_TWICE: "stands in column {earlier} already",
    Fault.OUTSIDE_THE_COLUMNS: "{typed} stands in a column without a heading",
    Fault.UNCALCULATED: (
        "a formula whose result is not in the file: open it in Excel and save it, or paste the values alone"
    ),
    Fault.NO_SUPPLIER: "the supplier is missing",
    Fault.SUPPLIER_TWICE: "{typed} stands in row {earlier} already, capitals, width and spaces aside",
    Fault.NO_SUCH_ANSWER: "{typed} is no answer",
    Fault.ABSENT_NOT_ALLOWED: "{typed} is no answer to this question: everybody has what it asks about",
    Fault.NO_SUCH_ASSURANCE: "{typed} is none of attested, evidenced, verified",
    Fault.NO_SUCH_EXPOSURE: "{typed} is none of 1, 2, 3, 4, 5",
}
FILES = {
    "empty": "the file is empty",
    "no_text": "this is no text: save it as CSV in UTF-8, or as XLSX",
    "unknown_encoding": "this is neither UTF-8 nor CP932",
    "broken_csv": "row {row}: a quotation mark is not closed, or a cell is far too long",
    "old_or_locked": "an old or locked workbook: save it as XLSX without a password, or as CSV",
    "broken_workbook": "the workbook cannot be read",
    "workbook_too_heavy": "the workbook is too heavy: save it as CSV",
    "too_large": "a workbook may have {megabytes} MB: save it as CSV",
    "too_many_rows": "a workbook may have {rows} rows: save it as CSV",
    "too_many_columns": "a workbook may have {columns} columns: save it as CSV",
}


@click.command("score")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--questionnaire", "name", default="sanpo-2026", show_default=True, help="The questions and weights."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
def command(file: Path, name: str, as_json: bool) -> None:
    """Score FILE (CSV in UTF-8 or CP932, or XLSX), a supplier a row, without a database.

    Columns: `supplier`; a column a question, by its key, holding an answer's code or its Japanese or
    English words, blank where the question was not asked; KEY.assurance with attested (also where it is
    blank), evidenced or verified, which counts for implemented answers alone and where verified implies
    evidenced; confidentiality, continuity and connectivity from 1 to 5, blank where not graded. The
    profile's columns are ignored. `absent` needs no reason here, but only some questions allow it.

    Each record holds the self-check score (null unless all 25 items are answered), and by domain, axis
    and lens the level 1-5, the score 0-100 and what the next level wants: the points missing of the
    score, the essential questions that hold it, and the fewest questions that, implemented, reach its
    score. Then the lowest level of the axes, the implemented answers by assurance, and the priority:
    inherent 1-5, residual in hundredths, its band, the expected star. What does not exist is null, or –
    in the table. The constants are the questionnaire's own, never those that a buyer has set in its
    portal.

    Where anything is wrong nothing is printed but the mistakes, each with its row and column, and the exit
    status is 2.
    """
    content = _content(name)
    answered = _checked(content, file)
    found = records(content, answered)
    _widen(sys.stdout, as_json=as_json)
    try:
        for line in map(_json_line, found) if as_json else _table(content, found):
            sys.stdout.write(line + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader has seen enough (`| head`); what Python still flushes at its end has no reader either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise click.exceptions.Exit(1) from None


def _widen(output: TextIO, *, as_json: bool) -> None:
    """Let every letter out: JSON is UTF-8, and what a terminal lacks becomes a question mark in the table."""
    if isinstance(output, io.TextIOWrapper):
        output.reconfigure(encoding="utf-8" if as_json else None, errors="replace")


def _content(name: str) -> Content:
    try:
        return read(name)
    except UnknownQuestionnaire as error:
        shipped = ", ".join(questionnaire_names())
        raise console.Refused(
            f"no questionnaire {name!r} is shipped; there is {shipped}", status=REFUSED
        ) from error


def _checked(content: Content, file: Path) -> reading.AnswersFile:
    """The file as codes; every mistake goes to standard error as soon as it is found."""
    try:
        answered = reading.read(content, file, tell=lambda mistake: click.echo(_worded(mistake), err=True))
    except FileRefused as refused:
        raise console.Refused(
            f"{file}: {FILES[refused.reason].format(**refused.facts)}", status=REFUSED
        ) from refused
    if answered is None:
        raise click.exceptions.Exit(REFUSED)
    return answered


def _worded(mistake: Mistake) -> str:
    typed = mistake.typed if len(mistake.typed) <= LONGEST_TYPED else mistake.typed[:LONGEST_TYPED] + "…"
    told = FAULTS[mistake.fault].format(typed=repr(typed), earlier=mistake.earlier)
    if mistake.column is None:
        return f"row {mistake.row}: {told}"
    named = f" ({mistake.heading})" if mistake.heading else ""
    return f"row {mistake.row}, column {mistake.column}{named}: {told}"


def _json_line(record: dict[str, Any]) -> str:
    return json.dumps(record, ensure_ascii=False, allow_nan=False)


def _table(content: Content, found: Iterable[dict[str, Any]]) -> Iterator[str]:
    """A line a supplier: level and score of each axis, and the rest in a few letters; 100 columns wide."""
    axes = [axis.key for axis in content.axes]
    headed = "".join(f"{_fitted(axis, AXIS_WIDTH):{AXIS_WIDTH + 1}}" for axis in axes)
    yield (
        f"{'supplier':{SUPPLIER_WIDTH}} {'check':>5} {headed}{'low':>3} {'unknown':>7} "
        f"{'residual':14} {'star':>4}"
    )
    for record in found:
        sets = "".join(f"{_standing(record['axes'][axis]):{AXIS_WIDTH + 1}}" for axis in axes)
        yield (
            f"{_fitted(record['supplier'], SUPPLIER_WIDTH)} {_shown(record['official_score']):>5} {sets}"
            f"{_shown(record['overall_level']):>3} {record['unknown']:>7} {_residual(record):14} "
            f"{_shown(record['expected_star']):>4}"
        )


def _standing(found: dict[str, Any]) -> str:
    if found["level"] is None:
        return NONE
    # Cut, not rounded: a score below a threshold never looks as if it reached it.
    return f"{found['level']} {math.floor(found['score'] * 10 + 1e-9) / 10:6.1f}"


def _residual(record: dict[str, Any]) -> str:
    return NONE if record["residual"] is None else f"{record['residual']:.2f} {record['band']}"


def _shown(number: int | None) -> str:
    return NONE if number is None else str(number)


def _fitted(text: str, width: int) -> str:
    """The text in exactly so many columns of a terminal, where a Japanese letter takes two."""
    printable = "".join(letter if letter.isprintable() else " " for letter in text)
    if _columns(printable) > width:
        while _columns(printable) > width - 1:
            printable = printable[:-1]
        printable += "…"
    return printable + " " * (width - _columns(printable))


def _columns(text: str) -> int:
    return sum(
        1 + (unicodedata.east_asian_width(letter) in "WF")
        for letter in text
        if not unicodedata.combining(letter)
    )
