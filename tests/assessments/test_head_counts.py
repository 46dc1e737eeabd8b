"""Costs are reckoned with the head count a firm told, else with the register's: everywhere alike."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from assessments import head_counts, planning, questionnaires, reading
from assessments.chain import loading
from assessments.chain.detail import Detail, detail
from assessments.chain.rows import Chain
from assessments.models import Assessment, AssessmentResult, Role, Supplier, SupportPlan
from assessments.plan_facts import firm_of, portfolio_facts
from assessments.questionnaire_content import Content
from assessments.support import reckoning, runs
from assessments.support.reckoning import Gathered
from assessments.support.runs import Asked
from tests import factories, supply_chain
from tests.answering import counted_queries
from tests.factories import NOW

TODAY = NOW.date()
SAID, REGISTERED = 12, 90


@pytest.mark.parametrize(("said", "registered", "found"), [(12, 90, 12), (None, 90, 90), (None, None, None)])
def test_what_a_firm_tells_goes_before_the_register(
    said: int | None, registered: int | None, found: int | None
) -> None:
    assert head_counts.counted(said, registered=registered) == found


@pytest.mark.database
@pytest.mark.parametrize(("said", "found"), [(SAID, SAID), (None, REGISTERED)])
def test_the_buyers_advice_counts_the_heads_of_the_plan_beside_it(
    session: Session, said: int | None, found: int
) -> None:
    supplier, result = answered(session, said)

    standing = seen(session, supplier).standing
    assert standing is not None
    by_head = [one for one in standing.advice.paid if one.measure.units(3) != one.measure.units(7)]
    assert by_head
    assert all(one.units == one.measure.units(found) for one in by_head)
    assert planning.basis(session, result, supplier, on=TODAY).firm.employees == found


@pytest.mark.database
@pytest.mark.parametrize(("said", "found"), [(SAID, SAID), (None, REGISTERED)])
def test_the_support_plan_counts_the_same_heads(session: Session, said: int | None, found: int) -> None:
    supplier, _result = answered(session, said)
    case = gathered(session)
    expected = portfolio_facts(content_of(session), [firm_of(supplier, employees=found, stars=None)])
    other = portfolio_facts(content_of(session), [firm_of(supplier, employees=found + 1, stars=None)])

    [row] = [row for row, one in enumerate(case.supplier_ids.tolist()) if one == supplier.id]

    assert case.case.yen[row].tolist() == expected.yen[0].tolist() != other.yen[0].tolist()


@pytest.mark.database
def test_it_is_the_head_count_of_the_result_that_counts(session: Session) -> None:
    supplier, _result = answered(session, 30, at=NOW - timedelta(days=300))
    _same, result = answered(session, SAID, of=supplier)

    told = head_counts.said_behind(session, [result.id])

    assert told == {result.id: SAID}
    expected = portfolio_facts(content_of(session), [firm_of(supplier, employees=SAID, stars=None)])
    assert gathered(session).case.yen[0].tolist() == expected.yen[0].tolist()


@pytest.mark.database
def test_a_support_plan_is_gathered_in_a_fixed_number_of_queries(session: Session) -> None:
    supply_chain.grow(session, 8)
    few = _statements(session)
    for _ in range(5):
        answered(session, SAID, of=factories.supplier(session))

    assert _statements(session) == few


def answered(
    session: Session, said: int | None, *, of: Supplier | None = None, at: datetime = NOW
) -> tuple[Supplier, AssessmentResult]:
    """青葉鋳造, 90 people by the register, with a result for which it told this head count."""
    supplier = of or factories.supplier(session, employees=REGISTERED)
    if of is None or not supplier.relationships:
        factories.relationship(session, supplier)
    campaign = factories.campaign(session)
    content = questionnaires.published(session, campaign.version_id).content
    asked: Assessment = factories.assessment(session, campaign, supplier)
    counted = reading.head_count_question(content)
    assert counted is not None
    result = supply_chain.submit(
        session,
        asked,
        supply_chain.say(content, default="not_planned"),
        at=at,
        profile={} if said is None else {counted.key: said},
    )
    return supplier, result


def seen(session: Session, supplier: Supplier) -> Detail:
    return detail(session, chain_of(session), supplier, units=None, now=NOW, today=TODAY)


def gathered(session: Session) -> Gathered:
    return reckoning.gather(session, chain_of(session), support_plan(session), now=NOW)


def support_plan(session: Session) -> SupportPlan:
    asked = Asked(800_000, 0, without_subscription=False, unit_ids=None)
    return runs.request(session, asked, now=NOW, by=factories.user(session, Role.RISK))[0]


def content_of(session: Session) -> Content:
    return chain_of(session).content


def chain_of(session: Session) -> Chain:
    chain = loading.load(session)
    assert chain is not None
    return chain


def _statements(session: Session) -> int:
    """How many queries the gathering alone takes, the chain being loaded."""
    chain, plan = chain_of(session), support_plan(session)
    session.flush()
    with counted_queries(session.get_bind().engine) as statements:
        reckoning.gather(session, chain, plan, now=NOW)
    return len(statements)
