"""Names are compared and searched however they are written."""

import pytest

from assessments.folding import cleaned, folded, narrowed, search_text, search_words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("㈱青葉鋳造", "株式会社 青葉鋳造"),
        ("青葉鋳造（株）", "青葉鋳造株式会社"),
        ("髙﨑製作所", "高崎製作所"),
        ("ｱｵﾊﾞﾁｭｳｿﾞｳ", "あおばちゅうぞう"),
        ("ＡＢＣ　商事", "abc商事"),
        ("渡邉工業", "渡辺工業"),
        ("㈲梅田精機", "有限会社梅田精機"),
        ("サンポ・テック", "サンポテック"),
    ],
)
def test_two_ways_of_writing_one_name_are_alike(one: str, other: str) -> None:
    assert folded(one) == folded(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("株式会社青葉鋳造", "青葉鋳造株式会社"), ("青葉鋳造", "株式会社青葉鋳造"), ("青葉", "青羽")],
)
def test_two_names_stay_two(one: str, other: str) -> None:
    assert folded(one) != folded(other)


def test_a_kept_text_is_one_line_without_what_cannot_be_seen() -> None:
    assert cleaned("株式会社\n青葉\u200b鋳造\u202e \x00") == "株式会社 青葉鋳造"


def test_long_vowels_between_digits_are_dashes_in_codes() -> None:
    assert narrowed("０３ー１２３４−５６７８") == "03-1234-5678"
    assert narrowed("データ") == "データ"


def test_every_word_of_a_search_is_folded() -> None:
    looked_in = search_text("㈱青葉鋳造", "アオバチュウゾウ", "S-001", None, "")

    assert all(word in looked_in for word in search_words("あおば　株式会社"))
    assert search_words("   ") == []
