"""Rates, what may be shown of a pool, and places in it."""

from collections import Counter

import numpy as np
import pytest
from numpy.typing import ArrayLike

from scoring.benchmark import (
    Rates,
    differences,
    may_show,
    may_show_parts,
    public_rates,
    rates,
    standing,
)
from scoring.scale import CodeOutOfRange, NotWhole, WrongShape
from tests.scoring.cases import ANSWERS, coded, random_case


def test_a_rate_is_those_who_do_it_of_those_who_count() -> None:
    answers = np.array([[code] for code in coded(*ANSWERS, "implemented", "implemented")])

    found = rates(answers)

    # Nine answers, of them one not asked and one absent: 3 of 7 do it, 1 partly.
    assert (found.done.tolist(), found.partly.tolist(), found.counted.tolist()) == ([[3]], [[1]], [[7]])
    assert found.percent[0, 0] == 300 / 7


def test_rates_are_taken_group_by_group() -> None:
    answers = [[1, 2], [5, 1], [1, 6], [0, 0]]

    found = rates(answers, [2, 0, 2, 0], group_count=4)

    assert found.done.tolist() == [[0, 1], [0, 0], [2, 0], [0, 0]]
    assert found.counted.tolist() == [[1, 1], [0, 0], [2, 1], [0, 0]]
    assert np.isnan(found.percent[1]).all()


def test_rates_agree_with_counting_one_by_one() -> None:
    case = random_case(11, assessments=80)
    groups = np.arange(80) * 7 % 5

    found = rates(case.answers, groups, group_count=6)

    for group in range(6):
        for place in range(case.rubric.questions):
            seen = Counter(ANSWERS[code] for code in case.answers[groups == group, place])
            assert found.done[group, place] == seen["implemented"]
            assert found.partly[group, place] == seen["partial"]
            assert found.counted[group, place] == seen.total() - seen["absent"] - seen["not_asked"]


def test_nobody_has_no_rate() -> None:
    found = rates(np.empty((0, 3), np.int8), group_count=2)

    assert found.counted.tolist() == [[0, 0, 0]] * 2
    assert np.isnan(found.percent).all()


@pytest.mark.parametrize(
    ("answers", "groups", "error"),
    [
        ([1, 2], None, WrongShape),
        ([[7]], None, CodeOutOfRange),
        ([[1.5]], None, NotWhole),
        ([[1]], [0, 0], WrongShape),
        ([[1]], [2], CodeOutOfRange),
        ([[1]], [-1], CodeOutOfRange),
        ([[1]], [0.0], NotWhole),
    ],
)
def test_answers_and_groups_that_are_none_are_refused(
    answers: ArrayLike, groups: ArrayLike | None, error: type[Exception]
) -> None:
    with pytest.raises(error):
        rates(answers, groups, group_count=2)


def test_the_public_rate_is_the_industrys_where_it_can_be_trusted() -> None:
    found = public_rates([78.2, 55.8, 60.0, np.nan], [70.0, 76.6, np.nan, np.nan], [True, False, True, True])

    assert found.percent[:3].tolist() == [70.0, 55.8, 60.0]
    assert np.isnan(found.percent[3])
    assert found.is_overall.tolist() == [False, True, True, True]


def test_an_industry_without_a_row_gets_the_overall_rates_and_is_told_so() -> None:
    found = public_rates([78.2, 55.8], None, [True, False])

    assert found.percent.tolist() == [78.2, 55.8]
    assert found.is_overall.all()


def test_public_figures_of_other_questions_are_refused() -> None:
    with pytest.raises(WrongShape):
        public_rates([78.2, 55.8], [70.0], [True, True])
    with pytest.raises(WrongShape):
        public_rates([78.2, 55.8], None, [True])
    with pytest.raises(WrongShape):
        differences(rates([[1, 1, 1]]), public_rates([1.0], None, [True]))


