"""When a reminder is due, and what stops it."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from assessments import campaigns, consultations, courses, declining, inviting, outbox, reminding, waves
from assessments.models import (
    AssessmentState,
    ConsultationTopic,
    DeclineReason,
    Message,
    MessageState,
    Role,
    User,
)
from tests import factories
from tests.answering import invited, person, submitted
from tests.factories import NOW
from tests.reminded import A_DAY, TOKYO, campaign, deliver, invited_at

MONDAY = datetime(2026, 11, 16, 1, tzinfo=UTC)  # 10:00 in Tokyo
FRIDAY = datetime(2026, 11, 20, 1, tzinfo=UTC)


@pytest.fixture
def sato(session: Session) -> User:
    """Whose campaign it is."""
    return factories.user(session, Role.PROCUREMENT)


@pytest.mark.database
def test_the_first_reminder_comes_after_business_days(session: Session) -> None:
    campaign = campaign(session)
    invited_at(session, campaign, MONDAY)

    counts = [
        reminding.remind(session, campaign, TOKYO, now=MONDAY + timedelta(days=days)).count
        for days in range(4)
    ]

    assert counts == [0, 0, 0, 1]


@pytest.mark.database
def test_outside_office_hours_nobody_is_reminded(session: Session) -> None:
    campaign = campaign(session)
    invited_at(session, campaign, MONDAY)

    for hours in (-2, 8):
        assert reminding.remind(session, campaign, TOKYO, now=FRIDAY + timedelta(hours=hours)).count == 0


@pytest.mark.database
def test_a_look_at_the_next_chunk_finds_the_rest(session: Session) -> None:
    campaign = campaign(session)
    for _ in range(3):
        invited_at(session, campaign, MONDAY)

    chunk = reminding.remind(session, campaign, TOKYO, limit=2, now=FRIDAY)
    rest = reminding.remind(session, campaign, TOKYO, after_id=chunk.last_id or 0, now=FRIDAY)

    assert (chunk.count, rest.count, rest.last_id) == (2, 1, None)


@pytest.mark.parametrize(
    "state",
    [
        AssessmentState.SUBMITTED,
        AssessmentState.RETURNED,
        AssessmentState.ACCEPTED,
        AssessmentState.DECLINED,
        AssessmentState.WITHDRAWN,
    ],
)
def test_who_answered_or_declined_is_left_in_peace(session: Session, state: AssessmentState) -> None:
    campaign = campaign(session)
    _move(invited_at(session, campaign, MONDAY), state)

    assert reminding.remind(session, campaign, TOKYO, now=FRIDAY).count == 0


@pytest.mark.parametrize("state", [MessageState.QUEUED, MessageState.FAILED, MessageState.CANCELLED])
def test_nobody_is_reminded_of_a_mail_that_never_came(session: Session, state: MessageState) -> None:
    campaign = campaign(session)
    invited_at(session, campaign, MONDAY)
    session.execute(update(Message).values(state=state, sent_at=None))

    assert reminding.remind(session, campaign, TOKYO, now=FRIDAY).count == 0


@pytest.mark.parametrize("stop", ["close", "pause", "off"])
def test_closing_pausing_or_switching_off_stops_reminders(session: Session, sato: User, stop: str) -> None:
    campaign = campaign(session)
    invited_at(session, campaign, MONDAY)
    if stop == "close":
        campaigns.close(session, campaign, now=FRIDAY, by=sato)
    elif stop == "pause":
        waves.pause(session, campaign, now=FRIDAY, by=sato)
    else:
        courses.set_plan(session, campaign, courses.usual(reminds=False), now=NOW, by=sato)

    assert reminding.remind(session, campaign, TOKYO, now=FRIDAY).count == 0


@pytest.mark.parametrize("act", ["talks", "declines", "submits"])
def test_a_reminder_that_waits_does_not_leave_once_the_supplier_acts(session: Session, act: str) -> None:
    aoba, invitation = invited(session)
    by = person(session)
    facts = {"kind": "reminder", "lane": 2, "campaign_id": aoba.campaign_id}
    mine = factories.mail(session, invitation, **facts)
    [leased] = outbox.claim(session, worker="w", now=NOW, limit=1)
    theirs = factories.mail(session, invited(session, campaign=aoba.campaign)[1], **facts)

    if act == "talks":
        topic = ConsultationTopic.COST
        consultations.open_(session, aoba, topic=topic, message="ご相談です", now=NOW, by=by)
    elif act == "declines":
        declining.decline(session, aoba, reason=DeclineReason.WRONG_COMPANY, now=NOW, by=by)
    else:
        submitted(session, aoba)

    assert not outbox.start(session, leased, worker="w", now=NOW)
    session.expire_all()
    assert (mine.state, theirs.state) == (MessageState.CANCELLED, MessageState.QUEUED)


def test_a_reminder_sent_by_hand_counts_among_the_others(session: Session) -> None:
    campaign = campaign(session)
    invited_at(session, campaign, MONDAY)
    assert inviting.remind(session, campaign, now=FRIDAY).count == 1
    deliver(session, FRIDAY)

    assert reminding.remind(session, campaign, TOKYO, now=FRIDAY + A_DAY * 5).count == 0
    assert reminding.remind(session, campaign, TOKYO, now=FRIDAY + A_DAY * 7).count == 1
    keys = session.scalars(select(Message.send_key).where(Message.kind == "reminder").order_by(Message.id))
    assert [key.rsplit(":", 1)[1] for key in keys] == ["1", "2"]


@pytest.mark.database
def test_the_last_notice_carries_the_due_date_and_goes_once(session: Session) -> None:
    campaign = campaign(session, due_on=date(2026, 12, 18))
    invited_at(session, campaign, MONDAY)
    day = datetime(2026, 12, 16, 1, tzinfo=UTC)

    counts = [reminding.remind(session, campaign, TOKYO, now=day).count for _ in range(2)]

    assert counts == [1, 0]
    last = session.scalars(select(Message).where(Message.kind == "reminder")).one()
    assert last.send_key.endswith(":1:final-2026-12-18")
    assert last.facts == {"generation": 1, "number": 1, "final": 1}


@pytest.mark.database
def test_owners_are_told_once_after_the_last_notice(session: Session, sato: User) -> None:
    campaign = campaign(session, due_on=date(2026, 12, 18), created_by_id=sato.id)
    owner = factories.user(session, Role.PROCUREMENT)
    theirs, _nobody_s = (invited_at(session, campaign, MONDAY) for _ in range(2))
    factories.relationship(session, theirs.supplier, owner_id=owner.id)
    early, day = (datetime(2026, 12, number, 1, tzinfo=UTC) for number in (16, 17))

    counts = [reminding.tell_owners(session, campaign, TOKYO, now=now) for now in (early, day, day)]

    assert counts == [0, 2, 0]
    notes = session.scalars(select(Message).where(Message.kind == reminding.UNANSWERED)).all()
    assert {note.user_id for note in notes} == {owner.id, sato.id}


def test_owners_hear_nothing_where_everybody_answered(session: Session, sato: User) -> None:
    campaign = campaign(session, due_on=date(2026, 12, 18), created_by_id=sato.id)
    _move(invited_at(session, campaign, MONDAY), AssessmentState.SUBMITTED)

    assert reminding.tell_owners(session, campaign, TOKYO, now=datetime(2026, 12, 17, 1, tzinfo=UTC)) == 0
