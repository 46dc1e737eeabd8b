"""Priorities, the ranked list, the grid and what moves them, worked by hand in the comments."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import ArrayLike

from scoring.maturity import score
from scoring.model import Rubric
from scoring.risk import (
    Priorities,
    are_stars_too_many,
    band_changes,
    expected_star,
    heat,
    per_supplier,
    prioritise,
    rank,
)
from scoring.scale import CodeOutOfRange, NotWhole, WrongShape
from tests.scoring.cases import coded, constants, model, question, rubric, their_word


def two_axes(**changes: Any) -> Rubric:
    """Sets in order: a, b (domains), left, right (axes), lens; the last three answer for exposures."""
    return rubric(
        question(domain="a"),
        question(domain="b", axis="right"),
        lens=(1,),
        **{"answers_for": constants()["answers_for"], **changes},
    )


def prioritised(exposures: list[int], *, left: int = 0, right: int = 0, lens: int = 0) -> Priorities:
    """One relationship with these levels of the sets that answer."""
    return prioritise(two_axes(), [exposures], [[0, 0, left, right, lens]])


def graded(*rows: tuple[int, int]) -> Priorities:
    """Relationships of this inherent exposure, all else 1, and this level of every set."""
    return prioritise(two_axes(), [[one, 1, 1] for one, _ in rows], [[level] * 5 for _, level in rows])


def test_residual_exposure_is_what_the_answering_level_leaves() -> None:
    # confidentiality 5 ← left 4, right 3: the lower is 3, 30 % off: 3.50
    # continuity 2 ← left 4, lens 1: the lower is 1, nothing off: 2.00
    # connectivity 4 ← left 4: 60 % off: 1.60
    found = prioritised([5, 2, 4], left=4, right=3, lens=1)

    assert found.answering.tolist() == [[3, 1, 4]]
    assert found.exposure_residual.tolist() == [[350, 200, 160]]
    assert found.inherent.tolist() == [5]
    assert found.residual.tolist() == [350]
    assert found.band.tolist() == [3]
    assert found.expected_star.tolist() == [4]


def test_a_set_without_a_level_takes_no_part() -> None:
    # Only left, 5, answers for confidentiality: 85 % off 4 leaves 0.60.
    assert prioritised([4, 1, 1], left=5).exposure_residual[0, 0] == 60


def test_where_no_set_has_a_level_nothing_is_taken_off() -> None:
    found = prioritised([4, 3, 2])

    assert found.answering.tolist() == [[0, 0, 0]]
    assert found.residual.tolist() == [400]


@pytest.mark.parametrize("exposures", [[0, 5, 5], [5, 0, 5], [5, 5, 0], [0, 0, 0]])
def test_a_relationship_lacking_an_exposure_has_no_priority(exposures: list[int]) -> None:
    found = prioritised(exposures, left=1, right=1, lens=1)

    assert not found.is_graded[0]
    assert [found.inherent[0], found.residual[0], found.band[0], found.expected_star[0]] == [0, 0, 0, 0]
    assert not found.answering.any()
    assert not found.exposure_residual.any()


@pytest.mark.parametrize(
    ("exposure", "level", "residual", "band"),
    [
        (1, 2, 85, 0),
        (1, 1, 100, 1),
        (2, 2, 170, 1),
        (2, 0, 200, 2),
        (5, 4, 200, 2),
        (4, 3, 280, 2),
        (3, 1, 300, 3),
        (5, 3, 350, 3),
        (4, 1, 400, 4),
        (5, 5, 75, 0),
    ],
)
def test_bands_begin_at_their_borders(exposure: int, level: int, residual: int, band: int) -> None:
    # The two lesser exposures are 1 and never decide here: 1.00 at most, and as much off.
    found = prioritise(two_axes(), [[exposure] * 3], [[level] * 5])

    assert (found.residual[0], found.band[0]) == (residual, band)


def test_four_stars_are_expected_from_an_exposure_of_four() -> None:
    assert expected_star(model(), [[3, 3, 3], [1, 4, 1], [1, 1, 5], [5, 0, 5]]).tolist() == [3, 4, 4, 0]
    assert expected_star(model(star_exposure=5), [[1, 4, 1]]).tolist() == [3]


def test_too_many_four_stars_are_noticed() -> None:
    assert not are_stars_too_many(model(), [4] * 3 + [3] * 7)
    assert are_stars_too_many(model(), [4] * 4 + [3] * 6)
    # Of the three that have a star, one has four: 33 %.
    assert are_stars_too_many(model(), [4, 3, 3, 0, 0, 0])
    assert not are_stars_too_many(model(), [])


@pytest.mark.parametrize(
    ("exposures", "levels", "error"),
    [
        ([[1, 1]], [[0] * 5], WrongShape),
        ([[1, 1, 1]], [[0] * 4], WrongShape),
        ([[1, 1, 1]], [[0] * 5] * 2, WrongShape),
        ([1, 1, 1], [[0] * 5], WrongShape),
        ([[1, 1, 6]], [[0] * 5], CodeOutOfRange),
        ([[1, 1, -1]], [[0] * 5], CodeOutOfRange),
        ([[1, 1, 1]], [[6] * 5], CodeOutOfRange),
        ([[1, 1, np.nan]], [[0] * 5], NotWhole),
        ([[1, 1, 2.5]], [[0] * 5], NotWhole),
        ([[1, 1, None]], [[0] * 5], NotWhole),
    ],
)
def test_exposures_and_levels_that_are_none_are_refused(
    exposures: ArrayLike, levels: ArrayLike, error: type[Exception]
) -> None:
    with pytest.raises(error):
        prioritise(two_axes(), exposures, levels)


def test_no_relationships_have_no_priorities() -> None:
    found = prioritise(two_axes(), np.empty((0, 3), np.int8), np.empty((0, 5), np.int8))

    assert found.residual.shape == (0,)
    assert rank(found, np.empty(0, np.int8), np.empty(0, np.int64), capacity=5).tolist() == []


def test_the_grid_counts_suppliers_and_sums_their_spend() -> None:
    found = heat([5, 5, 0, 2, 5], [1, 1, 3, 0, 5], [100, 20, 7, 0, 3])

    assert (found.count[5, 1], found.spend[5, 1]) == (2, 120)
    assert (found.count[0, 3], found.spend[0, 3]) == (1, 7)
    assert (found.count[2, 0], found.spend[2, 0]) == (1, 0)
    assert (found.count[5, 5], found.spend[5, 5]) == (1, 3)
    assert found.count.shape == found.spend.shape == (6, 6)
    assert (found.count.sum(), found.spend.sum()) == (5, 130)


def test_the_grid_of_nobody_is_empty() -> None:
    assert heat([], [], []).count.sum() == 0


def test_spend_is_summed_exactly_to_the_yen() -> None:
    assert heat([5, 5], [1, 1], [2**53, 1]).spend[5, 1] == 2**53 + 1


@pytest.mark.parametrize(
    ("inherent", "level", "spend", "error"),
    [
        ([6], [1], [0], CodeOutOfRange),
        ([1], [6], [0], CodeOutOfRange),
        ([1], [1, 1], [0], WrongShape),
        ([1], [1], [0, 0], WrongShape),
        ([1], [1], [0.5], NotWhole),
    ],
)
def test_a_grid_of_other_things_is_refused(
    inherent: ArrayLike, level: ArrayLike, spend: ArrayLike, error: type[Exception]
) -> None:
    with pytest.raises(error):
        heat(inherent, level, spend)


def test_a_supplier_is_shown_once_at_its_highest_priority_with_its_spend_summed() -> None:
    # Supplier 7: residual 3.00 and 5.00; supplier 2: 1.00 alone.
    priorities = graded((3, 1), (1, 1), (5, 1))

    found = per_supplier([7, 2, 7], priorities, [10, 5, 1])

    assert found.supplier.tolist() == [2, 7]
    assert found.relationship.tolist() == [1, 2]
    assert found.spend.tolist() == [5, 11]


def test_among_equal_residuals_a_supplier_is_shown_by_the_larger_inherent_exposure() -> None:
    # 2 less nothing and 5 less 60 % are both 2.00.
    assert per_supplier([1, 1], graded((2, 1), (5, 4)), [9, 0]).relationship.tolist() == [1]


def test_a_supplier_without_grading_is_shown_by_what_it_has() -> None:
    priorities = graded((0, 1), (1, 5), (0, 1))

    found = per_supplier([1, 1, 2], priorities, [9, 1, 4])

    assert found.relationship.tolist() == [1, 2]
    assert found.spend.tolist() == [10, 4]


def test_among_equal_relationships_the_larger_spend_then_the_first_is_shown() -> None:
    priorities = graded((3, 1), (3, 1), (3, 1))

    assert per_supplier([1, 1, 1], priorities, [1, 9, 9]).relationship.tolist() == [1]


def test_the_list_to_act_on_goes_by_residual_inherent_executive_level_and_spend() -> None:
    priorities = prioritise(
        two_axes(),
        # Nothing is taken off at level 1: residuals 3.00, 5.00, 2.00, 3.00, 5.00, 5.00.
        [[3, 1, 1], [5, 1, 1], [2, 1, 1], [3, 3, 1], [5, 1, 1], [5, 1, 1]],
        [[1] * 5] * 6,
    )

    # Rows 1, 4, 5 at 5.00: executive 1 before 2, then the larger spend. Rows 0, 3 at 3.00: executive 0 first.
    order = rank(priorities, [2, 2, 1, 0, 1, 2], [0, 5, 0, 0, 0, 9], capacity=100)

    assert order.tolist() == [4, 5, 1, 3, 0, 2]


def test_of_equal_residuals_the_larger_inherent_exposure_comes_first() -> None:
    # 5 less 60 % and 2 less nothing are both 2.00.
    priorities = graded((2, 1), (5, 4))

    assert rank(priorities, [1, 1], [9, 0], capacity=2).tolist() == [1, 0]


def test_the_list_is_cut_at_the_capacity_and_leaves_out_what_is_not_graded() -> None:
    priorities = graded((1, 1), (0, 1), (5, 1), (4, 1))

    assert rank(priorities, [1] * 4, [0] * 4, capacity=2).tolist() == [2, 3]
    assert rank(priorities, [1] * 4, [0] * 4, capacity=0).tolist() == []
    assert rank(priorities, [1] * 4, [0] * 4, capacity=9).tolist() == [2, 3, 0]


def test_equals_keep_their_order() -> None:
    assert rank(graded(*[(3, 2)] * 5), [1] * 5, [0] * 5, capacity=5).tolist() == [0, 1, 2, 3, 4]


def test_a_capacity_below_nothing_is_refused() -> None:
    with pytest.raises(CodeOutOfRange):
        rank(graded((1, 1)), [1], [0], capacity=-1)


def one_set(*answers: str) -> Any:
    """A rubric of one set, and each answer's tallies as an assessment of one question."""
    built = rubric(question())
    rows = np.array([coded(answer) for answer in answers])
    return built, score(built, rows, np.array([their_word(1)] * len(answers))).tallies