def test_the_difference_to_the_public_rate_is_in_percentage_points() -> None:
    ours = Rates(np.array([[3, 0, 0]]), np.zeros((1, 3), np.int64), np.array([[4, 0, 5]]))

    found = differences(ours, public_rates([70.0, 50.0, np.nan], None, [True] * 3))

    assert found[0, 0] == 5.0
    assert np.isnan(found[0, 1:]).all()


@pytest.mark.parametrize(
    ("count", "larger", "shown"),
    [
        (4, 100, False),
        (5, 100, True),
        (5, 5, True),
        (5, 6, False),
        (96, 100, False),
        (95, 100, True),
        (0, 0, False),
        (0, 3, False),
    ],
)
def test_a_pool_is_shown_from_five_and_not_where_one_to_four_could_be_subtracted(
    count: int, larger: int, shown: bool
) -> None:
    assert may_show(count, larger) == shown


def test_a_pool_larger_than_the_one_around_it_is_refused() -> None:
    with pytest.raises(CodeOutOfRange):
        may_show([6], [5])
    with pytest.raises(CodeOutOfRange):
        may_show([-1], [5])


def test_the_smallest_shown_part_is_held_back_where_several_could_be_subtracted() -> None:
    # 10 + 20 shown of 33 would tell the three; holding back the 10 leaves 13 together.
    assert may_show_parts([[10], [20], [3]], [33]).tolist() == [[False], [True], [False]]


def test_parts_are_shown_where_nothing_is_left_to_subtract() -> None:
    assert may_show_parts([[10], [20]], [30]).tolist() == [[True], [True]]
    assert may_show_parts([[10], [20], [3], [4]], [37]).tolist() == [[True], [True], [False], [False]]


def test_each_question_is_judged_by_its_own_counts() -> None:
    found = may_show_parts([[10, 10, 0], [3, 6, 0]], [13, 16, 0])

    assert found.tolist() == [[False, True, False], [False, True, False]]


@pytest.mark.parametrize("seed", range(60))
def test_no_sum_of_shown_parts_leaves_one_to_four(seed: int) -> None:
    rng = np.random.default_rng(seed)
    parts = rng.integers(0, 14, (int(rng.integers(1, 7)), 3))
    outside = rng.integers(0, 7, 3) * (rng.random(3) < 0.5)
    whole = parts.sum(axis=0) + outside

    shown = may_show_parts(parts, whole)

    left = whole - np.where(shown, parts, 0).sum(axis=0)
    assert not np.any((left >= 1) & (left <= 4) & shown.any(axis=0))
    assert np.all(parts[shown] >= 5)


@pytest.mark.parametrize(
    ("own", "quartile"),
    [(95.0, 1), (80.0, 1), (75.0, 1), (70.0, 2), (55.0, 3), (40.0, 3), (30.0, 4), (10.0, 4), (0.0, 4)],
)
def test_the_quartile_counts_those_strictly_better(own: float, quartile: int) -> None:
    # Of eight: 75 has one better (⅛), 70 has two (¼), 40 has five (⅝), 30 has six (¾), 0 has all.
    found = standing(own, [80.0, 75.0, 70.0, 60.0, 50.0, 40.0, 30.0, 10.0])

    assert found is not None
    assert (found.quartile, found.pool) == (quartile, 8)
    assert found.above_median == own - 55.0


def test_equals_share_the_better_quarter() -> None:
    found = standing(50.0, [50.0] * 9)

    assert found is not None
    assert (found.quartile, found.above_median) == (1, 0)


def test_five_are_enough_to_say_a_place() -> None:
    assert standing(50.0, [50.0, 40.0, 30.0, 20.0, 10.0]) is not None


def test_a_pool_too_small_says_nothing() -> None:
    assert standing(50.0, [50.0] * 4) is None
    assert standing(50.0, []) is None
    assert standing(50.0, [50.0, 50.0, 50.0, 50.0, np.nan]) is None


def test_no_score_has_no_place() -> None:
    assert standing(np.nan, [50.0] * 9) is None
