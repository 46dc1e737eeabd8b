"""The lists that stand still are complete, and are found by the words people type."""

from collections import Counter
from collections.abc import Iterable

import pytest

from assessments.reference import (
    Industry,
    Prefecture,
    TransactionKind,
    comparable,
    find_industry,
    find_prefecture,
    find_transaction_kind,
    industries,
    prefectures,
    size_band,
    size_bands,
    transaction_kinds,
)


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("E", "E"),
        ("ｅ", "E"),
        ("製造業", "E"),
        ("製造", "E"),
        (" 製 造 業 ", "E"),
        ("E 製造業", "E"),
        ("Manufacturing", "E"),
        ("卸売業，小売業", "I"),
        ("卸売業・小売業", "I"),
        ("サービス業(他に分類されないもの)", "R"),
        ("運送業", "H"),
    ],
)
def test_an_industry_is_found_by_what_people_write(word: str, code: str) -> None:
    industry = find_industry(word)

    assert industry is not None
    assert industry.code == code


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("13", "13"),
        ("１３", "13"),
        ("1", "01"),
        ("東京", "13"),
        ("東京都", "13"),
        ("ﾄｳｷｮｳ", "13"),
        ("osaka", "27"),
    ],
)
def test_a_prefecture_is_found_by_what_people_write(word: str, code: str) -> None:
    prefecture = find_prefecture(word)

    assert prefecture is not None
    assert prefecture.code == code


@pytest.mark.parametrize("word", ["製造委託", "製造", "manufacturing", "外注加工"])
def test_a_kind_of_transaction_is_found_by_what_people_write(word: str) -> None:
    kind = find_transaction_kind(word)

    assert kind is not None
    assert kind.code == "manufacturing"


@pytest.mark.parametrize("word", ["", "宇宙開発", "99"])
def test_an_unknown_word_finds_nothing(word: str) -> None:
    assert find_industry(word) is None
    assert find_prefecture(word) is None
    assert find_transaction_kind(word) is None


def test_the_lists_are_complete() -> None:
    assert "".join(industry.code for industry in industries()) == "ABCDEFGHIJKLMNOPQRST"
    assert [prefecture.code for prefecture in prefectures()] == [f"{code:02}" for code in range(1, 48)]
    assert [kind.name.ja for kind in transaction_kinds()] == [
        "製造委託",
        "修理委託",
        "情報成果物作成委託",
        "役務提供委託",
        "特定運送委託",
        "売買",
        "その他",
    ]


def test_no_word_means_two_things_in_one_list() -> None:
    for entries in (industries(), prefectures(), transaction_kinds()):
        assert not _said_twice(entries)


@pytest.mark.parametrize(
    ("employees", "code"),
    [(0, "1-5"), (1, "1-5"), (5, "1-5"), (6, "6-20"), (300, "101-300"), (301, "301-"), (80_000, "301-")],
)
def test_a_head_count_falls_into_its_band(employees: int, code: str) -> None:
    band = size_band(employees)

    assert band is not None
    assert band.code == code


@pytest.mark.parametrize("employees", [None, -1])
def test_an_unknown_head_count_has_no_band(employees: int | None) -> None:
    assert size_band(employees) is None


def test_the_bands_leave_no_gap() -> None:
    bands = size_bands()

    assert bands[0].minimum == 1
    assert [band.minimum for band in bands[1:]] == [(band.maximum or 0) + 1 for band in bands[:-1]]
    assert bands[-1].maximum is None


def _said_twice(entries: Iterable[Industry | Prefecture | TransactionKind]) -> list[str]:
    words = Counter(
        word
        for entry in entries
        for word in {comparable(word) for word in (entry.code, entry.name.ja, entry.name.en, *entry.aliases)}
    )
    return [word for word, times in words.items() if times > 1]
