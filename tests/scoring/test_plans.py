"""Plans for one supplier, worked by hand in the comments."""

from fractions import Fraction
from typing import Any

import numpy as np

from scoring.model import Rubric
from scoring.plan_results import Plan
from scoring.plan_terms import (
    Budget,
    Goal,
    Limits,
    PlanMeasure,
    Reach,
    Subsidy,
)
from scoring.plans import best_plan, best_plans
from scoring.scale import AnswerCode
from tests.scoring.cases import coded, proven, question, rubric

DONE, PARTLY = AnswerCode.IMPLEMENTED, AnswerCode.PARTIAL
LEVEL_2, LEVEL_3 = Reach(("left",), 2), Reach(("left",), 3)


def firm() -> Rubric:
    """Four questions of weight 1, the first essential."""
    return rubric(question(essential=True), question(), question(), question())


def lifting(*places: int, to: AnswerCode = DONE, **terms: Any) -> PlanMeasure:
    """A measure that lifts these questions; free and without effort unless told."""
    return PlanMeasure(tuple((place, to) for place in places), **terms)


def plan(
    *measures: PlanMeasure, goal: Goal, answers: tuple[str, ...] = ("planned",) * 4, **terms: Any
) -> Plan:
    """The best plan for the firm."""
    return best_plan(firm(), coded(*answers), measures, goal, **terms)


def chosen(found: Plan) -> list[int]:
    """The measures of a plan."""
    return [choice.measure for choice in found.choices]


def test_the_cheapest_measures_that_reach_the_threshold_are_chosen() -> None:
    # Level 2 takes half of 4 × 4 points: two questions. 300 + 200 are the least.
    found = plan(
        lifting(0, initial_yen=500),
        lifting(1, initial_yen=300),
        lifting(2, initial_yen=200),
        lifting(3, initial_yen=900),
        goal=LEVEL_2,
    )

    assert chosen(found) == [1, 2]
    assert (found.net_yen, found.gross_yen, found.gain, found.is_reached) == (500, 500, 8, True)
    assert (found.before["left"].level, found.after["left"].level) == (1, 2)
    assert [gap.question for gap in found.still_open] == [0, 3]


def test_a_measure_for_many_gaps_is_paid_once() -> None:
    found = plan(
        lifting(0, 1, initial_yen=700),
        lifting(0, initial_yen=400),
        lifting(1, initial_yen=400),
        goal=LEVEL_2,
    )

    assert chosen(found) == [0]
    assert found.choices[0].closes == (0, 1)


def test_level_three_takes_the_essential_question_and_the_score() -> None:
    # 80 % of 16 points are 12.8: all four questions, or three and a half (12 + 2 = 14).
    found = plan(
        lifting(0, initial_yen=1000),
        lifting(1, 2),
        lifting(3, to=PARTLY, initial_yen=10),
        lifting(3, initial_yen=50),
        goal=LEVEL_3,
    )

    assert chosen(found) == [0, 1, 2]
    assert found.choices[2].narrows == (3,)
    assert found.after["left"].level == 3
    assert [(gap.question, gap.code) for gap in found.still_open] == [(3, PARTLY)]


def test_what_is_reached_already_takes_no_measure() -> None:
    found = plan(lifting(3), goal=LEVEL_3, answers=("implemented",) * 3 + ("partial",))

    assert (found.choices, found.is_reached) == ((), True)


def test_the_first_year_has_twelve_months_and_the_later_ones_too() -> None:
    found = plan(lifting(0, 1, initial_yen=1000, monthly_yen=100), goal=LEVEL_2)

    assert (found.net_yen, found.later_yearly_yen) == (1000 + 1200, 1200)


def test_equally_cheap_plans_are_told_apart_by_fewer_measures_then_fewer_days() -> None:
    found = plan(
        lifting(0, effort_days=0.1),
        lifting(1, effort_days=0.1),
        lifting(0, 1, effort_days=3.0, lead_days=20),
        lifting(2, 3, effort_days=2.5, lead_days=40),
        goal=LEVEL_2,
    )

    assert chosen(found) == [3]
    assert (found.effort_days, found.lead_days) == (2.5, 40)


def test_a_budget_buys_the_largest_gain() -> None:
    # 1000 yen: the pair of 600 gains 8, any other choice within the budget 4.
    found = plan(
        lifting(0, initial_yen=900),
        lifting(1, initial_yen=500),
        lifting(2, 3, initial_yen=600),
        goal=Budget(1000),
    )

    assert chosen(found) == [2]
    assert (found.gain, found.net_yen, found.after["left"].level) == (8, 600, 2)


