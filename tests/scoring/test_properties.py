"""What must hold whatever the questions, weights and constants are."""

from itertools import pairwise
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.maturity import Scores, score
from scoring.model import model_of, rubric_of
from scoring.scale import AnswerCode, Assurance
from tests.scoring.cases import RandomCase, question, random_case, rubric

PROPERTY = settings(max_examples=150, deadline=None, derandomize=True, database=None)
STEPS = [
    [AnswerCode.UNKNOWN],
    [AnswerCode.PLANNED, AnswerCode.NOT_PLANNED],
    [AnswerCode.PARTIAL],
    [AnswerCode.IMPLEMENTED],
]
CHOSEN = st.integers(0, 10**6)


@st.composite
def cases(draw: st.DrawFn) -> RandomCase:
    """A few assessments of a small or large random rubric."""
    return random_case(draw(st.integers(0, 10**9)), assessments=8)


def changed(case: RandomCase, place: int, code: int) -> Scores:
    """The batch with one question answered so by all who answered it."""
    answers = case.answers.copy()
    was_counted = ~np.isin(answers[:, place], (AnswerCode.NOT_ASKED, AnswerCode.ABSENT))
    answers[was_counted, place] = code
    return score(case.rubric, answers, case.proof)


def values(scores: Scores) -> tuple[Any, ...]:
    """What a reader sees of a batch, comparable whatever is missing."""
    return np.nan_to_num(scores.score, nan=-1).tolist(), scores.practice.tolist(), scores.level.tolist()


@PROPERTY
@given(cases(), CHOSEN)
def test_a_better_answer_never_lowers_anything(case: RandomCase, chosen: int) -> None:
    place = chosen % case.rubric.questions
    steps = [[changed(case, place, code) for code in step] for step in STEPS]

    assert values(steps[1][0]) == values(steps[1][1])
    for lower, higher in pairwise(steps):
        assert np.all(np.nan_to_num(higher[0].score) >= np.nan_to_num(lower[0].score))
        assert np.all(higher[0].level >= lower[0].level)
        assert np.all(higher[0].practice >= lower[0].practice)
        assert np.all(higher[0].official >= lower[0].official)
        assert np.all(higher[0].overall_level >= lower[0].overall_level)


@PROPERTY
@given(cases(), CHOSEN)
def test_more_assurance_never_lowers_a_level_and_never_touches_a_score(case: RandomCase, chosen: int) -> None:
    place = chosen % case.rubric.questions
    found = []
    for assurance in Assurance:
        proof = case.proof.copy()
        proof[:, place] = assurance
        found.append(score(case.rubric, case.answers, proof))

    for lower, higher in pairwise(found):
        assert np.all(higher.level >= lower.level)
        assert values(higher)[:2] == values(lower)[:2]
        assert np.array_equal(higher.official, lower.official)


@PROPERTY
@given(cases(), CHOSEN)
def test_assurance_of_what_is_not_done_changes_nothing(case: RandomCase, chosen: int) -> None:
    proof = case.proof.copy()
    proof[case.answers != AnswerCode.IMPLEMENTED] = chosen % len(Assurance)

    found, as_it_was = score(case.rubric, case.answers, proof), score(case.rubric, case.answers, case.proof)

    assert values(found) == values(as_it_was)
    assert np.array_equal(found.assured, as_it_was.assured)


@PROPERTY
@given(cases(), CHOSEN)
def test_absent_and_not_asked_count_as_if_the_question_did_not_exist(case: RandomCase, chosen: int) -> None:
    place = chosen % case.rubric.questions
    if case.rubric.questions == 1:
        return
    answers = case.answers.copy()
    answers[:, place] = AnswerCode.ABSENT
    absent = score(case.rubric, answers, case.proof)
    answers[:, place] = AnswerCode.NOT_ASKED
    not_asked = score(case.rubric, answers, case.proof)
    kept = [other for other in range(case.rubric.questions) if other != place]
    left = [one for one in case.rubric.sets if set(one.members) != {place}]
    without = _without(case, place, kept, {one.name for one in left})

    for found in (absent, not_asked):
        for one in left:
            here, there = case.rubric.column(one.name), without.rubric.column(one.name)
            assert np.array_equal(found.level[:, here], without.level[:, there])
            assert np.array_equal(found.score[:, here], without.score[:, there], equal_nan=True)
    assert np.array_equal(absent.absent, not_asked.absent + 1)
    assert np.array_equal(absent.unknown, not_asked.unknown)


@PROPERTY
@given(cases(), st.randoms(use_true_random=False))
def test_a_permutation_of_questions_changes_nothing(case: RandomCase, random: Any) -> None:
    order = list(range(case.rubric.questions))
    random.shuffle(order)
    shuffled = rubric_of(
        case.rubric.model,
        [case.questions[place] for place in order],
        {"lens": [str(place) for place in case.members["lens"]]},
    )
    found = score(shuffled, case.answers[:, order], case.proof[:, order])
    columns = list(shuffled.columns(one.name for one in case.rubric.sets))
    as_it_was = score(case.rubric, case.answers, case.proof)

    assert np.array_equal(found.level[:, columns], as_it_was.level)
    assert np.array_equal(found.score[:, columns], as_it_was.score, equal_nan=True)
    assert np.array_equal(found.official, as_it_was.official)


@PROPERTY
@given(cases(), st.randoms(use_true_random=False))
def test_a_permutation_of_assessments_permutes_the_results(case: RandomCase, random: Any) -> None:
    order = list(range(len(case.answers)))
    random.shuffle(order)
    found = score(case.rubric, case.answers[order], case.proof[order])
    as_it_was = score(case.rubric, case.answers, case.proof)

    assert np.array_equal(found.level, as_it_was.level[order])
    assert np.array_equal(found.official, as_it_was.official[order])


@PROPERTY
@given(st.lists(st.integers(1, 3), min_size=2, max_size=12), st.integers(2, 50))
def test_weights_matter_by_their_proportion_alone(weights: list[int], times: int) -> None:
    answers = np.array([[1 + place % 5 for place in range(len(weights))]], dtype=np.int8)
    proof = np.zeros_like(answers)
    once = score(rubric(*map(question, weights)), answers, proof)
    more = score(rubric(*(question(weight * times) for weight in weights)), answers, proof)

    assert values(once) == values(more)


def _without(case: RandomCase, place: int, kept: list[int], names: set[str]) -> Scores:
    """The batch scored over a rubric that lacks this question, and the sets that held it alone."""
    nobody: dict[str, list[str]] = {exposure: [] for exposure in case.constants["answers_for"]}
    lens = [str(other) for other in case.members["lens"] if other != place]
    smaller = rubric_of(
        model_of({**case.constants, "answers_for": nobody}),
        [case.questions[other] for other in kept],
        {"lens": lens} if "lens" in names else {},
    )
    return score(smaller, case.answers[:, kept], case.proof[:, kept])
