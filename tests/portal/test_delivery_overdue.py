"""The machine was off for days: codes leave at once, a campaign's waves go on where they were."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from assessments import courses, outbox
from assessments.models import Campaign, Invitation, Lane, Message, MessageState, Organisation
from portal import clock, dispatcher
from portal.db import Database
from portal.dispatcher import Office
from portal.settings import Settings
from tests import answering, factories

pytestmark = pytest.mark.database
DAYS = timedelta(days=4)


def test_after_days_without_delivery_a_wave_leaves_and_not_all_waves(
    database: Database, settings: Settings, session: Session, buyer: Organisation
) -> None:
    campaign = factories.campaign(session)
    courses.made(session, campaign).per_day = 5
    invitations = [_invited(session, campaign) for _ in range(20)]
    _queue(session, invitations[0], campaign, "code", Lane.URGENT, clock.now(), counter=1)
    session.commit()

    dispatcher.deliver(Office(database, settings, None, "w"))

    sent = session.scalars(select(Message.kind).where(Message.state == MessageState.SENT)).all()
    assert sent.count("code") == 1
    assert sent.count("invitation") <= 1
    waiting = select(Message.due_at).where(Message.state == MessageState.QUEUED)
    days = {moment.date() for moment in session.scalars(waiting)}
    assert len(days) >= 4


def _invited(session: Session, campaign: Campaign) -> Invitation:
    _assessment, invitation = answering.invited(session, factories.supplier(session), campaign)
    _queue(session, invitation, campaign, "invitation", Lane.CAMPAIGN, clock.now() - DAYS, generation=1)
    return invitation


def _queue(
    session: Session,
    invitation: Invitation,
    campaign: Campaign,
    kind: str,
    lane: Lane,
    at: datetime,
    **facts: int,
) -> None:
    outbox.queue(
        session,
        kind=kind,
        send_key=f"{kind}:{invitation.public_id}:1",
        lane=lane,
        to_email=invitation.email,
        language="ja",
        now=at,
        invitation_id=invitation.id,
        campaign_id=campaign.id,
        facts=facts,
    )
