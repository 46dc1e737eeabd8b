"""What a plan says: its choices and their cost, what they close, what stays open, levels before and after."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from scoring.lifting import lifted
from scoring.maturity import Scores, SetScore, score, summary
from scoring.plan_choice import Grant, Situation
from scoring.plan_terms import Goal
from scoring.remediation import Gap, gaps, is_raised
from scoring.scale import Assurance, Codes


@dataclass(frozen=True, slots=True)
class Choice:
    """A measure of a plan, by its position, with its first year's cost and what it does for the gaps.

    `subsidy` is the position of the one that pays for it, `later_subsidy_yen` what that pays after the first
    year. `closes` and `narrows` are what the measure does by itself. `equivalents` may be taken instead.
    """

    measure: int
    is_required: bool
    gross_yen: int
    subsidy: int | None
    subsidy_yen: int
    later_subsidy_yen: int
    later_yearly_yen: int
    effort_days: float
    lead_days: int
    closes: tuple[int, ...]
    narrows: tuple[int, ...]
    equivalents: tuple[int, ...]

    @property
    def net_yen(self) -> int:
        """What is left to pay in the first year."""
        return self.gross_yen - self.subsidy_yen


@dataclass(frozen=True, slots=True)
class Shortfall:
    """Why a set cannot reach the goal, with every measure allowed taken.

    `essential` are questions that no measure implements; `weighted_missing` is wanting in weight × points,
    `points_missing` the same in points of the score (0 to 100, unrounded).
    """

    set_name: str
    essential: tuple[int, ...]
    weighted_missing: int
    points_missing: float


@dataclass(frozen=True)
class Plan:
    """What to do for a goal. `before` and `after` are the results by set, money is of the first year.

    Where the goal cannot be reached, `shortfalls` says why (or `over_budget_yen`, where the required measures
    alone cost more than the budget), and only the required measures stand in it. `left_out` are sets of the
    goal of which nothing was asked. `gain` is Σ weight × (new − old points) over the gaps, without a factor.
    """

    goal: Goal
    choices: tuple[Choice, ...]
    shortfalls: tuple[Shortfall, ...]
    over_budget_yen: int
    left_out: tuple[str, ...]
    gain: int
    answers_after: Codes
    before: dict[str, SetScore]
    after: dict[str, SetScore]
    still_open: tuple[Gap, ...]

    @property
    def is_reached(self) -> bool:
        """Whether the plan does what its goal says."""
        return not self.shortfalls and not self.over_budget_yen

    @property
    def gross_yen(self) -> int:
        """The first year's cost before subsidies."""
        return sum(choice.gross_yen for choice in self.choices)

    @property
    def subsidy_yen(self) -> int:
        """What subsidies pay of the first year."""
        return sum(choice.subsidy_yen for choice in self.choices)

    @property
    def net_yen(self) -> int:
        """What is left to pay in the first year."""
        return self.gross_yen - self.subsidy_yen

    @property
    def later_yearly_yen(self) -> int:
        """What each later year costs, before any subsidy that still runs."""
        return sum(choice.later_yearly_yen for choice in self.choices)

    @property
    def effort_days(self) -> float:
        """The person-days of work of all its measures."""
        return sum(choice.effort_days for choice in self.choices)

    @property
    def lead_days(self) -> int:
        """The days until the last of its measures takes effect, if all begin at once."""
        return max((choice.lead_days for choice in self.choices), default=0)


@dataclass(frozen=True)
class Plans:
    """The best plan, and the next best without any subscription where the best has one."""

    best: Plan
    without_subscription: Plan | None


@dataclass(frozen=True)
class Asked:
    """A question put for a plan, checked: the situation, its gaps, and the result as it stands."""

    situation: Situation
    goal: Goal
    found: tuple[Gap, ...]
    targets: Codes
    proof: Codes
    now: Scores


def scores_with(asked: Asked, answers: Codes) -> Scores:
    """What these answers would score; a lifted one stands by the supplier's word."""
    is_lifted = answers != np.array(asked.situation.answers, dtype=np.int8)
    proof = np.where(is_lifted, Assurance.ATTESTED, asked.proof).astype(np.int8)
    return score(asked.situation.rubric, answers[None], proof[None])


def plan_of(
    asked: Asked,
    chosen: Mapping[int, Grant | None],
    *,
    shortfalls: tuple[Shortfall, ...] = (),
    over_budget_yen: int = 0,
    left_out: tuple[str, ...] = (),
) -> Plan:
    """The plan that takes these measures with these grants."""
    situation = asked.situation
    rubric, measures = situation.rubric, situation.measures
    raised = lifted(situation.answers, [measures[place] for place in chosen])
    after = np.array(raised, dtype=np.int8)
    points = rubric.model.points
    return Plan(
        goal=asked.goal,
        choices=tuple(_choice(asked, place, grant, set(chosen)) for place, grant in chosen.items()),
        shortfalls=shortfalls,
        over_budget_yen=over_budget_yen,
        left_out=left_out,
        gain=sum(
            rubric.weight[gap.question] * (points[raised[gap.question]] - points[gap.code])
            for gap in asked.found
        ),
        answers_after=after,
        before=summary(asked.now).sets,
        after=summary(scores_with(asked, after)).sets,
        still_open=gaps(rubric, after, asked.targets),
    )


def _choice(asked: Asked, place: int, grant: Grant | None, chosen: set[int]) -> Choice:
    situation = asked.situation
    measure = situation.measures[place]
    reached = dict(measure.lifts)
    helped = [gap for gap in asked.found if is_raised(gap.code, reached.get(gap.question, gap.code))]
    closes = tuple(gap.question for gap in helped if not is_raised(reached[gap.question], gap.target))
    return Choice(
        measure=place,
        is_required=place in situation.required,
        gross_yen=measure.first_year_yen,
        subsidy=grant.subsidy if grant else None,
        subsidy_yen=grant.first_year_yen if grant else 0,
        later_subsidy_yen=grant.whole_yen - grant.first_year_yen if grant else 0,
        later_yearly_yen=measure.later_yearly_yen,
        effort_days=measure.effort_days,
        lead_days=measure.lead_days,
        closes=closes,
        narrows=tuple(gap.question for gap in helped if gap.question not in closes),
        equivalents=tuple(
            other
            for other, candidate in enumerate(situation.measures)
            if measure.group is not None and candidate.group == measure.group and other not in chosen
        ),
    )
