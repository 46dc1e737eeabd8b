"""The outbox: queued once, leased, one in flight, recorded; what a dead worker held is settled honestly."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from assessments import outbox, outbox_waits
from assessments.models import CampaignState, Lane, Message, MessageState
from assessments.outbox import Ending, Outcome
from assessments.outbox_keys import name_of
from portal import mail_http
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.database
KEYED_WORKER = name_of("serve", "0123456789ab")
DAY = timedelta(days=1)
LATER = NOW + timedelta(minutes=10)
Queue = Callable[..., int]


@pytest.fixture
def queue(session: Session) -> Queue:
    """Queue a mail and give its id: `queue("a")`, `queue("b", lane=Lane.CAMPAIGN, campaign_id=...)`."""
    return partial(factories.queued_mail, session)


def test_a_mail_goes_from_queued_to_sent(session: Session, queue: Queue) -> None:
    mail = queue("a")

    assert outbox.claim(session, worker="w", now=NOW, limit=10) == [mail]
    assert outbox.start(session, mail, worker="w", now=NOW)
    assert outbox.record(session, mail, Outcome(Ending.SENT), worker="w", now=NOW)

    sent = _reread(session, mail)
    assert (sent.state, sent.sent_at, sent.attempts, sent.lease_until) == (MessageState.SENT, NOW, 1, None)


def test_a_send_key_is_queued_once(session: Session, queue: Queue) -> None:
    assert queue("a") == queue("a", to_email="other@aoba.example")
    assert [row.to_email for row in session.scalars(select(Message))] == ["a@aoba.example"]


def test_a_leased_mail_is_nobody_elses(session: Session, queue: Queue) -> None:
    mail = queue("a")
    outbox.claim(session, worker="w", now=NOW, limit=10)

    assert outbox.claim(session, worker="other", now=NOW, limit=10) == []
    assert not outbox.start(session, mail, worker="other", now=NOW)
    assert outbox.start_urgent(session, worker="other", now=NOW) is None


def test_the_outcome_is_recorded_by_the_worker_that_sent(session: Session, queue: Queue) -> None:
    mail = queue("a")
    outbox.start_urgent(session, worker="w", now=NOW)

    assert not outbox.record(session, mail, Outcome(Ending.SENT), worker="other", now=NOW)
    assert _reread(session, mail).state is MessageState.SENDING


def test_codes_go_before_a_campaign(session: Session, queue: Queue) -> None:
    campaign = factories.campaign(session)
    queue("mass", lane=Lane.CAMPAIGN, campaign_id=campaign.id)
    notice, code = queue("notice"), queue("code", lane=Lane.URGENT)

    assert outbox.start_urgent(session, worker="w", now=NOW) == code
    assert outbox.start_urgent(session, worker="w", now=NOW) == notice
    assert outbox.start_urgent(session, worker="w", now=NOW) is None


def test_the_mails_of_a_campaign_wait_until_it_is_open(session: Session, queue: Queue) -> None:
    campaign = factories.campaign(session, state=CampaignState.OPENING, opened_at=None)
    mail = queue("a", lane=Lane.CAMPAIGN, campaign_id=campaign.id)

    assert outbox.claim(session, worker="w", now=NOW, limit=10) == []
    assert not outbox.has_work(session, now=NOW)
    campaign.state, campaign.opened_at = CampaignState.OPEN, NOW
    session.flush()
    assert outbox.claim(session, worker="w", now=NOW, limit=10) == [mail]


def test_a_lapsed_lease_that_was_not_tried_is_queued_again(session: Session, queue: Queue) -> None:
    mail = queue("a")
    outbox.claim(session, worker="w", now=NOW, limit=10)

    assert outbox.lapse(session, now=LATER) == (1, 0)
    assert _reread(session, mail).state is MessageState.QUEUED
    assert not outbox.start(session, mail, worker="w", now=LATER)


def test_a_lapsed_mail_in_flight_is_unknown_and_never_sent_again(session: Session, queue: Queue) -> None:
    mail = queue("a")
    outbox.start_urgent(session, worker="w", now=NOW)

    assert outbox.lapse(session, now=LATER) == (0, 1)
    assert _reread(session, mail).state is MessageState.UNKNOWN
    assert outbox.claim(session, worker="other", now=LATER, limit=10) == []


def test_a_slow_worker_may_still_say_what_the_server_said(session: Session, queue: Queue) -> None:
    mail = queue("a")
    outbox.start_urgent(session, worker="w", now=NOW)
    outbox.lapse(session, now=LATER)

    assert outbox.record(session, mail, Outcome(Ending.SENT), worker="w", now=LATER)
    assert _reread(session, mail).state is MessageState.SENT


def test_a_worker_that_starts_again_settles_its_earlier_life(session: Session, queue: Queue) -> None:
    in_flight, waiting = queue("a"), queue("b")
    outbox.claim(session, worker="serve", now=NOW, limit=10)
    outbox.start(session, in_flight, worker="serve", now=NOW)

    assert outbox.release(session, worker="serve", now=NOW) == (1, 1)
    assert _reread(session, in_flight).state is MessageState.UNKNOWN
    assert _reread(session, waiting).state is MessageState.QUEUED


def test_a_refusal_ends_the_mail_with_the_servers_words(session: Session, queue: Queue) -> None:
    mail = queue("a")
    outbox.start_urgent(session, worker="w", now=NOW)
    outbox.record(session, mail, Outcome(Ending.REFUSED, "550 no such user"), worker="w", now=NOW)

    assert (_reread(session, mail).state, _reread(session, mail).failure) == (
        MessageState.FAILED,
        "550 no such user",
    )


def test_a_mail_put_off_is_tried_later_and_later_until_it_fails(session: Session, queue: Queue) -> None:
    mail = queue("a")
    waits, now = [], NOW
    while _reread(session, mail).state is MessageState.QUEUED:
        assert outbox.start_urgent(session, worker="w", now=now) == mail
        outbox.record(session, mail, Outcome(Ending.LATER, "451 later"), worker="w", now=now)
        due = _reread(session, mail).due_at
        waits.append((due - now).total_seconds())
        now = max(due, now)

    assert waits[:3] == [30, 60, 120]
    assert max(waits) == 3600
    assert _reread(session, mail).state is MessageState.FAILED
    assert _reread(session, mail).attempts == outbox_waits.MOST_ATTEMPTS


@pytest.mark.parametrize(
    ("lane", "ending", "last", "shortest", "longest"),
    [
        (Lane.URGENT, Ending.LATER, MessageState.FAILED, timedelta(minutes=10), timedelta(hours=1)),
        (Lane.NOTICE, Ending.LATER, MessageState.FAILED, timedelta(hours=1), timedelta(hours=6)),
        # From a Saturday before a public holiday: four business days, and what remains of the fifth.
        (Lane.CAMPAIGN, Ending.LATER, MessageState.FAILED, timedelta(days=8), timedelta(days=10)),
        # What may have arrived is tried no longer than its key is kept.
        (Lane.CAMPAIGN, Ending.REPEAT, MessageState.UNKNOWN, timedelta(hours=1), mail_http.TRIES_TAKE),
    ],
)
def test_how_long_a_mail_put_off_is_tried_hangs_on_its_kind(
    session: Session,
    queue: Queue,
    lane: Lane,
    ending: Ending,
    last: MessageState,
    shortest: timedelta,
    longest: timedelta,
) -> None:
    worker, now = KEYED_WORKER, NOW
    mail = queue("a", lane=lane, campaign_id=factories.campaign(session).id)
    while _reread(session, mail).state is MessageState.QUEUED:
        assert outbox.claim(session, worker=worker, now=now, limit=1, keys_kept=DAY) == [mail]
        assert outbox.start(session, mail, worker=worker, now=now)
        outbox.record(session, mail, Outcome(ending, "451 later"), worker=worker, now=now)
        now = max(_reread(session, mail).due_at, now)

    assert _reread(session, mail).state is last
    assert shortest <= now - NOW <= longest


def test_an_unreachable_server_is_not_held_against_a_mail(session: Session, queue: Queue) -> None:
    mail = queue("a")
    outbox.start_urgent(session, worker="w", now=NOW)
    outbox.record(session, mail, Outcome(Ending.UNREACHABLE, "refused"), worker="w", now=NOW)

    again = _reread(session, mail)
    assert (again.state, again.attempts, again.due_at) == (MessageState.QUEUED, 0, NOW)


def test_what_was_not_tried_can_be_taken_back(session: Session, queue: Queue) -> None:
    supplier = factories.supplier(session)
    invitation = factories.invitation(
        session, factories.assessment(session, factories.campaign(session), supplier)
    )
    waiting = queue("a", invitation_id=invitation.id)
    in_flight = queue("b", invitation_id=invitation.id, lane=Lane.URGENT)
    outbox.start_urgent(session, worker="w", now=NOW)

    assert outbox.cancel_for_invitation(session, invitation.id) == 1
    assert _reread(session, waiting).state is MessageState.CANCELLED
    assert _reread(session, in_flight).state is MessageState.SENDING


def test_what_went_out_under_a_key_is_sent_again_under_it(session: Session, queue: Queue) -> None:
    mail = queue("a")
    outbox.start_urgent(session, worker=KEYED_WORKER, now=NOW)

    assert outbox.lapse(session, now=LATER, worker=KEYED_WORKER, keys_kept=DAY) == (1, 0)
    assert outbox.claim(session, worker=KEYED_WORKER, now=LATER, limit=10, keys_kept=DAY) == [mail]
    assert outbox.start(session, mail, worker=KEYED_WORKER, now=LATER)
    assert _reread(session, mail).attempts == 2


def test_a_keyed_worker_that_starts_again_sends_again(session: Session, queue: Queue) -> None:
    mail = queue("a")
    outbox.start_urgent(session, worker=KEYED_WORKER, now=NOW)

    assert outbox.release(session, worker=KEYED_WORKER, now=NOW, keys_kept=DAY) == (1, 0)
    assert _reread(session, mail).state is MessageState.QUEUED


def test_a_key_that_is_not_kept_any_more_makes_a_mail_unknown(session: Session, queue: Queue) -> None:
    mail = queue("a")
    outbox.start_urgent(session, worker=KEYED_WORKER, now=NOW)

    assert outbox.lapse(session, now=NOW + 2 * DAY, worker=KEYED_WORKER, keys_kept=DAY) == (0, 1)
    assert _reread(session, mail).state is MessageState.UNKNOWN


def test_a_mail_without_a_key_is_never_sent_again_by_a_line_with_keys(session: Session, queue: Queue) -> None:
    mail = queue("a")
    outbox.start_urgent(session, worker="w", now=NOW)

    assert outbox.lapse(session, now=LATER, worker=KEYED_WORKER, keys_kept=DAY) == (0, 1)
    assert _reread(session, mail).state is MessageState.UNKNOWN


@pytest.mark.parametrize("keys_kept", [timedelta(0), timedelta(hours=1)])
def test_what_waits_to_be_sent_again_is_unknown_once_its_key_is_forgotten(
    session: Session, queue: Queue, keys_kept: timedelta
) -> None:
    mail = queue("a")
    outbox.start_urgent(session, worker=KEYED_WORKER, now=NOW)
    outbox.record(session, mail, Outcome(Ending.REPEAT, "no answer"), worker=KEYED_WORKER, now=NOW)
    assert _reread(session, mail).state is MessageState.QUEUED

    assert outbox.lapse(session, now=NOW + 2 * DAY, worker=KEYED_WORKER, keys_kept=keys_kept) == (0, 1)
    assert _reread(session, mail).state is MessageState.UNKNOWN


def test_what_may_have_arrived_ends_unknown_and_not_failed(session: Session, queue: Queue) -> None:
    mail, now = queue("a"), NOW
    while _reread(session, mail).state is MessageState.QUEUED:
        now = max(_reread(session, mail).due_at, now)
        outbox.start_urgent(session, worker=KEYED_WORKER, now=now, keys_kept=DAY)
        outbox.record(session, mail, Outcome(Ending.REPEAT, "500"), worker=KEYED_WORKER, now=now)

    assert _reread(session, mail).state is MessageState.UNKNOWN
    assert now - NOW < timedelta(hours=6), "all tries lie within the time that a key must outlive"


@pytest.mark.parametrize(
    ("ending", "state"),
    [(Ending.UNREACHABLE, MessageState.QUEUED), (Ending.REFUSED, MessageState.UNKNOWN)],
)
def test_what_may_have_arrived_stays_so_whatever_is_said_at_the_next_try(
    session: Session, queue: Queue, ending: Ending, state: MessageState
) -> None:
    mail = queue("a")
    for one in (Ending.REPEAT, ending):
        due = _reread(session, mail).due_at
        outbox.start_urgent(session, worker=KEYED_WORKER, now=due, keys_kept=DAY)
        outbox.record(session, mail, Outcome(one, "503"), worker=KEYED_WORKER, now=due)
    assert _reread(session, mail).state is state

    outbox.lapse(session, now=NOW + 2 * DAY, worker=KEYED_WORKER, keys_kept=DAY)
    assert _reread(session, mail).state is MessageState.UNKNOWN


def test_a_key_is_as_old_as_its_first_use_and_not_as_its_mail(session: Session, queue: Queue) -> None:
    mail, late = queue("a"), NOW + 3 * DAY
    outbox.start_urgent(session, worker=KEYED_WORKER, now=late)

    assert outbox.lapse(session, now=late + timedelta(minutes=3), worker=KEYED_WORKER, keys_kept=DAY) == (
        1,
        0,
    )
    assert _reread(session, mail).state is MessageState.QUEUED


@pytest.mark.parametrize(
    ("ending", "worker", "state"),
    [
        (Ending.LATER, "w", MessageState.CANCELLED),
        (Ending.UNREACHABLE, "w", MessageState.CANCELLED),
        (Ending.REPEAT, KEYED_WORKER, MessageState.UNKNOWN),
    ],
)
def test_what_was_on_its_way_when_its_campaign_closed_does_not_wait_for_ever(
    session: Session, queue: Queue, ending: Ending, worker: str, state: MessageState
) -> None:
    campaign = factories.campaign(session)
    mail = queue("a", lane=Lane.CAMPAIGN, campaign_id=campaign.id)
    outbox.claim(session, worker=worker, now=NOW, limit=1)
    outbox.start(session, mail, worker=worker, now=NOW)
    campaign.state, campaign.closed_at = CampaignState.CLOSED, NOW
    session.flush()
    outbox.cancel_for_campaign(session, campaign.id)

    outbox.record(session, mail, Outcome(ending, "451"), worker=worker, now=NOW)

    assert _reread(session, mail).state is state


def test_a_mail_given_back_untried_keeps_no_mark(session: Session, queue: Queue) -> None:
    mail = queue("a")
    outbox.claim(session, worker=KEYED_WORKER, now=NOW, limit=10)

    assert outbox.give_back(session, worker=KEYED_WORKER) == 1
    assert _reread(session, mail).lease_by is None
    assert outbox.lapse(session, now=NOW + 2 * DAY) == (0, 0)


def _reread(session: Session, mail: int) -> Message:
    session.expire_all()
    return session.scalars(select(Message).where(Message.id == mail)).one()
