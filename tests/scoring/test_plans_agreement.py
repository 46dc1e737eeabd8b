"""The best plan is what trying everything finds, on random firms, measures, subsidies, goals and limits."""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.model import Rubric
from scoring.plan_results import Plan
from scoring.plan_terms import Budget, Goal, Limits, PlanMeasure, Reach, Subsidy
from scoring.plans import best_plan
from scoring.scale import AnswerCode
from tests.scoring import plan_reference
from tests.scoring.cases import ANSWERS, question, rubric
from tests.scoring.plan_reference import Firm

POINTS = {"implemented": 4, "partial": 2, "planned": 0, "not_planned": 0, "unknown": -1}
# Small whole steps of cost and effort, so that equally good plans are common.
YEN = (0, 0, 0, 1, 2, 3, 1000, 50_001)


def drawn(
    seed: int, *, most: int = 9
) -> tuple[Rubric, Firm, list[dict[str, Any]], list[dict[str, Any]], dict[str, Any]]:
    """A small firm, so many measures at most, up to three subsidies and a goal."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(1, 9))
    axis = [str(rng.choice(["left", "right"])) if place else "left" for place in range(count)]
    asked = [
        question(int(rng.integers(1, 4)), essential=bool(rng.random() < 0.25), domain=where, axis=where)
        for where in axis
    ]
    names = sorted(set(axis), key=axis.index)
    domains = [{**one, "domain": f"all {one['axis']}"} for one in asked]
    built = rubric(*domains)
    words = rng.choice(ANSWERS, count, p=[0.07, 0.1, 0.2, 0.2, 0.2, 0.16, 0.07]).tolist()
    firm = Firm(
        answers=words,
        targets=rng.choice(["implemented", "partial"], count, p=[0.8, 0.2]).tolist(),
        weight=[one["weight"] for one in asked],
        essential=[one["essential"] for one in asked],
        sets={name: [place for place, where in enumerate(axis) if where == name] for name in names},
        points=POINTS,
        practice=(50, 80),
    )
    measures = [_measure(rng, place, count) for place in range(int(rng.integers(0, most + 1)))]
    subsidies = [_subsidy(rng, len(measures)) for _ in range(int(rng.integers(0, 4)) if measures else 0)]
    return built, firm, measures, subsidies, _goal(rng, names)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32))
def test_the_best_plan_is_the_one_that_trying_everything_finds(seed: int) -> None:
    assert_agreement(seed)


@pytest.mark.slow
def test_three_hundred_plans_of_up_to_twelve_measures_agree() -> None:
    for seed in range(300):
        assert_agreement(seed, most=12)


def assert_agreement(seed: int, *, most: int = 9) -> None:
    """Plan for the drawn firm both ways, with random limits."""
    built, firm, measures, subsidies, goal = drawn(seed, most=most)
    rng = np.random.default_rng([seed, 1])
    places = [int(place) for place in rng.permutation(len(measures))]
    required, excluded = places[: rng.integers(0, 2)], places[2 : 2 + rng.integers(0, 2)]
    late = int(rng.integers(5, 40)) if rng.random() < 0.3 else None
    plan = best_plan(
        built,
        [AnswerCode[word.upper()] for word in firm.answers],
        [_taken(measure) for measure in measures],
        _asked(goal),
        subsidies=[_paying(subsidy) for subsidy in subsidies],
        targets=[AnswerCode[word.upper()] for word in firm.targets],
        limits=Limits(tuple(excluded), tuple(required), frozenset(), late),
    )
    allowed = [
        place
        for place in plan_reference.usable(firm, measures)
        if place not in excluded and (late is None or measures[place]["lead"] <= late)
    ]
    expected = plan_reference.best(firm, measures, subsidies, goal, allowed=allowed, required=required)
    assert plan.is_reached == (expected is not None)
    chosen = [choice.measure for choice in plan.choices]
    assert set(required) <= set(chosen) <= set(allowed) | set(required)
    taken = [measures[place] for place in chosen]
    after = plan_reference.lifted(firm, taken)
    assert [ANSWERS[code] for code in plan.answers_after] == after
    assert plan.gain == plan_reference.gain(firm, taken)
    assert plan.net_yen == plan_reference.net_yen(taken, subsidies)
    for name in firm.sets:
        reached = plan_reference.level(firm, after, name)
        assert plan.after[name].practice == reached
    if expected is not None:
        assert _figures(plan, goal) == pytest.approx(expected)


def _figures(plan: Plan, goal: dict[str, Any]) -> tuple[float, ...]:
    size = (len(plan.choices), plan.effort_days)
    return (-plan.gain, *size, plan.net_yen) if goal["kind"] == "budget" else (plan.net_yen, *size)


def _measure(rng: np.random.Generator, place: int, count: int) -> dict[str, Any]:
    questions = rng.permutation(count)[: rng.integers(1, 4)].tolist()
    return {
        "place": place,
        "lifts": [(one, str(rng.choice(["implemented", "partial"], p=[0.7, 0.3]))) for one in questions],
        "initial": int(rng.choice(YEN)),
        "monthly": int(rng.choice(YEN)),
        "days": float(rng.choice([0, 0.1, 0.5, 0.5, 1])),
        "lead": int(rng.integers(0, 40)),
    }


def _subsidy(rng: np.random.Generator, measures: int) -> dict[str, Any]:
    return {
        "measures": rng.permutation(measures)[: rng.integers(1, 6)].tolist(),
        "rate": Fraction(int(rng.integers(0, 4)), 3),
        "cap": int(rng.choice([0, 2, 30, 10_000, 700_000, 10**8])),
        "minimum": int(rng.choice([0, 0, 5, 20, 8_000, 400_000])),
        "months": int(rng.choice([0, 6, 12, 24])),
        "initial": bool(rng.random() < 0.7),
    }


def _goal(rng: np.random.Generator, names: list[str]) -> dict[str, Any]:
    if rng.random() < 0.5:
        return {"kind": "budget", "yen": int(rng.choice([0, 1, 3, 15, 40, 12_000, 100_000, 10**8]))}
    sets = names[: rng.integers(1, len(names) + 1)]
    return {"kind": "reach", "sets": sets, "level": int(rng.integers(1, 4))}


def _taken(measure: dict[str, Any]) -> PlanMeasure:
    lifts = tuple((place, AnswerCode[word.upper()]) for place, word in measure["lifts"])
    return PlanMeasure(lifts, measure["initial"], measure["monthly"], measure["days"], measure["lead"])


def _paying(subsidy: dict[str, Any]) -> Subsidy:
    return Subsidy(
        tuple(subsidy["measures"]),
        subsidy["rate"],
        subsidy["cap"],
        subsidy["minimum"],
        subsidy["months"],
        subsidy["initial"],
    )


def _asked(goal: dict[str, Any]) -> Goal:
    if goal["kind"] == "budget":
        return Budget(goal["yen"])
    return Reach(tuple(goal["sets"]), goal["level"])
