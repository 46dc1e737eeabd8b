"""The buyer's budget over many suppliers: exact where it is small, near a proven bound where it is large."""

from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import ArrayLike

from scoring.plan_terms import BadGoal, BadMeasure
from scoring.portfolio import Cancelled, best_portfolio, curve
from scoring.portfolio_case import PortfolioCase, portfolio_case
from scoring.scale import AnswerCode, CodeOutOfRange, NotWhole, ScoringError, WrongShape
from tests.scoring.cases import coded, question, rubric
from tests.scoring.portfolio_cases import Lifts, large, random_lifts

DONE, PARTLY = AnswerCode.IMPLEMENTED, AnswerCode.PARTIAL
RANK = {"unknown": 0, "not_planned": 1, "planned": 1, "partial": 2, "implemented": 3}
POINTS = {"implemented": 4, "partial": 2, "planned": 0, "not_planned": 0, "unknown": -1}


def two_suppliers(**changes: Any) -> PortfolioCase:
    """Two suppliers who do neither of two questions (weights 1 and 2), and a measure for each question."""
    terms: dict[str, Any] = {
        "answers": np.stack([coded("planned", "planned")] * 2),
        "lifts": (((0, DONE),), ((1, DONE),)),
        "yen": np.array([[100, 100], [100, 300]]),
        "factor": np.array([1, 5]),
        **changes,
    }
    return portfolio_case(rubric(question(1), question(2)), **terms)


def test_the_budget_goes_where_a_yen_gains_most() -> None:
    # Gains: 4 and 8 at the first (×1), 20 and 40 at the second (×5). With 400 yen: the second's both.
    found = best_portfolio(two_suppliers(), 400)

    assert found.chosen.tolist() == [[False, False], [True, True]]
    assert (found.gain, found.bound, found.gap, found.spent_yen) == (60, 60, 0.0, 400)
    assert found.spent.tolist() == [0, 400]
    assert found.gained.tolist() == [0, 60]


def test_what_is_free_is_taken_without_a_budget() -> None:
    found = best_portfolio(two_suppliers(yen=np.array([[0, 100], [100, 0]])), 0)

    assert found.chosen.tolist() == [[True, False], [False, True]]
    assert (found.gain, found.spent_yen) == (4 + 40, 0)


def test_of_two_free_measures_for_the_same_only_one_is_taken() -> None:
    found = best_portfolio(two_suppliers(lifts=(((0, DONE),),) * 2, yen=np.zeros((2, 2), dtype=int)), 0)

    assert found.chosen.tolist() == [[True, False]] * 2


def test_what_a_supplier_may_not_take_is_not_chosen() -> None:
    usable = np.array([[True, True], [False, True]])

    assert best_portfolio(two_suppliers(is_usable=usable), 10_000).chosen.tolist() == usable.tolist()


def test_lifting_what_is_no_gap_gains_nothing() -> None:
    # At the first supplier partly is enough, and it is there.
    answers = np.stack([coded("partial", "partial"), coded("partial", "absent")])
    targets = np.stack([coded("partial", "partial"), coded("implemented", "implemented")])

    found = best_portfolio(two_suppliers(answers=answers, targets=targets), 10_000)

    assert found.chosen.tolist() == [[False, False], [True, False]]
    assert found.gain == 5 * (4 - 2)


def test_nobody_and_nothing_to_buy_is_an_empty_portfolio() -> None:
    none = two_suppliers(answers=np.zeros((0, 2), dtype=np.int8), yen=np.zeros((0, 2), int), factor=[])
    nothing = two_suppliers(lifts=(), yen=np.zeros((2, 0), int))

    assert best_portfolio(none, 100).gain == 0
    assert (best_portfolio(nothing, 100).gain, best_portfolio(nothing, 100).gap) == (0, 0.0)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32))
def test_a_small_portfolio_is_the_one_that_trying_everything_finds(seed: int) -> None:
    rng = np.random.default_rng(seed)
    suppliers, questions, measures = (int(rng.integers(1, high)) for high in (4, 6, 5))
    weight = rng.integers(1, 4, questions).tolist()
    words = rng.choice([*RANK, "absent", "not_asked"], (suppliers, questions)).tolist()
    targets = rng.choice(["implemented", "partial"], (suppliers, questions), p=[0.8, 0.2]).tolist()
    lifts = [random_lifts(rng, questions, most=3) for _ in range(measures)]
    yen = rng.choice([0, 1, 2, 3, 100], (suppliers, measures))
    factor = rng.integers(0, 6, suppliers)
    budget = int(rng.integers(0, 8) if rng.random() < 0.7 else 10_000)
    case = portfolio_case(
        rubric(*map(question, weight)),
        np.stack([coded(*row) for row in words]),
        lifts,
        yen,
        factor=factor,
        targets=np.stack([coded(*row) for row in targets]),
    )

    found = best_portfolio(case, budget)

    best = 0
    for bits in product([False, True], repeat=suppliers * measures):
        taken = np.array(bits).reshape(suppliers, measures)
        if (taken * yen).sum() <= budget:
            gains = [
                _gain(words[row], targets[row], weight, lifts, taken[row].tolist()) * int(factor[row])
                for row in range(suppliers)
            ]
            best = max(best, sum(gains))
    assert (found.gain, found.bound) == (best, best)
    assert found.spent_yen == (found.chosen * yen).sum() <= budget
    assert found.gained.tolist() == [
        _gain(words[row], targets[row], weight, lifts, found.chosen[row].tolist()) * int(factor[row])
        for row in range(suppliers)
    ]


