"""What holds a set where it is, worked by hand in the comments."""

from itertools import combinations

import pytest

from scoring.maturity import Explanation, explain, explain_all, score
from scoring.model import Rubric
from scoring.scale import Codes, UnknownName, WrongShape, code_of
from tests.scoring.cases import RandomCase, coded, proven, question, random_case, rubric, their_word


def explained(built: Rubric, *words: str, proof: Codes | None = None) -> Explanation:
    """The one domain of an assessment with these answers."""
    return explain(built, coded(*words), their_word(len(words)) if proof is None else proof, "all")


def test_at_level_one_the_largest_gains_come_first() -> None:
    built = rubric(question(1), question(2), question(3), question(1))

    # 5 of 28 points; 50 needs 14. Gains: second 2×2 = 4, third 3×5 = 15, fourth 1×4 = 4. The third suffices.
    found = explained(built, "implemented", "partial", "unknown", "planned")

    assert (found.level, found.next_level, found.threshold) == (1, 2, 50)
    assert found.points_missing == (50 * 28 - 500) / 28
    assert found.weighted_missing == 9
    assert found.essential == ()
    assert found.lightest == (2,)


def test_equal_gains_are_taken_in_question_order() -> None:
    # 0 of 16 points; 50 needs 8: the first two of four equals.
    assert explained(rubric(*[question()] * 4), *["planned"] * 4).lightest == (0, 1)


def test_towards_level_two_essential_questions_have_no_precedence() -> None:
    built = rubric(question(1), question(3), question(1, essential=True))

    found = explained(built, "planned", "planned", "planned")

    # 50 needs 10 of 20; the second gives 12.
    assert found.essential == ()
    assert found.lightest == (1,)


def test_towards_level_three_the_essential_questions_come_first() -> None:
    built = rubric(question(3), question(3), question(1, essential=True), question(3))

    # 4×3 + 2×3 + 0 + 4×3 = 30 of 40 is 75; 80 needs 32. The essential third gives 4 and is enough.
    found = explained(built, "implemented", "partial", "planned", "implemented")

    assert (found.level, found.next_level, found.threshold) == (2, 3, 80)
    assert (found.points_missing, found.weighted_missing) == (5, 2)
    assert found.essential == (2,)
    assert found.lightest == (2,)


def test_after_the_essential_questions_the_largest_gains_fill_up() -> None:
    built = rubric(question(1), question(3), question(1, essential=True), question(2), question(3))

    # 0 + 6 + 2 + 0 + 12 = 20 of 40 is 50; 80 needs 32. Essential +2 = 22; then the fourth (gain 8) = 30,
    # the second (gain 6) = 36.
    found = explained(built, "planned", "partial", "partial", "planned", "implemented")

    assert found.lightest == (2, 3, 1)


def test_a_score_high_enough_lacks_no_points_but_the_essential_questions() -> None:
    built = rubric(*[question()] * 8, question(essential=True), question(essential=True))

    found = explained(built, *["implemented"] * 8, "partial", "partial")

    # 36 of 40 is 90.
    assert (found.level, found.points_missing, found.weighted_missing) == (2, 0, 0)
    assert found.essential == found.lightest == (8, 9)


def test_a_negative_sum_is_made_up_for_before_anything_is_gained() -> None:
    # −4 of 16; 50 needs 8, so 12 are missing though the score shown is 0; each gives 5.
    found = explained(rubric(*[question()] * 4), *["unknown"] * 4)

    assert (found.points_missing, found.weighted_missing) == (50, 12)
    assert found.lightest == (0, 1, 2)


def test_absent_and_not_asked_questions_are_never_suggested() -> None:
    built = rubric(question(3), question(3), question(1), question(1))

    assert explained(built, "absent", "not_asked", "planned", "planned").lightest == (2,)


def test_at_level_three_the_essential_questions_want_proof() -> None:
    built = rubric(question(essential=True), question(), question(essential=True))

    found = explained(built, *["implemented"] * 3, proof=proven("evidenced", "none", "attested"))

    assert (found.level, found.next_level, found.threshold) == (3, 4, None)
    assert (found.points_missing, found.weighted_missing) == (0, 0)
    assert found.essential == (2,)
    assert found.lightest == ()


def test_at_level_four_they_want_an_independent_confirmation() -> None:
    built = rubric(question(essential=True), question(essential=True))

    found = explained(built, *["implemented"] * 2, proof=proven("evidenced", "verified"))

    assert (found.level, found.next_level) == (4, 5)
    assert found.essential == (0,)


def test_at_level_five_nothing_is_left() -> None:
    found = explained(rubric(question(essential=True)), "implemented", proof=proven("verified"))

    assert (found.level, found.next_level, found.essential, found.lightest) == (5, None, (), ())


def test_level_three_without_essential_questions_has_nothing_above_it() -> None:
    found = explained(rubric(question()), "implemented")

    assert (found.level, found.next_level, found.essential) == (3, None, ())


def test_without_a_level_there_is_nothing_to_explain() -> None:
    found = explained(rubric(question(essential=True)), "absent")

    assert found == Explanation("all", None, None, None, None, None, (), ())


def test_a_lens_is_explained_in_question_order_however_it_is_listed() -> None:
    built = rubric(question(essential=True), question(essential=True), *[question()] * 3, lens=(1, 0, 4))
    answers = coded("partial", "partial", *["implemented"] * 3)

    assert explain(built, answers, their_word(5), "lens").essential == (0, 1)


def test_every_set_is_explained() -> None:
    built = rubric(question(), question(domain="b", axis="right"), lens=(1,))
    answers = coded("partial", "implemented")

    found = explain_all(built, answers, their_word(2))

    assert list(found) == ["all", "b", "left", "right", "lens"]
    assert [one.level for one in found.values()] == [2, 3, 2, 3, 3]


def test_a_set_that_does_not_exist_is_refused() -> None:
    with pytest.raises(UnknownName):
        explain(rubric(question()), coded("partial"), their_word(1), "elsewhere")


def test_an_assessment_of_other_questions_is_refused() -> None:
    with pytest.raises(WrongShape):
        explain(rubric(question()), coded("partial", "partial"), their_word(2), "all")
    with pytest.raises(WrongShape):
        explain_all(rubric(question()), coded("partial"), their_word(2))


@pytest.mark.parametrize("seed", range(60))
def test_the_lightest_questions_lift_and_no_fewer_would(seed: int) -> None:
    case = random_case(seed, assessments=6, questions=1 + seed % 9)
    for row in range(len(case.answers)):
        for name, found in explain_all(case.rubric, case.answers[row], case.proof[row]).items():
            if found.level in (1, 2):
                assert _reaches(case, row, name, found, found.lightest)
                fewer = combinations(_not_done(case, row, name), len(found.lightest) - 1)
                assert not any(_reaches(case, row, name, found, chosen) for chosen in fewer)


def _not_done(case: RandomCase, row: int, name: str) -> list[int]:
    left_out = (code_of("not_asked"), code_of("absent"), code_of("implemented"))
    return [place for place in case.members[name] if case.answers[row, place] not in left_out]


def _reaches(case: RandomCase, row: int, name: str, found: Explanation, chosen: tuple[int, ...]) -> bool:
    """Whether the set is at least one level higher once these questions are implemented."""
    answers = case.answers[[row]].copy()
    answers[0, list(chosen)] = code_of("implemented")
    level = score(case.rubric, answers, case.proof[[row]]).level[0, case.rubric.column(name)]
    return bool(level >= (found.next_level or 0))
