"""Whole assessments of one small questionnaire, every figure worked by hand in the comments.

| question | 0 | 1 | 2 | 3 | 4 | 5 | 6 |
| domain   | a | a | a | b | b | c | c |
| axis     | left (0–4) | | | | | right (5, 6) | |
| weight   | 2 | 1 | 3 | 1 | 2 | 1 | 3 |
| essential| ! |   |   | ! |   | ! |   |

The lens holds 2, 3 and 6. Full points: a 24, b 12, left 36, right 16, lens 28. Confidentiality is answered
for by left and right, continuity by left and the lens, connectivity by left.
"""

from dataclasses import dataclass
from typing import Any

import pytest

from scoring.maturity import Explanation, Summary, explain_all, score, summary
from scoring.model import Rubric
from scoring.risk import prioritise
from tests.scoring.cases import coded, constants, proven, question, rubric

ANSWER = {
    "i": "implemented", "p": "partial", "l": "planned", "n": "not_planned", "u": "unknown", "x": "absent",
    "-": "not_asked",
}  # fmt: skip
PROOF = {"a": "attested", "e": "evidenced", "v": "verified"}


@dataclass(frozen=True)
class Worked:
    """One assessment's figures; `priority` is inherent, residual in hundredths, band and star."""

    found: Summary
    why: dict[str, Explanation]
    exposed: list[int]
    priority: tuple[Any, ...]

    def levels(self) -> list[int | None]:
        """Of a, b, c, left, right and the lens."""
        return [one.level for one in self.found.sets.values()]

    def holding(self, name: str) -> tuple[Any, ...]:
        """Points missing as weight × points, essential questions, lightest questions."""
        one = self.why[name]
        return one.weighted_missing, list(one.essential), list(one.lightest)


def small() -> Rubric:
    """The questionnaire of this module."""
    left = [question(2, essential=True, domain="a"), question(1, domain="a"), question(3, domain="a")]
    left += [question(1, essential=True, domain="b"), question(2, domain="b")]
    right = [question(1, essential=True, domain="c", axis="right"), question(3, domain="c", axis="right")]
    return rubric(*left, *right, lens=(2, 3, 6), answers_for=constants()["answers_for"])


def worked(answers: str, proof: str = "a" * 7, exposures: tuple[int, int, int] = (1, 1, 1)) -> Worked:
    """Work an assessment: answers and proof a letter a question."""
    built = small()
    codes = coded(*(ANSWER[letter] for letter in answers))
    how = proven(*(PROOF[letter] for letter in proof))
    scores = score(built, codes[None], how[None])
    first = prioritise(built, [exposures], scores.level)
    band = built.model.band_names[first.band[0]]
    return Worked(
        found=summary(scores),
        why=explain_all(built, codes, how),
        exposed=first.exposure_residual[0].tolist(),
        priority=(int(first.inherent[0]), int(first.residual[0]), band, int(first.expected_star[0])),
    )


def test_a_mixed_self_declaration() -> None:
    one = worked("ipuliip", exposures=(4, 2, 3))
    sets = one.found.sets

    # a: 2×4 + 1×2 − 3×1 = 7 of 24 is 29.2, level 1. b: 0 + 2×4 = 8 of 12 is 66.7, level 2.
    # left: 15 of 36 is 41.7, level 1. right (c): 4 + 3×2 = 10 of 16 is 62.5, level 2.
    # lens: −3 + 0 + 6 = 3 of 28 is 10.7, level 1. The lowest axis is 1; one answer is unknown.
    assert one.levels() == [1, 2, 2, 1, 2, 1]
    assert [sets[name].points for name in ("a", "b", "left", "right", "lens")] == [7, 8, 15, 10, 3]
    assert (sets["a"].score, sets["right"].score) == (700 / 24, 62.5)
    assert (one.found.overall_level, one.found.unknown) == (1, 1)

    # a: 50 % of 24 is 12, 5 more; question 2 gains 3×5 = 15, 1 gains 2: 2 suffices.
    # b: 80 % of 12 is 9.6, so 10, 2 more; the essential 3 gains 4.
    # left: 18, 3 more: 2 again. right: 12.8, so 13, 3 more; 5 is done, 6 gains 3×2 = 6.
    assert one.holding("a") == (5, [], [2])
    assert one.holding("b") == (2, [3], [3])
    assert one.holding("left") == (3, [], [2])
    assert one.holding("right") == (3, [], [6])
    assert one.why["a"].points_missing == (50 * 24 - 100 * 7) / 24

    # Nothing is taken off at level 1: 4.00, 2.00, 3.00; the highest is 4.00 and begins very_high.
    assert one.exposed == [400, 200, 300]
    assert one.priority == (4, 400, "very_high", 4)