def test_within_a_budget_less_work_goes_before_less_money() -> None:
    # Either measure gains the same 8; the dearer one takes a day less.
    cheaper, lighter = (
        lifting(0, 1, initial_yen=10, effort_days=3.0),
        lifting(0, 1, initial_yen=90, effort_days=2.0),
    )

    assert chosen(plan(cheaper, lighter, goal=Budget(100))) == [1]
    assert chosen(plan(cheaper, lighter, goal=LEVEL_2)) == [0]


def test_no_budget_still_buys_what_is_free() -> None:
    found = plan(lifting(0), lifting(1, initial_yen=1), goal=Budget(0, factor=5))

    assert (chosen(found), found.gain) == ([0], 4)


def test_a_gain_counts_gaps_alone() -> None:
    # Partly is enough for the first question, and it is there: lifting it is worth no yen.
    found = plan(
        lifting(0, initial_yen=10),
        lifting(1, initial_yen=10),
        goal=Budget(10),
        answers=("partial", "partial", "absent", "not_asked"),
        targets=[PARTLY, DONE, DONE, DONE],
    )

    assert (chosen(found), found.gain, found.still_open) == ([1], 2, ())


def test_a_subsidy_pays_its_share_rounded_down() -> None:
    # 2/3 of 1 000 are 666.67: 666 are paid.
    half = Subsidy((0,), Fraction(2, 3), cap_yen=10_000)

    found = plan(lifting(0, 1, initial_yen=1000), goal=LEVEL_2, subsidies=[half])

    assert (found.gross_yen, found.subsidy_yen, found.net_yen) == (1000, 666, 334)
    assert found.choices[0].subsidy == 0


def test_a_cap_is_shared_by_all_that_a_subsidy_pays_for() -> None:
    capped = Subsidy((0, 1), Fraction(1, 2), cap_yen=700)

    found = plan(lifting(0, initial_yen=1000), lifting(1, initial_yen=1000), goal=LEVEL_2, subsidies=[capped])

    assert [choice.subsidy_yen for choice in found.choices] == [500, 200]


def test_a_measure_has_one_subsidy_the_better_one_for_the_whole() -> None:
    # The first pays 900 of either, but 1 000 in all; the second 600 of the first measure alone.
    generous, narrow = Subsidy((0, 1), Fraction(9, 10), 1000), Subsidy((0,), Fraction(6, 10), 9999)

    found = plan(
        lifting(0, initial_yen=1000),
        lifting(1, initial_yen=1000),
        goal=LEVEL_2,
        subsidies=[generous, narrow],
    )

    assert [(choice.subsidy, choice.subsidy_yen) for choice in found.choices] == [(1, 600), (0, 900)]


def test_below_its_minimum_a_subsidy_pays_nothing() -> None:
    choosy = Subsidy((0,), Fraction(1, 2), 10_000, minimum_yen=501)

    found = plan(lifting(0, 1, initial_yen=1000), goal=LEVEL_2, subsidies=[choosy])

    assert (found.subsidy_yen, found.choices[0].subsidy) == (0, None)


def test_a_dearer_measure_is_chosen_where_a_subsidy_makes_it_cheaper() -> None:
    generous = Subsidy((1,), Fraction(9, 10), 10_000)

    found = plan(
        lifting(0, 1, initial_yen=500), lifting(0, 1, initial_yen=1000), goal=LEVEL_2, subsidies=[generous]
    )

    assert (chosen(found), found.net_yen) == ([1], 100)


def test_a_further_measure_may_bring_a_subsidy_up_to_its_minimum() -> None:
    # The pair alone costs 800, and half of it is too little to be paid. With the third: (800 + 300) / 2.
    choosy = Subsidy((0, 1), Fraction(1, 2), 10_000, minimum_yen=500)

    found = plan(
        lifting(0, 1, initial_yen=800), lifting(2, initial_yen=300), goal=LEVEL_2, subsidies=[choosy]
    )

    assert (chosen(found), found.net_yen) == ([0, 1], 550)


def test_a_subsidy_of_two_years_pays_the_first_year_first() -> None:
    # 100 a month: half of 24 months is 1 200, capped at 900: 600 in the first year, 300 after it.
    long = Subsidy((0,), Fraction(1, 2), cap_yen=900, covers_months=24)

    found = plan(lifting(0, 1, monthly_yen=100), goal=LEVEL_2, subsidies=[long])

    assert (found.choices[0].subsidy_yen, found.choices[0].later_subsidy_yen) == (600, 300)


def test_a_subsidy_may_leave_the_start_out() -> None:
    fees = Subsidy((0,), Fraction(1, 2), 10_000, covers_initial=False)

    found = plan(lifting(0, 1, initial_yen=5000, monthly_yen=100), goal=LEVEL_2, subsidies=[fees])

    assert found.net_yen == 5000 + 600


