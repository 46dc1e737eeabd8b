"""Waves: so many a business day within office hours; a start at its moment; rests that hold what waits."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from assessments import campaigns, courses, outbox, turns, waves
from assessments.calendar import Calendar
from assessments.models import (
    AdvanceNotice,
    Assessment,
    AssessmentState,
    AuditEvent,
    Campaign,
    CampaignState,
    Invitation,
    Message,
    MessageState,
    Role,
    StepKind,
    User,
)
from assessments.outbox_keys import name_of
from tests import factories
from tests.factories import NOW

OFFICE = Calendar(ZoneInfo("Asia/Tokyo"), time(9), time(17))
NEW_YORK = Calendar(ZoneInfo("America/New_York"), time(9), time(17))
FRIDAY = datetime(2026, 11, 20, 0, tzinfo=UTC)  # 9:00 in Tokyo
TUESDAY = datetime(2026, 11, 24, 0, tzinfo=UTC)  # the business day after: Monday is a holiday


@pytest.fixture
def sato(session: Session) -> User:
    """Who sends."""
    return factories.user(session, Role.PROCUREMENT)


def _campaign(session: Session, per_day: int | None = None, **facts: Any) -> Campaign:
    campaign = factories.campaign(session, **facts)
    course = courses.made(session, campaign)
    course.per_day = per_day
    session.flush()
    return campaign


def _draft(session: Session, **facts: Any) -> Campaign:
    campaign = _campaign(session, state=CampaignState.DRAFT, opened_at=None, **facts)
    factories.assessment(session, campaign, factories.supplier(session))
    return campaign


def _waiting(session: Session, campaign: Campaign, count: int) -> None:
    for _ in range(count):
        assessment = factories.assessment(session, campaign, factories.supplier(session))
        invitation = factories.invitation(session, assessment)
        factories.mail(session, invitation, campaign_id=campaign.id, lane=2, due_at=FRIDAY)


def _announced(session: Session, campaign: Campaign, count: int) -> None:
    """So many waiting invitations, each with its notice, under the keys they really have."""
    session.add(AdvanceNotice(campaign_id=campaign.id, business_days=1))
    for _ in range(count):
        invitation = factories.invitation(
            session, factories.assessment(session, campaign, factories.supplier(session))
        )
        for kind in turns.PLANNED:
            key = f"{kind}:{invitation.public_id}:1"
            facts = {"kind": kind, "send_key": key, "campaign_id": campaign.id, "lane": 2}
            factories.mail(session, invitation, **facts)


def _due(session: Session) -> list[datetime]:
    found = session.scalars(select(Message).order_by(Message.id).execution_options(populate_existing=True))
    return [mail.due_at for mail in found]


@settings(deadline=None)
@given(
    st.integers(1, 40),
    st.integers(0, 60),
    st.integers(0, 400 * 24 * 60),
    st.sampled_from([OFFICE, NEW_YORK]),
)
def test_waves_stay_within_office_hours_and_below_their_number(
    per_day: int, gone: int, minutes: int, calendar: Calendar
) -> None:
    now = NOW + timedelta(minutes=minutes)

    found = list(islice(turns.moments(calendar, per_day=per_day, left_today=gone, now=now), 100))

    assert found == sorted(found)
    assert found[0] >= now
    assert all(calendar.is_open(turn) for turn in found)
    a_day = Counter(calendar.day_of(turn) for turn in found)
    assert max(a_day.values()) <= per_day
    whole = [day for day in a_day if day not in {min(a_day), max(a_day)}]
    assert all(a_day[day] == per_day for day in whole)
    assert all(calendar.after(before, 1) == day for before, day in zip(a_day, list(a_day)[1:], strict=False))


def test_a_day_that_has_begun_takes_its_share_of_a_wave() -> None:
    afternoon = FRIDAY + timedelta(hours=6)

    found = list(islice(turns.moments(OFFICE, per_day=100, now=afternoon), 30))

    assert sum(turn < TUESDAY for turn in found) == 25


@pytest.mark.database
def test_invitations_leave_so_many_a_business_day(session: Session) -> None:
    campaign = _campaign(session, per_day=2)
    _waiting(session, campaign, 5)

    turns.plan(session, campaign, OFFICE, now=FRIDAY)

    half = timedelta(hours=4)
    wednesday = TUESDAY + timedelta(days=1)
    assert _due(session) == [FRIDAY, FRIDAY + half, TUESDAY, TUESDAY + half, wednesday]


@pytest.mark.database
def test_an_invitation_of_a_wave_follows_its_notice(session: Session) -> None:
    campaign = _campaign(session, per_day=2)
    session.add(AdvanceNotice(campaign_id=campaign.id, business_days=1))
    _waiting(session, campaign, 3)
    for invitation in session.scalars(select(Invitation)).all():
        factories.mail(session, invitation, kind="advance_notice", campaign_id=campaign.id, lane=2)

    turns.plan(session, campaign, OFFICE, now=FRIDAY)

    half, wednesday = timedelta(hours=4), TUESDAY + timedelta(days=1)
    assert _due(session) == [TUESDAY, TUESDAY + half, wednesday, FRIDAY, FRIDAY + half, TUESDAY]


@pytest.mark.database
def test_planning_anew_counts_what_left_today(session: Session) -> None:
    campaign = _campaign(session, per_day=2)
    _waiting(session, campaign, 4)
    turns.plan(session, campaign, OFFICE, now=FRIDAY)
    first = session.scalars(select(Message.id).order_by(Message.id)).first()
    session.execute(
        update(Message).where(Message.id == first).values(state=MessageState.SENT, sent_at=FRIDAY, attempts=1)
    )
    noon = FRIDAY + timedelta(hours=3)

    turns.plan(session, campaign, OFFICE, now=noon)

    days = [OFFICE.day_of(due) for due in _due(session)]
    assert days == [date(2026, 11, 20), date(2026, 11, 20), date(2026, 11, 24), date(2026, 11, 24)]


@pytest.mark.database
def test_without_a_number_a_day_all_leave_at_once(session: Session) -> None:
    campaign = _campaign(session, per_day=1)
    _waiting(session, campaign, 3)
    turns.plan(session, campaign, OFFICE, now=FRIDAY)
    courses.made(session, campaign).per_day = None

    turns.plan(session, campaign, OFFICE, now=FRIDAY)

    assert _due(session) == [FRIDAY] * 3


@pytest.mark.database
def test_a_pause_holds_what_has_not_left_and_a_resume_lets_it_go(session: Session, sato: User) -> None:
    campaign = _campaign(session)
    _waiting(session, campaign, 3)
    leased = outbox.claim(session, worker="w", now=FRIDAY, limit=1)

    assert waves.pause(session, campaign, remark="確認のため", now=FRIDAY, by=sato) == 3

    assert not outbox.start(session, leased[0], worker="w", now=FRIDAY)
    assert not outbox.has_work(session, now=FRIDAY + timedelta(days=9))
    assert outbox.claim(session, worker="w", now=FRIDAY + timedelta(days=9), limit=9) == []
    assert waves.resume(session, campaign, OFFICE, now=TUESDAY, by=sato) == 3
    assert len(outbox.claim(session, worker="w", now=TUESDAY, limit=9)) == 3
    steps = [(step.kind, step.remark, step.by) for step in courses.steps(session, campaign)]
    assert steps == [(StepKind.PAUSED, "確認のため", sato), (StepKind.RESUMED, "", sato)]


def test_a_pause_forgets_nothing_that_may_have_arrived_under_a_key(session: Session, sato: User) -> None:
    campaign = _campaign(session)
    _waiting(session, campaign, 1)
    worker, kept = name_of("w", "0123456789ab"), timedelta(hours=18)
    [tried] = outbox.claim(session, worker=worker, now=FRIDAY, limit=1)
    outbox.start(session, tried, worker=worker, now=FRIDAY)
    outbox.record(session, tried, outbox.Outcome(outbox.Ending.REPEAT), worker=worker, now=FRIDAY)
    later = FRIDAY + timedelta(hours=1)
    assert outbox.claim(session, worker=worker, now=later, limit=1, keys_kept=kept) == [tried]

    waves.pause(session, campaign, now=later, by=sato)

    outbox.lapse(session, now=FRIDAY + timedelta(days=3), worker=worker, keys_kept=kept)
    assert session.scalars(select(Message.state)).all() == [MessageState.UNKNOWN]


def test_pausing_or_resuming_twice_is_refused(session: Session, sato: User) -> None:
    campaign = _campaign(session)
    with pytest.raises(waves.NotPaused):
        waves.resume(session, campaign, OFFICE, now=NOW, by=sato)
    waves.pause(session, campaign, now=NOW, by=sato)
    with pytest.raises(waves.AlreadyPaused):
        waves.pause(session, campaign, now=NOW, by=sato)


def test_what_does_not_run_cannot_rest(session: Session, sato: User) -> None:
    with pytest.raises(campaigns.NotOpen):
        waves.pause(session, _draft(session), now=NOW, by=sato)


@pytest.mark.database
def test_a_closed_campaign_leaves_nothing_queued_also_out_of_a_pause(session: Session, sato: User) -> None:
    campaign = _campaign(session, per_day=1)
    _waiting(session, campaign, 4)
    turns.plan(session, campaign, OFFICE, now=FRIDAY)
    waves.pause(session, campaign, now=FRIDAY, by=sato)

    campaigns.close(session, campaign, now=TUESDAY, by=sato)

    assert set(session.scalars(select(Message.state))) == {MessageState.CANCELLED}


@pytest.mark.database
def test_who_was_not_invited_before_the_closing_is_after_the_reopening(session: Session, sato: User) -> None:
    campaign = _campaign(session, per_day=1)
    _announced(session, campaign, 3)
    turns.plan(session, campaign, OFFICE, now=FRIDAY)
    first, declined, waiting = session.scalars(select(Invitation).order_by(Invitation.id)).all()
    session.execute(
        update(Message)
        .where(Message.invitation_id == first.id)
        .values(state=MessageState.SENT, sent_at=FRIDAY)
    )
    campaigns.close(session, campaign, now=TUESDAY, by=sato)
    session.get_one(Assessment, declined.assessment_id).state = AssessmentState.DECLINED

    due_on = TUESDAY.date() + timedelta(days=30)
    waves.reopen(session, campaign, due_on, OFFICE, today=TUESDAY.date(), now=TUESDAY, by=sato)

    rows = session.execute(select(Message.kind, Message.invitation_id).where(Message.state == "queued"))
    assert set(rows.all()) == {("advance_notice", waiting.id), ("invitation", waiting.id)}
    notice, mail = _due(session)[-2:]
    assert (notice, OFFICE.after(OFFICE.day_of(notice), 1)) == (TUESDAY, OFFICE.day_of(mail))


@pytest.mark.database
def test_a_campaign_starts_at_its_moment_once(session: Session, sato: User) -> None:
    factories.organisation(session)
    campaign = _draft(session)
    waves.schedule(session, campaign, TUESDAY, OFFICE, remark="祝日の翌日", now=FRIDAY, by=sato)

    assert waves.due_to_start(session, now=TUESDAY - timedelta(seconds=1)) == []
    late = TUESDAY + timedelta(days=1)
    assert waves.due_to_start(session, now=late) == [campaign.id]
    jobs = [waves.start(session, campaign.id, OFFICE, now=late) for _ in range(2)]

    assert jobs[0] is not None
    assert jobs[1] is None
    assert campaign.state is CampaignState.OPENING
    kinds = [step.kind for step in courses.steps(session, campaign)]
    assert kinds == [StepKind.SCHEDULED, StepKind.OPENED]
    actors = session.scalars(select(AuditEvent.actor).where(AuditEvent.action == "campaign.opening")).all()
    assert actors == ["system"]


@pytest.mark.parametrize(
    "starts_at",
    [
        FRIDAY - timedelta(minutes=1),
        FRIDAY + timedelta(hours=9),
        datetime(2026, 11, 23, 1, tzinfo=UTC),
        datetime(2026, 12, 18, 1, tzinfo=UTC),
    ],
)
def test_a_start_lies_ahead_within_office_hours_and_before_the_due_date(
    session: Session, sato: User, starts_at: datetime
) -> None:
    factories.organisation(session)
    campaign = _draft(session, due_on=date(2026, 12, 18))

    with pytest.raises(waves.StartRefused):
        waves.schedule(session, campaign, starts_at, OFFICE, now=FRIDAY, by=sato)


def test_a_start_needs_the_second_person_s_approval(session: Session, sato: User) -> None:
    factories.organisation(session, needs_campaign_approval=True)

    with pytest.raises(campaigns.ApprovalIsMissing):
        waves.schedule(session, _draft(session), TUESDAY, OFFICE, now=FRIDAY, by=sato)


def test_sending_back_takes_the_start_back(session: Session, sato: User) -> None:
    factories.organisation(session)
    campaign = _draft(session)
    waves.schedule(session, campaign, TUESDAY, OFFICE, now=FRIDAY, by=sato)

    campaigns.send_back(session, campaign, note="文面を直す", now=FRIDAY, by=sato)

    course = courses.of(session, campaign)
    assert course is not None
    session.refresh(course)
    assert course.starts_at is None


def test_a_start_is_taken_back_once(session: Session, sato: User) -> None:
    factories.organisation(session)
    campaign = _draft(session)
    waves.schedule(session, campaign, TUESDAY, OFFICE, now=FRIDAY, by=sato)

    assert waves.unschedule(session, campaign, now=FRIDAY, by=sato)
    session.expire_all()
    assert not waves.unschedule(session, campaign, now=FRIDAY, by=sato)
    assert waves.due_to_start(session, now=TUESDAY) == []


@pytest.mark.database
@pytest.mark.parametrize(
    ("back_at", "begins"),
    [
        (datetime(2026, 11, 24, 12, tzinfo=UTC), datetime(2026, 11, 25, 0, tzinfo=UTC)),  # 21:00
        (datetime(2026, 11, 28, 18, tzinfo=UTC), datetime(2026, 11, 30, 0, tzinfo=UTC)),  # a Sunday, 3:00
    ],
)
def test_a_missed_start_waits_for_the_next_office_hours(
    session: Session, sato: User, back_at: datetime, begins: datetime
) -> None:
    factories.organisation(session)
    campaign = _draft(session)
    waves.schedule(session, campaign, TUESDAY, OFFICE, now=FRIDAY, by=sato)

    assert waves.start(session, campaign.id, OFFICE, now=back_at) is None

    assert campaign.state is CampaignState.APPROVED
    assert waves.due_to_start(session, now=begins - timedelta(seconds=1)) == []
    assert courses.steps(session, campaign)[-1].starts_at == begins
    assert waves.start(session, campaign.id, OFFICE, now=begins) is not None


def test_a_start_at_closing_time_is_not_put_off_by_a_slow_look(session: Session, sato: User) -> None:
    factories.organisation(session)
    campaign = _draft(session)
    last = OFFICE.closing(OFFICE.day_of(TUESDAY)) - timedelta(minutes=1)
    waves.schedule(session, campaign, last, OFFICE, now=FRIDAY, by=sato)

    assert waves.start(session, campaign.id, OFFICE, now=last + timedelta(minutes=2)) is not None


def test_what_cannot_start_any_more_waits_for_a_person(session: Session, sato: User) -> None:
    factories.organisation(session)
    campaign = _draft(session, due_on=date(2026, 12, 18))
    waves.schedule(session, campaign, TUESDAY, OFFICE, now=FRIDAY, by=sato)
    after = datetime(2026, 12, 21, 1, tzinfo=UTC)

    assert waves.start(session, campaign.id, OFFICE, now=after) is None

    assert campaign.state is CampaignState.APPROVED
    assert waves.due_to_start(session, now=after) == []
    assert courses.steps(session, campaign)[-1].kind is StepKind.NOT_STARTED
