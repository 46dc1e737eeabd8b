"""The groups of the pool: industry × size, industry, everything; by number and by name."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from assessments.reference import Industry, SizeBand, industries, size_bands
from scoring.release import Nesting, Rows

UNKNOWN = -1


@dataclass(frozen=True, slots=True)
class Group:
    """A group by its number and its names; None for "of any", and for what is not known."""

    number: int
    industry: Industry | None
    size: SizeBand | None

    @property
    def is_part(self) -> bool:
        """True for a size within an industry."""
        return self.number < nesting().parts

    @property
    def is_everything(self) -> bool:
        """True for all of the pool."""
        return self.number == nesting().everything


@cache
def nesting() -> Nesting:
    """Give how the groups lie in one another; a firm whose industry or size is not known has its own."""
    of_an_industry = len(size_bands()) + 1
    wholes = len(industries()) + 1
    return Nesting(np.repeat(np.arange(wholes), of_an_industry), wholes)


@cache
def bands() -> Nesting:
    """Give how the size bands lie in everything, those of unknown size beside them."""
    return Nesting(np.zeros(len(size_bands()) + 1, dtype=np.int64), 1)


def parts(industry: Rows, band: Rows) -> Rows:
    """Give the part of each firm from the places of its industry and size band, UNKNOWN where not known."""
    whole = np.where(industry == UNKNOWN, len(industries()), industry)
    size = np.where(band == UNKNOWN, len(size_bands()), band)
    found: Rows = whole * (len(size_bands()) + 1) + size
    return found


def industry_places(codes: Iterable[str | None]) -> Rows:
    """Give the place of each industry by its letter."""
    place = {industry.code: number for number, industry in enumerate(industries())}
    return np.array([place.get(code or "", UNKNOWN) for code in codes], dtype=np.int64)


def band_places(employees: NDArray[np.int64]) -> Rows:
    """Give the place of the size band of each head count, UNKNOWN below 0."""
    starts = np.array([band.minimum for band in size_bands()])
    # Nobody at all counts as the smallest band, as in the register.
    found: Rows = np.searchsorted(starts, np.maximum(employees, 1), side="right").astype(np.int64) - 1
    return np.where(employees < 0, UNKNOWN, found)


def group(number: int) -> Group:
    """Give the names of a group."""
    known = nesting()
    if number == known.everything:
        return Group(number, None, None)
    whole = number - known.parts if number >= known.parts else int(known.whole_of[number])
    industry = industries()[whole] if whole < len(industries()) else None
    if number >= known.parts:
        return Group(number, industry, None)
    size = number % (len(size_bands()) + 1)
    return Group(number, industry, size_bands()[size] if size < len(size_bands()) else None)


def chain_of(part: int) -> tuple[int, ...]:
    """Give the groups that a firm belongs to, the closest first; those without a name are left out."""
    known = nesting()
    closest = group(part)
    whole = known.above(part)
    found = [part] if closest.industry and closest.size else []
    if closest.industry and whole is not None:
        found.append(whole)
    return (*found, known.everything)