def test_all_implemented_on_their_word_is_level_three() -> None:
    one = worked("iiiiiii", exposures=(5, 4, 1))

    assert one.levels() == [3, 3, 3, 3, 3, 3]
    assert one.holding("left") == (0, [0, 3], [])
    assert one.holding("lens") == (0, [3], [])
    assert (one.found.attested, one.found.evidenced, one.found.verified) == (7, 0, 0)
    # 30 % off: 3.50, 2.80, 0.70.
    assert one.exposed == [350, 280, 70]
    assert one.priority == (5, 350, "high", 4)


def test_accepted_evidence_is_level_four() -> None:
    one = worked("iiiiiii", "eaavaea", exposures=(5, 3, 2))

    # a: 0 evidenced: 4. b: 3 verified: 5. c: 5 evidenced: 4. left: evidenced and verified: 4.
    # right: 4. lens: its one essential question 3 is verified: 5.
    assert one.levels() == [4, 5, 4, 4, 4, 5]
    assert one.holding("left") == (0, [0], [])
    assert one.found.overall_level == 4
    assert (one.found.attested, one.found.evidenced, one.found.verified) == (4, 2, 1)
    # 60 % off the lower of each: 5 → 2.00, 3 → 1.20, 2 → 0.80. 2.00 begins moderate.
    assert one.exposed == [200, 120, 80]
    assert one.priority == (5, 200, "moderate", 4)


def test_an_independent_confirmation_is_level_five() -> None:
    one = worked("iiiiiii", "vaavava", exposures=(5, 5, 5))

    assert one.levels() == [5, 5, 5, 5, 5, 5]
    assert one.holding("left") == (0, [], [])
    assert one.why["left"].next_level is None
    # 85 % off 5 is 0.75, below 1: very_low. Four stars are expected of the exposure, not of the result.
    assert one.priority == (5, 75, "very_low", 4)


def test_evidence_of_all_but_one_essential_question_is_still_level_three() -> None:
    one = worked("iiiiiii", "veeaeee")

    assert one.found.sets["left"].level == 3
    assert one.holding("left") == (0, [3], [])


def test_what_is_absent_is_left_out_above_and_below() -> None:
    one = worked("ipxiiii", exposures=(3, 3, 3))

    # a without question 2: 8 + 2 = 10 of 12 is 83.3, level 3. As not planned it would be 10 of 24, 41.7.
    # lens without it: 4 + 12 = 16 of 16.
    assert (one.found.sets["a"].points, one.found.sets["a"].full_points) == (10, 12)
    assert (one.found.sets["a"].level, worked("ipniiii").found.sets["a"].level) == (3, 1)
    assert one.found.sets["lens"].score == 100
    assert (one.found.absent, one.found.sets["a"].absent, one.found.sets["a"].asked) == (1, 1, 3)


def test_an_unmet_essential_question_holds_a_high_score_at_two() -> None:
    one = worked("piiiiii")

    # left: 4 + 4 + 12 + 4 + 8 = 32 of 36 is 88.9, above 80; but 0 is only partly done.
    assert (one.found.sets["left"].points, one.found.sets["left"].level) == (32, 2)
    assert one.holding("left") == (0, [0], [0])
    assert one.why["left"].points_missing == 0


