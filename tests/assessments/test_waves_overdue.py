"""Days without delivery: what has piled up leaves spread by its waves again, and not all at once."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from assessments import courses, genuine, waves
from assessments.models import AdvanceNotice, Campaign, CampaignState, Lane, Message, MessageState
from tests import factories

pytestmark = pytest.mark.database
# 10:00 in Tokyo on a Monday, three business days and a weekend after the mails were planned for.
PLANNED_FOR = datetime(2026, 11, 25, 1, tzinfo=UTC)
BACK = datetime(2026, 11, 30, 1, tzinfo=UTC)
NIGHT = datetime(2026, 11, 30, 13, tzinfo=UTC)
AN_HOUR = timedelta(hours=1)


def _campaign(session: Session, per_day: int | None, **facts: Any) -> Campaign:
    campaign = factories.campaign(session, **facts)
    courses.made(session, campaign).per_day = per_day
    session.flush()
    return campaign


def _piled(session: Session, campaign: Campaign, count: int, *kinds: str, **facts: Any) -> None:
    """So many suppliers whose mails should have left days ago."""
    for _ in range(count):
        assessment = factories.assessment(session, campaign, factories.supplier(session))
        invitation = factories.invitation(session, assessment)
        for kind in kinds or ("invitation",):
            key = f"{kind}:{invitation.public_id}:1"
            values = {"due_at": PLANNED_FOR, "created_at": PLANNED_FOR, "lane": 2} | facts
            factories.mail(session, invitation, kind=kind, send_key=key, campaign_id=campaign.id, **values)


def _days(session: Session, kind: str = "invitation") -> Counter[date]:
    waiting = (Message.kind == kind) & (Message.state == MessageState.QUEUED)
    moments = session.scalars(select(Message.due_at).where(waiting)).all()
    return Counter((moment + 9 * AN_HOUR).date() for moment in moments)


def test_waves_go_on_at_their_number_a_business_day(session: Session) -> None:
    _piled(session, _campaign(session, per_day=8), 20)

    assert waves.spread_overdue(session, now=BACK) == 1

    # Of the first day seven of eight hours are left.
    assert _days(session) == {date(2026, 11, 30): 7, date(2026, 12, 1): 8, date(2026, 12, 2): 5}
    assert waves.spread_overdue(session, now=BACK) == 0


def test_reminders_that_piled_up_are_spread_too(session: Session) -> None:
    _piled(session, _campaign(session, per_day=8), 10, "reminder")

    waves.spread_overdue(session, now=BACK)

    assert _days(session, "reminder") == {date(2026, 11, 30): 7, date(2026, 12, 1): 3}


def test_a_reminder_that_would_come_after_the_date_does_not_come(session: Session) -> None:
    campaign = _campaign(session, per_day=8, due_on=date(2026, 11, 30))
    _piled(session, campaign, 10, "reminder")

    waves.spread_overdue(session, now=BACK)

    assert Counter(session.scalars(select(Message.state))) == {"queued": 7, "cancelled": 3}


def test_an_invitation_never_leaves_with_its_notice(session: Session) -> None:
    campaign = _campaign(session, per_day=None)
    session.add(AdvanceNotice(campaign_id=campaign.id, business_days=2))
    _piled(session, campaign, 3, genuine.NOTICE, "invitation")

    waves.spread_overdue(session, now=BACK)

    assert _days(session, genuine.NOTICE) == {date(2026, 11, 30): 3}
    assert _days(session) == {date(2026, 12, 2): 3}


def test_without_a_number_what_piled_up_waits_for_the_office_alone(session: Session) -> None:
    _piled(session, _campaign(session, per_day=None), 3)

    waves.spread_overdue(session, now=NIGHT)

    assert _days(session) == {date(2026, 12, 1): 3}


@pytest.mark.parametrize(
    ("now", "due_at", "is_moved"),
    [
        (BACK, BACK - 3 * AN_HOUR, False),  # today's, and the office works
        (NIGHT, NIGHT - AN_HOUR / 2, False),  # the end of today's wave, a little late
        (NIGHT, NIGHT - 3 * AN_HOUR, True),
    ],
)
def test_of_today_only_what_the_evening_has_overtaken_waits(
    session: Session, now: datetime, due_at: datetime, is_moved: bool
) -> None:
    _piled(session, _campaign(session, per_day=8), 1, due_at=due_at)

    assert waves.spread_overdue(session, now=now) == int(is_moved)


def test_codes_notices_and_what_was_tried_stay_as_they_are(session: Session) -> None:
    campaign = _campaign(session, per_day=1)
    _piled(session, campaign, 2, "code", lane=Lane.URGENT)
    _piled(session, campaign, 2, "delegated_invitation", lane=Lane.NOTICE)
    _piled(session, campaign, 2, attempts=1)

    assert waves.spread_overdue(session, now=BACK) == 0
    assert set(session.scalars(select(Message.due_at))) == {PLANNED_FOR}


def test_what_rests_or_is_not_open_is_left_alone(session: Session) -> None:
    resting, closed = _campaign(session, per_day=1), _campaign(session, per_day=1)
    _piled(session, resting, 2)
    _piled(session, closed, 2)
    courses.made(session, resting).paused_at = BACK
    session.execute(
        update(Campaign).where(Campaign.id == closed.id).values(state=CampaignState.CLOSED, closed_at=BACK)
    )

    assert waves.spread_overdue(session, now=BACK) == 0
