"""Reminders over weeks: two schedules with clocks apart, none twice, none missing; what stops them."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from assessments import (
    campaigns,
    consultations,
    courses,
    declining,
    inviting,
    outbox,
    reminding,
    waves,
)
from assessments.calendar import Calendar
from assessments.courses import Plan
from assessments.models import (
    Assessment,
    AssessmentState,
    Campaign,
    Consultation,
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

TOKYO = Calendar(
    ZoneInfo("Asia/Tokyo"), time(9), time(17), breaks=((date(2026, 12, 10), date(2026, 12, 11)),)
)
NEW_YORK = Calendar(ZoneInfo("America/New_York"), time(9), time(17))
EVERY = Plan(
    per_day=None,
    reminds=True,
    first_after=3,
    then_every=4,
    at_most=3,
    final_before=2,
    tells_owner=True,
    is_yearly=False,
)
A_DAY = timedelta(days=1)


@dataclass
class Life:
    """What a supplier of the simulation does, by day, and the days on which it was reminded."""

    assessment: Assessment
    invited_on: date
    submits_on: date | None
    talks: tuple[date, date] | None
    got: list[tuple[date, bool]] = field(default_factory=list)

    def is_quiet(self, day: date) -> bool:
        """Nothing keeps a reminder away on a day."""
        is_talking = self.talks is not None and self.talks[0] <= day < self.talks[1]
        return not is_talking and (self.submits_on is None or day < self.submits_on)


@pytest.fixture
def sato(session: Session) -> User:
    """Whose campaign it is."""
    return factories.user(session, Role.PROCUREMENT)


def _campaign(session: Session, plan: Plan = EVERY, **facts: Any) -> Campaign:
    campaign = factories.campaign(session, **facts)
    courses.set_plan(session, campaign, plan, now=NOW, by=None)
    return campaign


def _invited(session: Session, campaign: Campaign, at: datetime) -> Assessment:
    assessment = factories.assessment(session, campaign, factories.supplier(session))
    invitation = factories.invitation(session, assessment)
    factories.mail(session, invitation, state=MessageState.SENT, sent_at=at, lane=2, campaign_id=campaign.id)
    return assessment


def _deliver(session: Session, now: datetime) -> None:
    due = (Message.state == MessageState.QUEUED) & (Message.due_at <= now)
    session.execute(update(Message).where(due).values(state=MessageState.SENT, sent_at=now))


def _expected(
    life: Life, calendar: Calendar, days: list[date], rests: tuple[date, date], due: Callable[[date], date]
) -> list[tuple[date, bool]]:
    """Reckon by hand, a day at a time, when a supplier is to be reminded."""
    got: list[tuple[date, bool]] = []
    last, finals = life.invited_on, set()
    pause = (EVERY.first_after, EVERY.then_every)
    for day in days:
        rested = rests[0] <= day < rests[1]
        if not calendar.is_business_day(day) or day > due(day) or rested or not life.is_quiet(day):
            continue
        count = sum(not is_final for _day, is_final in got)
        since = [last + A_DAY * number for number in range(1, (day - last).days + 1)]
        waited = sum(calendar.is_business_day(one) for one in since)
        final_day = calendar.before(due(day), EVERY.final_before or 0)
        if day >= final_day:
            if last < day and due(day) not in finals:
                got.append((day, True))
                finals.add(due(day))
                last = day
        elif day < calendar.before(final_day, 1) and count < EVERY.at_most and waited >= pause[count > 0]:
            got.append((day, False))
            last = day
    return got


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize(
    ("calendar", "first"),
    [
        (TOKYO, date(2026, 11, 16)),  # the turn of the year and a break of the company
        (NEW_YORK, date(2026, 10, 12)),  # the clock goes back
        (NEW_YORK, date(2028, 2, 7)),  # a leap day, and the clock goes forward
    ],
)
def test_two_schedules_an_hour_apart_remind_once_and_miss_nobody(
    session: Session, sato: User, calendar: Calendar, first: date, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311  the dice of a simulation
    due, later = first + timedelta(days=40), first + timedelta(days=54)
    extended_on = first + timedelta(days=chance.randint(10, 39))
    rests = (first + timedelta(days=15), first + timedelta(days=15 + chance.randint(1, 6)))
    campaign = _campaign(session, due_on=due)
    lives = [_life(session, campaign, calendar, first, chance) for _ in range(12)]
    days = [first + timedelta(days=number) for number in range(60)]

    for day in days:
        dawn = datetime.combine(day, time(3), calendar.zone).astimezone(UTC)
        _live(session, lives, sato, day)
        if day == rests[0]:
            waves.pause(session, campaign, now=dawn, by=sato)
        if day == rests[1]:
            waves.resume(session, campaign, calendar, now=dawn, by=sato)
        if day == extended_on:
            campaigns.extend(session, campaign, later, today=day, now=dawn, by=sato)
        for hours in range(3, 16):
            now = dawn + timedelta(hours=hours)
            for clock in (now - timedelta(minutes=30), now + timedelta(minutes=30)):
                if chance.random() < 0.8:
                    reminding.remind(session, campaign, calendar, now=clock)
            if chance.random() < 0.7:
                _deliver(session, now)

    def standing(day: date) -> date:
        return later if day >= extended_on else due

    for life in lives:
        life.got = _reminders(session, life.assessment, calendar)
        assert life.got == _expected(life, calendar, days, rests, standing)
    assert sum(len(life.got) for life in lives) > len(lives)


def _life(
    session: Session, campaign: Campaign, calendar: Calendar, first: date, chance: random.Random
) -> Life:
    invited_on = first - timedelta(days=chance.randint(0, 4))
    sent = datetime.combine(invited_on, time(chance.randint(9, 20)), calendar.zone).astimezone(UTC)
    submits = first + timedelta(days=chance.randint(2, 60)) if chance.random() < 0.6 else None
    begins = first + timedelta(days=chance.randint(1, 30))
    talks = (begins, begins + timedelta(days=chance.randint(2, 20))) if chance.random() < 0.4 else None
    return Life(_invited(session, campaign, sent), invited_on, submits, talks)


def _live(session: Session, lives: list[Life], sato: User, day: date) -> None:
    for life in lives:
        if life.submits_on == day:
            _move(life.assessment, AssessmentState.SUBMITTED)
        if life.talks and life.talks[0] == day:
            session.add(_talk(life.assessment, sato))
        if life.talks and life.talks[1] == day:
            session.execute(
                update(Consultation)
                .where(Consultation.assessment_id == life.assessment.id)
                .values(answer="では、来月に。", answered_at=NOW)
            )
    session.flush()


def _move(assessment: Assessment, state: AssessmentState) -> None:
    assessment.state, assessment.submitted_at, assessment.returned_at = state, NOW, NOW
    assessment.accepted_at = NOW if state is AssessmentState.ACCEPTED else None


def _talk(assessment: Assessment, by: User) -> Consultation:
    return Consultation(
        supplier_id=assessment.supplier_id,
        assessment_id=assessment.id,
        topic=ConsultationTopic.COST,
        message="費用について相談したいです。",
        opened_by_id=by.id,
        opened_at=NOW,
    )


def _reminders(session: Session, assessment: Assessment, calendar: Calendar) -> list[tuple[date, bool]]:
    mine = select(Message).where(
        Message.kind == "reminder",
        Message.invitation_id.in_(
            [one.id for one in inviting.live_invitations(session, assessment)],
        ),
    )
    found = session.scalars(mine.order_by(Message.id).execution_options(populate_existing=True))
    return [(calendar.day_of(one.created_at), bool(one.facts.get("final"))) for one in found]


MONDAY = datetime(2026, 11, 16, 1, tzinfo=UTC)  # 10:00 in Tokyo
FRIDAY = datetime(2026, 11, 20, 1, tzinfo=UTC)


@pytest.mark.database
def test_the_first_reminder_comes_after_business_days(session: Session) -> None:
    campaign = _campaign(session)
    _invited(session, campaign, MONDAY)

    counts = [
        reminding.remind(session, campaign, TOKYO, now=MONDAY + timedelta(days=days)).count
        for days in range(4)
    ]

    assert counts == [0, 0, 0, 1]


@pytest.mark.database
def test_outside_office_hours_nobody_is_reminded(session: Session) -> None:
    campaign = _campaign(session)
    _invited(session, campaign, MONDAY)

    for hours in (-2, 8):
        assert reminding.remind(session, campaign, TOKYO, now=FRIDAY + timedelta(hours=hours)).count == 0


@pytest.mark.database
def test_a_look_at_the_next_chunk_finds_the_rest(session: Session) -> None:
    campaign = _campaign(session)
    for _ in range(3):
        _invited(session, campaign, MONDAY)

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
    campaign = _campaign(session)
    _move(_invited(session, campaign, MONDAY), state)

    assert reminding.remind(session, campaign, TOKYO, now=FRIDAY).count == 0


@pytest.mark.parametrize("state", [MessageState.QUEUED, MessageState.FAILED, MessageState.CANCELLED])
def test_nobody_is_reminded_of_a_mail_that_never_came(session: Session, state: MessageState) -> None:
    campaign = _campaign(session)
    _invited(session, campaign, MONDAY)
    session.execute(update(Message).values(state=state, sent_at=None))

    assert reminding.remind(session, campaign, TOKYO, now=FRIDAY).count == 0


@pytest.mark.parametrize("stop", ["close", "pause", "off"])
def test_closing_pausing_or_switching_off_stops_reminders(session: Session, sato: User, stop: str) -> None:
    campaign = _campaign(session)
    _invited(session, campaign, MONDAY)
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
    campaign = _campaign(session)
    _invited(session, campaign, MONDAY)
    assert inviting.remind(session, campaign, now=FRIDAY).count == 1
    _deliver(session, FRIDAY)

    assert reminding.remind(session, campaign, TOKYO, now=FRIDAY + A_DAY * 5).count == 0
    assert reminding.remind(session, campaign, TOKYO, now=FRIDAY + A_DAY * 7).count == 1
    keys = session.scalars(select(Message.send_key).where(Message.kind == "reminder").order_by(Message.id))
    assert [key.rsplit(":", 1)[1] for key in keys] == ["1", "2"]


@pytest.mark.database
def test_the_last_notice_carries_the_due_date_and_goes_once(session: Session) -> None:
    campaign = _campaign(session, due_on=date(2026, 12, 18))
    _invited(session, campaign, MONDAY)
    day = datetime(2026, 12, 16, 1, tzinfo=UTC)

    counts = [reminding.remind(session, campaign, TOKYO, now=day).count for _ in range(2)]

    assert counts == [1, 0]
    last = session.scalars(select(Message).where(Message.kind == "reminder")).one()
    assert last.send_key.endswith(":1:final-2026-12-18")
    assert last.facts == {"generation": 1, "number": 1, "final": 1}


@pytest.mark.database
def test_owners_are_told_once_after_the_last_notice(session: Session, sato: User) -> None:
    campaign = _campaign(session, due_on=date(2026, 12, 18), created_by_id=sato.id)
    owner = factories.user(session, Role.PROCUREMENT)
    theirs, _nobody_s = (_invited(session, campaign, MONDAY) for _ in range(2))
    factories.relationship(session, theirs.supplier, owner_id=owner.id)
    early, day = (datetime(2026, 12, number, 1, tzinfo=UTC) for number in (16, 17))

    counts = [reminding.tell_owners(session, campaign, TOKYO, now=now) for now in (early, day, day)]

    assert counts == [0, 2, 0]
    notes = session.scalars(select(Message).where(Message.kind == reminding.UNANSWERED)).all()
    assert {note.user_id for note in notes} == {owner.id, sato.id}


def test_owners_hear_nothing_where_everybody_answered(session: Session, sato: User) -> None:
    campaign = _campaign(session, due_on=date(2026, 12, 18), created_by_id=sato.id)
    _move(_invited(session, campaign, MONDAY), AssessmentState.SUBMITTED)

    assert reminding.tell_owners(session, campaign, TOKYO, now=datetime(2026, 12, 17, 1, tzinfo=UTC)) == 0
