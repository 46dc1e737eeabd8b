"""Scores and levels, worked by hand in the comments."""

import numpy as np
import pytest
from numpy.typing import ArrayLike

from scoring.maturity import Scores, SetScore, official_band, score, summary
from scoring.model import Rubric
from scoring.scale import Assurance, CodeOutOfRange, Codes, NotWhole, WrongShape
from tests.scoring.cases import coded, model, proven, question, rubric, their_word


def scored(built: Rubric, *words: str, proof: Codes | None = None) -> SetScore:
    """The one domain of an assessment with these answers."""
    return summary(batch(built, *words, proof=proof)).sets["all"]


def batch(built: Rubric, *words: str, proof: Codes | None = None) -> Scores:
    """These answers as a batch of one."""
    assurance = their_word(len(words)) if proof is None else proof
    return score(built, coded(*words)[None], assurance[None])


def test_a_score_weighs_the_points_of_each_answer() -> None:
    built = rubric(question(1), question(2), question(3), question(1))

    # 1×4 + 2×2 + 3×(−1) + 1×0 = 5 of 4×(1+2+3+1) = 28; 100×5/28 = 17.857…
    found = scored(built, "implemented", "partial", "unknown", "planned")

    assert (found.points, found.full_points) == (5, 28)
    assert found.score == 500 / 28
    assert (found.level, found.practice) == (1, 1)
    assert (found.asked, found.done, found.unknown, found.absent) == (4, 1, 1, 0)


def test_a_score_never_falls_below_nothing() -> None:
    # −1 − 1 = −2 points, shown as 0.
    found = scored(rubric(question(), question()), "unknown", "unknown")

    assert (found.points, found.score, found.level) == (-2, 0, 1)


@pytest.mark.parametrize(
    ("answers", "level"),
    [
        # 2×4 = 8 of 16: 50 exactly is level 2.
        (["implemented", "implemented", "planned", "not_planned"], 2),
        # 2×4 − 1 = 7 of 16: 43.75 is level 1.
        (["implemented", "implemented", "planned", "unknown"], 1),
        # 3×4 = 12 of 16: 75 is level 2.
        (["implemented", "implemented", "implemented", "planned"], 2),
        # 3×4 + 2 = 14 of 16: 87.5 is level 3.
        (["implemented", "implemented", "implemented", "partial"], 3),
    ],
)
def test_the_thresholds_are_fifty_and_eighty(answers: list[str], level: int) -> None:
    assert scored(rubric(*[question()] * 4), *answers).level == level


def test_eighty_exactly_is_level_three() -> None:
    # 4×4 = 16 of 20.
    answers = ["implemented"] * 4 + ["planned"]

    assert scored(rubric(*[question()] * 5), *answers).level == 3


def test_weights_decide() -> None:
    answers = ("implemented", "planned")

    # 3×4 of 16 is 75; 1×4 of 16 is 25.
    assert scored(rubric(question(3), question(1)), *answers).level == 2
    assert scored(rubric(question(1), question(3)), *answers).level == 1


def test_an_unmet_essential_question_holds_the_level_at_two() -> None:
    built = rubric(question(essential=True), *[question()] * 9)

    # 2 + 9×4 = 38 of 40 is 95, but the essential one is only partly done.
    found = scored(built, "partial", *["implemented"] * 9)

    assert (found.score, found.level) == (95, 2)


def test_an_unmet_essential_question_never_holds_lower_than_two() -> None:
    built = rubric(question(essential=True), *[question()] * 9)

    assert scored(built, "unknown", *["implemented"] * 9).level == 2


@pytest.mark.parametrize(
    ("proof", "level"),
    [
        (["attested", "attested", "verified"], 3),
        (["none", "verified", "verified"], 3),
        (["evidenced", "evidenced", "none"], 4),
        (["evidenced", "verified", "none"], 4),
        (["verified", "verified", "none"], 5),
    ],
)
def test_proof_of_the_essential_questions_lifts_above_three(proof: list[str], level: int) -> None:
    built = rubric(question(essential=True), question(essential=True), question())
    found = scored(built, "implemented", "implemented", "implemented", proof=proven(*proof))

    assert (found.practice, found.level) == (3, level)


def test_proof_lifts_nothing_that_is_not_done() -> None:
    built = rubric(question(essential=True), *[question()] * 9)
    found = scored(built, "partial", *["implemented"] * 9, proof=np.full(10, Assurance.VERIFIED))

    assert found.level == 2


def test_a_set_without_an_essential_question_stops_at_three() -> None:
    assert scored(rubric(question()), "implemented", proof=proven("verified")).level == 3


def test_a_set_whose_essential_questions_were_not_asked_stops_at_three() -> None:
    built = rubric(question(essential=True), question())

    assert scored(built, "not_asked", "implemented", proof=proven("verified", "verified")).level == 3


def test_absent_and_not_asked_are_left_out_of_score_and_level() -> None:
    built = rubric(question(3), question(2), question(1))

    # Only the last is left: 2 of 4.
    found = scored(built, "absent", "not_asked", "partial")

    assert (found.points, found.full_points, found.score) == (2, 4, 50)
    assert (found.asked, found.absent) == (2, 1)


