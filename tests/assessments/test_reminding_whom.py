"""Who is left in peace because no mail reaches them, and who at the buyer hears of those left."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from assessments import courses, inviting, reminding, settling
from assessments.calendar import Calendar
from assessments.models import Assessment, Campaign, Invitation, Message, MessageState, Role, User
from assessments.suppliers import ContactFacts
from tests import factories
from tests.factories import NOW
from tests.fixtures_app import KEYS

TOKYO = Calendar(ZoneInfo("Asia/Tokyo"), time(9), time(17))
MONDAY = datetime(2026, 11, 16, 1, tzinfo=UTC)  # 10:00 in Tokyo
FRIDAY = datetime(2026, 11, 20, 1, tzinfo=UTC)
A_DAY = timedelta(days=1)


@pytest.fixture
def sato(session: Session) -> User:
    """Whose campaign it is."""
    return factories.user(session, Role.PROCUREMENT)


def _campaign(session: Session, **facts: Any) -> Campaign:
    campaign = factories.campaign(session, **facts)
    plan = replace(courses.usual(reminds=True), first_after=3, then_every=4, final_before=2)
    courses.set_plan(session, campaign, plan, now=NOW, by=None)
    return campaign


def _invited(session: Session, campaign: Campaign, at: datetime) -> Assessment:
    assessment = factories.assessment(session, campaign, factories.supplier(session))
    invitation = factories.invitation(session, assessment)
    factories.mail(session, invitation, state=MessageState.SENT, sent_at=at, lane=2, campaign_id=campaign.id)
    return assessment


@pytest.mark.database
def test_who_cannot_be_reached_is_not_reminded_until_the_address_is_corrected(
    session: Session, sato: User
) -> None:
    campaign = _campaign(session)
    aoba = _invited(session, campaign, MONDAY)
    reminding.remind(session, campaign, TOKYO, now=FRIDAY)
    session.execute(update(Message).where(Message.kind == "reminder").values(state=MessageState.FAILED))
    later = FRIDAY + A_DAY * 10

    assert reminding.remind(session, campaign, TOKYO, now=later).count == 0
    assert inviting.remind(session, campaign, now=later).count == 0
    assert settling.undelivered(session, campaign).total == 1

    to = ContactFacts(name="青葉 花子", email="hanako@aoba.example", language="ja")
    inviting.re_address(session, aoba, to, keys=KEYS, now=later, by=sato)
    queued = update(Message).where(Message.state == MessageState.QUEUED)
    session.execute(queued.values(state=MessageState.SENT, sent_at=later))
    assert settling.undelivered(session, campaign).total == 0
    assert reminding.remind(session, campaign, TOKYO, now=later + A_DAY * 7).count == 1


def test_a_mail_that_came_back_counts_though_a_later_one_was_taken_back(session: Session) -> None:
    campaign = _campaign(session)
    _invited(session, campaign, MONDAY)
    invitation = session.scalars(select(Invitation)).one()
    for state in (MessageState.FAILED, MessageState.CANCELLED):
        factories.mail(session, invitation, kind="reminder", state=state, lane=2, campaign_id=campaign.id)

    assert reminding.remind(session, campaign, TOKYO, now=FRIDAY + A_DAY * 14).count == 0
    assert inviting.remind(session, campaign, now=FRIDAY + A_DAY * 14).count == 0
    assert settling.undelivered(session, campaign).total == 1


@pytest.mark.database
def test_in_place_of_who_left_the_next_person_in_charge_is_told(session: Session, sato: User) -> None:
    admin, approver = factories.user(session, Role.ADMIN), factories.user(session)
    campaign = _campaign(session, due_on=date(2026, 12, 18), created_by_id=sato.id)
    campaign.approved_by_id, campaign.approval, campaign.approved_at = approver.id, "colleague", NOW
    unit = factories.unit(session)
    colleague, gone = (factories.user(session, Role.PROCUREMENT, unit=unit) for _ in range(2))
    seen, unseen = (_invited(session, campaign, MONDAY) for _ in range(2))
    factories.relationship(session, seen.supplier, business_unit_id=unit.id, owner_id=gone.id)
    sato.suspended_at = gone.suspended_at = NOW
    session.flush()

    told = reminding.unanswered(session, campaign)
    assert told == {colleague.id: [seen.supplier_id], approver.id: [unseen.supplier_id]}

    approver.suspended_at = colleague.suspended_at = NOW
    session.flush()
    both = [seen.supplier_id, unseen.supplier_id]
    assert reminding.unanswered(session, campaign) == {admin.id: both}
    day = datetime(2026, 12, 17, 1, tzinfo=UTC)
    assert reminding.tell_owners(session, campaign, TOKYO, now=day) == 1