def test_a_thousand_suppliers_come_within_one_percent_of_the_bound() -> None:
    case = large(1000)
    budget = int(case.yen.sum()) // 20

    found = best_portfolio(case, budget)

    assert 0 <= found.gap <= 0.01
    assert 0 < found.spent_yen <= budget
    assert found.gain == case.gained(found.chosen).sum() <= found.bound
    assert not (found.chosen & ~case.is_usable).any()


@pytest.mark.parametrize("suppliers", [15, 60, 150])
def test_prices_bound_what_one_programme_finds(suppliers: int) -> None:
    case = large(suppliers, seed=suppliers)
    budget = int(case.yen.sum()) // 15

    near, nearer = best_portfolio(case, budget, gap=0.01), best_portfolio(case, budget, gap=0.0001)

    assert near.gap <= 0.01
    assert max(near.gain, nearer.gain) <= min(near.bound, nearer.bound)


def test_the_curve_rises_ever_less_steeply_and_ends_where_all_is_bought() -> None:
    case = large(120)
    whole = int(case.yen.sum())
    budgets = [0, whole // 40, whole // 20, whole // 10, whole // 5, whole]

    points = curve(case, budgets)

    gains = [point.gain for point in points]
    assert gains == sorted(gains)
    assert all(point.gap <= 0.01 and point.spent_yen <= point.budget_yen for point in points)
    assert gains[0] == 0
    assert gains[-1] == case.gained(case.is_usable).sum()
    rates = np.diff(gains[:5]) / np.diff(budgets[:5])
    assert (np.diff(rates) < 0).all()


def test_a_large_budget_buys_all_that_helps_and_no_more_than_it_must() -> None:
    case = large(60)

    found = best_portfolio(case, 10**10)

    assert found.gain == found.bound == case.gained(case.is_usable).sum()
    brought = found.chosen.copy()
    for row, measure in np.argwhere(found.chosen)[:100]:
        brought[row, measure] = False
        assert case.gained(brought)[row] < found.gained[row]
        brought[row, measure] = True


def test_the_same_case_gives_the_same_portfolio() -> None:
    first, second = (best_portfolio(large(80), 3_000_000) for _ in range(2))

    assert (first.chosen == second.chosen).all()


def test_progress_rises_to_all_and_a_caller_may_stop() -> None:
    told: list[tuple[int, int]] = []
    best_portfolio(large(60), 1_000_000, progress=lambda done, total: told.append((done, total)))

    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert told[-1][0] == told[-1][1]
    with pytest.raises(Cancelled):
        best_portfolio(large(60), 1_000_000, is_cancelled=lambda: True)
    patience = iter([False] * 3)
    with pytest.raises(Cancelled):
        best_portfolio(large(60), 1_000_000, is_cancelled=lambda: next(patience, True))


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"answers": coded("planned", "planned")}, WrongShape),
        ({"answers": [[3], [3]]}, WrongShape),
        ({"answers": [[3, 9], [3, 3]]}, CodeOutOfRange),
        ({"yen": [[1, 1]]}, WrongShape),
        ({"yen": [[1, float("nan")], [1, 1]]}, NotWhole),
        ({"yen": [[1, -1], [1, 1]]}, BadMeasure),
        ({"factor": [1]}, WrongShape),
        ({"factor": [1, -1]}, BadGoal),
        ({"factor": [1.5, 1.0]}, NotWhole),
        ({"is_usable": [[True, True]]}, WrongShape),
        ({"is_usable": [[1, 1], [1, 1]]}, WrongShape),
        ({"targets": [1, 1, 1]}, WrongShape),
        ({"targets": [1, 3]}, CodeOutOfRange),
        ({"lifts": (((2, DONE),), ((1, DONE),))}, BadMeasure),
        ({"lifts": (((0, AnswerCode.PLANNED),), ((1, DONE),))}, BadMeasure),
        ({"lifts": (((0, DONE), (0, PARTLY)), ((1, DONE),))}, BadMeasure),
    ],
)
def test_what_cannot_be_is_refused_by_name(changes: dict[str, ArrayLike], error: type[ScoringError]) -> None:
    with pytest.raises(error):
        two_suppliers(**changes)


@pytest.mark.parametrize(("budget", "gap"), [(-1, 0.01), (1, 1.0), (1, float("nan")), (10**14, 0.01)])
def test_a_budget_or_a_gap_that_cannot_be_is_refused(budget: int, gap: float) -> None:
    with pytest.raises(BadGoal):
        best_portfolio(two_suppliers(), budget, gap=gap)


def _gain(
    answers: list[str], targets: list[str], weight: list[int], lifts: list[Lifts], taken: list[bool]
) -> int:
    after = list(answers)
    for lifted, is_taken in zip(lifts, taken, strict=True):
        for place, code in lifted if is_taken else ():
            if after[place] in RANK and RANK[after[place]] < RANK[code.word]:
                after[place] = code.word
    return sum(
        weight[place] * (POINTS[after[place]] - POINTS[old])
        for place, old in enumerate(answers)
        if old in RANK and RANK[old] < RANK[targets[place]]
    )
