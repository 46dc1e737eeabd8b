"""Words in braces in the buyer's message: which there are, what they become, what is refused."""

import pytest

from assessments import placeholders

VALUES = {"supplier": "青葉鋳造{お名前}", "name": "青葉 太郎", "due": "12月18日"}


@pytest.mark.parametrize(
    "written", ["{会社名}", "｛会社名｝", "{ 会社名 }", "{company}", "{Company}", "{supplier}"]
)
def test_a_word_is_known_in_both_languages_and_widths(written: str) -> None:
    assert placeholders.unknown(written) == []
    assert placeholders.filled(f"{written}の皆さま", {"supplier": "青葉鋳造"}) == "青葉鋳造の皆さま"


def test_every_word_offered_is_known() -> None:
    for language in ("ja", "en"):
        offered = placeholders.names(language)
        assert len(set(offered)) == len(offered) > 0
        assert placeholders.unknown("".join(f"{{{word}}}" for word in offered)) == []


@pytest.mark.parametrize(
    ("message", "refused"),
    [
        ("{御社名}の{会社名}と{御社名}", ["{御社名}"]),
        ("{link}", ["{link}"]),
        ("{{会社名}}", ["{"]),
        ("終わりのない{会社名", ["{"]),
        ("ふつうの文です。", []),
    ],
)
def test_what_means_nothing_is_named_once(message: str, refused: list[str]) -> None:
    assert placeholders.unknown(message) == refused


def test_a_value_is_never_read_for_words_again() -> None:
    assert placeholders.filled("{会社名}、{期限}", VALUES) == "青葉鋳造{お名前}、12月18日"
