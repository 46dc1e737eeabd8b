"""The last notice before a due date, when that date moves: the old one stays here, the new one comes once."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from assessments import campaigns, courses, inviting, last_notices, outbox, reminding
from assessments.calendar import Calendar
from assessments.models import Campaign, Message, MessageState, Role, User
from assessments.outbox import Ending, Outcome
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.database
OFFICE = Calendar(ZoneInfo("Asia/Tokyo"), time(9), time(17))
LATER = date(2027, 1, 29)


@pytest.fixture
def sato(session: Session) -> User:
    """Whose campaign it is."""
    return factories.user(session, Role.PROCUREMENT)


@pytest.fixture
def campaign(session: Session) -> Campaign:
    """A campaign that reminds by itself; one supplier was invited and has not answered."""
    made = factories.campaign(session)
    courses.set_plan(session, made, courses.usual(reminds=True), now=NOW, by=None)
    invitation = factories.invitation(
        session, factories.assessment(session, made, factories.supplier(session))
    )
    factories.mail(session, invitation, state=MessageState.SENT, sent_at=NOW, lane=2, campaign_id=made.id)
    return made


def test_a_last_notice_that_waits_is_taken_back_when_its_date_moves(
    session: Session, campaign: Campaign, sato: User
) -> None:
    now = _remind_on_the_last_day(session, campaign)

    _extend(session, campaign, now, sato)

    assert _states(session) == {"final-2026-12-18": MessageState.CANCELLED}


def test_so_is_one_that_was_put_off(session: Session, campaign: Campaign, sato: User) -> None:
    now = _remind_on_the_last_day(session, campaign)
    [tried] = outbox.claim(session, worker="w", now=now, limit=5)
    outbox.start(session, tried, worker="w", now=now)
    outbox.record(session, tried, Outcome(Ending.LATER, "451"), worker="w", now=now)

    _extend(session, campaign, now, sato)

    assert _states(session) == {"final-2026-12-18": MessageState.CANCELLED}


def test_the_last_notice_before_the_new_date_comes_once(
    session: Session, campaign: Campaign, sato: User
) -> None:
    now = _remind_on_the_last_day(session, campaign)
    _extend(session, campaign, now, sato)

    for _schedule in range(2):
        _remind_on_the_last_day(session, campaign)

    assert _states(session) == {
        "final-2026-12-18": MessageState.CANCELLED,
        "final-2027-01-29": MessageState.QUEUED,
    }


def test_a_reminder_that_is_not_the_last_still_leaves(
    session: Session, campaign: Campaign, sato: User
) -> None:
    inviting.remind(session, campaign, now=NOW)

    _extend(session, campaign, NOW, sato)

    assert _states(session) == {"1": MessageState.QUEUED}


@pytest.mark.parametrize(
    ("send_key", "day"),
    [
        ("reminder:abc:1:final-2026-12-18", date(2026, 12, 18)),
        ("reminder:abc:1:final-2026-12-18:again", date(2026, 12, 18)),
        ("reminder:abc:1:2", None),
        ("invitation:abc:1", None),
    ],
)
def test_a_send_key_tells_before_which_date_a_mail_is_the_last(send_key: str, day: date | None) -> None:
    assert last_notices.last_before(send_key) == day


def _remind_on_the_last_day(session: Session, campaign: Campaign) -> datetime:
    course = courses.of(session, campaign)
    assert course is not None
    day = reminding.last_notice_day(course, campaign, OFFICE)
    assert day is not None
    now = datetime.combine(day, time(10), OFFICE.zone)
    reminding.remind(session, campaign, OFFICE, now=now)
    return now


def _extend(session: Session, campaign: Campaign, now: datetime, by: User) -> None:
    campaigns.extend(session, campaign, LATER, today=OFFICE.day_of(now), now=now, by=by)


def _states(session: Session) -> dict[str, MessageState]:
    session.expire_all()
    reminders = session.scalars(select(Message).where(Message.kind == inviting.REMINDER))
    return {one.send_key.rpartition(":")[2]: one.state for one in reminders}
