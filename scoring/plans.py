"""The best plan for one supplier, exactly: the cheapest to a level, or the most gain within a budget."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from scoring.lifting import lifted, raises_any
from scoring.maturity import Scores, score
from scoring.model import PERCENT, Rubric
from scoring.plan_choice import Grant, Situation, Wanted, choose
from scoring.plan_results import Asked, Plan, Plans, Shortfall, plan_of, scores_with
from scoring.plan_terms import Budget, Goal, Limits, PlanMeasure, Reach, Subsidy, check_terms
from scoring.remediation import gaps
from scoring.scale import AnswerCode, Level, answer_codes, assurance_codes

SUBSCRIPTION = "subscription"

_NOTHING_WANTED = (AnswerCode.NOT_ASKED, AnswerCode.ABSENT, AnswerCode.IMPLEMENTED)


def best_plan(
    rubric: Rubric,
    answers: ArrayLike,
    measures: Sequence[PlanMeasure],
    goal: Goal,
    *,
    subsidies: Sequence[Subsidy] = (),
    assurance: ArrayLike | None = None,
    targets: ArrayLike | None = None,
    limits: Limits | None = None,
) -> Plan:
    """The exact best plan: the cheapest that reaches a level, or the most gain within a budget.

    `answers`, `assurance` (None: nothing proven) and `targets` (None: all `implemented`) stand by question.
    Equally good plans: the one of fewer measures, then of fewer person-days, then (within a budget) the
    cheaper. A measure that lifts none of the answers is never chosen, unless required. Raises BadMeasure,
    BadSubsidy, BadGoal, UnknownName, WrongShape, CodeOutOfRange, NotWhole.
    """
    bounds = limits or Limits()
    return _planned(_asked(rubric, answers, measures, goal, subsidies, assurance, targets, bounds))


def best_plans(
    rubric: Rubric,
    answers: ArrayLike,
    measures: Sequence[PlanMeasure],
    goal: Goal,
    *,
    subsidies: Sequence[Subsidy] = (),
    assurance: ArrayLike | None = None,
    targets: ArrayLike | None = None,
    limits: Limits | None = None,
) -> Plans:
    """The best plan as best_plan gives it, and the next best one without any subscription.

    There is no second where the first takes none; a required subscription stays in both.
    """
    bounds = limits or Limits()
    best = _planned(_asked(rubric, answers, measures, goal, subsidies, assurance, targets, bounds))
    chosen = [choice for choice in best.choices if measures[choice.measure].kind == SUBSCRIPTION]
    if all(choice.is_required for choice in chosen):
        return Plans(best, None)
    fewer = replace(bounds, excluded_kinds=bounds.excluded_kinds | {SUBSCRIPTION})
    return Plans(
        best, _planned(_asked(rubric, answers, measures, goal, subsidies, assurance, targets, fewer))
    )


def _asked(
    rubric: Rubric,
    answers: ArrayLike,
    measures: Sequence[PlanMeasure],
    goal: Goal,
    subsidies: Sequence[Subsidy],
    assurance: ArrayLike | None,
    targets: ArrayLike | None,
    limits: Limits,
) -> Asked:
    check_terms(rubric, measures, subsidies, goal, limits)
    codes = answer_codes(answers, shape=(rubric.questions,))
    proof = assurance_codes(np.zeros_like(codes) if assurance is None else assurance, shape=codes.shape)
    wanted = np.full_like(codes, AnswerCode.IMPLEMENTED) if targets is None else targets
    found = gaps(rubric, codes, wanted)
    current = tuple(AnswerCode(code) for code in codes.tolist())
    usable = [
        place
        for place, measure in enumerate(measures)
        if place in limits.required or (limits.allows(place, measure) and raises_any(current, measure))
    ]
    situation = Situation(
        rubric=rubric,
        answers=current,
        measures=measures,
        subsidies=subsidies,
        usable=tuple(usable),
        required=limits.required,
        counted=frozenset(gap.question for gap in found),
    )
    aims = answer_codes(wanted, shape=codes.shape)
    return Asked(situation, goal, found, aims, proof, score(rubric, codes[None], proof[None]))


def _planned(asked: Asked) -> Plan:
    goal = asked.goal
    return _toward_level(asked, goal) if isinstance(goal, Reach) else _within_budget(asked, goal)


def _toward_level(asked: Asked, goal: Reach) -> Plan:
    """The cheapest way; taking every usable measure shows beforehand what none can reach."""
    situation = asked.situation
    every = lifted(situation.answers, [situation.measures[place] for place in situation.usable])
    at_best = scores_with(asked, np.array(every, dtype=np.int8))
    columns = situation.rubric.columns(goal.sets)
    has_questions = asked.now.tallies.weight[0] > 0
    aims = [(name, column) for name, column in zip(goal.sets, columns, strict=True) if has_questions[column]]
    left_out = tuple(name for name in goal.sets if name not in dict(aims))
    missing = [(name, column, _wanted(at_best, every, goal.level, column)) for name, column in aims]
    shortfalls = tuple(
        _shortfall(at_best, name, column, want)
        for name, column, want in missing
        if want.points or want.essential
    )
    if shortfalls:
        return plan_of(asked, _required_alone(asked), shortfalls=shortfalls, left_out=left_out)
    wanted = [_wanted(asked.now, situation.answers, goal.level, column) for _, column in aims]
    return plan_of(asked, choose(situation, goal, wanted) or {}, left_out=left_out)


def _within_budget(asked: Asked, goal: Budget) -> Plan:
    chosen = choose(asked.situation, goal, ())
    if chosen is not None:
        return plan_of(asked, chosen)
    least = plan_of(asked, _required_alone(asked))
    return replace(least, over_budget_yen=least.net_yen - goal.yen)


def _required_alone(asked: Asked) -> dict[int, Grant | None]:
    """The measures already decided, with the grants that make them cheapest."""
    required = replace(asked.situation, usable=tuple(sorted(asked.situation.required)))
    return choose(required, Reach((), Level.BEGINNING), ()) or {}


def _wanted(scores: Scores, answers: Sequence[AnswerCode], level: int, column: int) -> Wanted:
    """What a set that has questions still wants for a level from 1 to 3, where these answers score so."""
    rubric = scores.rubric
    members = rubric.sets[column].members
    needed = _needed(scores, level, column)
    essential = tuple(
        question
        for question in sorted(members)
        if level == Level.DONE and rubric.essential[question] and answers[question] not in _NOTHING_WANTED
    )
    points = int(scores.tallies.points[0, column])
    return Wanted(frozenset(members), max(0, needed - points) if needed else 0, essential)


def _needed(scores: Scores, level: int, column: int) -> int:
    """The least Σ weight × points that meets the level's threshold; 0 where any score does."""
    if level == Level.BEGINNING:
        return 0
    model = scores.rubric.model
    whole = model.full_points * int(scores.tallies.weight[0, column])
    return -(-model.practice[level - Level.PARTLY] * whole // PERCENT)


def _shortfall(scores: Scores, name: str, column: int, want: Wanted) -> Shortfall:
    whole = scores.rubric.model.full_points * int(scores.tallies.weight[0, column])
    return Shortfall(name, want.essential, want.points, PERCENT * want.points / whole)
