"""Terms, limits and vectors that no plan can be made of are refused by name."""

from fractions import Fraction
from typing import Any

import pytest

from scoring.plan_terms import (
    BadGoal,
    BadMeasure,
    BadSubsidy,
    Budget,
    Goal,
    Limits,
    PlanMeasure,
    Reach,
    Subsidy,
)
from scoring.plans import best_plan
from scoring.scale import AnswerCode, CodeOutOfRange, NotWhole, ScoringError, UnknownName, WrongShape
from tests.scoring.test_plans import DONE, LEVEL_2, PARTLY, firm, lifting, plan


@pytest.mark.parametrize(
    ("measure", "subsidy", "goal", "error"),
    [
        ({"lifts": ((4, DONE),)}, {}, LEVEL_2, BadMeasure),
        ({"lifts": ((-1, DONE),)}, {}, LEVEL_2, BadMeasure),
        ({"lifts": ((0, AnswerCode.ABSENT),)}, {}, LEVEL_2, BadMeasure),
        ({"lifts": ((0, DONE), (0, PARTLY))}, {}, LEVEL_2, BadMeasure),
        ({"initial_yen": -1}, {}, LEVEL_2, BadMeasure),
        ({"monthly_yen": 0.5}, {}, LEVEL_2, BadMeasure),
        ({"initial_yen": float("nan")}, {}, LEVEL_2, BadMeasure),
        ({"effort_days": float("nan")}, {}, LEVEL_2, BadMeasure),
        ({"effort_days": -0.5}, {}, LEVEL_2, BadMeasure),
        ({"lead_days": -1}, {}, LEVEL_2, BadMeasure),
        ({}, {"measures": (1,)}, LEVEL_2, BadSubsidy),
        ({}, {"measures": (0, 0)}, LEVEL_2, BadSubsidy),
        ({}, {"rate": Fraction(3, 2)}, LEVEL_2, BadSubsidy),
        ({}, {"rate": 0.5}, LEVEL_2, BadSubsidy),
        ({}, {"cap_yen": -1}, LEVEL_2, BadSubsidy),
        ({}, {"covers_months": -1}, LEVEL_2, BadSubsidy),
        ({}, {}, Reach(("left",), 4), BadGoal),
        ({}, {}, Reach(("left",), 0), BadGoal),
        ({}, {}, Reach((), 3), BadGoal),
        ({}, {}, Reach(("left", "left"), 3), BadGoal),
        ({}, {}, Reach(("nowhere",), 3), UnknownName),
        ({}, {}, Budget(-1), BadGoal),
        ({}, {}, Budget(1, factor=-1), BadGoal),
    ],
)
def test_terms_that_cannot_be_are_refused_by_name(
    measure: dict[str, Any], subsidy: dict[str, Any], goal: Goal, error: type[ScoringError]
) -> None:
    asked = PlanMeasure(**{"lifts": ((0, DONE),), **measure})
    paying = Subsidy(**{"measures": (0,), "rate": Fraction(1, 2), "cap_yen": 100, **subsidy})
    with pytest.raises(error):
        plan(asked, goal=goal, subsidies=[paying])


@pytest.mark.parametrize(
    "limits",
    [
        Limits(excluded=(1,)),
        Limits(required=(-1,)),
        Limits(excluded=(0,), required=(0,)),
        Limits(lead_days=-1),
    ],
)
def test_limits_that_cannot_be_are_refused(limits: Limits) -> None:
    with pytest.raises(BadGoal):
        plan(lifting(0), goal=LEVEL_2, limits=limits)


@pytest.mark.parametrize(
    ("vectors", "error"),
    [
        ({"answers": [3, 3, 3]}, WrongShape),
        ({"answers": [3, 3, 3, 9]}, CodeOutOfRange),
        ({"answers": [3, 3, 3, float("nan")]}, NotWhole),
        ({"assurance": [0, 0, 0]}, WrongShape),
        ({"assurance": [0, 0, 0, 7]}, CodeOutOfRange),
        ({"targets": [1, 1, 1]}, WrongShape),
        ({"targets": [1, 1, 1, 3]}, CodeOutOfRange),
    ],
)
def test_vectors_that_are_none_are_refused(vectors: dict[str, Any], error: type[ScoringError]) -> None:
    with pytest.raises(error):
        best_plan(firm(), vectors.pop("answers", [3, 3, 3, 3]), [lifting(0)], LEVEL_2, **vectors)
