"""The pace of campaign mail: so many a minute, each domain for itself, and codes never wait."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from assessments import outbox, outbox_pace
from assessments.models import Lane, Message, MessageState
from assessments.outbox import Draft
from assessments.outbox_pace import Pace
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.database
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


@pytest.fixture
def campaign_id(session: Session) -> int:
    """An open campaign."""
    return factories.campaign(session).id


def test_a_domain_gets_no_more_than_its_limit_in_any_minute(session: Session, campaign_id: int) -> None:
    _queue(session, campaign_id, "ocn.example", 100)

    moments = _leave(session, Pace(per_domain=20), seconds=400)

    assert len(moments) == 100
    assert max(sum(one <= other < one + MINUTE for other in moments) for one in moments) <= 20
    assert moments[-1] - moments[0] < timedelta(seconds=330), "no slower than it must be"


def test_all_campaign_mail_together_keeps_its_limit(session: Session, campaign_id: int) -> None:
    for number in range(90):
        _queue(session, campaign_id, f"d{number}.example", 1)

    moments = _leave(session, Pace(per_minute=30), seconds=240)

    assert len(moments) == 90
    assert max(sum(one <= other < one + MINUTE for other in moments) for one in moments) <= 30


def test_a_limited_domain_holds_up_no_other(session: Session, campaign_id: int) -> None:
    _queue(session, campaign_id, "ocn.example", 500)
    [other] = _queue(session, campaign_id, "aoba.example", 1)

    looks = 0
    while other not in _claim(session, Pace(per_domain=1), NOW):
        looks += 1

    assert looks <= 10, "those that must wait are put off once, not looked at again"


def test_a_mail_that_waits_is_looked_at_once(session: Session, campaign_id: int) -> None:
    _queue(session, campaign_id, "ocn.example", 200)
    pace = Pace(per_domain=60)
    for _look in range(5):
        _claim(session, pace, NOW)

    assert outbox.look(session, worker="w", now=NOW, limit=1) == []
    due = session.scalars(select(Message.due_at).where(Message.due_at > NOW).order_by(Message.due_at)).all()
    assert len(set(due)) == len(due), "each has a moment of its own"


def test_codes_and_notices_are_neither_held_nor_counted(session: Session, campaign_id: int) -> None:
    [mass] = _queue(session, campaign_id, "aoba.example", 1)
    urgent = _queue(session, None, "aoba.example", 5, lane=Lane.URGENT)
    notices = _queue(session, None, "aoba.example", 5, lane=Lane.NOTICE)

    assert _claim(session, Pace(per_minute=1, per_domain=1), NOW) == [*urgent, *notices, mass]


def test_after_a_standstill_the_limit_still_holds(session: Session, campaign_id: int) -> None:
    _queue(session, campaign_id, "ocn.example", 60)
    pace = Pace(per_domain=30)
    _leave(session, pace, seconds=10)

    moments = _leave(session, pace, seconds=200, begin=NOW + timedelta(hours=1))

    assert max(sum(one <= other < one + MINUTE for other in moments) for one in moments) <= 30
    assert _waiting(session) == 0


def test_a_look_costs_the_same_however_many_wait(session: Session, campaign_id: int) -> None:
    for number in range(50):
        _queue(session, campaign_id, f"d{number}.example", 2)
    statements = 0

    def count(*_arguments: object) -> None:
        nonlocal statements
        statements += 1

    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", count)
    _claim(session, Pace(per_minute=30, per_domain=1), NOW)
    event.remove(engine, "before_cursor_execute", count)

    assert statements <= 6


def test_without_limits_everything_leaves_at_once(session: Session, campaign_id: int) -> None:
    mails = _queue(session, campaign_id, "ocn.example", 40)

    assert _claim(session, Pace(), NOW) == mails


def test_the_domain_is_read_without_regard_to_case() -> None:
    assert outbox_pace.domain_of("Taro@OCN.Example ") == "ocn.example"


def _queue(
    session: Session, campaign_id: int | None, domain: str, count: int, lane: Lane = Lane.CAMPAIGN
) -> list[int]:
    keys = [f"reminder:{domain}:{lane}:{number}" for number in range(count)]
    drafts = [
        Draft(
            kind="reminder", send_key=key, lane=lane, to_email=f"a{number}@{domain}", campaign_id=campaign_id
        )
        for number, key in enumerate(keys)
    ]
    outbox.queue_all(session, drafts, now=NOW)
    return list(session.scalars(select(Message.id).where(Message.send_key.in_(keys)).order_by(Message.id)))


def _claim(session: Session, pace: Pace, now: datetime) -> list[int]:
    return outbox_pace.claim(session, worker="w", now=now, limit=50, pace=pace).ids


def _leave(session: Session, pace: Pace, *, seconds: int, begin: datetime = NOW) -> list[datetime]:
    """Look every second as a dispatcher does, and give the moments at which mails were let go."""
    moments: list[datetime] = []
    for second in range(seconds):
        now = begin + second * SECOND
        while True:
            claimed = outbox_pace.claim(session, worker="w", now=now, limit=50, pace=pace)
            moments += [now] * len(claimed.ids)
            if not claimed.ids and not claimed.put_off:
                break
        if not _waiting(session):
            break
    return moments


def _waiting(session: Session) -> int:
    return session.scalar(select(func.count()).where(Message.state == MessageState.QUEUED)) or 0
