"""From the chain to a support plan: who takes part, at what cost, and the result packed for keeping."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func
from sqlalchemy.orm import Session

from assessments import head_counts, stars, suggestions
from assessments.chain.loading import raw_columns
from assessments.chain.picture import Picture, Wanted, view
from assessments.chain.rows import Chain, Rows
from assessments.models import Supplier, SupportPlan, SupportPlanResult
from assessments.plan_facts import Firm, portfolio_facts
from assessments.questionnaire_content import Content
from scoring import portfolio
from scoring.plans import SUBSCRIPTION
from scoring.portfolio import Portfolio
from scoring.portfolio_case import PortfolioCase, portfolio_case
from scoring.scale import AnswerCode, Codes, code_of

# The curve's budgets, in percent of the one asked for.
SHARES = (0, 25, 50, 75, 100, 150, 200)
WHOLE = 100
# How near the best each is proven to be, at the most.
GAP = 0.01
# Of the steps that a search may take, so many percent are what it usually takes.
USUAL_PERCENT = 12
UNKNOWN = -1
NO_GAP = (AnswerCode.NOT_ASKED, AnswerCode.ABSENT)

Progress = Callable[[int, int], None]
IsCancelled = Callable[[], bool]


@dataclass(frozen=True, eq=False)
class Gathered:
    """Who takes part (ids in rising order, with their inherent exposure), the case, and who is left out."""

    supplier_ids: Rows
    inherent: NDArray[np.int8]
    case: PortfolioCase
    measures: tuple[str, ...]
    missing: int
    unanswered: int
    ungraded: int
    scoring_checksum: str
    constants_checksum: str


def gather(session: Session, chain: Chain, plan: SupportPlan, *, now: datetime) -> Gathered:
    """Gather everybody with a result that counts and a priority, within the plan's units."""
    units = None if plan.unit_ids is None else frozenset(plan.unit_ids)
    picture = view(chain, Wanted(units=units), now=now)
    graded, answered = picture.priorities.is_graded, picture.has_result
    taking_part = np.flatnonzero(graded & answered)
    codes = chain.scored.codes[picture.result[taking_part]]
    inherent = picture.priorities.inherent[taking_part].astype(np.int8)
    facts = portfolio_facts(chain.content, _firms(session, picture, taking_part))
    work = np.array([round(one.effort_days * plan.day_yen) for one in facts.measures], dtype=np.int64)
    is_service = np.array([one.kind == SUBSCRIPTION for one in facts.measures], dtype=np.bool_)
    targets = _targets(chain.content, picture.star[taking_part])
    return Gathered(
        supplier_ids=chain.suppliers.ids[picture.suppliers[taking_part]],
        inherent=inherent,
        case=portfolio_case(
            chain.rubric,
            codes,
            facts.lifts,
            facts.yen + work,
            factor=inherent,
            is_usable=facts.eligible & ~(is_service & plan.without_subscription),
            targets=targets,
        ),
        measures=tuple(one.key for one in facts.measures),
        missing=_missing(chain, codes, targets, inherent.astype(np.int64)),
        unanswered=int(np.count_nonzero(~answered)),
        ungraded=int(np.count_nonzero(answered & ~graded)),
        scoring_checksum=chain.content.scoring_checksum,
        constants_checksum=chain.constants.checksum,
    )


def reckon(
    gathered: Gathered, budget_yen: int, *, progress: Progress, is_cancelled: IsCancelled
) -> tuple[Portfolio, ...]:
    """Find the best use of the budget, and of less and more, in the order of SHARES. Raises Cancelled."""
    budgets = [budget_yen * share // WHOLE for share in SHARES]

    def tell(done: int, total: int) -> None:
        usual = max(1, total * USUAL_PERCENT // WHOLE)
        progress(min(done, usual - 1), usual)

    return portfolio.curve(gathered.case, budgets, gap=GAP, progress=tell, is_cancelled=is_cancelled)


def packed(
    plan_id: int, gathered: Gathered, found: tuple[Portfolio, ...], *, on: date, now: datetime
) -> SupportPlanResult:
    """Pack what came out for keeping."""
    best = found[SHARES.index(WHOLE)]
    return SupportPlanResult(
        support_plan_id=plan_id,
        scoring_checksum=gathered.scoring_checksum,
        constants_checksum=gathered.constants_checksum,
        reckoned_on=on,
        made_at=now,
        unanswered=gathered.unanswered,
        ungraded=gathered.ungraded,
        missing=gathered.missing,
        bound=int(best.bound),
        measures=list(gathered.measures),
        curve=[[one.budget_yen, one.spent_yen, one.gain, int(one.bound)] for one in found],
        supplier_ids=gathered.supplier_ids.astype("<i8").tobytes(),
        inherent=gathered.inherent.tobytes(),
        gained=best.gained.astype("<i8").tobytes(),
        chosen=np.packbits(best.chosen, axis=1).tobytes(),
        yen=gathered.case.yen[best.chosen].astype("<i8").tobytes(),
    )


def _firms(session: Session, picture: Picture, taking_part: Rows) -> list[Firm]:
    """What is known of those who take part, in their order."""
    suppliers = picture.chain.suppliers
    result_ids = picture.chain.scored.ids[picture.result[taking_part]].tolist()
    said = head_counts.said_behind(session, result_ids)
    ids, countries, capitals = raw_columns(
        session,
        Supplier.id,
        Supplier.country,
        func.coalesce(Supplier.capital, UNKNOWN),
        order=(Supplier.id,),
    )
    place = np.searchsorted(np.array(ids, dtype=np.int64), suppliers.ids[picture.suppliers[taking_part]])
    rows = picture.suppliers[taking_part]
    return [
        Firm(
            employees=head_counts.counted(said.get(result_id), registered=_known(suppliers.employees[row])),
            industry=str(suppliers.industries[row]) or None,
            prefecture=str(suppliers.prefectures[row]) or None,
            capital_yen=_known(capitals[one]),
            country=countries[one],
        )
        for row, one, result_id in zip(rows.tolist(), place.tolist(), result_ids, strict=True)
    ]


def _known(number: int) -> int | None:
    return None if number == UNKNOWN else int(number)


def _targets(content: Content, star: Codes) -> Codes:
    """The answers aimed at (suppliers × questions), some of them higher where four stars are expected."""
    words = (suggestions.usual_targets(content), suggestions.star4_targets(content))
    usual, four = (np.array([code_of(word) for word in one], dtype=np.int8) for one in words)
    targets: Codes = np.where((star == stars.FOUR_STARS)[:, None], four, usual)
    return targets


def _missing(chain: Chain, codes: NDArray[np.int8], targets: NDArray[np.int8], inherent: Rows) -> int:
    """What implementing every gap would gain: Σ inherent × weight × (full points − points)."""
    model = chain.rubric.model
    points = np.array(model.points, dtype=np.int64)[codes]
    is_gap = (points < np.array(model.points, dtype=np.int64)[targets]) & ~np.isin(codes, NO_GAP)
    wanting = np.where(is_gap, model.full_points - points, 0)
    return int((wanting @ np.array(chain.rubric.weight, dtype=np.int64)) @ inherent)
