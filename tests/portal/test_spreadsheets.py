"""Tables to download: no cell is a formula, Japanese opens as Japanese."""

import io
from datetime import UTC, date, datetime

import pytest
from flask import Flask
from openpyxl import load_workbook

from portal.spreadsheets import Sheet, csv_bytes, csv_response, harmless, xlsx_bytes


def test_a_table_becomes_csv_that_opens_in_japanese(app: Flask) -> None:
    moment = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
    sheet = Sheet(
        "", ["名前", "数", "日", "時"], [["青葉, 太郎", 3, date(2026, 11, 21), moment], [None, "", "", ""]]
    )

    with app.test_request_context():
        written = csv_bytes(sheet)

    assert written.startswith(b"\xef\xbb\xbf")
    lines = written.decode("utf-8-sig").split("\r\n")
    assert lines == ["名前,数,日,時", '"青葉, 太郎",3,2026/11/21,2026/11/21 14:00', ",,,", ""]


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+81", "-1", "@x", "＝1", "＋1", "－1", "＠x", " =1", "\t=1", "\n=1", "\x00=1", "\tx", "\r"],
)
def test_what_starts_like_a_formula_is_made_harmless(text: str) -> None:
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "青葉", "a=b", "03-0000-0000", "１＋１"])
def test_plain_text_stays_as_it_is(text: str) -> None:
    assert harmless(text) == text


def test_every_text_of_a_workbook_is_a_text_cell() -> None:
    sheet = Sheet("一覧", ["=見出し"], [["=1+1"], ["https://x.example"], ["007"], [7]])

    page = load_workbook(io.BytesIO(xlsx_bytes([sheet])))["一覧"]

    cells = [page.cell(row, 1) for row in range(1, 6)]
    assert [(cell.value, cell.data_type) for cell in cells] == [
        ("=見出し", "s"),
        ("=1+1", "s"),
        ("https://x.example", "s"),
        ("007", "s"),
        (7, "n"),
    ]


def test_sheets_get_names_a_workbook_can_hold() -> None:
    names = ["a/b", "A b", "", "長" * 40, "長" * 40]

    book = load_workbook(io.BytesIO(xlsx_bytes([Sheet(name, ["x"], []) for name in names])))

    assert book.sheetnames == ["a b", "A b 2", "Sheet", "長" * 31, "長" * 27 + " 2"]


def test_a_download_keeps_a_japanese_file_name(app: Flask) -> None:
    with app.test_request_context():
        answer = csv_response("未回答-2026年度", Sheet("", ["x"], []))

    assert answer.headers["Content-Disposition"].startswith("attachment; filename")
    assert "utf-8''" in answer.headers["Content-Disposition"].lower()
