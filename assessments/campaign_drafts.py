"""Drafts that begin or end by another act: next year's of a finished campaign, and one thrown away."""

import calendar as months
import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import Select, delete, or_, select, update
from sqlalchemy.orm import Session

from assessments import asking, audit, campaigns, courses, genuine, questionnaires
from assessments.calendar import Calendar
from assessments.models import (
    AdvanceNotice,
    Assessment,
    AssessmentState,
    Base,
    Campaign,
    CampaignCourse,
    CampaignState,
    Message,
    MessageState,
    Supplier,
    User,
)

# A draft for the next year is made a month before the year is over, so that somebody can look it over.
ELEVEN_MONTHS = timedelta(days=335)
# Nobody closes every campaign: one whose due date passed two weeks ago is as good as finished.
AS_GOOD_AS_FINISHED = timedelta(days=14)
# Years as titles name them: of both calendars, in digits of either width.
YEAR = re.compile(r"(?<!\d)[2２][0０]\d\d(?!\d)|(?<=令和)(?:元|\d{1,2})(?=年)")
FIRST_OF_ERA = "元"
TO_WIDE = str.maketrans("0123456789", "０１２３４５６７８９")


def due_again(session: Session, *, now: datetime) -> Sequence[int]:
    """Give the ids of finished yearly campaigns whose next draft is due and not there."""
    return session.scalars(
        select(Campaign.id)
        .join(CampaignCourse, CampaignCourse.campaign_id == Campaign.id)
        .where(
            or_(
                Campaign.state == CampaignState.CLOSED,
                (Campaign.state == CampaignState.OPEN) & (Campaign.due_on < _finished_before(now)),
            ),
            CampaignCourse.is_yearly,
            Campaign.opened_at <= now - ELEVEN_MONTHS,
            Campaign.id.not_in(_followers()),
        )
        .order_by(Campaign.id)
    ).all()


def follower(session: Session, campaign: Campaign) -> Campaign | None:
    """Give the campaign that was made from this one, or None."""
    mine = select(CampaignCourse.campaign_id).where(CampaignCourse.follows_id == campaign.id)
    return session.scalar(select(Campaign).where(Campaign.id.in_(mine)))


def again(
    session: Session, campaign: Campaign, office: Calendar, *, now: datetime, by: User | None
) -> Campaign:
    """Make next year's draft with the same choices, or give the one there is; it is for a person to send.

    Without a person it is the schedule's, in the name of whoever made the first. Raises NotClosed.
    """
    asking.hold(session, campaign)
    standing = follower(session, campaign)
    if standing is not None:
        return standing
    if not _is_finished(campaign, now):
        raise campaigns.NotClosed
    version = questionnaires.newest(session, campaign.version.questionnaire.name) or campaign.version
    years, due_on = _next_due(campaign, office, now)
    made = campaigns.create(
        session,
        version,
        title=counted_on(campaign.title, years),
        due_on=due_on,
        purpose=campaign.purpose,
        message=campaign.message,
        now=now,
        by=by or campaign.created_by,
        actor=None if by else audit.SYSTEM,
        is_announced=False,
    )
    if days := genuine.notice_days(session, campaign):
        session.add(AdvanceNotice(campaign_id=made.id, business_days=days))
    course = courses.set_plan(session, made, courses.plan_of(courses.of(session, campaign)), now=now, by=by)
    course.follows_id = campaign.id
    _ask_the_same(session, campaign, made, now=now, by=by)
    return made


def throw_away(session: Session, campaign: Campaign, *, now: datetime, by: User) -> None:
    """Delete a draft that never left the house, with all it holds; the trail keeps that there was one.

    The campaign it was to follow is not followed by another of itself. Raises CampaignIsFixed.
    """
    asking.hold(session, campaign)
    if campaign.state is not CampaignState.DRAFT:
        raise campaigns.CampaignIsFixed
    audit.note(session, campaign, "campaign.deleted", now=now, by=by)
    course = courses.of(session, campaign)
    if course is not None and course.follows_id is not None:
        before = update(CampaignCourse).where(CampaignCourse.campaign_id == course.follows_id)
        session.execute(before.values(is_yearly=False))
    tests = update(Message).where(Message.campaign_id == campaign.id)
    waiting = Message.state.in_([MessageState.QUEUED, MessageState.LEASED])
    session.execute(
        tests.where(waiting).values(state=MessageState.CANCELLED, lease_by=None, lease_until=None)
    )
    session.execute(tests.values(campaign_id=None))
    for table in reversed(Base.metadata.sorted_tables):
        if "campaign_id" in table.c and table.name != Message.__tablename__:
            session.execute(delete(table).where(table.c.campaign_id == campaign.id))
    session.execute(delete(Campaign).where(Campaign.id == campaign.id))


def counted_on(title: str, years: int) -> str:
    """Give a title in which each year is that much later, written as it was."""
    return YEAR.sub(lambda found: _counted_on(found[0], years), title)


def _is_finished(campaign: Campaign, now: datetime) -> bool:
    is_overdue = campaign.state is CampaignState.OPEN and campaign.due_on < _finished_before(now)
    return is_overdue or campaign.state is CampaignState.CLOSED


def _finished_before(now: datetime) -> date:
    # Two weeks are no matter of hours: the day of any zone will do.
    return (now - AS_GOOD_AS_FINISHED).date()


def _counted_on(year: str, years: int) -> str:
    if year == FIRST_OF_ERA:
        return str(1 + years)
    later = str(int(year) + years)
    return later if year.isascii() else later.translate(TO_WIDE)


def _next_due(before: Campaign, office: Calendar, now: datetime) -> tuple[int, date]:
    """Give how many years it takes to lie ahead, one at least, and the business day that is."""
    years, day = 1, _next_year(before.due_on)
    while day <= office.day_of(now):
        years, day = years + 1, _next_year(day)
    return years, office.on_or_after(day)


def _followers() -> Select[int | None]:
    return select(CampaignCourse.follows_id).where(CampaignCourse.follows_id.is_not(None))


def _ask_the_same(
    session: Session, before: Campaign, made: Campaign, *, now: datetime, by: User | None
) -> None:
    asked = select(Assessment.supplier_id).where(
        Assessment.campaign_id == before.id, Assessment.state != AssessmentState.WITHDRAWN
    )
    count, after_id = 0, 0
    while True:
        chunk = asking.add_suppliers(session, made, Supplier.id.in_(asked), after_id=after_id, now=now)
        count += chunk.count
        if chunk.last_id is None:
            break
        after_id = chunk.last_id
    audit.note(session, made, "campaign.made_again", now=now, by=by or audit.SYSTEM, count=count)


def _next_year(day: date) -> date:
    """Give the same day a year later; the last of February stays the last of February's days there are."""
    year = day.year + 1
    return day.replace(year=year, day=min(day.day, months.monthrange(year, day.month)[1]))
