"""How a supplier, or all of them, stand beside others: rates, what may be shown of a pool, and quartiles."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from scoring.model import PERCENT
from scoring.scale import AnswerCode, CodeOutOfRange, Codes, WrongShape, answer_codes, whole_numbers

# Fewer than so many answers could be told apart by those who gave some of them.
SMALLEST_POOL = 5
# A reader who is one of a pool knows one answer of it: five others must be left.
SMALLEST_SHARED = SMALLEST_POOL + 1
QUARTERS = 4


@dataclass(frozen=True)
class Rates:
    """How many do what a question asks (groups × questions): done, partly, and all who count.

    Who was not asked, and who answered that the thing is absent, does not count.
    """

    done: NDArray[np.int64]
    partly: NDArray[np.int64]
    counted: NDArray[np.int64]

    @property
    def percent(self) -> NDArray[np.float64]:
        """Done of all who count, 0 to 100; NaN where nobody does."""
        share: NDArray[np.float64] = np.full(self.counted.shape, np.nan)
        np.divide(PERCENT * self.done, self.counted, out=share, where=self.counted > 0)
        return share


@dataclass(frozen=True)
class PublicRates:
    """A public survey's rates by question, 0 to 100; NaN where it has none.

    `is_overall` marks those that are the overall ones because the industry has no figure to be trusted.
    """

    percent: NDArray[np.float64]
    is_overall: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Standing:
    """A place in a pool: quartile 1 (the upper quarter) to 4, points above the median, the pool's size."""

    quartile: int
    above_median: float
    pool: int


@dataclass(frozen=True, slots=True)
class Quartiles:
    """Where a quarter, half and three quarters of a pool's scores lie (0 to 100), and the pool's size."""

    lower: float
    median: float
    upper: float
    pool: int


def rates(answers: ArrayLike, groups: ArrayLike | None = None, *, group_count: int = 1) -> Rates:
    """Implementation rates of each question within each group of assessments.

    `answers` are assessments × questions, `groups` the group of each assessment, 0 to group_count - 1 (None:
    one group). A group without assessments has counts of 0. Raises WrongShape, CodeOutOfRange, NotWhole.
    """
    codes = answer_codes(answers, shape=(None, None))
    group = _groups(groups, len(codes), group_count)
    order = np.argsort(group, kind="stable")
    edges = np.searchsorted(group[order], np.arange(group_count + 1)).tolist()
    counts = _counts(np.take(codes, order, axis=0), edges)
    return Rates(*counts)


def public_rates(overall: ArrayLike, industry: ArrayLike | None, is_trusted: ArrayLike) -> PublicRates:
    """The survey's rates for an industry, and the overall ones where the industry has none to be trusted.

    By question, 0 to 100, NaN for a question the survey lacks; `industry` is None for one without a row.
    `is_trusted` says of each question whether the survey's industry figures hold. Raises WrongShape.
    """
    whole = np.asarray(overall, dtype=np.float64)
    part = np.full(whole.shape, np.nan) if industry is None else np.asarray(industry, dtype=np.float64)
    trusted = np.asarray(is_trusted, dtype=np.bool_)
    if whole.ndim != 1 or not whole.shape == part.shape == trusted.shape:
        raise WrongShape("the survey's figures are not of the same questions")
    is_overall = ~trusted | np.isnan(part)
    return PublicRates(np.where(is_overall, whole, part), is_overall)


def differences(ours: Rates, public: PublicRates) -> NDArray[np.float64]:
    """Percentage points of our rates above the public ones (groups × questions); NaN where one is missing."""
    if ours.counted.shape[1:] != public.percent.shape:
        raise WrongShape("the survey's figures are not of the same questions")
    above: NDArray[np.float64] = ours.percent - public.percent
    return above


