"""What may have arrived under a key: tried again by whom the key still tells that, and by nobody else."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from assessments import outbox
from assessments.models import CampaignState, Lane, Message, MessageState
from assessments.outbox import Ending, Outcome
from assessments.outbox_keys import name_of
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.database
KEYED_WORKER, OTHER_PROVIDER = name_of("serve", "0123456789ab"), name_of("serve", "ba9876543210")
KEPT = timedelta(hours=18)
LATER = NOW + timedelta(minutes=10)
Queue = Callable[..., int]


@pytest.fixture
def queue(session: Session) -> Queue:
    """Queue a mail and give its id."""
    return partial(factories.queued_mail, session)


def test_a_key_is_as_old_as_its_first_try_however_often_it_is_tried_again(
    session: Session, queue: Queue
) -> None:
    mail, now = queue("a", lane=Lane.CAMPAIGN, campaign_id=factories.campaign(session).id), NOW
    for _ in range(2):
        _try_again(session, mail, now)
        now += timedelta(hours=17)

    assert outbox.claim(session, worker=KEYED_WORKER, now=now, limit=5, keys_kept=KEPT) == []
    assert outbox.lapse(session, now=now, worker=KEYED_WORKER, keys_kept=KEPT) == (0, 1)
    assert _reread(session, mail).state is MessageState.UNKNOWN


@pytest.mark.parametrize("lane", [Lane.NOTICE, Lane.CAMPAIGN])
@pytest.mark.parametrize("worker", [OTHER_PROVIDER, "over-smtp"])
def test_what_may_have_arrived_is_tried_again_by_nobody_who_does_not_know_its_key(
    session: Session, queue: Queue, lane: Lane, worker: str
) -> None:
    mail = queue("a", lane=lane, campaign_id=factories.campaign(session).id)
    _try_again(session, mail, NOW)

    assert outbox.has_work(session, now=LATER), "somebody is to look at it"
    assert outbox.start_urgent(session, worker=worker, now=LATER, keys_kept=KEPT) is None
    assert outbox.claim(session, worker=worker, now=LATER, limit=5, keys_kept=KEPT) == []
    assert outbox.lapse(session, now=LATER, worker=worker, keys_kept=KEPT) == (0, 1)
    assert _reread(session, mail).state is MessageState.UNKNOWN


@pytest.mark.parametrize("worker", [OTHER_PROVIDER, "over-smtp"])
def test_what_was_in_flight_at_another_provider_is_not_sent_again(
    session: Session, queue: Queue, worker: str
) -> None:
    mail = queue("a")
    outbox.start_urgent(session, worker=KEYED_WORKER, now=NOW)

    assert outbox.lapse(session, now=LATER, worker=worker, keys_kept=KEPT) == (0, 1)
    assert _reread(session, mail).state is MessageState.UNKNOWN


@pytest.mark.parametrize("is_restart", [False, True])
def test_what_was_in_flight_when_its_campaign_closed_is_unknown_at_once(
    session: Session, queue: Queue, is_restart: bool
) -> None:
    campaign = factories.campaign(session)
    mail = queue("a", lane=Lane.CAMPAIGN, campaign_id=campaign.id)
    outbox.claim(session, worker=KEYED_WORKER, now=NOW, limit=1)
    outbox.start(session, mail, worker=KEYED_WORKER, now=NOW)
    campaign.state, campaign.closed_at = CampaignState.CLOSED, NOW
    session.flush()

    end = outbox.release if is_restart else outbox.lapse
    assert end(session, worker=KEYED_WORKER, now=LATER, keys_kept=KEPT) == (0, 1)
    assert _reread(session, mail).state is MessageState.UNKNOWN


def test_what_surely_came_to_nothing_may_go_by_any_way(session: Session, queue: Queue) -> None:
    mail = queue("a")
    outbox.start_urgent(session, worker=KEYED_WORKER, now=NOW)
    outbox.record(session, mail, Outcome(Ending.UNREACHABLE, "503"), worker=KEYED_WORKER, now=NOW)

    assert _reread(session, mail).first_tried_at is None
    assert outbox.start_urgent(session, worker="over-smtp", now=LATER) == mail


def _try_again(session: Session, mail: int, now: datetime) -> None:
    """Have a provider's answer to a mail be lost."""
    claimed = outbox.claim(session, worker=KEYED_WORKER, now=now, limit=5, keys_kept=KEPT)
    assert claimed == [mail]
    outbox.start(session, mail, worker=KEYED_WORKER, now=now)
    outbox.record(session, mail, Outcome(Ending.REPEAT, "no answer"), worker=KEYED_WORKER, now=now)


def _reread(session: Session, mail: int) -> Message:
    session.expire_all()
    return session.scalars(select(Message).where(Message.id == mail)).one()
