"""The ring and the naive reference agree on random assessments, rubrics and constants."""

import tracemalloc
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from scoring.maturity import explain, explain_all, score, summary
from scoring.risk import prioritise
from scoring.scale import Level
from tests.scoring import reference
from tests.scoring.cases import random_case, shipped_like

CASES = range(40)
EACH = 50


@pytest.mark.parametrize("seed", CASES)
def test_scores_and_levels_agree_with_the_reference(seed: int) -> None:
    case = random_case(seed, assessments=EACH)
    scores = score(case.rubric, case.answers, case.proof)

    for row in range(EACH):
        answers, proof = case.words(row)
        found = summary(scores, row)
        for name, members in case.members.items():
            expected = reference.set_result(case.questions, members, answers, proof, case.constants)
            assert found.sets[name].level == expected["level"]
            assert found.sets[name].practice == expected["practice"]
            assert found.sets[name].score == (None if expected["score"] is None else float(expected["score"]))
        assert found.official_score == reference.official(case.questions, answers, case.constants)
        assert found.unknown == answers.count("unknown")
        assert found.absent == answers.count("absent")


@pytest.mark.parametrize("seed", CASES)
def test_explanations_agree_with_the_reference(seed: int) -> None:
    case = random_case(seed, assessments=EACH)

    for row in range(EACH):
        answers, proof = case.words(row)
        found = explain_all(case.rubric, case.answers[row], case.proof[row])
        for name, members in case.members.items():
            expected = reference.explanation(case.questions, members, answers, proof, case.constants)
            missing = expected["points_missing"]
            assert found[name].points_missing == (None if missing is None else float(missing))
            assert list(found[name].essential) == expected["essential"]
            assert list(found[name].lightest) == expected["lightest"]


@pytest.mark.parametrize("seed", CASES)
def test_priorities_agree_with_the_reference(seed: int) -> None:
    case = random_case(seed, assessments=EACH)
    scores = score(case.rubric, case.answers, case.proof)
    found = prioritise(case.rubric, case.exposures, scores.level)

    for row in range(EACH):
        levels = {name: summary(scores, row).sets[name].level for name in case.members}
        expected = reference.priority(case.exposures[row].tolist(), levels, case.constants)
        assert found.is_graded[row] == (expected is not None)
        if expected is not None:
            assert found.inherent[row] == expected["inherent"]
            assert Fraction(int(found.residual[row]), 100) == expected["residual"]
            assert found.band[row] == expected["band"]
            assert found.expected_star[row] == expected["star"]


def test_the_random_assessments_reach_every_level() -> None:
    reached = set()
    for seed in CASES:
        case = random_case(seed, assessments=EACH)
        reached |= set(score(case.rubric, case.answers, case.proof).level.ravel().tolist())

    assert reached == set(Level)


@pytest.mark.parametrize("seed", range(5))
def test_the_arrays_say_what_the_summaries_say(seed: int) -> None:
    case = random_case(seed, assessments=EACH)
    scores = score(case.rubric, case.answers, case.proof)

    for row in range(EACH):
        found = summary(scores, row)
        assert (found.overall_level or 0) == scores.overall_level[row]
        for column, one in enumerate(found.sets.values()):
            assert one.score == (None if np.isnan(scores.score[row, column]) else scores.score[row, column])
            assert one.is_self_declared == scores.is_self_declared[row, column]


@pytest.mark.parametrize("seed", range(5))
def test_one_assessment_alone_scores_as_in_a_batch(seed: int) -> None:
    case = random_case(seed, assessments=EACH)
    batch = score(case.rubric, case.answers, case.proof)

    for row in range(EACH):
        alone = score(case.rubric, case.answers[[row]], case.proof[[row]])
        assert summary(alone) == summary(batch, row)
        for name in case.members:
            one = explain(case.rubric, case.answers[row], case.proof[row], name)
            assert one == explain_all(case.rubric, case.answers[row], case.proof[row])[name]


def test_a_batch_longer_than_a_chunk_scores_as_its_rows() -> None:
    case = random_case(3, assessments=EACH)
    times = 400
    batch = score(case.rubric, np.tile(case.answers, (times, 1)), np.tile(case.proof, (times, 1)))
    once = score(case.rubric, case.answers, case.proof)

    assert np.array_equal(batch.level, np.tile(once.level, (times, 1)))
    assert np.array_equal(batch.tallies.points, np.tile(once.tallies.points, (times, 1)))
    assert np.array_equal(batch.official, np.tile(once.official, times))


def test_weights_too_large_to_be_summed_together_score_as_small_ones() -> None:
    case = random_case(5, assessments=EACH)
    times = 10**6
    heavy = replace(case.rubric, weight=tuple(times * weight for weight in case.rubric.weight))
    found, once = (score(built, case.answers, case.proof) for built in (heavy, case.rubric))

    assert np.array_equal(found.tallies.points, times * once.tallies.points)
    assert np.array_equal(found.tallies.weight, times * once.tallies.weight)
    assert np.array_equal(found.level, once.level)


def test_a_hundred_thousand_assessments_fit_into_200_megabytes() -> None:
    built = shipped_like()
    answers = np.random.default_rng(1).integers(1, 6, (100_000, built.questions), dtype=np.int8)
    proof = np.ones_like(answers)
    exposures = np.full((100_000, 3), 3, dtype=np.int8)

    tracemalloc.start()
    try:
        prioritise(built, exposures, score(built, answers, proof).level)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    # What the answers themselves take is not counted: 11 MB.
    assert peak < 190 * 10**6
