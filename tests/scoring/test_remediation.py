"""Gaps and the measures suggested for them, worked by hand in the comments."""

import pytest
from numpy.typing import ArrayLike

from scoring.model import Rubric
from scoring.remediation import Gap, Measure, first_steps, first_year_yen, gaps, suggest
from scoring.scale import AnswerCode, CodeOutOfRange, NotWhole, WrongShape
from tests.scoring.cases import ANSWERS, coded, question, random_case, rubric

DONE, PARTLY = AnswerCode.IMPLEMENTED, AnswerCode.PARTIAL
WEIGHTS = (1, 2, 3, 1)


def weighted() -> Rubric:
    """Four questions of weights 1, 2, 3, 1."""
    return rubric(*map(question, WEIGHTS))


def found_gaps(*answers: str) -> tuple[Gap, ...]:
    """The gaps of these answers, all targets `implemented`."""
    return gaps(weighted(), coded(*answers), coded(*["implemented"] * 4))


def measure(*places: int, to: AnswerCode = DONE, yen: int = 0, days: float = 1.0) -> Measure:
    """A measure that lifts these questions."""
    return Measure(tuple((place, to) for place in places), yen, days)


def order(*measures: Measure, answers: tuple[str, ...] = ("planned",) * 4) -> list[int]:
    """The measures suggested, most helpful first."""
    return [one.measure for one in suggest(weighted(), found_gaps(*answers), measures)]


def test_what_is_below_its_target_is_a_gap_with_its_gain() -> None:
    # Weight × (4 − points): 1×(4−4) none, 2×(4−2) = 4, 3×(4+1) = 15, 1×(4−0) = 4.
    found = found_gaps("implemented", "partial", "unknown", "not_planned")

    assert [(gap.question, gap.code, gap.gain) for gap in found] == [
        (1, AnswerCode.PARTIAL, 4),
        (2, AnswerCode.UNKNOWN, 15),
        (3, AnswerCode.NOT_PLANNED, 4),
    ]


def test_partly_done_is_no_gap_where_partly_is_enough() -> None:
    found = gaps(weighted(), coded("partial", "implemented", "planned", "unknown"), coded(*["partial"] * 4))

    # 3×(2−0) = 6, 1×(2+1) = 3.
    assert [(gap.question, gap.gain) for gap in found] == [(2, 6), (3, 3)]


def test_absent_and_not_asked_are_no_gaps() -> None:
    assert [gap.question for gap in found_gaps("absent", "not_asked", "planned", "implemented")] == [2]


@pytest.mark.parametrize(
    ("answers", "targets", "error"),
    [
        ([1, 1, 1], [1, 1, 1, 1], WrongShape),
        ([1, 1, 1, 1], [1, 1, 1], WrongShape),
        ([1, 1, 1, 9], [1, 1, 1, 1], CodeOutOfRange),
        ([1, 1, 1, 1], [1, 1, 1, 3], CodeOutOfRange),
        ([1, 1, 1, 1], [1, 1, 1, 0], CodeOutOfRange),
        ([1, 1, 1, 1.0], [1, 1, 1, 1], NotWhole),
    ],
)
def test_answers_and_targets_that_are_none_are_refused(
    answers: ArrayLike, targets: ArrayLike, error: type[Exception]
) -> None:
    with pytest.raises(error):
        gaps(weighted(), answers, targets)


def test_a_first_year_costs_the_start_and_twelve_months_of_each_unit() -> None:
    assert first_year_yen(10_000, 800) == 19_600
    assert first_year_yen(0, 500, units=12) == 72_000
    assert first_year_yen(1_000, 500, units=0) == 0


def test_a_measure_closes_the_gaps_that_it_lifts_to_their_target() -> None:
    answers = coded("planned", "unknown", "partial", "absent")
    found = gaps(weighted(), answers, coded("implemented", "partial", "implemented", "implemented"))

    (suggestion,) = suggest(weighted(), found, [measure(0, 1, 2, 3, to=PARTLY, yen=5)])

    # The first is only narrowed, 1×2 = 2; the second closed, 2×(2+1) = 6; the others are as good, or absent.
    assert (suggestion.closes, suggestion.narrows, suggestion.gain) == ((1,), (0,), 8)
    assert not suggestion.is_free


def test_a_measure_may_lift_each_question_to_an_answer_of_its_own() -> None:
    mixed = Measure(((2, PARTLY), (0, DONE)), 0, 1.0)

    (suggestion,) = suggest(weighted(), found_gaps(*["planned"] * 4), [mixed])

    assert (suggestion.closes, suggestion.narrows, suggestion.gain) == ((0,), (2,), 4 + 6)


