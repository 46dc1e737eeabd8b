"""Whole-number sums of answers over sets of questions, before any threshold: few products for many sums."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from scoring.model import Rubric
from scoring.scale import AnswerCode, Assurance, Codes

Counts: TypeAlias = NDArray[np.int32]

# Multiplications of one product: it stays within the processor's cache, and below what BLAS shares among
# threads, which on a busy machine wait for one another twenty times longer than the product takes.
PRODUCT = 200_000
# Whole numbers of so many bits are exact as floats, whose products are many times faster.
EXACT_BITS = 53


@dataclass(frozen=True)
class Tallies:
    """Whole-number sums of each assessment over each set (assessments × sets), before any threshold.

    Questions not asked or absent are in none of them but `asked` and `absent`.
    """

    points: Counts  # Σ weight × points, may be negative
    weight: Counts  # Σ weight
    asked: Counts
    done: Counts
    unknown: Counts
    absent: Counts
    proven: Counts  # implemented, with accepted evidence or confirmation
    essential: Counts
    essential_unmet: Counts  # not implemented
    essential_unproven: Counts  # not implemented, or their word alone
    essential_unverified: Counts  # not implemented, or not independently confirmed


@dataclass(frozen=True)
class _Packed:
    """Several sums over one matrix in one product: each is a digit of `bits` bits of what the product gives.

    `worth` is by state of an answer, `factor` is questions × sets; a digit stands around zero.
    """

    names: tuple[str, ...]
    worth: NDArray[np.float64]
    factor: NDArray[np.float64]
    bits: int

    def sums(self, states: NDArray[np.intp]) -> Iterator[tuple[str, NDArray[np.int64]]]:
        """Each sum of these rows (assessments × sets)."""
        half = 1 << (self.bits - 1)
        product = np.take(self.worth, states) @ self.factor
        # Half a digit more in every place makes all of them positive, and so readable by their bits.
        digits = product.astype(np.int64) + sum(
            half << (self.bits * place) for place in range(len(self.names))
        )
        for place, name in enumerate(self.names):
            yield name, (digits >> (self.bits * place) & (2 * half - 1)) - half


def tally(rubric: Rubric, codes: Codes, proof: Codes) -> Tallies:
    """The sums behind scores and levels, of codes already checked."""
    shape = (len(codes), len(rubric.sets))
    sums = {field.name: np.empty(shape, dtype=np.int32) for field in fields(Tallies)}
    packed = _packed(rubric)
    chunk = PRODUCT // max(1, rubric.questions * len(rubric.sets)) + 1
    for start in range(0, len(codes), chunk):
        rows = slice(start, start + chunk)
        # NumPy looks up by its own kind of index many times faster than by a smaller one.
        states = codes[rows].astype(np.intp) * len(Assurance) + proof[rows]
        for several in packed:
            for name, counted in several.sums(states):
                sums[name][rows] = counted
    return Tallies(**sums)


@lru_cache(maxsize=64)
def _packed(rubric: Rubric) -> tuple[_Packed, ...]:
    """All sums, as many to a product as stay exact."""
    return tuple(several for factor, worth in _sums(rubric) for several in _fitting(factor, worth))


def _sums(rubric: Rubric) -> Iterator[tuple[NDArray[np.float64], dict[str, NDArray[Any]]]]:
    """Which questions count in which set, and what each state of an answer is worth in each sum over them."""
    member = rubric.membership.T.astype(np.float64)
    weighted = member * np.array(rubric.weight, dtype=np.float64)[:, None]
    essential = member * np.array(rubric.essential, dtype=np.float64)[:, None]
    code, how = np.divmod(np.arange(len(AnswerCode) * len(Assurance)), len(Assurance))
    is_asked = code != AnswerCode.NOT_ASKED
    is_counted = is_asked & (code != AnswerCode.ABSENT)
    is_done = code == AnswerCode.IMPLEMENTED
    is_proven = is_done & (how >= Assurance.EVIDENCED)
    is_verified = is_done & (how == Assurance.VERIFIED)
    yield weighted, {"points": np.array(rubric.model.points)[code], "weight": is_counted}
    yield (
        member,
        {
            "asked": is_asked,
            "done": is_done,
            "unknown": code == AnswerCode.UNKNOWN,
            "absent": code == AnswerCode.ABSENT,
            "proven": is_proven,
        },
    )
    yield (
        essential,
        {
            "essential": is_counted,
            "essential_unmet": is_counted & ~is_done,
            "essential_unproven": is_counted & ~is_proven,
            "essential_unverified": is_counted & ~is_verified,
        },
    )


def _fitting(factor: NDArray[np.float64], worth: dict[str, NDArray[Any]]) -> Iterator[_Packed]:
    """These sums over one matrix: one product if their digits fit, else several."""
    names = tuple(worth)
    largest = max(int(np.abs(one.astype(np.int64)).max(initial=0)) for one in worth.values())
    bits = (largest * int(factor.sum(axis=0).max(initial=0))).bit_length() + 1
    together = max(1, EXACT_BITS // bits)
    for start in range(0, len(names), together):
        chosen = names[start : start + together]
        places = enumerate(worth[name].astype(np.float64) for name in chosen)
        summed = sum((one * float(1 << (bits * place)) for place, one in places), np.zeros(1))
        yield _Packed(chosen, summed, factor, bits)
