"""A support plan's arithmetic from the chain to its packed result, beside a plain sum of the same things."""

import pytest
from sqlalchemy import select, true
from sqlalchemy.orm import Session

from assessments import stars, suggestions
from assessments.chain import loading
from assessments.chain.picture import Picture, Wanted, view
from assessments.measures import measures
from assessments.models import Relationship, Role, SupportPlan
from assessments.support import reading, reckoning, runs
from assessments.support.reading import Outcome
from assessments.support.reckoning import Gathered
from assessments.support.runs import Asked
from scoring.lifting import lifted
from scoring.plan_terms import PlanMeasure
from scoring.scale import AnswerCode, code_of
from tests import factories, supply_chain
from tests.factories import NOW

pytestmark = pytest.mark.database
BUDGET, DAY = 800_000, 20_000


@pytest.fixture
def plan(session: Session) -> SupportPlan:
    """A plan over a chain of 16, asked for and not reckoned."""
    supply_chain.grow(session, 16)
    asked = Asked(BUDGET, DAY, without_subscription=False, unit_ids=None)
    return runs.request(session, asked, now=NOW, by=factories.user(session, Role.RISK))[0]


def gathered(session: Session, plan: SupportPlan) -> tuple[Gathered, Picture]:
    chain = loading.load(session)
    assert chain is not None
    return reckoning.gather(session, chain, plan, now=NOW), view(chain, Wanted(), now=NOW)


def reckoned(session: Session, plan: SupportPlan, case: Gathered) -> Outcome:
    """What comes out of it, stored and read again."""
    found = reckoning.reckon(case, plan.budget_yen, progress=_say_nothing, is_cancelled=lambda: False)
    session.add(reckoning.packed(plan.id, case, found, on=NOW.date(), now=NOW))
    session.flush()
    outcome = reading.result_of(session, plan)
    assert outcome is not None
    return outcome


def test_who_takes_part_has_answered_and_is_graded(session: Session, plan: SupportPlan) -> None:
    case, picture = gathered(session, plan)

    graded, answered = picture.priorities.is_graded, picture.has_result
    assert len(case.supplier_ids) == int((graded & answered).sum()) > 0
    assert case.unanswered == int((~answered).sum()) > 0
    assert case.ungraded == int((answered & ~graded).sum())
    assert sorted(case.supplier_ids) == list(case.supplier_ids)


def test_what_is_missing_is_a_plain_sum(session: Session, plan: SupportPlan) -> None:
    case, _picture = gathered(session, plan)
    points, weight = case.case.rubric.model.points, case.case.rubric.weight

    total = 0
    for row, codes in enumerate(case.case.answers.tolist()):
        for question, code in enumerate(codes):
            target = points[case.case.targets[row, question]]
            if code not in {AnswerCode.NOT_ASKED, AnswerCode.ABSENT} and points[code] < target:
                total += int(case.inherent[row]) * weight[question] * (4 - points[code])

    assert case.missing == total


def test_where_four_stars_are_expected_the_targets_are_theirs(session: Session, plan: SupportPlan) -> None:
    case, picture = gathered(session, plan)
    content = picture.chain.content
    of = {"usual": suggestions.usual_targets(content), "four": suggestions.star4_targets(content)}
    wanted = {name: [int(code_of(word)) for word in words] for name, words in of.items()}

    found = []
    for row, supplier_id in enumerate(case.supplier_ids.tolist()):
        graded = session.scalars(select(Relationship).where(Relationship.supplier_id == supplier_id))
        grades = [(one.confidentiality, one.continuity, one.connectivity) for one in graded]
        is_four = any(None not in three and max(step or 0 for step in three) >= 4 for three in grades)
        found.append("four" if is_four else "usual")
        assert case.case.targets[row].tolist() == wanted[found[-1]]
    assert set(found) == set(wanted)


def test_a_decided_star_moves_the_targets_of_its_supplier_alone(session: Session, plan: SupportPlan) -> None:
    case, picture = gathered(session, plan)
    row = int((picture.star[picture.has_result & picture.priorities.is_graded] != 4).argmax())
    supplier_id = int(case.supplier_ids[row])
    between = session.scalars(select(Relationship).where(Relationship.supplier_id == supplier_id)).first()
    assert between is not None
    stars.decide(session, between, 4, reason="設計図を渡すため", now=NOW, by=factories.user(session))

    after, _picture = gathered(session, plan)

    changed = (after.case.targets != case.case.targets).any(axis=1)
    assert changed.nonzero()[0].tolist() == [row]
    assert after.missing >= case.missing


def test_what_is_kept_spends_no_more_and_gains_what_a_plain_sum_gains(
    session: Session, plan: SupportPlan
) -> None:
    case, _picture = gathered(session, plan)

    outcome = reckoned(session, plan, case)

    assert 0 < outcome.spent_yen <= BUDGET
    assert outcome.gap_percent <= 1
    points, weight = case.case.rubric.model.points, case.case.rubric.weight
    for row, codes in enumerate(case.case.answers.tolist()):
        taken = [PlanMeasure(case.case.lifts[column]) for column in outcome.chosen[row].nonzero()[0].tolist()]
        before = tuple(AnswerCode(code) for code in codes)
        after = lifted(before, taken)
        gained = sum(
            weight[question] * (points[after[question]] - points[before[question]])
            for question in range(len(codes))
        )
        assert outcome.gained[row] == gained * int(case.inherent[row])
        assert outcome.yen[row].sum() == case.case.yen[row][outcome.chosen[row]].sum()


def test_with_money_for_everything_hardly_anything_stays_open(session: Session, plan: SupportPlan) -> None:
    asked = Asked(10**9, DAY, without_subscription=False, unit_ids=None)
    rich, _job = runs.request(session, asked, now=NOW, by=factories.user(session, Role.RISK))
    case, _picture = gathered(session, rich)

    left = [point.left_percent for point in reckoned(session, rich, case).points]

    assert left[0] == 100
    assert 0 <= left[-1] < 20


def test_work_counts_at_the_amount_of_a_day(session: Session, plan: SupportPlan) -> None:
    case, _picture = gathered(session, plan)
    asked = Asked(BUDGET, 0, without_subscription=False, unit_ids=None)
    without, _job = runs.request(session, asked, now=NOW, by=factories.user(session, Role.RISK))

    cash, _picture = gathered(session, without)

    for column, one in enumerate(measures()):
        more = case.case.yen[:, column] - cash.case.yen[:, column]
        assert set(more.tolist()) == {round(one.effort_days * DAY)}


def test_suppliers_are_read_with_what_to_offer_them(session: Session, plan: SupportPlan) -> None:
    case, _picture = gathered(session, plan)
    outcome = reckoned(session, plan, case)

    places = reading.within(session, outcome, true())
    found = reading.supported(session, outcome, places.tolist())

    assert sum(one.yen for one in found) == outcome.spent_yen == sum(one.yen for one in outcome.taken())
    assert [one.gained for one in found] == sorted((one.gained for one in found), reverse=True)
    assert sum(len(one.offers) for one in found) == sum(one.suppliers for one in outcome.taken())


def _say_nothing(done: int, total: int) -> None:
    """Nobody listens here."""