def test_a_measure_that_helps_with_no_gap_is_not_suggested() -> None:
    assert order(measure(0), measure(1), answers=("implemented", "planned", "planned", "planned")) == [1]
    assert order(measure(0, to=PARTLY), answers=("partial", "planned", "planned", "planned")) == []


def test_without_gaps_nothing_is_suggested() -> None:
    assert order(measure(0), answers=("implemented",) * 4) == []
    assert first_steps(weighted(), (), [measure(0)]) == ()


def test_free_measures_come_before_paid_ones() -> None:
    assert order(measure(0, 1, 2, 3, yen=1), measure(0, days=90.0)) == [1, 0]


def test_free_measures_go_by_gain_a_person_day() -> None:
    # 12 in 4 days, 4 in 1 day, 8 in 1 day.
    assert order(measure(2, days=4.0), measure(0, days=1.0), measure(1, days=1.0)) == [2, 1, 0]


def test_paid_measures_go_by_gain_a_yen() -> None:
    # 12 for 300 (0.04), 4 for 50 (0.08), 8 for 400 (0.02).
    assert order(measure(2, yen=300), measure(0, yen=50), measure(1, yen=400)) == [1, 0, 2]


def test_work_of_no_time_comes_first() -> None:
    assert order(measure(0, 1, 2, days=0.5), measure(3, days=0.0)) == [1, 0]


def test_equal_rates_are_compared_without_rounding() -> None:
    # 12/3 000 000 and 4/1 000 000 are equal, and 4/1 000 001 is a trifle less.
    assert order(measure(0, yen=1_000_001), measure(3, yen=1_000_000), measure(2, yen=3_000_000)) == [1, 2, 0]


def test_at_equal_rates_more_closed_gaps_come_first() -> None:
    # 8 for 100 each: one gap of weight 2, or two of weight 1.
    assert order(measure(1, yen=100), measure(0, 3, yen=100)) == [1, 0]


def test_then_less_effort_then_less_money_then_the_given_order() -> None:
    assert order(measure(0, yen=100, days=2.0), measure(3, yen=100, days=1.0)) == [1, 0]
    assert order(measure(1, yen=200), measure(0, yen=100)) == [1, 0]
    assert order(measure(0), measure(3), measure(0)) == [0, 1, 2]


def test_first_steps_are_free_and_do_not_repeat_one_another() -> None:
    measures = [measure(2), measure(1, 2), measure(0, yen=1), measure(3, days=2.0)]

    # Gains a day: 12, 20, –, 2. Once the second is taken the first helps no more.
    steps = first_steps(weighted(), found_gaps(*["planned"] * 4), measures)

    assert [(step.measure, step.closes, step.gain) for step in steps] == [(1, (1, 2), 20), (3, (3,), 4)]


def test_a_gap_narrowed_by_one_step_may_be_closed_by_the_next() -> None:
    measures = [measure(2, to=PARTLY), measure(2, to=DONE, days=10.0)]

    steps = first_steps(weighted(), found_gaps(*["planned"] * 4), measures)

    # 3×2 = 6 in a day, then the other 6 in ten.
    assert [(step.measure, step.closes, step.narrows, step.gain) for step in steps] == [
        (0, (), (2,), 6),
        (1, (2,), (), 6),
    ]


def test_no_more_first_steps_are_given_than_are_wanted() -> None:
    measures = [measure(place) for place in range(4)]

    assert [one.measure for one in first_steps(weighted(), found_gaps(*["planned"] * 4), measures)] == [
        2,
        1,
        0,
    ]
    assert first_steps(weighted(), found_gaps(*["planned"] * 4), measures, count=0) == ()


@pytest.mark.parametrize("seed", range(20))
def test_gaps_agree_with_reading_the_rule_one_question_at_a_time(seed: int) -> None:
    case = random_case(seed, assessments=10)
    below = {
        "implemented": ["unknown", "not_planned", "planned", "partial"],
        "partial": ["unknown", "not_planned", "planned"],
    }
    targets = ["partial" if place % 3 == 0 else "implemented" for place in range(case.rubric.questions)]
    points = case.constants["points"]

    for row in case.answers:
        expected = [
            (place, ANSWERS[code], case.questions[place]["weight"] * (points[target] - points[ANSWERS[code]]))
            for place, (code, target) in enumerate(zip(row, targets, strict=True))
            if ANSWERS[code] in below[target]
        ]
        found = gaps(case.rubric, row, coded(*targets))
        assert [(gap.question, gap.code.word, gap.gain) for gap in found] == expected