def test_what_cannot_be_reached_is_said_with_its_reason() -> None:
    # Question 0 is essential and nothing implements it; 4 + 4 + 4 of the 13 points needed (80 % of 16).
    found = plan(lifting(0, to=PARTLY), lifting(1, 2, initial_yen=5), goal=LEVEL_3)

    assert not found.is_reached
    assert (found.choices, found.after) == ((), found.before)
    short = found.shortfalls[0]
    assert (short.set_name, short.essential, short.weighted_missing) == ("left", (0,), 13 - 10)
    assert short.points_missing == 100 * 3 / 16


def test_only_the_points_may_be_missing() -> None:
    found = plan(lifting(0), goal=LEVEL_2)

    assert [(one.essential, one.weighted_missing) for one in found.shortfalls] == [((), 4)]


def test_a_set_of_which_nothing_was_asked_is_left_out_and_named() -> None:
    built = rubric(question(), question(domain="other", axis="right"))

    found = best_plan(built, coded("planned", "not_asked"), [lifting(0)], Reach(("left", "right"), 3))

    assert (found.is_reached, found.left_out, chosen(found)) == (True, ("right",), [0])
    assert found.after["right"].level is None


def test_limits_hold() -> None:
    slow, costly = lifting(0, 1, lead_days=60), lifting(0, 1, initial_yen=90, lead_days=30)
    service = lifting(0, 1, initial_yen=5, kind="subscription")

    assert chosen(plan(slow, costly, goal=LEVEL_2)) == [0]
    assert chosen(plan(slow, costly, goal=LEVEL_2, limits=Limits(lead_days=30))) == [1]
    assert chosen(plan(slow, costly, goal=LEVEL_2, limits=Limits(excluded=(0,)))) == [1]
    without = Limits(excluded=(0,), excluded_kinds=frozenset({"subscription"}))
    assert chosen(plan(slow, costly, service, goal=LEVEL_2, limits=without)) == [1]


def test_what_is_decided_already_stays_in_the_plan_and_is_paid() -> None:
    found = plan(
        lifting(0, 1), lifting(1, initial_yen=70), goal=LEVEL_2, limits=Limits(required=(1,), lead_days=0)
    )

    assert chosen(found) == [0, 1]
    assert [choice.is_required for choice in found.choices] == [False, True]
    assert found.net_yen == 70


def test_a_budget_too_small_for_what_is_decided_says_by_how_much() -> None:
    found = plan(lifting(0, initial_yen=70), lifting(1), goal=Budget(50), limits=Limits(required=(0,)))

    assert (found.is_reached, found.over_budget_yen, chosen(found)) == (False, 20, [0])


def test_equivalents_of_a_choice_are_named() -> None:
    found = plan(
        lifting(0, 1, initial_yen=50, group="guard"),
        lifting(0, 1, initial_yen=60, group="guard"),
        lifting(0, 1, initial_yen=70, group="other"),
        goal=LEVEL_2,
    )

    assert found.choices[0].equivalents == (1,)


def test_the_next_best_plan_without_a_subscription_stands_beside_the_best() -> None:
    measures = (lifting(0, 1, monthly_yen=10, kind="subscription"), lifting(0, 1, initial_yen=500))

    found = best_plans(firm(), coded(*["planned"] * 4), measures, LEVEL_2)

    assert chosen(found.best) == [0]
    assert found.without_subscription is not None
    assert chosen(found.without_subscription) == [1]


def test_there_is_no_second_plan_where_the_best_has_no_subscription_to_spare() -> None:
    answers = coded(*["planned"] * 4)
    service = lifting(0, 1, kind="subscription")

    assert best_plans(firm(), answers, [lifting(0, 1)], LEVEL_2).without_subscription is None
    required = Limits(required=(0,))
    assert best_plans(firm(), answers, [service], LEVEL_2, limits=required).without_subscription is None


def test_proof_stays_with_what_a_plan_does_not_touch() -> None:
    # The essential question is verified; the plan brings the score: level 5 follows, though 3 was asked.
    found = plan(
        lifting(1, 2, 3),
        goal=LEVEL_3,
        answers=("implemented", "planned", "planned", "planned"),
        assurance=proven("verified", "none", "none", "none"),
    )

    assert found.after["left"].level == 5


def test_the_same_question_gives_the_same_plan() -> None:
    rng = np.random.default_rng(3)
    measures = [lifting(*rng.permutation(4)[:2].tolist(), initial_yen=100) for _ in range(12)]

    assert len({tuple(chosen(plan(*measures, goal=LEVEL_3))) for _ in range(5)}) == 1
