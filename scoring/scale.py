"""The fixed codes of answers and their assurance, as numbers and as packed bytes; no points live here."""

from collections.abc import Sequence
from enum import IntEnum
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Codes: TypeAlias = NDArray[np.int8]


class ScoringError(ValueError):
    """What every refusal of this ring is."""


class WrongShape(ScoringError):
    """An array has not the rows or columns it must have."""


class CodeOutOfRange(ScoringError):
    """A number stands where no code, level or exposure has it."""


class NotWhole(ScoringError):
    """Fractions, NaN or texts stand where whole numbers must."""


class UnknownName(ScoringError):
    """No code, set or exposure is called so."""


class AnswerCode(IntEnum):
    """An answer as it is packed. The numbers are fixed for ever: stored vectors are read by them."""

    NOT_ASKED = 0
    IMPLEMENTED = 1
    PARTIAL = 2
    PLANNED = 3
    NOT_PLANNED = 4
    UNKNOWN = 5
    ABSENT = 6

    @property
    def word(self) -> str:
        """The name used in content, files and the API."""
        return self.name.lower()


class Assurance(IntEnum):
    """How an answer is known: their word, evidence the buyer accepted, or an independent confirmation."""

    NONE = 0
    ATTESTED = 1
    EVIDENCED = 2
    VERIFIED = 3

    @property
    def word(self) -> str:
        """The name used in content, files and the API."""
        return self.name.lower()


class Level(IntEnum):
    """Where a set of questions stands; NONE is 未評価 in counts, and never a result."""

    NONE = 0
    BEGINNING = 1
    PARTLY = 2
    DONE = 3
    CONFIRMED = 4
    VERIFIED = 5


_ANSWERS = {code.word: code for code in AnswerCode}


def code_of(word: str) -> AnswerCode:
    """The code of an answer's name; UnknownName if there is none."""
    if word not in _ANSWERS:
        raise UnknownName(f"no answer is called {word!r}")
    return _ANSWERS[word]


def whole_numbers(numbers: ArrayLike, *, shape: tuple[int | None, ...]) -> NDArray[np.integer]:
    """The numbers as an array of this shape (None: any length); WrongShape or NotWhole if they are not."""
    try:
        array = np.asarray(numbers)
    except ValueError as ragged:
        raise WrongShape("the rows are of different lengths") from ragged
    fits = array.ndim == len(shape) and all(
        wanted in (None, found) for wanted, found in zip(shape, array.shape, strict=True)
    )
    if not fits:
        raise WrongShape(f"an array of shape {array.shape} where {shape} is needed")
    if array.dtype.kind not in "iu":
        if array.size:
            raise NotWhole(f"numbers of type {array.dtype} where whole ones are needed")
        return array.astype(np.int8)
    return array


def codes_within(numbers: ArrayLike, highest: int, *, shape: tuple[int | None, ...]) -> Codes:
    """Whole numbers 0 to `highest` (at most 127) as int8; CodeOutOfRange, WrongShape or NotWhole if not."""
    array = whole_numbers(numbers, shape=shape)
    if array.size and not (array.min() >= 0 and array.max() <= highest):
        raise CodeOutOfRange(f"numbers {array.min()} to {array.max()} where 0 to {highest} are known")
    return array.astype(np.int8, copy=False)


def answer_codes(answers: ArrayLike, *, shape: tuple[int | None, ...]) -> Codes:
    """Checked AnswerCodes of this shape."""
    return codes_within(answers, max(AnswerCode), shape=shape)


def assurance_codes(assurance: ArrayLike, *, shape: tuple[int | None, ...]) -> Codes:
    """Checked Assurance codes of this shape."""
    return codes_within(assurance, max(Assurance), shape=shape)


def unpack_answers(packed: Sequence[bytes], *, questions: int) -> Codes:
    """Packed assessments as an int8 matrix (assessments × questions); WrongShape, CodeOutOfRange."""
    return answer_codes(_matrix(packed, questions), shape=(len(packed), questions))


def unpack_assurance(packed: Sequence[bytes], *, questions: int) -> Codes:
    """Packed assurance as an int8 matrix (assessments × questions); WrongShape, CodeOutOfRange."""
    return assurance_codes(_matrix(packed, questions), shape=(len(packed), questions))


def _matrix(packed: Sequence[bytes], questions: int) -> Codes:
    if any(len(row) != questions for row in packed):
        raise WrongShape(f"a packed assessment has not the {questions} questions of the others")
    return np.frombuffer(b"".join(packed), dtype=np.int8).reshape(len(packed), questions)
