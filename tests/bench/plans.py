"""What plans cost: one supplier's from the shipped catalogue, and a budget over a whole chain."""

import time
from collections.abc import Iterator
from fractions import Fraction
from itertools import cycle

import numpy as np

from assessments import measures, results
from assessments.content_files import questionnaire_names
from assessments.questionnaire_content import read
from scoring.plan_terms import Budget, Goal, PlanMeasure, Reach, Subsidy
from scoring.plans import best_plan
from scoring.portfolio import best_portfolio
from scoring.programme import Programme
from scoring.scale import AnswerCode, Level, code_of
from tests.bench.measuring import MILLI, Cost, cost, line
from tests.scoring.portfolio_cases import MEASURES, large

GAPS = (AnswerCode.PARTIAL, AnswerCode.PLANNED, AnswerCode.NOT_PLANNED, AnswerCode.UNKNOWN)
SUPPLIERS, RUNS, HEADS = 30, 60, 10
BUDGET = 300_000


def lines() -> Iterator[str]:
    """One line for each goal of a plan, and one for each size of a portfolio."""
    axes = tuple(axis.name for axis in results.rubric(read(questionnaire_names()[0])).axes)
    goals: tuple[tuple[str, Goal], ...] = (
        ("level 2 on every axis", Reach(axes, Level.PARTLY)),
        (f"{BUDGET:,} yen", Budget(BUDGET)),
    )
    least = cost(_bare_programme, runs=RUNS)
    for name, goal in goals:
        yield line(f"plan of {MEASURES} measures, {name}", _plan(goal), goal="≤ 50 ms", smallest=least)
    for suppliers, goal_text in ((1_000, "≤ 10 s"), (10_000, "≤ 120 s")):
        took, gap = _portfolio(suppliers)
        yield line(f"portfolio of {suppliers:,}, gap {gap:.2%}", took, goal=f"{goal_text}, gap ≤ 1 %")


def _plan(goal: Goal) -> Cost:
    """Plan for one supplier after another that does nothing fully, from some of the catalogue."""
    content = read(questionnaire_names()[0])
    rubric = results.rubric(content)
    place = {question.key: number for number, question in enumerate(content.scored)}
    catalogue = [
        PlanMeasure(
            lifts=tuple((place[key], code_of(word)) for key, word in one.lifts.items()),
            initial_yen=one.initial_yen * (one.units(HEADS) or 1),
            monthly_yen=one.monthly_yen * (one.units(HEADS) or 1),
            effort_days=one.effort_days,
            lead_days=one.lead_days,
            kind=one.kind,
        )
        for one in measures.measures()
    ]
    rng = np.random.default_rng(1)
    suppliers = []
    for _ in range(SUPPLIERS):
        offered = [catalogue[number] for number in sorted(rng.permutation(len(catalogue))[:MEASURES])]
        paid = tuple(number for number, one in enumerate(offered) if one.kind == "subscription")
        subsidy = Subsidy(paid, Fraction(2, 3), 1_500_000, minimum_yen=50_000, covers_months=24)
        suppliers.append((rng.choice(GAPS, rubric.questions).astype(np.int8), offered, subsidy))
    turn = cycle(suppliers)

    def plan() -> None:
        answers, offered, subsidy = next(turn)
        best_plan(rubric, answers, offered, goal, subsidies=[subsidy])

    return cost(plan, runs=RUNS)


def _portfolio(suppliers: int) -> tuple[Cost, float]:
    case = large(suppliers)
    budget = int(case.yen.sum()) // 20
    began_cpu, began = time.process_time(), time.perf_counter()
    found = best_portfolio(case, budget)
    took = Cost((time.process_time() - began_cpu) * MILLI, (time.perf_counter() - began) * MILLI, 1)
    return took, found.gap


def _bare_programme() -> None:
    """The solver's own start and end: as many choices, one row."""
    programme = Programme()
    columns = [programme.choice() for _ in range(MEASURES)]
    programme.row([(column, 1.0) for column in columns], at_least=1.0)
    programme.solve([dict.fromkeys(columns, 1.0)])
