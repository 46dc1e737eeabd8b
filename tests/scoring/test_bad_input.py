"""What is no answer, level, exposure or pool is refused by name, and nobody's answers give an honest none."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import ArrayLike

from scoring.benchmark import rates, standing
from scoring.maturity import explain_all, explanations, score, summary
from scoring.model import BadModel, BadRubric
from scoring.risk import band_changes, expected_star, heat, per_supplier, prioritise, rank
from scoring.scale import CodeOutOfRange, NotWhole, ScoringError, WrongShape
from tests.scoring.cases import model, question, rubric

TWO = rubric(question(), question(essential=True))
NOBODY = np.empty((0, 2), dtype=np.int8)
Reckoning = Callable[[ArrayLike], object]

# Every way in that takes a matrix of codes; each is given the wrong thing in the place of the right one.
WAYS_IN: list[Reckoning] = [
    lambda wrong: score(TWO, wrong, [[1, 1]]),
    lambda wrong: score(TWO, [[1, 1]], wrong),
    lambda wrong: explain_all(TWO, wrong, [1, 1]),
    lambda wrong: explain_all(TWO, [1, 1], wrong),
    lambda wrong: explanations(score(TWO, [[1, 1]], [[1, 1]]), wrong, [[1, 1]]).__next__(),
    lambda wrong: prioritise(TWO, wrong, [[1] * len(TWO.sets)]),
    lambda wrong: prioritise(TWO, [[1, 1, 1]], wrong),
    lambda wrong: expected_star(TWO.model, wrong),
    lambda wrong: band_changes(TWO, wrong, score(TWO, [[1, 1]], [[1, 1]]).tallies),
    lambda wrong: heat(wrong, [1], [1]),
    lambda wrong: rates(wrong, [0, 0, 0, 0]),
]
NONSENSE: list[ArrayLike] = [
    np.array([[[1, 1]]]),
    np.array(1),
    [[1, 1], [1]],
    [[np.nan, 1.0, 1.0]],
    [[np.inf, 1.0, 1.0]],
    [[0.5, 1.0, 1.0]],
    [["implemented", "partial", "yes"]],
    np.array([[None, None, None]]),
    [[True, False, True]],
    [[-1, 1, 1]],
    [[127, 1, 1]],
    [[2**40, 1, 1]],
]


@pytest.mark.parametrize("way_in", range(len(WAYS_IN)))
@pytest.mark.parametrize("nonsense", range(len(NONSENSE)))
def test_nonsense_is_refused_by_name_wherever_it_comes_in(way_in: int, nonsense: int) -> None:
    with pytest.raises((WrongShape, CodeOutOfRange, NotWhole)):
        WAYS_IN[way_in](NONSENSE[nonsense])


@pytest.mark.parametrize("exposure", [np.nan, np.inf, -np.inf])
def test_an_exposure_that_is_no_number_is_refused(exposure: float) -> None:
    with pytest.raises(NotWhole):
        prioritise(TWO, [[exposure, 1, 1]], [[1] * len(TWO.sets)])


def test_every_refusal_is_of_one_kind() -> None:
    for refusal in (WrongShape, CodeOutOfRange, NotWhole, BadModel, BadRubric):
        assert issubclass(refusal, ScoringError)
        assert issubclass(refusal, ValueError)


@pytest.mark.parametrize(
    "change",
    [
        {"practice": [80, 50]},
        {"practice": [50, 101]},
        {"practice": [50]},
        {"practice": [float("nan"), 80]},
        {"effectiveness": [0, 0, 15, 30, 60]},
        {"effectiveness": [0, 0, 40, 30, 60, 85]},
        {"effectiveness": [0, 0, 15.5, 30, 60, 85]},
        {"bands": [1, 2, 3]},
        {"bands": [1, 3, 2, 4]},
        {"bands": [1, 2, 3, float("nan")]},
        {"points": {"implemented": 4}},
        {"star_exposure": 0},
        {"official_bands": []},
    ],
)
def test_constants_that_contradict_one_another_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(BadModel):
        model(**change)


def test_a_campaign_with_no_answers_gives_honest_nones() -> None:
    scores = score(TWO, NOBODY, NOBODY)

    assert scores.level.shape == (0, len(TWO.sets))
    assert scores.score.shape == (0, len(TWO.sets))
    assert list(explanations(scores, NOBODY, NOBODY)) == []
    assert heat([], [], []).count.sum() == 0
    first = prioritise(TWO, np.empty((0, 3), np.int8), scores.level)
    assert rank(first, [], [], capacity=5).tolist() == []
    assert per_supplier([], first, []).supplier.tolist() == []
    assert band_changes(TWO, np.empty((0, 3), np.int8), scores.tallies) == ()


def test_an_empty_pool_has_no_rate_and_no_place() -> None:
    assert np.isnan(rates(NOBODY).percent).all()
    assert standing(50.0, []) is None
    assert standing(float("nan"), [10.0] * 9) is None
    assert standing(50.0, [float("nan")] * 9) is None


def test_a_questionnaire_without_questions_scores_nobody_and_nothing() -> None:
    bare: dict[str, list[str]] = {"confidentiality": [], "continuity": [], "connectivity": []}
    found = summary(score(rubric(answers_for=bare), np.empty((1, 0), np.int8), np.empty((1, 0), np.int8)))

    assert (found.sets, found.overall_level, found.official_score) == ({}, None, None)
