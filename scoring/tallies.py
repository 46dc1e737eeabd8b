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
Worth: TypeAlias = dict[str, NDArray[Any]]
Sums: TypeAlias = Iterator[tuple[NDArray[np.float64], Worth]]

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
class Totals:
    """Whole-number sums of each assessment over all its questions, and over the items of the self-check."""

    unknown: Counts
    absent: Counts
    attested: Counts  # implemented, on their word
    evidenced: Counts
    verified: Counts
    official_points: Counts
    official_missing: Counts  # items that were not asked
    official_absent: Counts


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
    return tally_all(rubric, codes, proof)[0]


def tally_all(rubric: Rubric, codes: Codes, proof: Codes) -> tuple[Tallies, Totals]:
    """The sums behind scores and levels, and those over all questions, of codes already checked."""
    of_sets, of_all = _packed(rubric)
    by_set = {field.name: np.empty((len(codes), len(rubric.sets)), np.int32) for field in fields(Tallies)}
    over_all = {field.name: np.empty((len(codes), 1), np.int32) for field in fields(Totals)}
    chunk = PRODUCT // max(1, rubric.questions * len(rubric.sets)) + 1
    for start in range(0, len(codes), chunk):
        rows = slice(start, start + chunk)
        # NumPy looks up by its own kind of index many times faster than by a smaller one.
        states = codes[rows].astype(np.intp) * len(Assurance) + proof[rows]
        for sums, packed in ((by_set, of_sets), (over_all, of_all)):
            for several in packed:
                for name, counted in several.sums(states):
                    sums[name][rows] = counted
    return Tallies(**by_set), Totals(**{name: counted[:, 0] for name, counted in over_all.items()})


@lru_cache(maxsize=64)
def _packed(rubric: Rubric) -> tuple[tuple[_Packed, ...], tuple[_Packed, ...]]:
    """The sums of Tallies and those of Totals, as many to a product as stay exact."""
    of_sets, of_all = (
        tuple(several for factor, worth in sums for several in _fitting(factor, worth))
        for sums in (_sums_of_sets(rubric), _sums_of_all(rubric))
    )
    return of_sets, of_all


# A state is an answer and its assurance; these arrays say of each state what it is.
_CODE, _HOW = np.divmod(np.arange(len(AnswerCode) * len(Assurance)), len(Assurance))
_IS_ASKED = _CODE != AnswerCode.NOT_ASKED
_IS_ABSENT = _CODE == AnswerCode.ABSENT
_IS_COUNTED = _IS_ASKED & ~_IS_ABSENT
_IS_UNKNOWN = _CODE == AnswerCode.UNKNOWN
_IS_DONE = _CODE == AnswerCode.IMPLEMENTED
_IS_VERIFIED = _IS_DONE & (_HOW == Assurance.VERIFIED)
_IS_PROVEN = _IS_DONE & (_HOW >= Assurance.EVIDENCED)


def _sums_of_sets(rubric: Rubric) -> Sums:
    """Which question counts how much in which set, and what each state is worth in each sum over them."""
    member = rubric.membership.T.astype(np.float64)
    weighted = member * np.array(rubric.weight, dtype=np.float64)[:, None]
    essential = member * np.array(rubric.essential, dtype=np.float64)[:, None]
    yield weighted, {"points": np.array(rubric.model.points)[_CODE], "weight": _IS_COUNTED}
    counted: Worth = {"asked": _IS_ASKED, "done": _IS_DONE, "unknown": _IS_UNKNOWN, "absent": _IS_ABSENT}
    yield member, {**counted, "proven": _IS_PROVEN}
    unmet: Worth = {"essential_unmet": ~_IS_DONE, "essential_unproven": ~_IS_PROVEN}
    unmet["essential_unverified"] = ~_IS_VERIFIED
    yield essential, {"essential": _IS_COUNTED, **{name: _IS_COUNTED & held for name, held in unmet.items()}}


def _sums_of_all(rubric: Rubric) -> Sums:
    """The same over all questions, and over the items of the self-check, where what is absent has points."""
    points = np.array(rubric.model.points)[_CODE]
    points[_IS_ABSENT] = rubric.model.absent_official_points
    items = (np.array(rubric.official_item, dtype=np.int64) > 0).astype(np.float64)
    yield (
        np.ones((rubric.questions, 1)),
        {
            "unknown": _IS_UNKNOWN,
            "absent": _IS_ABSENT,
            "attested": _IS_DONE & ~_IS_PROVEN,
            "evidenced": _IS_PROVEN & ~_IS_VERIFIED,
            "verified": _IS_VERIFIED,
        },
    )
    missing = {"official_missing": ~_IS_ASKED, "official_absent": _IS_ABSENT}
    yield items[:, None], {"official_points": points, **missing}


def _fitting(factor: NDArray[np.float64], worth: Worth) -> Iterator[_Packed]:
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
