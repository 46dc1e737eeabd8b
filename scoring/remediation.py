"""What is missing, and which measures help most; money is whole yen, and nothing here is bought."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from numpy.typing import ArrayLike

from scoring.model import Rubric
from scoring.scale import AnswerCode, CodeOutOfRange, answer_codes

MONTHS = 12

_STEP = {
    AnswerCode.UNKNOWN: 0,
    AnswerCode.NOT_PLANNED: 1,
    AnswerCode.PLANNED: 1,
    AnswerCode.PARTIAL: 2,
    AnswerCode.IMPLEMENTED: 3,
}
_TARGETS = (AnswerCode.PARTIAL, AnswerCode.IMPLEMENTED)


@dataclass(frozen=True, slots=True)
class Gap:
    """A question asked whose answer is below its target; closing it gains weight × (target − old points)."""

    question: int
    code: AnswerCode
    target: AnswerCode
    gain: int


@dataclass(frozen=True, slots=True)
class Measure:
    """Something a supplier can do: the answer it lifts each question to, and what that takes in a year."""

    lifts: tuple[tuple[int, AnswerCode], ...]
    first_year_yen: int
    effort_days: float

    @property
    def is_free(self) -> bool:
        """Whether it costs work alone."""
        return self.first_year_yen == 0


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A measure, by its position, and what it does for the gaps: those it closes, those it only narrows.

    `gain` is Σ weight × (new − old points) over both.
    """

    measure: int
    closes: tuple[int, ...]
    narrows: tuple[int, ...]
    gain: int
    is_free: bool


def gaps(rubric: Rubric, answers: ArrayLike, targets: ArrayLike) -> tuple[Gap, ...]:
    """The gaps of one assessment, in question order; targets are `implemented` or `partial`, one a question.

    What was not asked, or is absent, is no gap. Raises WrongShape, CodeOutOfRange, NotWhole.
    """
    shape = (rubric.questions,)
    codes = [AnswerCode(code) for code in answer_codes(answers, shape=shape).tolist()]
    wanted = [AnswerCode(code) for code in answer_codes(targets, shape=shape).tolist()]
    if not set(wanted) <= set(_TARGETS):
        raise CodeOutOfRange("a target is implemented or partial")
    return tuple(
        Gap(question, code, target, _gain(rubric, question, code, target))
        for question, (code, target) in enumerate(zip(codes, wanted, strict=True))
        if is_raised(code, target)
    )


def first_year_yen(initial_yen: int, monthly_yen: int, *, units: int = 1) -> int:
    """What so many units (companies, devices or heads) cost from the start to the end of a first year."""
    return (initial_yen + MONTHS * monthly_yen) * units


def suggest(rubric: Rubric, found: Iterable[Gap], measures: Sequence[Measure]) -> tuple[Suggestion, ...]:
    """The measures that help with these gaps, the most helpful first.

    Free ones come before paid ones; then the larger gain a person-day (free) or a yen (paid), more gaps
    closed, less effort, less money, the given order. Each is reckoned on its own, as if no other were taken.
    """
    open_gaps = {gap.question: gap for gap in found}
    suggestions = [_helped(rubric, open_gaps, place, measure) for place, measure in enumerate(measures)]
    helpful = [suggestion for suggestion in suggestions if suggestion.closes or suggestion.narrows]
    return tuple(sorted(helpful, key=lambda suggestion: _order(suggestion, measures[suggestion.measure])))


def first_steps(
    rubric: Rubric, found: Iterable[Gap], measures: Sequence[Measure], *, count: int = 3
) -> tuple[Suggestion, ...]:
    """So many free measures, each the most helpful for what the earlier ones leave open; fewer if none is."""
    open_gaps = {gap.question: gap for gap in found}
    steps: list[Suggestion] = []
    while len(steps) < count:
        free = [
            suggestion for suggestion in suggest(rubric, open_gaps.values(), measures) if suggestion.is_free
        ]
        if not free:
            break
        steps.append(free[0])
        open_gaps = _left_open(rubric, open_gaps, measures[free[0].measure])
    return tuple(steps)


def is_raised(code: AnswerCode, target: AnswerCode) -> bool:
    """Whether an answer would rise to the target; what was not asked, or is absent, never does."""
    return code in _STEP and _STEP[code] < _STEP[target]


def _gain(rubric: Rubric, question: int, old: AnswerCode, new: AnswerCode) -> int:
    return rubric.weight[question] * (rubric.model.points[new] - rubric.model.points[old])


def _helped(rubric: Rubric, open_gaps: dict[int, Gap], place: int, measure: Measure) -> Suggestion:
    lifted = [
        (open_gaps[question], new)
        for question, new in sorted(measure.lifts)
        if question in open_gaps and is_raised(open_gaps[question].code, new)
    ]
    return Suggestion(
        measure=place,
        closes=tuple(gap.question for gap, new in lifted if not is_raised(new, gap.target)),
        narrows=tuple(gap.question for gap, new in lifted if is_raised(new, gap.target)),
        gain=sum(_gain(rubric, gap.question, gap.code, new) for gap, new in lifted),
        is_free=measure.is_free,
    )


def _order(suggestion: Suggestion, measure: Measure) -> tuple[object, ...]:
    spent = Fraction(measure.effort_days) if measure.is_free else Fraction(measure.first_year_yen)
    gain_rate = Fraction(suggestion.gain) / spent if spent else float("inf")
    return (
        not measure.is_free,
        -gain_rate,
        -len(suggestion.closes),
        measure.effort_days,
        measure.first_year_yen,
        suggestion.measure,
    )


def _left_open(rubric: Rubric, open_gaps: dict[int, Gap], measure: Measure) -> dict[int, Gap]:
    """The gaps that stay once the measure is taken, narrowed where it falls short of the target."""
    reached = dict(measure.lifts)
    left: dict[int, Gap] = {}
    for question, gap in open_gaps.items():
        new = reached.get(question, gap.code)
        code = new if is_raised(gap.code, new) else gap.code
        if is_raised(code, gap.target):
            left[question] = replace(gap, code=code, gain=_gain(rubric, question, code, gap.target))
    return left
