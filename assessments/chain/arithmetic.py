"""The priority of one supplier's relationships, step by step, so that a person can follow it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from scoring import risk
from scoring.model import EXPOSURES, Rubric
from scoring.scale import Codes


@dataclass(frozen=True, slots=True)
class ExposureStep:
    """One exposure: its grade, the sets that answer for it with their levels, and what remains.

    `level` is the lowest of them (0: no result), `effectiveness` in percent, `residual` in hundredths.
    """

    exposure: str
    grade: int
    answering: tuple[tuple[str, int], ...]
    level: int
    effectiveness: int
    residual: int
    is_highest: bool


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """A relationship's priority; without all three grades there are no steps and nothing is known."""

    steps: tuple[ExposureStep, ...]
    inherent: int | None
    residual: int | None
    band: str | None
    expected_star: int | None


def work_out(rubric: Rubric, exposures: Sequence[Sequence[int | None]], levels: Codes) -> list[Arithmetic]:
    """Give the priority of each relationship (its three exposures) of a supplier with these levels by set."""
    graded: ArrayLike = np.array([[step or 0 for step in row] for row in exposures], dtype=np.int8)
    count = len(exposures)
    if not count:
        return []
    found = risk.prioritise(rubric, graded, np.repeat(levels[None, :], count, axis=0))
    return [_arithmetic(rubric, found, row, exposures[row], levels) for row in range(count)]


def _arithmetic(
    rubric: Rubric, found: risk.Priorities, row: int, grades: Sequence[int | None], levels: Codes
) -> Arithmetic:
    if not found.is_graded[row]:
        return Arithmetic((), None, None, None, None)
    highest = int(found.exposure_residual[row].argmax())
    return Arithmetic(
        steps=tuple(
            _step(rubric, found, row, place, int(grade or 0), levels, is_highest=place == highest)
            for place, grade in enumerate(grades)
        ),
        inherent=int(found.inherent[row]),
        residual=int(found.residual[row]),
        band=rubric.model.band_names[int(found.band[row])],
        expected_star=int(found.expected_star[row]),
    )


def _step(
    rubric: Rubric,
    found: risk.Priorities,
    row: int,
    place: int,
    grade: int,
    levels: Codes,
    *,
    is_highest: bool,
) -> ExposureStep:
    names = rubric.model.answers_for[place]
    level = int(found.answering[row, place])
    return ExposureStep(
        exposure=EXPOSURES[place],
        grade=grade,
        answering=tuple((name, int(levels[rubric.column(name)])) for name in names),
        level=level,
        effectiveness=rubric.model.effectiveness[level],
        residual=int(found.exposure_residual[row, place]),
        is_highest=is_highest,
    )
