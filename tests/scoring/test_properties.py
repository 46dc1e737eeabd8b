"""What must hold whatever the questions, weights and constants are.

The specification's list, and the test that holds each:

- raising an answer (unknown, not done, partial, implemented) never lowers a score or level:
  test_a_better_answer_never_lowers_anything
- nor does raising its assurance: test_more_assurance_never_lowers_a_level_and_never_touches_a_score
- in the shipped questionnaire one answer moves an axis by at most one step among 1 to 3:
  test_shipped_questionnaire.py, from random assessments and from the weights themselves
- weights matter: test_a_heavier_question_draws_the_score_towards_its_answer,
  test_weights_matter_by_their_proportion_alone
- `absent` and `not_asked` change only what is stated:
  test_absent_and_not_asked_count_as_if_the_question_did_not_exist,
  test_absent_counts_in_the_self_check_score_alone, test_what_was_not_asked_takes_the_self_check_score_away
- a permutation changes nothing: test_a_permutation_of_questions_changes_nothing,
  test_a_permutation_of_assessments_permutes_the_results
- one assessment scored alone equals the same in a batch of 100 000:
  test_one_assessment_alone_equals_the_same_in_a_batch_of_a_hundred_thousand
- an unmet essential question holds at 2, never lower; a self-declaration alone, and a set without an
  essential question, stop at 3; level 0 is no result:
  test_a_level_stays_within_what_its_essential_questions_allow
"""

from itertools import pairwise
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.maturity import Scores, score, summary
from scoring.model import model_of, rubric_of
from scoring.risk import prioritise
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


@PROPERTY
@given(cases(), CHOSEN)
def test_a_heavier_question_draws_the_score_towards_its_answer(case: RandomCase, chosen: int) -> None:
    place = chosen % case.rubric.questions
    heavier = list(case.questions)
    heavier[place] = {**heavier[place], "weight": heavier[place]["weight"] + 1}
    lens = {"lens": [str(member) for member in case.members["lens"]]}
    before = score(case.rubric, case.answers, case.proof)
    after = score(rubric_of(case.rubric.model, heavier, lens), case.answers, case.proof)

    worth = np.array(case.rubric.model.points)[case.answers[:, place]][:, None]
    is_counted = ~np.isin(case.answers[:, place], (AnswerCode.NOT_ASKED, AnswerCode.ABSENT))[:, None]
    is_touched = case.rubric.membership[:, place] & is_counted
    # Exactly: P/W moves towards the answer's worth w, (P + w)/(W + 1), as w lies above or below P/W.
    points, weight = before.tallies.points.astype(object), before.tallies.weight.astype(object)
    drawn = np.sign(after.tallies.points * weight - points * after.tallies.weight)
    assert np.array_equal(drawn[is_touched], np.sign(worth * weight - points)[is_touched])
    assert np.array_equal(after.tallies.points[~is_touched], before.tallies.points[~is_touched])
    assert np.array_equal(after.level[~is_touched], before.level[~is_touched])


@PROPERTY
@given(cases(), CHOSEN)
def test_absent_counts_in_the_self_check_score_alone(case: RandomCase, chosen: int) -> None:
    place = chosen % case.rubric.questions
    absent, done = (changed(case, place, code) for code in (AnswerCode.ABSENT, AnswerCode.IMPLEMENTED))
    was_counted = ~np.isin(case.answers[:, place], (AnswerCode.NOT_ASKED, AnswerCode.ABSENT))
    model = case.rubric.model
    is_item = bool(case.rubric.official_item[place])
    less = (model.full_points - model.absent_official_points) * is_item * was_counted

    assert np.array_equal(done.official - absent.official, less)
    assert np.array_equal(absent.has_official, done.has_official)
    assert np.array_equal(absent.absent - done.absent, was_counted)
    assert np.array_equal(absent.official_absent - done.official_absent, was_counted * is_item)


@PROPERTY
@given(cases(), CHOSEN)
def test_what_was_not_asked_takes_the_self_check_score_away(case: RandomCase, chosen: int) -> None:
    place = chosen % case.rubric.questions
    found = changed(case, place, AnswerCode.NOT_ASKED)
    as_it_was = score(case.rubric, case.answers, case.proof)
    was_counted = ~np.isin(case.answers[:, place], (AnswerCode.NOT_ASKED, AnswerCode.ABSENT))

    if case.rubric.official_item[place]:
        assert not found.has_official[was_counted].any()
    else:
        assert np.array_equal(found.has_official, as_it_was.has_official)
        assert np.array_equal(found.official, as_it_was.official)


@PROPERTY
@given(cases())
def test_a_level_stays_within_what_its_essential_questions_allow(case: RandomCase) -> None:
    found = score(case.rubric, case.answers, case.proof)
    theirs = score(case.rubric, case.answers, np.ones_like(case.proof))
    tallies, (low, high) = found.tallies, case.rubric.model.practice
    has_level = tallies.weight > 0
    percent = np.nan_to_num(found.score, nan=-1)

    assert np.array_equal(has_level, found.level > 0)
    assert theirs.level.max(initial=0) <= 3
    assert found.level[tallies.essential == 0].max(initial=0) <= 3
    held = has_level & (tallies.essential_unmet > 0)
    assert np.all(found.level[held & (percent >= low)] == 2)
    assert np.all(found.level[has_level & (percent < low)] == 1)
    assert np.all(found.level[has_level & (percent >= high) & (tallies.essential_unmet == 0)] >= 3)


def test_one_assessment_alone_equals_the_same_in_a_batch_of_a_hundred_thousand() -> None:
    case = random_case(12, assessments=100_000, questions=57)
    batch = score(case.rubric, case.answers, case.proof)

    for row in (0, 8191, 8192, 50_000, 99_999):
        assert summary(score(case.rubric, case.answers[[row]], case.proof[[row]])) == summary(batch, row)


@PROPERTY
@given(cases(), CHOSEN)
def test_a_better_level_never_raises_a_priority_and_a_higher_exposure_never_lowers_it(
    case: RandomCase, chosen: int
) -> None:
    levels = score(case.rubric, case.answers, case.proof).level
    better, exposed = levels.copy(), case.exposures.copy()
    column, exposure = chosen % levels.shape[1], chosen % exposed.shape[1]
    better[:, column] = np.where(levels[:, column] > 0, np.minimum(levels[:, column] + 1, 5), 0)
    exposed[:, exposure] = np.where(exposed[:, exposure] > 0, np.minimum(exposed[:, exposure] + 1, 5), 0)

    first = prioritise(case.rubric, case.exposures, levels)
    less, more = prioritise(case.rubric, case.exposures, better), prioritise(case.rubric, exposed, levels)

    for lower, higher in ((less, first), (first, more)):
        assert np.all(lower.residual <= higher.residual)
        assert np.all(lower.band <= higher.band)
        assert np.all(lower.inherent <= higher.inherent)
        assert np.all(lower.expected_star <= higher.expected_star)
    assert np.array_equal(less.inherent, first.inherent)


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
