"""Only one plain mail address is taken, in small letters."""

import pytest

from assessments.addresses import NotAnAddress, normalised


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Info@Aoba.Example", "info@aoba.example"),
        ("ｉｎｆｏ＠ａｏｂａ．ｅｘａｍｐｌｅ", "info@aoba.example"),
        (" taro.aoba+sales@mail.aoba.co.jp\n", "taro.aoba+sales@mail.aoba.co.jp"),
    ],
)
def test_an_address_is_kept_as_it_is_compared(typed: str, kept: str) -> None:
    assert normalised(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "aoba",
        "aoba@localhost",
        "taro..aoba@aoba.example",
        ".taro@aoba.example",
        "taro@-aoba.example",
        "taro@aoba.example\r\nBcc: umeda@umeda.example",
        "青葉 太郎 <taro@aoba.example>",
        "太郎@aoba.example",
        "taro@aoba.123",
        f"{'a' * 65}@aoba.example",
        f"a@{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 60}.{'f' * 20}",
    ],
)
def test_what_cannot_be_written_to_is_refused(typed: str) -> None:
    with pytest.raises(NotAnAddress):
        normalised(typed)


@pytest.mark.parametrize("typed", ["a@aoba.example; b@aoba.example", "a@aoba.example、b@aoba.example"])
def test_two_addresses_in_one_place_are_told_apart_from_a_wrong_one(typed: str) -> None:
    with pytest.raises(NotAnAddress) as refused:
        normalised(typed)

    assert refused.value.reason == "several"