def test_a_negative_sum_is_shown_as_nothing_and_made_up_for_in_full() -> None:
    one = worked("uuuuuuu", exposures=(2, 2, 2))

    # left: −9 of 36 is shown as 0. Half is 18, so 27 are wanting. Each answer gains 5 × weight:
    # 2 gives 15, then 0 gives 10 (25), then 4, the equal of 0, gives 10 (35).
    assert (one.found.sets["left"].points, one.found.sets["left"].score) == (-9, 0)
    assert one.holding("left") == (27, [], [2, 0, 4])
    assert one.why["left"].points_missing == 50
    assert (one.found.overall_level, one.found.unknown) == (1, 7)
    assert one.priority == (2, 200, "moderate", 3)


def test_a_weak_lens_decides_continuity_beside_a_strong_axis() -> None:
    one = worked("iiiiiiu", exposures=(1, 5, 5))

    # left is whole, 3. lens: 12 + 4 − 3 = 13 of 28 is 46.4, level 1. right: 4 − 3 = 1 of 16, level 1.
    assert one.levels()[3:] == [3, 1, 1]
    # confidentiality 1 ← right 1: 1.00. continuity 5 ← lens 1: 5.00. connectivity 5 ← left 3: 3.50.
    assert one.exposed == [100, 500, 350]
    assert one.priority == (5, 500, "very_high", 4)


def test_a_part_not_asked_takes_no_part_in_the_priority() -> None:
    one = worked("iiiii--", exposures=(4, 1, 1))

    # right has no level; left alone, 3, answers for confidentiality: 4 less 30 % is 2.80.
    assert one.levels() == [3, 3, None, 3, None, 3]
    assert one.why["right"] == Explanation("right", None, None, None, None, None, (), ())
    assert (one.found.overall_level, one.exposed[0]) == (3, 280)


def test_who_was_asked_nothing_has_no_level_and_its_whole_exposure() -> None:
    one = worked("-------", exposures=(3, 2, 1))

    assert one.levels() == [None] * 6
    assert one.found.overall_level is None
    assert one.exposed == [300, 200, 100]
    assert one.priority == (3, 300, "high", 3)


@pytest.mark.parametrize(
    ("answers", "official", "band"),
    [
        # 18×4 + 4×2 + 0 − 1 + 4 (absent) = 83.
        ("i" * 18 + "pppp" + "lux", 83, "70-99"),
        # 12×4 + 2 = 50, and one unknown less: 49.
        ("i" * 12 + "p" + "n" * 12, 50, "50-69"),
        ("i" * 12 + "p" + "n" * 11 + "u", 49, "-25-49"),
        # One of the 25 was not asked.
        ("i" * 24 + "-", None, None),
        ("x" * 25, 100, "100"),
    ],
)
def test_the_self_check_score(answers: str, official: int | None, band: str | None) -> None:
    built = rubric(*(question(1 + place % 3, item=place + 1) for place in range(25)))
    codes = coded(*(ANSWER[letter] for letter in answers))[None]

    found = summary(score(built, codes, codes * 0))

    assert (found.official_score, found.official_band) == (official, band)


@pytest.mark.parametrize(
    ("points", "of", "level"),
    [
        # Weights of 1 and answers worth 4 or 2: 80 % of 20 is 16 exactly; of 24 it is 19.2.
        (16, 20, 3),
        (14, 20, 2),
        (10, 20, 2),
        (8, 20, 1),
        (20, 24, 3),
        (18, 24, 2),
        (12, 24, 2),
    ],
)
def test_a_threshold_is_met_exactly_or_not_at_all(points: int, of: int, level: int) -> None:
    done, partly = divmod(points, 4)
    words = ["implemented"] * done + ["partial"] * (partly // 2)
    words += ["planned"] * (of // 4 - len(words))
    found = summary(score(rubric(*[question()] * len(words)), coded(*words)[None], coded(*words)[None] * 0))

    assert (found.sets["all"].points, found.sets["all"].level) == (points, level)
