"""Whom a campaign asks, for which parts, and why again."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, true
from sqlalchemy.orm import Session

from assessments import asking
from assessments.models import Assessment, AuditEvent, Campaign, CampaignState, Role, Supplier
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.database


def _draft(session: Session, **changes: Any) -> Campaign:
    return factories.campaign(session, state=CampaignState.DRAFT, opened_at=None, **changes)


def test_suppliers_are_asked_by_the_rule_over_all_their_relationships(session: Session) -> None:
    aoba, campaign = factories.supplier(session), _draft(session)
    factories.relationship(session, aoba, confidentiality=1, continuity=1, connectivity=1)
    factories.relationship(
        session, aoba, business_unit_id=factories.unit(session).id, confidentiality=4, continuity=None
    )

    added = asking.add_suppliers(session, campaign, true(), now=NOW)

    assert (added.count, added.last_id) == (1, None)
    assessment = session.scalars(select(Assessment)).one()
    assert (assessment.supplier_id, assessment.axes) == (aoba.id, ["cyber", "secrets", "executive"])


def test_a_supplier_without_exposures_is_asked_the_groundwork(session: Session) -> None:
    factories.supplier(session)

    asking.add_suppliers(session, _draft(session), true(), now=NOW)

    assert session.scalars(select(Assessment.axes)).one() == ["cyber"]


def test_chunks_go_on_where_the_last_one_ended_and_twice_adds_nothing(session: Session) -> None:
    campaign = _draft(session)
    for _ in range(3):
        factories.supplier(session)

    first = asking.add_suppliers(session, campaign, true(), limit=2, now=NOW)
    assert first.count == 2
    assert first.last_id is not None
    second = asking.add_suppliers(session, campaign, true(), limit=2, after_id=first.last_id, now=NOW)
    assert (second.count, second.last_id) == (1, None)
    assert asking.add_suppliers(session, campaign, true(), now=NOW).count == 0


def test_only_those_wanted_are_asked(session: Session) -> None:
    aoba = factories.supplier(session)
    factories.stranger(session)

    asking.add_suppliers(session, _draft(session), Supplier.id == aoba.id, now=NOW)

    assert session.scalars(select(Assessment.supplier_id)).all() == [aoba.id]


def test_the_buyer_may_ask_other_parts_with_a_reason(session: Session) -> None:
    campaign, by = _draft(session), factories.user(session, Role.PROCUREMENT)
    assessment = factories.assessment(session, campaign, factories.supplier(session), axes=["cyber"])

    asking.change_parts(
        session, assessment, ["executive", "cyber"], reason="社長と進めるため", now=NOW, by=by
    )

    assert (assessment.axes, assessment.axes_reason) == (["cyber", "executive"], "社長と進めるため")
    line = session.scalars(select(AuditEvent)).one()
    assert (line.action, line.actor) == ("campaign.parts_changed", by.public_id)
    assert "社長" not in str(line.details)


def test_going_back_to_the_rule_needs_no_reason(session: Session) -> None:
    campaign, by = _draft(session), factories.user(session, Role.PROCUREMENT)
    assessment = factories.assessment(
        session,
        campaign,
        factories.supplier(session),
        axes=["cyber", "secrets"],
        axes_reason="図面があるため",
    )

    asking.change_parts(session, assessment, ["cyber"], reason="", now=NOW, by=by)

    assert (assessment.axes, assessment.axes_reason) == (["cyber"], "")


def test_other_parts_without_a_reason_are_refused(session: Session) -> None:
    campaign, by = _draft(session), factories.user(session, Role.PROCUREMENT)
    assessment = factories.assessment(session, campaign, factories.supplier(session), axes=["cyber"])

    with pytest.raises(asking.PartsReasonWanted):
        asking.change_parts(session, assessment, ["cyber", "secrets"], reason=" ", now=NOW, by=by)


@pytest.mark.parametrize("axes", [["secrets"], [], ["cyber", "weather"]])
def test_the_groundwork_stays_and_unknown_parts_are_refused(session: Session, axes: list[str]) -> None:
    campaign, by = _draft(session), factories.user(session, Role.PROCUREMENT)
    assessment = factories.assessment(session, campaign, factories.supplier(session), axes=["cyber"])

    with pytest.raises(asking.PartsRefused):
        asking.change_parts(session, assessment, axes, reason="理由", now=NOW, by=by)


def test_suppliers_can_be_left_out_of_a_draft(session: Session) -> None:
    campaign, by = _draft(session), factories.user(session, Role.PROCUREMENT)
    aoba, umeda = factories.supplier(session), factories.stranger(session)
    factories.assessment(session, campaign, aoba)
    factories.assessment(session, campaign, umeda)

    assert asking.remove(session, campaign, [aoba.public_id], now=NOW, by=by) == 1
    assert session.scalars(select(Assessment.supplier_id)).all() == [umeda.id]
    assert asking.remove_all(session, campaign, scope=Supplier.id != umeda.id, now=NOW, by=by) == 0
    assert asking.remove_all(session, campaign, scope=true(), now=NOW, by=by) == 1


def test_whom_it_asks_is_settled_after_the_draft(session: Session) -> None:
    campaign, by = factories.campaign(session), factories.user(session, Role.PROCUREMENT)
    assessment = factories.assessment(session, campaign, factories.supplier(session))

    with pytest.raises(asking.NotADraft):
        asking.add_suppliers(session, campaign, true(), now=NOW)
    with pytest.raises(asking.NotADraft):
        asking.remove_all(session, campaign, scope=true(), now=NOW, by=by)
    with pytest.raises(asking.NotADraft):
        asking.change_parts(session, assessment, ["cyber"], reason="", now=NOW, by=by)


@pytest.mark.parametrize(("days_ago", "is_again"), [(364, True), (365, False)])
def test_asking_again_within_twelve_months_wants_a_reason(
    session: Session, days_ago: int, is_again: bool
) -> None:
    aoba, campaign = factories.supplier(session), _draft(session)
    factories.assessment(session, campaign, aoba)
    earlier = factories.assessment(session, factories.campaign(session), aoba)
    factories.invitation(session, earlier, created_at=NOW - timedelta(days=days_ago))

    assert asking.asked_again(session, campaign, now=NOW) == int(is_again)
    if is_again:
        with pytest.raises(asking.RepeatReasonWanted):
            asking.must_have_repeat_reason(session, campaign, now=NOW)
    campaign.repeat_reason = "毎年の定例のため"
    asking.must_have_repeat_reason(session, campaign, now=NOW)
