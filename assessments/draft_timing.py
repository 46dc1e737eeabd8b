"""Whether a draft's due date leaves room for its notice, its waves and its reminders, in business days."""

from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from assessments import courses, genuine, turns
from assessments.calendar import A_DAY, Calendar
from assessments.campaign_counts import has_an_address
from assessments.models import Assessment, Campaign, CampaignCourse


@dataclass(frozen=True, slots=True)
class Timing:
    """When the last supplier is asked if it began now, and the first due date that leaves room for all.

    `waves_missing` and `days_missing` are the business days that the due date is too near for the last
    invitation to leave before it, and for everything; 0 where it is not.
    """

    last_on: date
    fits_from: date
    waves_missing: int
    days_missing: int
    per_day: int | None
    notice_days: int
    reminds: bool


def timing(session: Session, campaign: Campaign, office: Calendar, *, now: datetime) -> Timing | None:
    """Reckon with a campaign that has not begun; None where nobody can be reached, or the date has passed."""
    mine = Assessment.campaign_id == campaign.id
    count = session.scalar(select(func.count(Assessment.id)).where(mine, has_an_address())) or 0
    if not count or campaign.due_on <= office.day_of(now):
        return None
    course, notice_days = courses.of(session, campaign), genuine.notice_days(session, campaign)
    plan = courses.plan_of(course)
    last_on = office.day_of(_last(course, notice_days, office, count, now))
    after_waves, fits_from = office.after(last_on, 1), first_that_fits(plan, last_on, office)
    return Timing(
        last_on=last_on,
        fits_from=fits_from,
        waves_missing=_between(campaign.due_on, after_waves, office),
        days_missing=_between(campaign.due_on, fits_from, office),
        per_day=plan.per_day,
        notice_days=notice_days,
        reminds=plan.reminds,
    )


def first_that_fits(plan: courses.Plan, last_on: date, office: Calendar) -> date:
    """Give the first due date by which whoever is asked on `last_on` gets every reminder there is.

    As `reminding.due_on` reckons: no ordinary reminder on the business day before the last notice.
    """
    if not plan.reminds:
        return office.after(last_on, 1)
    last_reminder = office.after(last_on, plan.first_after + plan.then_every * (plan.at_most - 1))
    if plan.final_before is None:
        return last_reminder
    return office.after(last_reminder, 2 + plan.final_before)


def _last(
    course: CampaignCourse | None, notice_days: int, office: Calendar, count: int, now: datetime
) -> datetime:
    """Give when the last invitation leaves."""
    starts_at = course.starts_at if course is not None else None
    moment = max(starts_at, now) if starts_at is not None else now
    if course is not None and course.per_day is not None:
        moment = next(islice(turns.moments(office, per_day=course.per_day, now=moment), count - 1, None))
    return genuine.later(office, moment, notice_days) if notice_days else moment


def _between(due_on: date, wanted: date, office: Calendar) -> int:
    """Count the business days after the due date up to the wanted one; 0 where that is no later."""
    days = (wanted - due_on).days
    return sum(office.is_business_day(due_on + A_DAY * number) for number in range(1, days + 1))
