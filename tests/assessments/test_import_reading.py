"""Files are read as they come from Japanese spreadsheets; hostile ones are refused and harm nothing."""

import io
import time
import zipfile

import pytest
from openpyxl import Workbook
from openpyxl.worksheet.formula import ArrayFormula

from assessments.imports import reading
from assessments.imports.columns import columns, find_headings
from assessments.imports.reading import FileRefused, read

NAMES = "髙﨑工業①㈱～－"
SHEET = "xl/worksheets/sheet1.xml"


@pytest.mark.parametrize(
    ("encoding", "told"), [("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("cp932", "cp932")]
)
def test_a_csv_is_read_in_each_encoding(encoding: str, told: str) -> None:
    table = read(f"会社名,メール\r\n{NAMES},info@aoba.example\r\n".encode(encoding))

    assert table.encoding == told
    assert table.rows == [(1, ["会社名", "メール"]), (2, [NAMES, "info@aoba.example"])]


def test_a_workbook_is_read_as_it_is_shown() -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["会社名", "取引先コード", "法人番号", "資本金", "備考"])
    sheet.append([NAMES, 123, 4011001098993, 10_000_000.0, None])
    sheet["B2"].number_format = "00000"
    sheet.append([])
    sheet.append(["青葉鋳造", "00124", None, 1.5, None])

    table = read(_saved(book))

    assert table.encoding == "xlsx"
    assert table.rows[1] == (2, [NAMES, "00123", "4011001098993", "10000000"])
    assert table.rows[2] == (4, ["青葉鋳造", "00124", "", "1.5"])


def test_a_formula_that_was_never_calculated_is_told_from_a_blank() -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["会社名", "従業員数"])
    sheet.append(["青葉鋳造", "=10+2"])
    sheet.append([None, None])
    sheet.append([None, "=B2"])
    sheet.append(["梅田精機", None])

    assert read(_saved(book)).rows[1:] == [
        (2, ["青葉鋳造", reading.UNCALCULATED]),
        (4, ["", reading.UNCALCULATED]),
        (5, ["梅田精機"]),
    ]


def test_what_a_formula_of_several_cells_would_fill_is_no_blank_either() -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["会社名", "従業員数", "資本金"], *([name] for name in ("青葉", "若葉", "梅田"))):
        sheet.append(row)
    sheet["B2"] = ArrayFormula("B2:C3", "=E2:F3*1")

    assert [cells for _, cells in read(_saved(book)).rows[1:]] == [
        ["青葉", reading.UNCALCULATED, reading.UNCALCULATED],
        ["若葉", reading.UNCALCULATED, reading.UNCALCULATED],
        ["梅田"],
    ]


@pytest.mark.parametrize(
    ("cell", "kept"),
    [
        (b"<c><f>1+1</f><v>2</v></c>", ["2"]),
        (b"<c><f>1+1</f></c>", [reading.UNCALCULATED]),
        (b"<c><f>1+1</f><v/></c>", [reading.UNCALCULATED]),
        (b'<c t="str"><f>""</f><v></v></c>', []),
        (b'<c t="str"><f>A1</f></c>', [reading.UNCALCULATED]),
        (b'<c t="str"><f>"a"</f><v>a</v></c>', ["a"]),
        (b'<c t="shared"><f t="shared" si="0"/></c>', [reading.UNCALCULATED]),
        (b'<c t="e"><f>1/0</f><v>#DIV/0!</v></c>', ["#DIV/0!"]),
    ],
)
def test_the_value_a_spreadsheet_kept_of_a_formula_is_read(cell: bytes, kept: list[str]) -> None:
    content = _with_sheet(
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row>'
        + cell
        + b"</row></sheetData></worksheet>"
    )

    assert [cells for _, cells in read(content).rows] == ([kept] if kept else [])


def test_rows_are_counted_as_a_spreadsheet_counts_them() -> None:
    table = read('会社名\n"青葉\n鋳造"\n\n梅田精機\n'.encode())

    assert [number for number, _ in table.rows] == [1, 2, 4]


def test_tabs_may_part_the_columns() -> None:
    assert read("会社名\tカナ\n青葉\tアオバ\n".encode()).rows[1] == (2, ["青葉", "アオバ"])


