"""A file as rows of text, one at a time: CSV in UTF-8 or CP932, or a workbook. Knows no question."""

import codecs
import csv
import io
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import BinaryIO, TypeAlias

from assessments.imports.reading import MOST_ANSWER_COLUMNS, FileRefused, read_workbook

Row: TypeAlias = tuple[int, list[str]]

ENCODINGS = ("utf-8-sig", "cp932")
LARGEST_CHUNK = 1024 * 1024
_ZIP, _OLD_OFFICE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


def rows(path: Path) -> Iterator[Row]:
    """Give every row with its number as a spreadsheet counts it, the headings first. Raises FileRefused.

    A CSV file may have any number of rows; a workbook as many as an import, and more columns.
    """
    with _opened(path) as file:
        start = file.read(len(_ZIP))
        file.seek(0)
        if not start:
            raise FileRefused("empty")
        if start == _OLD_OFFICE:
            raise FileRefused("old_or_locked")
        if start == _ZIP:
            yield from read_workbook(file.read(), most_columns=MOST_ANSWER_COLUMNS).rows
        elif start.startswith(_UTF_16):
            raise FileRefused("no_text")
        else:
            yield from _lines(file)


def _opened(path: Path) -> BinaryIO:
    """The file, or what a pipe holds: it is read more than once."""
    file = path.open("rb")
    if file.seekable():
        return file
    with file:
        return io.BytesIO(file.read())


def _lines(file: BinaryIO) -> Iterator[Row]:
    encoding = _encoding(file)
    file.seek(0)
    with io.TextIOWrapper(file, encoding=encoding, newline="") as lines:
        dialect = _dialect(lines.readline())
        lines.seek(0)
        reader = csv.reader(lines, dialect, strict=True)
        number = 0
        try:
            for number, cells in enumerate(reader, start=1):
                yield number, cells
        except csv.Error as broken:
            raise FileRefused("broken_csv", row=number + 1) from broken


def _dialect(heading: str) -> type[csv.Dialect]:
    return csv.excel_tab if "\t" in heading and "," not in heading else csv.excel


def _encoding(file: BinaryIO) -> str:
    """Give the first encoding in which the whole file can be read, without holding it."""
    for encoding in ENCODINGS:
        file.seek(0)
        if _is_text(file, encoding):
            return encoding
    raise FileRefused("unknown_encoding")


def _is_text(file: BinaryIO, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for chunk in iter(partial(file.read, LARGEST_CHUNK), b""):
            if b"\0" in chunk:
                raise FileRefused("no_text")
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
