"""法人番号 is read with its check digit, and says what is wrong with it."""

import pytest

from assessments import corporate_number
from assessments.corporate_number import NotACorporateNumber


@pytest.mark.parametrize("number", ["4011001098993", "2120901007402", "7123456789012"])
def test_a_number_with_the_right_check_digit_is_read(number: str) -> None:
    assert corporate_number.read(number) == number


@pytest.mark.parametrize(
    "typed", ["４０１１００１０９８９９３", "4011-0010-98993", "T4011001098993", " 4011001098993 "]
)
def test_a_number_is_read_however_it_is_typed(typed: str) -> None:
    assert corporate_number.read(typed) == "4011001098993"


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("4011001098994", "check_digit"),
        ("0011001098993", "check_digit"),
        ("011001098993", "length"),
        ("40110010989930", "length"),
        ("4.01E+12", "letters"),
        ("青葉", "letters"),
        ("", "letters"),
        ("401100109899３x", "letters"),
    ],
)
def test_what_is_no_number_says_why(typed: str, reason: str) -> None:
    with pytest.raises(NotACorporateNumber) as refused:
        corporate_number.read(typed)

    assert refused.value.reason == reason