def test_a_letter_that_no_encoding_knows_is_left_to_its_cell() -> None:
    good = "青葉鋳造株式会社,愛知県\r\n" * 50
    table = read(f"会社名,都道府県\r\n{good}".encode("cp932") + b"\x81\x20,\x88\xa4\x92m\r\n")

    assert table.encoding == "cp932"
    assert reading.UNREADABLE in table.rows[51][1][0]
    assert table.rows[51][1][1] == "愛知"


def test_our_own_apostrophe_before_a_formula_is_taken_off() -> None:
    assert read("会社名,電話\n青葉,'+81-52-0000\n".encode()).rows[1][1] == ["青葉", "+81-52-0000"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b" \r\n", "empty"),
        ("会社名\n青葉".encode("utf-16"), "no_text"),
        (b"\x00\x01\x02", "no_text"),
        (b"\xff\xfd\x80\x81" * 200, "unknown_encoding"),
        (b"\xd0\xcf\x11\xe0" + bytes(600), "old_or_locked"),
        (b"PK\x03\x04 not a workbook", "broken_workbook"),
        (b"x" * (reading.LARGEST_FILE + 1), "too_large"),
        (b"a" * 200_000, "broken_csv"),
        (("会社名" + ",x" * 100 + "\n").encode(), "too_many_columns"),
        (("会社名\n" + "青\n" * (reading.MOST_ROWS + 1)).encode(), "too_many_rows"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(content: bytes, reason: str) -> None:
    with pytest.raises(FileRefused) as refused:
        read(content)

    assert refused.value.reason == reason


def test_a_bomb_of_a_workbook_is_refused_before_it_unfolds() -> None:
    content = _with_sheet(b"<worksheet>" + b" " * 50_000_000 + b"</worksheet>")

    assert len(content) < 1_000_000
    _is_refused_soon(content, "workbook_too_heavy")


def test_a_cell_at_the_far_corner_costs_nothing() -> None:
    content = _with_sheet(
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'
    )
    started = time.monotonic()

    assert read(content).rows == []
    assert time.monotonic() - started < 10


def test_entities_that_multiply_are_refused() -> None:
    laughs = b"".join(b'<!ENTITY l%d "%s">' % (level, b"&l%d;" % (level - 1) * 10) for level in range(1, 10))
    content = _with_sheet(
        b'<!DOCTYPE worksheet [<!ENTITY l0 "lol">' + laughs + b"]><worksheet>&l9;</worksheet>"
    )

    _is_refused_soon(content, "broken_workbook")


def test_headings_are_found_in_any_order_and_language() -> None:
    headings = find_headings(
        [(1, ["取引先一覧"]), (2, ["E-mail", "会社名（必須）", "備考", "従業員数 ※", "社名"])]
    )

    assert headings is not None
    assert headings.row == 2
    assert headings.places == {"email": 0, "name": 1, "employees": 3}
    assert headings.unknown == ["備考"]
    assert headings.repeated == ["社名"]


def test_every_column_is_found_by_its_key_and_both_names() -> None:
    for column in columns():
        for heading in (column.key, column.name.ja, column.name.en, column.name.en.upper()):
            found = find_headings([(1, ["会社名", heading])])
            assert found is not None
            assert column.key in found.places, heading


def test_no_heading_means_two_columns() -> None:
    words = [word for column in columns() for word in (column.name.ja, column.name.en, *column.aliases)]
    places = [find_headings([(1, ["会社名", word])]) for word in words]

    assert all(found and not found.unknown for found in places)


def test_a_file_without_company_names_has_no_headings() -> None:
    assert find_headings([(1, ["備考", "メモ"])]) is None


def _saved(book: Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _with_sheet(xml: bytes) -> bytes:
    """Give a workbook whose one sheet is this XML."""
    file = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(_saved(Workbook()))) as made,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as hostile,
    ):
        for name in made.namelist():
            hostile.writestr(name, xml if name == SHEET else made.read(name))
    return file.getvalue()


def _is_refused_soon(content: bytes, reason: str) -> None:
    started = time.monotonic()
    with pytest.raises(FileRefused) as refused:
        read(content)
    assert refused.value.reason == reason
    assert time.monotonic() - started < 10
