"""A cell is read as its column means it, however it was typed; otherwise it says why not."""

from typing import Any

import pytest

from assessments.imports.cells import NotReadable, read_cell, remark
from assessments.imports.columns import columns

READABLE: list[tuple[str, str, Any]] = [
    ("supplier_code", "Ｓ００１２３", "S00123"),
    ("supplier_code", "00123", "00123"),
    ("supplier_code", "A−001", "A-001"),
    ("name", "㈱青葉鋳造", "㈱青葉鋳造"),
    ("name", "髙﨑製作所①", "髙﨑製作所①"),
    ("name", "株式会社\n青葉  鋳造", "株式会社 青葉 鋳造"),
    ("name", "-", "-"),
    ("corporate_number", "４０１１００１０９８９９３", "4011001098993"),
    ("country", "米国", "US"),
    ("country", "ｖｎ", "VN"),
    ("country", "日本国", "JP"),
    ("industry", "Ｅ", "E"),
    ("industry", "製造業", "E"),
    ("prefecture", "1", "01"),
    ("prefecture", "０１", "01"),
    ("prefecture", "愛知", "23"),
    ("employees", "１２名", 12),
    ("employees", "1,200人", 1200),
    ("employees", "12.0", 12),
    ("employees", "0", 0),
    ("capital", "1,000万円", 10_000_000),
    ("capital", "３億円", 300_000_000),
    ("capital", "1億2,000万円", 120_000_000),
    ("capital", "1.5億", 150_000_000),
    ("capital", "10百万円", 10_000_000),
    ("capital", "￥５，０００，０００", 5_000_000),
    ("capital", "3000千円", 3_000_000),
    ("spend", "12000000", 12_000_000),
    ("email", "ＩＮＦＯ@aoba.example", "info@aoba.example"),
    ("phone", "０５２ー１２３−４５６７", "052-123-4567"),
    ("phone", "+81-52-123-4567", "+81-52-123-4567"),
    ("phone", "052(123)4567 内線12", "052(123)4567 内線12"),
    ("language", "日本語", "ja"),
    ("language", "ＥＮ", "en"),
    ("language", "英語", "en"),
    ("transaction_kind", "製造委託", "manufacturing"),
    ("confidentiality", "５", 5),
    ("continuity", "①", 1),
    ("connectivity", "4.0", 4),
    ("tier", "一次", 1),
    ("tier", "２次", 2),
    ("tier", "Tier 3", 3),
]
UNREADABLE: list[tuple[str, str, str]] = [
    ("supplier_code", "1.0E+05", "exponent"),
    ("supplier_code", "x" * 65, "too_long"),
    ("name", "#REF!", "sheet_error"),
    ("name", "#FORMULA!", "uncalculated"),
    ("name", "青葉\ufffd造", "unreadable_letters"),
    ("name", "青" * 201, "too_long"),
    ("name", "青" * 1001, "too_long"),
    ("corporate_number", "4.01E+12", "exponent"),
    ("corporate_number", "401100109899", "corporate_number_length"),
    ("corporate_number", "4011001098994", "corporate_number_check_digit"),
    ("corporate_number", "青葉", "corporate_number_letters"),
    ("country", "火星", "country"),
    ("industry", "鋳物屋", "industry"),
    ("prefecture", "48", "prefecture"),
    ("employees", "約30", "not_a_number"),
    ("employees", "12.5", "not_whole"),
    ("employees", "-3", "negative"),
    ("employees", "△3", "negative"),
    ("employees", "令和8年", "not_a_number"),
    ("employees", "99999999", "too_high"),
    ("capital", "4.01E+12", "exponent"),
    ("capital", "1,5", "not_an_amount"),
    ("capital", "円", "not_an_amount"),
    ("capital", "三億円", "not_an_amount"),
    ("capital", "1" * 900, "too_high"),
    ("email", "info@aoba", "email_form"),
    ("email", "a@aoba.example、b@aoba.example", "email_several"),
    ("phone", "4.6E+08", "exponent"),
    ("phone", "受付まで", "phone"),
    ("language", "中国語", "language"),
    ("transaction_kind", "おつきあい", "transaction_kind"),
    ("confidentiality", "0", "exposure"),
    ("continuity", "6", "exposure"),
    ("connectivity", "高", "exposure"),
    ("tier", "0", "tier"),
]


@pytest.mark.parametrize(("key", "typed", "value"), READABLE)
def test_a_cell_is_read(key: str, typed: str, value: Any) -> None:
    assert read_cell(key, typed) == value


@pytest.mark.parametrize(("key", "typed", "reason"), UNREADABLE)
def test_a_cell_that_cannot_be_read_says_why(key: str, typed: str, reason: str) -> None:
    with pytest.raises(NotReadable) as refused:
        read_cell(key, typed)

    assert refused.value.reason == reason


@pytest.mark.parametrize("typed", ["", "-", "－", "ー", "なし", "不明", "N/A", "　"])
def test_a_cell_that_says_nothing_is_blank(typed: str) -> None:
    assert read_cell("phone", typed) is None


@pytest.mark.parametrize(
    ("key", "typed", "reason"),
    [
        ("phone", "521234567", "lost_zero"),
        ("corporate_number", "T4011001098993", "invoice_number"),
        ("name", "?野家商店", "question_mark"),
        ("name", "青葉鋳造", None),
    ],
)
def test_a_doubtful_cell_is_remarked_on(key: str, typed: str, reason: str | None) -> None:
    assert remark(key, read_cell(key, typed), typed, encoding="cp932") == reason


def test_the_example_of_every_column_can_be_read() -> None:
    for column in columns():
        assert read_cell(column.key, column.example) is not None, column.key
