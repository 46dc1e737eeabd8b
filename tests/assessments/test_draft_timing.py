"""A draft says how many business days its due date is too near for notice, waves and reminders."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.orm import Session

from assessments import courses, draft_timing, reminding
from assessments.calendar import Calendar
from assessments.courses import Plan
from assessments.draft_timing import Timing
from assessments.models import AdvanceNotice, Campaign, CampaignCourse, CampaignState
from tests import factories

OFFICE = Calendar(ZoneInfo("Asia/Tokyo"), time(9), time(17))
TUESDAY = datetime(2026, 11, 24, 0, tzinfo=UTC)  # 9:00 in Tokyo
A_DAY = timedelta(days=1)
PLAN = Plan(
    per_day=None,
    reminds=True,
    first_after=5,
    then_every=5,
    at_most=2,
    final_before=3,
    tells_owner=True,
    is_yearly=False,
)
QUIET = courses.usual(reminds=False)


def _draft(session: Session, plan: Plan, due_on: date, *, suppliers: int = 3, notice: int = 0) -> Campaign:
    campaign = factories.campaign(session, state=CampaignState.DRAFT, opened_at=None, due_on=due_on)
    courses.set_plan(session, campaign, plan, now=TUESDAY, by=None)
    for _ in range(suppliers):
        supplier = factories.supplier(session)
        factories.contact(session, supplier)
        factories.assessment(session, campaign, supplier)
    if notice:
        session.add(AdvanceNotice(campaign_id=campaign.id, business_days=notice))
        session.flush()
    return campaign


def _timing(session: Session, campaign: Campaign, now: datetime = TUESDAY) -> Timing:
    found = draft_timing.timing(session, campaign, OFFICE, now=now)
    assert found is not None
    return found


def _plan(**changes: Any) -> Plan:
    return Plan(**{name: getattr(PLAN, name) for name in Plan.__slots__} | changes)


def test_four_weeks_are_enough_for_what_a_person_finds(session: Session) -> None:
    usual = courses.usual(reminds=True)

    found = _timing(session, _draft(session, usual, date(2026, 12, 22), notice=1))

    assert (found.waves_missing, found.days_missing) == (0, 0)


def test_a_near_date_lacks_so_many_business_days(session: Session) -> None:
    # Asked on 11-24, reminded on 12-01 and 12-08, a last notice on 12-10, due three business days later.
    found = _timing(session, _draft(session, PLAN, date(2026, 12, 11)))

    assert (found.last_on, found.fits_from) == (date(2026, 11, 24), date(2026, 12, 15))
    assert (found.waves_missing, found.days_missing) == (0, 2)


def test_the_notice_comes_on_top(session: Session) -> None:
    found = _timing(session, _draft(session, PLAN, date(2026, 12, 11), notice=2))

    assert (found.last_on, found.days_missing) == (date(2026, 11, 26), 4)


def test_waves_that_cannot_be_through_are_named(session: Session) -> None:
    campaign = _draft(session, _plan(reminds=False, per_day=2), date(2026, 11, 27), suppliers=12)

    found = _timing(session, campaign)

    # Two a day from Tuesday: the last pair leaves on Tuesday a week later.
    assert found.last_on == date(2026, 12, 1)
    assert (found.fits_from, found.waves_missing, found.days_missing) == (date(2026, 12, 2), 3, 3)


def test_a_start_that_is_reserved_counts_from_there(session: Session) -> None:
    campaign = _draft(session, QUIET, date(2026, 12, 4))
    courses.made(session, campaign).starts_at = TUESDAY + 10 * A_DAY

    assert _timing(session, campaign).last_on == date(2026, 12, 4)
    assert _timing(session, campaign).waves_missing == 1


def test_without_anybody_to_reach_there_is_nothing_to_reckon(session: Session) -> None:
    nobody = _draft(session, PLAN, date(2026, 12, 4), suppliers=0)
    passed = _draft(session, PLAN, date(2026, 11, 24))

    assert draft_timing.timing(session, nobody, OFFICE, now=TUESDAY) is None
    assert draft_timing.timing(session, passed, OFFICE, now=TUESDAY) is None


@pytest.mark.parametrize("final_before", [None, 1, 3])
@pytest.mark.parametrize("at_most", [1, 2, 4])
def test_the_date_it_gives_is_the_first_on_which_every_reminder_leaves(
    session: Session, final_before: int | None, at_most: int
) -> None:
    plan = _plan(final_before=final_before, at_most=at_most)
    asked_on = OFFICE.day_of(TUESDAY)
    due_on = draft_timing.first_that_fits(plan, asked_on, OFFICE)

    assert _reminded(plan, asked_on, due_on) == at_most
    assert _reminded(plan, asked_on, OFFICE.before(due_on, 1)) < at_most


def _reminded(plan: Plan, asked_on: date, due_on: date) -> int:
    """Walk through the days with what the reminders themselves reckon, and count the ordinary ones."""
    names = ("first_after", "then_every", "at_most", "final_before")
    course = CampaignCourse(**{name: getattr(plan, name) for name in names})
    campaign, last, count = Campaign(due_on=due_on), asked_on, 0
    for number in range((due_on - asked_on).days + 1):
        day = asked_on + A_DAY * number
        due = reminding.due_on(course, campaign, OFFICE, day)
        before = due.next_before if count else due.first_before
        if before is not None and last < before.date() and count < plan.at_most:
            last, count = day, count + 1
    return count
