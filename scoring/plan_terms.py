"""What a plan is made from: measures at their price, subsidies, goals and limits; no choice is made here."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import isfinite
from typing import TypeAlias

from scoring.model import Rubric
from scoring.remediation import MONTHS
from scoring.scale import AnswerCode, Level, ScoringError

LIFTED_TO = (AnswerCode.PARTIAL, AnswerCode.IMPLEMENTED)
# Beyond so many yen a sum would no longer be exact in the solver's floats.
HIGHEST_YEN = 10**10


class BadMeasure(ScoringError):
    """A measure's figures cannot be: a negative cost, NaN days, an answer nobody can be lifted to."""


class BadSubsidy(ScoringError):
    """A subsidy's figures cannot be: a rate above all of the cost, a negative cap, an unknown measure."""


class BadGoal(ScoringError):
    """A goal or a limit cannot be: a level that takes proof, a negative budget, an unknown measure."""


@dataclass(frozen=True, slots=True)
class PlanMeasure:
    """A measure as one supplier would take it: the answer it lifts each question to, and what it takes.

    Yen are whole and for the whole firm (the caller has counted devices or heads). `group` names measures
    that may stand for one another.
    """

    lifts: tuple[tuple[int, AnswerCode], ...]
    initial_yen: int = 0
    monthly_yen: int = 0
    effort_days: float = 0.0
    lead_days: int = 0
    kind: str = ""
    group: str | None = None

    @property
    def first_year_yen(self) -> int:
        """What it costs from the start to the end of the first year."""
        return self.initial_yen + MONTHS * self.monthly_yen

    @property
    def later_yearly_yen(self) -> int:
        """What each later year costs."""
        return MONTHS * self.monthly_yen


@dataclass(frozen=True, slots=True)
class Subsidy:
    """Money that pays a share of some measures, given by their position; only what is open on the plan's day.

    It pays `rate` (0 to 1) of what a measure costs at the start (if `covers_initial`) and in the first
    `covers_months`, rounded down to the yen for each measure; over all measures at most `cap_yen`, and
    nothing at all where that would be less than `minimum_yen`. Costs are paid in the order they arise, so
    the cap is used up by the first year first.
    """

    measures: tuple[int, ...]
    rate: Fraction
    cap_yen: int
    minimum_yen: int = 0
    covers_months: int = MONTHS
    covers_initial: bool = True

    def first_year_share(self, measure: PlanMeasure) -> int:
        """What it would pay of a measure's first year, before the cap."""
        return self._share(measure, min(self.covers_months, MONTHS))

    def whole_share(self, measure: PlanMeasure) -> int:
        """What it would pay of a measure over all the months it covers, before the cap."""
        return self._share(measure, self.covers_months)

    def _share(self, measure: PlanMeasure, months: int) -> int:
        covered = measure.initial_yen * self.covers_initial + measure.monthly_yen * months
        return int(self.rate * covered)


@dataclass(frozen=True, slots=True)
class Reach:
    """The goal to bring these sets to a level, 1 to 3, at the least net cost of the first year."""

    sets: tuple[str, ...]
    level: int


@dataclass(frozen=True, slots=True)
class Budget:
    """The goal to gain the most with so many yen, net in the first year.

    The gain counts `factor` times (for the buyer: the inherent exposure).
    """

    yen: int
    factor: int = 1


Goal: TypeAlias = Reach | Budget


@dataclass(frozen=True, slots=True)
class Limits:
    """Which measures may be chosen: not the excluded ones or kinds, in any case the required ones.

    With `lead_days` only those that take effect within so many days (30: the first month). A required
    measure is taken whatever the other limits say.
    """

    excluded: tuple[int, ...] = ()
    required: tuple[int, ...] = ()
    excluded_kinds: frozenset[str] = frozenset()
    lead_days: int | None = None

    def allows(self, place: int, measure: PlanMeasure) -> bool:
        """Whether the measure at this position may be chosen."""
        is_in_time = self.lead_days is None or measure.lead_days <= self.lead_days
        is_excluded = place in self.excluded or measure.kind in self.excluded_kinds
        return place in self.required or (is_in_time and not is_excluded)


def check_terms(
    rubric: Rubric, measures: Sequence[PlanMeasure], subsidies: Sequence[Subsidy], goal: Goal, limits: Limits
) -> None:
    """Raise BadMeasure, BadSubsidy, BadGoal or UnknownName for what cannot be."""
    for place, measure in enumerate(measures):
        _insist(_measure_rules(rubric, measure), BadMeasure, f"measure {place}")
    for place, subsidy in enumerate(subsidies):
        _insist(_subsidy_rules(subsidy, len(measures)), BadSubsidy, f"subsidy {place}")
    _insist(_goal_rules(goal), BadGoal, "the goal")
    _insist(_limit_rules(limits, len(measures)), BadGoal, "the limits")
    if isinstance(goal, Reach):
        rubric.columns(goal.sets)


def _measure_rules(rubric: Rubric, measure: PlanMeasure) -> Iterable[tuple[bool, str]]:
    questions = [question for question, _ in measure.lifts]
    yield _are_whole(*questions, highest=rubric.questions - 1), "it lifts an unknown question"
    yield len(questions) == len(set(questions)), "it lifts a question twice"
    yield all(code in LIFTED_TO for _, code in measure.lifts), "it lifts to implemented or partial alone"
    yield _are_whole(measure.initial_yen, measure.monthly_yen), "its costs are whole yen, 0 or more"
    yield _are_whole(measure.lead_days), "its lead time is whole days, 0 or more"
    yield isfinite(measure.effort_days) and measure.effort_days >= 0, "its effort is 0 days or more"


def _subsidy_rules(subsidy: Subsidy, measures: int) -> Iterable[tuple[bool, str]]:
    yield _are_whole(*subsidy.measures, highest=measures - 1), "it pays for an unknown measure"
    yield len(subsidy.measures) == len(set(subsidy.measures)), "it names a measure twice"
    yield (
        type(subsidy.rate) in (Fraction, int) and 0 <= subsidy.rate <= 1,
        "its rate is a Fraction, 0 to 1",
    )
    yield _are_whole(subsidy.cap_yen, subsidy.minimum_yen), "cap and minimum are whole yen, 0 or more"
    yield _are_whole(subsidy.covers_months), "it covers whole months, 0 or more"


def _goal_rules(goal: Goal) -> Iterable[tuple[bool, str]]:
    if isinstance(goal, Reach):
        yield bool(goal.sets) and len(goal.sets) == len(set(goal.sets)), "it names each set once"
        yield (
            goal.level in (Level.BEGINNING, Level.PARTLY, Level.DONE),
            "levels 4 and 5 take proof, not measures",
        )
    else:
        yield _are_whole(goal.yen), "a budget is whole yen, 0 or more"
        yield _are_whole(goal.factor), "a factor is a whole number, 0 or more"


def _limit_rules(limits: Limits, measures: int) -> Iterable[tuple[bool, str]]:
    yield _are_whole(*limits.excluded, *limits.required, highest=measures - 1), "an unknown measure is named"
    yield not set(limits.excluded) & set(limits.required), "a measure is both excluded and required"
    yield limits.lead_days is None or _are_whole(limits.lead_days), "a lead time is whole days, 0 or more"


def _are_whole(*numbers: int, highest: int = HIGHEST_YEN) -> bool:
    return all(type(number) is int and 0 <= number <= highest for number in numbers)


def _insist(rules: Iterable[tuple[bool, str]], error: type[ScoringError], what: str) -> None:
    for is_right, rule in rules:
        if not is_right:
            raise error(f"{what}: {rule}")