def may_show(count: ArrayLike, larger: ArrayLike, *, smallest: int = SMALLEST_POOL) -> NDArray[np.bool_]:
    """Whether a rate over `count` answers may be shown beside one over the next larger group.

    It takes `smallest` answers, and no complement of fewer that a reader could get by subtracting.
    """
    inner, outer = np.asarray(count), np.asarray(larger)
    if np.any(inner > outer) or np.any(inner < 0):
        raise CodeOutOfRange("a group is not part of the larger one")
    shown: NDArray[np.bool_] = np.logical_and(inner >= smallest, ~_is_small(outer - inner, smallest))
    return shown


def may_show_parts(parts: ArrayLike, whole: ArrayLike, *, smallest: int = SMALLEST_POOL) -> NDArray[np.bool_]:
    """Which parts of a group may be shown side by side with it (parts × questions, of counts by question).

    As may_show; and where all the shown parts together would leave too few, the smallest of them is held
    back too, so that nobody can subtract several.
    """
    counts = whole_numbers(parts, shape=(None, None))
    total = whole_numbers(whole, shape=(counts.shape[1],))
    shown = may_show(counts, total[None, :], smallest=smallest)
    is_open = _is_small(total - np.where(shown, counts, 0).sum(axis=0), smallest)
    columns = np.flatnonzero(is_open & shown.any(axis=0))
    if len(columns):
        beyond = np.iinfo(np.int64).max
        fewest = np.where(shown[:, columns], counts[:, columns], beyond).argmin(axis=0)
        shown[fewest, columns] = False
    return shown


def standing(own: float, pool: ArrayLike) -> Standing | None:
    """Where a score stands in a pool of scores: None if it, or the pool, is too little to say.

    The quartile counts those strictly better, so that equals share the better place. NaN (no score) is left
    out.
    """
    scores = np.asarray(pool, dtype=np.float64)
    scores = scores[~np.isnan(scores)]
    if np.isnan(own) or len(scores) < SMALLEST_POOL:
        return None
    better = int(np.count_nonzero(scores > own))
    quartile = min(QUARTERS, 1 + QUARTERS * better // len(scores))
    return Standing(quartile, float(own - np.median(scores)), len(scores))


def quartiles(pool: ArrayLike) -> Quartiles | None:
    """Where the quarters of a pool of scores lie; None of too few. NaN (no score) is left out."""
    scores = np.asarray(pool, dtype=np.float64)
    scores = scores[~np.isnan(scores)]
    if len(scores) < SMALLEST_POOL:
        return None
    lower, median, upper = np.percentile(scores, (25, 50, 75)).tolist()
    return Quartiles(lower, median, upper, len(scores))


def _groups(groups: ArrayLike | None, assessments: int, group_count: int) -> NDArray[np.integer]:
    if groups is None:
        return np.zeros(assessments, dtype=np.int16)
    group = whole_numbers(groups, shape=(assessments,))
    if assessments and not (group.min() >= 0 and group.max() < group_count):
        raise CodeOutOfRange(f"groups {group.min()} to {group.max()} where there are {group_count}")
    # The narrowest type: small whole numbers are sorted many times faster.
    return group.astype(np.min_scalar_type(group_count))


def _counts(codes: Codes, edges: Sequence[int]) -> NDArray[np.int64]:
    """Done, partly and counted (3 × groups × questions) of the rows between each edge and the next.

    A group at a time, turned so that the answers to a question lie together and in the cache.
    """
    found = np.zeros((3, len(edges) - 1, codes.shape[1]), dtype=np.int64)
    for group, (start, end) in enumerate(pairwise(edges)):
        block = np.ascontiguousarray(codes[start:end].T)
        found[0, group] = np.count_nonzero(block == AnswerCode.IMPLEMENTED, axis=1)
        found[1, group] = np.count_nonzero(block == AnswerCode.PARTIAL, axis=1)
        is_left_out = (block == AnswerCode.NOT_ASKED) | (block == AnswerCode.ABSENT)
        found[2, group] = end - start - np.count_nonzero(is_left_out, axis=1)
    return found


def _is_small(count: NDArray[np.integer], smallest: int) -> NDArray[np.bool_]:
    small: NDArray[np.bool_] = np.logical_and(count > 0, count < smallest)
    return small