@pytest.mark.parametrize(
    "answers", [["absent", "absent"], ["not_asked", "not_asked"], ["absent", "not_asked"]]
)
def test_a_set_with_no_question_left_has_neither_score_nor_level(answers: list[str]) -> None:
    built = rubric(question(essential=True), question())
    scores = batch(built, *answers)
    found = summary(scores).sets["all"]

    assert found.score is None
    assert found.level is None
    assert found.practice is None
    assert not found.is_self_declared
    assert np.isnan(scores.score).all()
    assert summary(scores).overall_level is None


def test_an_axis_is_scored_over_its_questions_and_not_over_its_domains() -> None:
    built = rubric(question(domain="a"), *[question(domain="b")] * 3)
    found = summary(batch(built, "unknown", *["implemented"] * 3)).sets

    # The domains stand at 1 and 3; the axis has 11 of 16, 68.75.
    assert (found["a"].level, found["b"].level) == (1, 3)
    assert (found["left"].level, found["left"].score) == (2, 68.75)


def test_the_overall_level_is_the_lowest_of_the_axes_that_have_one() -> None:
    built = rubric(question(), question(domain="b", axis="middle"), question(domain="c", axis="right"))

    assert summary(batch(built, "implemented", "partial", "implemented")).overall_level == 2
    assert summary(batch(built, "implemented", "not_asked", "implemented")).overall_level == 3


def test_what_only_the_supplier_says_is_marked() -> None:
    built = rubric(question(), question())

    assert scored(built, "implemented", "partial", proof=proven("attested", "verified")).is_self_declared
    assert not scored(built, "implemented", "partial", proof=proven("evidenced", "none")).is_self_declared


def test_implemented_answers_are_counted_by_their_proof() -> None:
    answers = ["implemented"] * 5 + ["partial"]
    proof = proven("none", "attested", "evidenced", "evidenced", "verified", "verified")
    found = summary(batch(rubric(*[question()] * 6), *answers, proof=proof))

    assert (found.attested, found.evidenced, found.verified) == (2, 2, 1)


def test_the_self_check_score_sums_the_points_without_weights() -> None:
    built = rubric(*[question(3, item=place + 1) for place in range(25)], question())
    answers = ["implemented"] * 20 + ["partial"] * 3 + ["unknown", "absent"] + ["unknown"]

    # 20×4 + 3×2 − 1 + 4 (absent) = 89; the last question is none of the 25.
    found = summary(batch(built, *answers))

    assert (found.official_score, found.official_band) == (89, "70-99")
    assert found.official_absent == 1
    assert (found.unknown, found.absent) == (2, 1)


@pytest.mark.parametrize(("answer", "points"), [("implemented", 100), ("unknown", -25), ("planned", 0)])
def test_the_self_check_score_spans_minus_25_to_100(answer: str, points: int) -> None:
    built = rubric(*[question(item=place + 1) for place in range(25)])

    assert summary(batch(built, *[answer] * 25)).official_score == points


def test_the_self_check_score_needs_all_25_answers() -> None:
    built = rubric(*[question(item=place + 1) for place in range(25)])
    found = summary(batch(built, *["implemented"] * 24, "not_asked"))

    assert found.official_score is None
    assert found.official_band is None


def test_a_questionnaire_without_all_items_has_no_self_check_score() -> None:
    built = rubric(*[question(item=place + 1) for place in range(24)])

    assert summary(batch(built, *["implemented"] * 24)).official_score is None


@pytest.mark.parametrize(
    ("points", "band"),
    [
        (-25, "-25-49"),
        (49, "-25-49"),
        (50, "50-69"),
        (69, "50-69"),
        (70, "70-99"),
        (99, "70-99"),
        (100, "100"),
    ],
)
def test_the_self_check_bands_begin_at_their_points(points: int, band: str) -> None:
    assert official_band(model(), points) == band


def test_points_below_every_band_are_in_the_lowest() -> None:
    assert official_band(model(official_bands=[{"name": "low", "from": 0}]), -3) == "low"


def test_no_assessments_give_no_scores() -> None:
    scores = score(rubric(question(), question()), np.empty((0, 2), np.int8), np.empty((0, 2), np.int8))

    assert scores.level.shape == (0, 2)
    assert scores.overall_level.shape == (0,)


@pytest.mark.parametrize(
    ("answers", "proof", "error"),
    [
        ([1, 1], [0, 0], WrongShape),
        ([[1]], [[0]], WrongShape),
        ([[1, 1, 1]], [[0, 0, 0]], WrongShape),
        ([[1, 1]], [[0, 0], [0, 0]], WrongShape),
        ([[1, 1]], [[0]], WrongShape),
        ([[1, 7]], [[0, 0]], CodeOutOfRange),
        ([[1, -1]], [[0, 0]], CodeOutOfRange),
        ([[1, 1]], [[0, 4]], CodeOutOfRange),
        ([[1, np.nan]], [[0, 0]], NotWhole),
        ([[1, 1]], [[0.0, 1.0]], NotWhole),
    ],
)
def test_answers_that_are_none_are_refused(
    answers: ArrayLike, proof: ArrayLike, error: type[Exception]
) -> None:
    with pytest.raises(error):
        score(rubric(question(), question()), answers, proof)
