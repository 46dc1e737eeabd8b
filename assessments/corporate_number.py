"""法人番号: thirteen digits, of which the first checks the other twelve."""

import re

from assessments.folding import narrowed

LENGTH = 13
_DIGITS = re.compile(r"\d+", re.ASCII)
_IGNORED = re.compile(r"[\s-]")


class NotACorporateNumber(Exception):
    """It cannot be one; `reason` is `letters`, `length` or `check_digit`."""

    def __init__(self, reason: str, digits: int = 0) -> None:
        """Keep why, and how many digits there were."""
        super().__init__(reason)
        self.reason = reason
        self.digits = digits


def read(typed: str) -> str:
    """Give the thirteen digits of what was typed (full width, dashes and T of 登録番号 allowed).

    The weights and the check digit are those of the ordinance of the Ministry of Finance on 法人番号.
    Raises NotACorporateNumber.
    """
    digits = _IGNORED.sub("", narrowed(typed)).removeprefix("T").removeprefix("t")
    if not _DIGITS.fullmatch(digits):
        raise NotACorporateNumber("letters")
    if len(digits) != LENGTH:
        raise NotACorporateNumber("length", len(digits))
    if check_digit(digits[1:]) != int(digits[0]):
        raise NotACorporateNumber("check_digit", LENGTH)
    return digits


def check_digit(twelve: str) -> int:
    """Give the digit before these twelve: 9 − (Σ digit × weight mod 9), weights 1, 2, 1 … from the right."""
    total = sum(int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(twelve)))
    return 9 - total % 9
