"""Files of answers as people keep them: what `sanpo score` reads, and what it refuses with row and column."""

import csv
import io
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from click.testing import Result
from openpyxl import Workbook

from portal.spreadsheets import Sheet, xlsx_bytes
from tests.score_files import CONTENT, KEYS, everything, refused, scored, told

Score = Callable[..., Result]


@pytest.fixture
def score(tmp_path: Path) -> Score:
    """Score rows, or a file's bytes, and give what the command printed."""
    return partial(scored, tmp_path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_a_file_is_read_in_the_encodings_people_have(score: Score, encoding: str) -> None:
    rows = [everything("一部実施している", supplier="㈱髙﨑製作所")]

    assert told(score(rows, "--json", encoding=encoding))[0]["supplier"] == "㈱髙﨑製作所"


@pytest.mark.parametrize("written", [csv.excel, csv.excel_tab, csv.unix_dialect])
def test_a_file_is_read_however_its_cells_are_kept_apart(score: Score, written: type[csv.Dialect]) -> None:
    sheet = io.StringIO(newline="")
    rows = csv.writer(sheet, written)
    rows.writerows([["supplier", KEYS[0], "continuity"], ["青葉\n鋳造, 二", "わからない", 3], ["", "", ""]])

    [record] = told(score(sheet.getvalue().encode(), "--json"))

    assert (record["supplier"], record["unknown"]) == ("青葉\n鋳造, 二", 1)


def test_cells_left_out_at_the_end_of_a_row_are_blank(score: Score) -> None:
    assert told(score(f"supplier,{KEYS[0]},continuity\nA\n".encode(), "--json"))[0]["unknown"] == 0


def test_a_workbook_is_read_too(score: Score) -> None:
    row = everything("わからない", confidentiality=1, continuity=5, connectivity=3)
    book = xlsx_bytes([Sheet("回答", list(row), [list(row.values())])])
    [record] = told(score(book, "--json"))

    assert (record["unknown"], record["inherent"], record["official_score"]) == (len(KEYS), 5, -25)


def test_a_formula_that_was_never_calculated_is_refused_with_its_place(score: Score) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(["supplier", KEYS[0], f"{KEYS[0]}.assurance", "continuity"])
    sheet.append(["青葉鋳造", '=IF(1,"implemented","")', "=B2", 3])
    sheet.append(["=A2", "partial", None, "=1+1"])
    file = io.BytesIO()
    book.save(file)

    found = refused(score(file.getvalue(), "--json"))

    assert [line.split(": ", 1)[0] for line in found] == [
        f"row 2, column 2 ({KEYS[0]})",
        f"row 2, column 3 ({KEYS[0]}.assurance)",
        "row 3, column 1 (supplier)",
        "row 3, column 4 (continuity)",
    ]
    assert all("open it in Excel and save it, or paste the values" in line for line in found)


def test_a_heading_that_was_never_calculated_is_refused_as_one(score: Score) -> None:
    book = Workbook()
    book.worksheets[0].append(["supplier", '="item"', '="item"'])
    file = io.BytesIO()
    book.save(file)

    found = refused(score(file.getvalue()))

    assert [line.split(": ", 1)[0] for line in found] == ["row 1, column 2", "row 1, column 3"]
    assert all("a formula" in line for line in found)


def test_a_workbook_may_have_every_column_there_is(score: Score) -> None:
    row = everything(confidentiality=3, continuity=3, connectivity=3)
    row |= {f"{key}.assurance": "evidenced" for key in KEYS}
    row |= {one.key: "何でも" for one in CONTENT.questions() if not one.is_scored}
    book = xlsx_bytes([Sheet("回答", list(row), [list(row.values())])])

    assert told(score(book, "--json")) == told(score([row], "--json"))


def test_a_workbook_wider_than_any_is_refused(score: Score) -> None:
    book = xlsx_bytes([Sheet("回答", ["supplier", *(f"c{number}" for number in range(300))], [])])

    assert "300 columns" in refused(score(book))[-1]


def test_one_supplier_typed_in_several_ways_is_told_with_both_its_rows(score: Score) -> None:
    names = ["A社", "Ａ社", "B社", "A社\u200b", "a 社", "A-1社"]

    found = refused(score([{"supplier": name, KEYS[0]: "partial"} for name in names]))

    assert [line.split(", capitals")[0] for line in found] == [
        "row 3, column 1 (supplier): 'Ａ社' stands in row 2 already",
        "row 5, column 1 (supplier): 'A社\\u200b' stands in row 2 already",
        "row 6, column 1 (supplier): 'a 社' stands in row 2 already",
    ]


def test_a_supplier_is_named_as_typed_and_numbers_keep_their_dots(score: Score) -> None:
    names = ["㈱Ａ社　本店", "1.10", "11.0", "110"]

    records = told(score([{"supplier": name} for name in names], "--json"))

    assert [record["supplier"] for record in records] == names


def test_a_supplier_of_marks_nobody_sees_is_missing(score: Score) -> None:
    assert "the supplier is missing" in refused(score([{"supplier": "\u200b", KEYS[0]: "partial"}]))[0]


def test_every_mistake_is_told_with_its_row_and_column_and_nothing_else_printed(score: Score) -> None:
    first, second = KEYS[:2]
    lines = [
        f"supplier,{first},unheard,{second}.assurance,confidentiality,,{first}",
        "A,implemented,,verified,3",
        "A,yes,x,proven,6,note",
        ",planned,,,NaN",
        "",
        "B,implemented,,,0",
        "C,4,,none,2.5,,,late",
    ]

    found = refused(score("\n".join(lines).encode(), "--json"))

    assert [line.split(": ")[0] for line in found] == [
        "row 1, column 3 (unheard)",
        f"row 1, column 7 ({first})",
        "row 3, column 6",
        "row 3, column 1 (supplier)",
        f"row 3, column 2 ({first})",
        f"row 3, column 4 ({second}.assurance)",
        "row 3, column 5 (confidentiality)",
        "row 4, column 1 (supplier)",
        "row 4, column 5 (confidentiality)",
        "row 6, column 5 (confidentiality)",
        "row 7, column 8",
        f"row 7, column 2 ({first})",
        f"row 7, column 4 ({second}.assurance)",
        "row 7, column 5 (confidentiality)",
    ]
    twice = "row 3, column 1 (supplier): 'A' stands in row 2 already, capitals, width and spaces aside"
    assert found[3] == twice


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (b"", "empty"),
        (b"\n", "no headings"),
        (b"\n\n", "no headings"),
        ("会社名\nA\n".encode(), "no column is called 'supplier'"),
        (b'supplier\n"A\n', "row 2: a quotation mark"),
        (b"\xff\xfes\x00", "no text"),
        (b"supplier\nA\x00", "no text"),
        (b"supplier\n\x81\xff\xff", "neither UTF-8 nor CP932"),
        (b"PK\x03\x04nothing", "cannot be read"),
        (b"\xd0\xcf\x11\xe0old", "old or locked"),
    ],
)
def test_a_file_that_is_none_is_refused(score: Score, content: bytes, named: str) -> None:
    assert named in refused(score(content))[-1]


def test_a_file_of_nobody_has_no_records(score: Score) -> None:
    assert told(score(b"supplier\n", "--json")) == []
