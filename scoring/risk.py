"""Where to look first: exposures and levels give priorities, a ranked list, a grid. The buyer's alone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from scoring.maturity import grade, lowest_level
from scoring.model import EXPOSURE_STEPS, EXPOSURES, PERCENT, Model, Rubric
from scoring.scale import CodeOutOfRange, Codes, Level, WrongShape, codes_within, whole_numbers
from scoring.tallies import Tallies

Rows: TypeAlias = NDArray[np.int64]

STARS = (3, 4)
SENSITIVITY = 20


@dataclass(frozen=True)
class Priorities:
    """The priority of relationships, one a row; all is 0, and means nothing, where it is not graded.

    `answering` is the level that answers for each exposure, `exposure_residual` and `residual` are in
    hundredths of an exposure, `band` counts from 0 in the order of the model's band names.
    """

    is_graded: NDArray[np.bool_]
    inherent: Codes
    answering: Codes
    exposure_residual: NDArray[np.int32]
    residual: NDArray[np.int32]
    band: Codes
    expected_star: Codes


@dataclass(frozen=True)
class Heat:
    """Suppliers and yen by inherent exposure (rows 0 to 5, 0 未設定) and level (columns 0 to 5, 0 未評価)."""

    count: NDArray[np.int64]
    spend: NDArray[np.int64]


@dataclass(frozen=True)
class SupplierPriority:
    """Each supplier once: the relationship it is shown by, and the yen of all of them."""

    supplier: Rows
    relationship: Rows
    spend: Rows


@dataclass(frozen=True)
class Shift:
    """Who changes band when one constant moves: which and how far, the rows, their bands then and now."""

    constant: str
    place: int
    was: int
    becomes: int
    rows: Rows
    band_was: Codes
    band_becomes: Codes


def prioritise(rubric: Rubric, exposures: ArrayLike, levels: ArrayLike) -> Priorities:
    """Inherent and residual exposure, band and expected public star of relationships.

    `exposures` are relationships × EXPOSURES, 1 to 5, 0 for 未設定 (one of them suffices: no priority).
    `levels` are relationships × the rubric's sets, 0 where a set has no level or a supplier no result.
    Raises WrongShape, CodeOutOfRange, NotWhole.
    """
    steps = codes_within(exposures, EXPOSURE_STEPS, shape=(None, len(EXPOSURES)))
    known = codes_within(levels, max(Level), shape=(len(steps), len(rubric.sets)))
    return _prioritised(rubric.model, steps, _answering(rubric, known))


def expected_star(model: Model, exposures: ArrayLike) -> Codes:
    """The public scheme's star that fits (目安): 4 or 3, and 0 where an exposure is 未設定."""
    steps = codes_within(exposures, EXPOSURE_STEPS, shape=(None, len(EXPOSURES)))
    stars = np.where(np.any(steps >= model.star_exposure, axis=1), max(STARS), min(STARS))
    return np.where(np.all(steps > 0, axis=1), stars, 0).astype(np.int8)


def are_stars_too_many(model: Model, stars: ArrayLike) -> bool:
    """Whether more of those that have a star have four than the model's warning share."""
    given = whole_numbers(stars, shape=(None,))
    highest = int(np.count_nonzero(given == max(STARS)))
    return PERCENT * highest > model.star_share_warning * int(np.count_nonzero(given))


def heat(inherent: ArrayLike, level: ArrayLike, spend: ArrayLike) -> Heat:
    """Count suppliers and sum yen on the grid of inherent exposure × level.

    One entry a supplier: inherent 0 to 5 (0 未設定), level 0 to 5 (0 未評価), whole yen.
    Raises WrongShape, CodeOutOfRange, NotWhole.
    """
    rows = codes_within(inherent, EXPOSURE_STEPS, shape=(None,))
    columns = codes_within(level, max(Level), shape=rows.shape)
    yen = whole_numbers(spend, shape=rows.shape)
    shape = (EXPOSURE_STEPS + 1, len(Level))
    count, total = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    np.add.at(count, (rows, columns), 1)
    np.add.at(total, (rows, columns), yen)
    return Heat(count, total)


def per_supplier(suppliers: ArrayLike, priorities: Priorities, spend: ArrayLike) -> SupplierPriority:
    """Each supplier once, at its highest priority, with its spend summed.

    `suppliers` names the supplier of each relationship by a whole number, and they come back in rising order.
    Highest is by residual, then inherent, then spend; the first among equals; what is not graded comes last.
    """
    owner = whole_numbers(suppliers, shape=priorities.residual.shape)
    yen = whole_numbers(spend, shape=owner.shape)
    falling = (-yen.astype(np.int64), -priorities.inherent, -priorities.residual)
    order = np.lexsort((*falling, ~priorities.is_graded, owner))
    supplier, first, place = np.unique(owner[order], return_index=True, return_inverse=True)
    total = np.zeros(len(supplier), dtype=np.int64)
    np.add.at(total, place, yen[order])
    return SupplierPriority(supplier.astype(np.int64), order[first], total)


