"""A plan for one supplier end to end: from its result and the register to the best way, and others beside."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from assessments import declarations, head_counts, packages, questionnaires, results, suggestions
from assessments.models import AssessmentResult, Submission, Supplier
from assessments.packages import PricedPackage
from assessments.plan_facts import Firm, PlanFacts, firm_of, plan_facts
from assessments.questionnaire_content import Content
from scoring import maturity, plans
from scoring.maturity import SetScore
from scoring.model import Rubric
from scoring.plan_results import Plans
from scoring.plan_terms import Budget, Goal, Limits, Reach
from scoring.scale import AnswerCode, Assurance, Codes, Level, code_of, unpack_assurance

HIGHEST_YEN = 10**9
MONTH_DAYS, YEAR_DAYS = 30, 365


@dataclass(frozen=True)
class Basis:
    """What every plan of one result starts from, and the answers aimed at; positions are those of
    `content.scored`.
    """

    content: Content
    rubric: Rubric
    codes: Codes
    assurance: Codes
    targets: tuple[AnswerCode, ...]
    facts: PlanFacts

    @property
    def firm(self) -> Firm:
        """The firm whose costs are reckoned."""
        return self.facts.firm

    @property
    def answers(self) -> tuple[AnswerCode, ...]:
        """The answers as they stand."""
        return tuple(AnswerCode(code) for code in self.codes.tolist())

    def sets_with(self, answers: Sequence[AnswerCode]) -> dict[str, SetScore]:
        """Give the result by set if these were the answers; what differs stands by the supplier's word."""
        codes = np.array(answers, dtype=np.int8)
        proof = np.where(codes != self.codes, Assurance.ATTESTED, self.assurance).astype(np.int8)
        return maturity.summary(maturity.score(self.rubric, codes[None], proof[None])).sets


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asks of a plan.

    With `without_subscription` nothing that costs month by month as a service; with `lead_days` only what
    takes effect within so many days.
    """

    goal: Goal
    without_subscription: bool = False
    lead_days: int | None = None

    @property
    def limits(self) -> Limits:
        """The same for the arithmetic."""
        kinds = frozenset({plans.SUBSCRIPTION}) if self.without_subscription else frozenset()
        return Limits(excluded_kinds=kinds, lead_days=self.lead_days)


@dataclass(frozen=True)
class ReadySet:
    """A ready set at this firm's price, with the result once it is taken."""

    priced: PricedPackage
    after: Mapping[str, SetScore]
    is_fitting: bool


@dataclass(frozen=True)
class Planned:
    """The plans for a wish, and the three ready sets beside them."""

    basis: Basis
    wish: Wish
    plans: Plans
    ready: tuple[ReadySet, ...]


def basis(
    session: Session,
    result: AssessmentResult,
    supplier: Supplier,
    *,
    targets: Sequence[str] | None = None,
    on: date,
) -> Basis:
    """Gather what a plan from this result of the supplier is made of, on a day; two small queries.

    It aims at `targets`, or at the usual ones.
    """
    content = questionnaires.published(session, result.version_id).content
    declared = declarations.current(session, supplier.id)
    firm = firm_of(
        supplier,
        employees=_said(session, content, result),
        stars=declared.star if declared else None,
    )
    return Basis(
        content=content,
        rubric=results.rubric_behind(content, result),
        codes=results.codes_of(result),
        assurance=unpack_assurance([result.assurance], questions=len(result.assurance))[0],
        targets=tuple(code_of(word) for word in targets or suggestions.usual_targets(content)),
        facts=plan_facts(content, firm, on=on),
    )


def usual_wish(found: Basis) -> Wish:
    """Give the wish a person begins with: the next level of the first axis that can still rise by answers.

    Where none can, whatever is free.
    """
    now = found.sets_with(found.answers)
    levels = [(axis.key, now[axis.key].level) for axis in found.content.axes]
    rising = [(key, level) for key, level in levels if level is not None and level < Level.DONE]
    if not rising:
        return Wish(Budget(0))
    key, level = rising[0]
    return Wish(Reach((key,), level + 1))


def plan(found: Basis, wish: Wish) -> Planned:
    """Find the best plan for a wish, the best without services, and price the ready sets. Raises BadGoal."""
    best = plans.best_plans(
        found.rubric,
        found.codes,
        found.facts.measures,
        wish.goal,
        subsidies=found.facts.subsidies,
        assurance=found.assurance,
        targets=found.targets,
        limits=wish.limits,
    )
    fitting = packages.fitting(found.firm.employees)
    priced = [packages.price(package, found.facts, found.answers) for package in packages.packages()]
    ready = tuple(ReadySet(one, found.sets_with(one.answers_after), one.package is fitting) for one in priced)
    return Planned(found, wish, best, ready)


def _said(session: Session, content: Content, result: AssessmentResult) -> int | None:
    submission = session.scalars(
        select(Submission).where(
            Submission.id == result.submission_id, Submission.supplier_id == result.supplier_id
        )
    ).one()
    return head_counts.said_in(content, submission)
