"""How many of those who answered reach each requirement of the public scheme, by their own word."""

from dataclasses import dataclass

import numpy as np

from assessments import readiness, schemes
from assessments.chain.picture import Picture
from assessments.schemes import Requirement
from scoring.crosswalk import Reach
from scoring.scale import Codes

WHOLE = 100


@dataclass(frozen=True, slots=True)
class RequirementRate:
    """One requirement: how many suppliers stand how; `counted` leaves out those who were not asked.

    `percent` of the counted declare it, 0 to 100; None of nobody.
    """

    requirement: Requirement
    declared: int
    partly: int
    not_yet: int
    not_asked: int
    has_questions: bool

    @property
    def counted(self) -> int:
        """Those who were asked about it."""
        return self.declared + self.partly + self.not_yet

    @property
    def percent(self) -> float | None:
        """How many of 100 asked declare it."""
        return WHOLE * self.declared / self.counted if self.counted else None


def requirement_rates(picture: Picture) -> tuple[RequirementRate, ...]:
    """Give the rates of all star-3 requirements in order."""
    found: tuple[RequirementRate, ...] | None = picture.worked_out.get("requirements")
    if found is None:
        found = picture.worked_out["requirements"] = _rates(picture)
    return found


def _reaches(picture: Picture) -> Codes:
    scored = picture.chain.scored
    return readiness.reaches(picture.chain.content, scored.codes[picture.result[picture.has_result]])


def _rates(picture: Picture) -> tuple[RequirementRate, ...]:
    found = _reaches(picture)
    counts = {reach: np.count_nonzero(found == reach, axis=0).tolist() for reach in Reach}
    return tuple(
        RequirementRate(
            requirement=requirement,
            declared=counts[Reach.DECLARED][place],
            partly=counts[Reach.PARTLY][place],
            not_yet=counts[Reach.NOT_YET][place],
            not_asked=counts[Reach.NOT_ASKED][place],
            has_questions=bool(readiness.touching(picture.chain.content, requirement)),
        )
        for place, requirement in enumerate(schemes.requirements().star3)
    )