def rank(priorities: Priorities, executive: ArrayLike, spend: ArrayLike, *, capacity: int) -> Rows:
    """The rows to act on (要対応), foremost first, as many as the team can handle.

    By residual, then inherent, then the lower executive level (0: none), then spend; equals keep their order.
    Rows without a priority are not among them.
    """
    if capacity < 0:
        raise CodeOutOfRange("the capacity is a number of suppliers, 0 or more")
    commitment = codes_within(executive, max(Level), shape=priorities.residual.shape)
    yen = whole_numbers(spend, shape=commitment.shape).astype(np.int64)
    order = np.lexsort((-yen, commitment, -priorities.inherent, -priorities.residual))
    return order[priorities.is_graded[order]][:capacity]


def band_changes(
    rubric: Rubric, exposures: ArrayLike, tallies: Tallies, *, standing: ArrayLike | None = None
) -> tuple[Shift, ...]:
    """Who would change band if one of the constants we chose moved by 20 % either way, each on its own.

    A relationship a row; a supplier without a result has tallies of 0. `standing` are the levels that stand
    (relationships × sets) where another questionnaire than the rubric's gave some of them: they are kept
    wherever the move changes nothing. What moves nobody is left out.
    """
    steps = codes_within(exposures, EXPOSURE_STEPS, shape=(None, len(EXPOSURES)))
    if len(tallies.points) != len(steps):
        raise WrongShape(f"{len(steps)} relationships but {len(tallies.points)} rows of tallies")
    graded = grade(rubric.model, tallies)[1]
    levels = graded if standing is None else codes_within(standing, max(Level), shape=graded.shape)
    today = _prioritised(rubric.model, steps, _answering(rubric, levels))
    shifts = []
    for constant, place, was, becomes, moved in _moved(rubric.model):
        regraded = grade(moved, tallies)[1]
        moved_levels = np.where(regraded == graded, levels, regraded)
        then = _prioritised(moved, steps, _answering(rubric, moved_levels))
        rows = np.flatnonzero(today.band != then.band)
        if len(rows):
            shifts.append(Shift(constant, place, was, becomes, rows, today.band[rows], then.band[rows]))
    return tuple(shifts)


def _answering(rubric: Rubric, levels: Codes) -> Codes:
    """The lowest level among the sets that answer for each exposure (rows × exposures)."""
    lowest = [lowest_level(levels, rubric.columns(names)) for names in rubric.model.answers_for]
    return np.stack(lowest, axis=1)


def _prioritised(model: Model, steps: Codes, answering: Codes) -> Priorities:
    is_graded: NDArray[np.bool_] = np.all(steps > 0, axis=1)
    graded = np.where(is_graded[:, None], steps, 0)
    remaining = PERCENT - np.array(model.effectiveness, dtype=np.int32)
    exposure_residual = graded.astype(np.int32) * remaining[answering]
    residual = exposure_residual.max(axis=1)
    band = np.searchsorted(np.array(model.bands), residual, side="right")
    return Priorities(
        is_graded=is_graded,
        inherent=graded.max(axis=1),
        answering=np.where(is_graded[:, None], answering, 0).astype(np.int8),
        exposure_residual=exposure_residual,
        residual=residual,
        band=np.where(is_graded, band, 0).astype(np.int8),
        expected_star=expected_star(model, steps),
    )


def _moved(model: Model) -> Iterator[tuple[str, int, int, int, Model]]:
    """The model with one of its chosen numbers moved, as far as its neighbours and its range allow."""
    ranges: tuple[tuple[str, Sequence[int], int], ...] = (
        ("practice", model.practice, PERCENT),
        ("effectiveness", model.effectiveness, PERCENT),
        ("bands", model.bands, EXPOSURE_STEPS * PERCENT),
    )
    for constant, numbers, highest in ranges:
        edges = (0, *numbers, highest)
        for place, was in enumerate(numbers):
            for share in (PERCENT - SENSITIVITY, PERCENT + SENSITIVITY):
                wanted = (2 * was * share + PERCENT) // (2 * PERCENT)
                becomes = min(max(wanted, edges[place]), max(edges[place + 2], was))
                if becomes != was:
                    changed: dict[str, Any] = {constant: (*numbers[:place], becomes, *numbers[place + 1 :])}
                    yield constant, place, was, becomes, replace(model, **changed)
