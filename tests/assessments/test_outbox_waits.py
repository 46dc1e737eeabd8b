"""When a mail that was put off is tried again: a campaign's within office hours, codes and notices at any."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from assessments import outbox, outbox_waits
from assessments.models import Lane, Message
from assessments.outbox import Ending, Outcome
from assessments.outbox_keys import name_of
from tests import factories

pytestmark = pytest.mark.database
# In Tokyo: a Thursday afternoon; the office closes at five.
AFTERNOON = datetime(2026, 11, 26, 7, 45, tzinfo=UTC)
FRIDAY_AT_NINE = datetime(2026, 11, 27, 0, 0, tzinfo=UTC)
FRIDAY_EVENING = datetime(2026, 11, 27, 9, 30, tzinfo=UTC)
MONDAY_AT_NINE = datetime(2026, 11, 30, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("attempts", "at", "due_at"),
    [
        (0, AFTERNOON, AFTERNOON + timedelta(minutes=1)),
        (5, AFTERNOON, FRIDAY_AT_NINE),
        (9, FRIDAY_AT_NINE, FRIDAY_AT_NINE + timedelta(hours=2)),
        (9, FRIDAY_EVENING, MONDAY_AT_NINE),
        # Who sends in the evening has that evening's first tries.
        (2, FRIDAY_EVENING, FRIDAY_EVENING + timedelta(minutes=4)),
    ],
)
def test_a_campaign_s_mail_is_not_tried_again_at_night(
    session: Session, attempts: int, at: datetime, due_at: datetime
) -> None:
    assert _put_off(session, Lane.CAMPAIGN, Ending.LATER, attempts, at) == due_at


@pytest.mark.parametrize("lane", [Lane.URGENT, Lane.NOTICE])
def test_codes_and_notices_are_tried_again_at_any_hour(session: Session, lane: Lane) -> None:
    due_at = _put_off(session, lane, Ending.LATER, 8, FRIDAY_EVENING)

    assert due_at <= FRIDAY_EVENING + outbox_waits.LONGEST_WAIT


def test_what_may_have_arrived_is_tried_again_while_its_key_is_kept(session: Session) -> None:
    due_at = _put_off(session, Lane.CAMPAIGN, Ending.REPEAT, 8, FRIDAY_EVENING)

    assert due_at == FRIDAY_EVENING + outbox_waits.LONGEST_WAIT


def _put_off(session: Session, lane: Lane, ending: Ending, attempts: int, at: datetime) -> datetime:
    """Try a mail that was tried so often before, and give when it is tried again."""
    campaign = factories.campaign(session)
    invitation = factories.invitation(
        session, factories.assessment(session, campaign, factories.supplier(session))
    )
    mail = factories.mail(session, invitation, lane=lane, campaign_id=campaign.id, due_at=at)
    session.execute(update(Message).values(attempts=attempts))
    worker = name_of("w", "0123456789ab")
    assert outbox.claim(session, worker=worker, now=at, limit=5) == [mail.id]
    assert outbox.start(session, mail.id, worker=worker, now=at)
    outbox.record(session, mail.id, Outcome(ending, "451"), worker=worker, now=at)
    session.expire_all()
    return session.scalars(select(Message.due_at).where(Message.id == mail.id)).one()