def test_who_changes_band_when_a_constant_moves_is_listed() -> None:
    # Level 3 each: 5 less 30 % is 3.50, 3 less 30 % is 2.10.
    built, tallies = one_set("implemented", "implemented")

    found = band_changes(built, [[5, 1, 1], [3, 1, 1]], tallies)

    listed = {(one.constant, one.place, one.was, one.becomes): one.rows.tolist() for one in found}
    assert listed == {
        # 24 % leaves 3.80 and 2.28: as before. 36 % leaves 3.20 and 1.92: the second falls.
        ("effectiveness", 3, 30, 36): [1],
        # The border 2 at 2.40 lets the second fall; 3 at 3.60 the first; 4 at 3.20 lifts the first.
        ("bands", 1, 200, 240): [1],
        ("bands", 2, 300, 360): [0],
        ("bands", 3, 400, 320): [0],
    }
    lifted = found[-1]
    assert (lifted.band_was.tolist(), lifted.band_becomes.tolist()) == ([3], [4])


def test_a_moved_threshold_of_practice_regrades() -> None:
    # Score 50, level 2: 4 less 15 % is 3.40. At a threshold of 60 it is level 1: 4.00, very high.
    built, tallies = one_set("partial")

    found = [one for one in band_changes(built, [[4, 1, 1]], tallies) if one.constant == "practice"]

    assert [(one.place, one.was, one.becomes, one.rows.tolist()) for one in found] == [(0, 50, 60, [0])]


