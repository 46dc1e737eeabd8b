"""How far answers reach the requirements of another scheme; knows requirements only as rows of a mapping."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from scoring.scale import AnswerCode, Codes, WrongShape, answer_codes


class Reach(IntEnum):
    """How far a requirement is reached; only the supplier's own word stands behind it."""

    NOT_ASKED = 0
    NOT_YET = 1
    PARTLY = 2
    DECLARED = 3

    @property
    def word(self) -> str:
        """The word in files and content: `declared`."""
        return self.name.lower()


@dataclass(frozen=True, eq=False)
class Mapping:
    """Which questions stand for a requirement itself (`direct`), which touch it in part; both R×Q."""

    direct: NDArray[np.bool_]
    partial: NDArray[np.bool_]


def mapping_of(direct: ArrayLike, partial: ArrayLike) -> Mapping:
    """Check and give a mapping; a question that stands for a requirement does not also touch it in part.

    Raises WrongShape.
    """
    whole, part = np.asarray(direct, dtype=np.bool_), np.asarray(partial, dtype=np.bool_)
    if whole.ndim != 2 or whole.shape != part.shape:  # noqa: PLR2004  requirements by questions
        raise WrongShape(f"{whole.shape} and {part.shape} are not one table of requirements by questions")
    return Mapping(whole, part & ~whole)


def reach(mapping: Mapping, answers: ArrayLike) -> Codes:
    """Give the reach of each requirement by assessment, A×R, from answers A×Q.

    An absent thing is left out, as everywhere. DECLARED: every question that stands for the requirement was
    asked and is implemented or absent, one of them at least implemented, and every asked one that touches it
    is implemented. PARTLY: any of them all is implemented or partly so. NOT_ASKED: none of them was asked.
    Raises WrongShape, CodeOutOfRange.
    """
    codes = answer_codes(answers, shape=(None, mapping.direct.shape[1]))
    asked = (codes != AnswerCode.NOT_ASKED) & (codes != AnswerCode.ABSENT)
    done, missing = codes == AnswerCode.IMPLEMENTED, codes == AnswerCode.NOT_ASKED
    either = mapping.direct | mapping.partial
    is_whole = _none(asked & ~done, either) & _none(missing, mapping.direct) & ~_none(done, mapping.direct)
    is_begun = ~_none(done | (codes == AnswerCode.PARTIAL), either)
    found = np.where(is_whole, Reach.DECLARED, np.where(is_begun, Reach.PARTLY, Reach.NOT_YET))
    return np.where(_none(asked, either), Reach.NOT_ASKED, found).astype(np.int8)


def _none(held: NDArray[np.bool_], mapped: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tell of each assessment and requirement that no mapped question holds; counts are exact in float32."""
    none: NDArray[np.bool_] = held.astype(np.float32) @ mapped.T.astype(np.float32) == 0
    return none