def test_levels_that_stand_are_kept_where_a_move_changes_nothing() -> None:
    # Both are level 2 by their tallies; the second stands at level 3 by another questionnaire: 4 less 30 %.
    built, tallies = one_set("partial", "partial")

    found = band_changes(
        built, [[4, 1, 1], [4, 1, 1]], tallies, standing=[[2] * len(built.sets), [3] * len(built.sets)]
    )

    shown = {(one.constant, one.place, one.becomes): one for one in found}
    assert shown["effectiveness", 3, 24].rows.tolist() == [1]
    assert shown["effectiveness", 3, 24].band_was.tolist() == [2]
    assert shown["practice", 0, 60].rows.tolist() == [0, 1]
    assert shown["practice", 0, 60].band_was.tolist() == [3, 2]


def test_a_constant_moves_only_as_far_as_its_neighbours_let_it() -> None:
    built = rubric(question(), effectiveness=[0, 0, 15, 59, 60, 85], bands=[1, 2, 2.1, 4])
    scores = score(built, [[1]], [[1]])

    found = band_changes(built, [[5, 1, 1]], scores.tallies)

    # Level 3: 5 less 59 % is 2.05. The border 2 would rise to 2.40, but the next stands at 2.10.
    assert ("bands", 1, 200, 210) in [(one.constant, one.place, one.was, one.becomes) for one in found]


def test_the_highest_border_may_rise_towards_the_highest_exposure() -> None:
    built = rubric(question(), effectiveness=[0, 0, 10, 30, 60, 85])
    scores = score(built, [[2]], [[1]])

    found = band_changes(built, [[5, 1, 1]], scores.tallies)

    # Level 2: 5 less 10 % is 4.50. The border 4 rises to 4.80.
    assert ("bands", 3, 400, 480) in [(one.constant, one.place, one.was, one.becomes) for one in found]


def test_what_is_not_graded_changes_no_band() -> None:
    built, tallies = one_set("implemented")

    assert band_changes(built, [[5, 0, 5]], tallies) == ()


def test_tallies_of_other_relationships_are_refused() -> None:
    built, tallies = one_set("implemented", "implemented")

    with pytest.raises(WrongShape):
        band_changes(built, [[1, 1, 1]], tallies)
