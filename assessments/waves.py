"""When a campaign's mail leaves: at once or so many suppliers a business day, from a moment, with rests."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import cast

from sqlalchemy import ColumnElement, Select, String, Table, func, select, update
from sqlalchemy import cast as cast_to
from sqlalchemy.orm import Session

from assessments import asking, audit, campaigns, courses, inviting, outbox, turns
from assessments.calendar import Calendar, of_buyer
from assessments.inviting import INCOMPLETE, INVITATION
from assessments.models import (
    Assessment,
    Campaign,
    CampaignCourse,
    CampaignState,
    Invitation,
    Job,
    Lane,
    Message,
    MessageState,
    StepKind,
    User,
)
from assessments.outbox_keys import MARK
from assessments.turns import PLANNED, untried

# How late a wave may be at the end of a day without waiting for the next one.
GRACE = timedelta(hours=1)
# How late a start may be once the office has closed, as after a restart; later it waits for the next day.
START_GRACE = timedelta(minutes=10)
CHANGEABLE = (CampaignState.DRAFT, CampaignState.OPEN, CampaignState.CLOSED)
_message = cast(Table, Message.__table__)


class StartRefused(Exception):
    """The moment of the start has passed, lies outside office hours, or after the due date."""


class AlreadyPaused(Exception):
    """The mail of this campaign rests already."""


class NotPaused(Exception):
    """The mail of this campaign does not rest."""


def spread_overdue(session: Session, *, now: datetime) -> int:
    """Plan anew what should have left on an earlier day and did not, as after days without delivery.

    Waves go on at their number a business day, reminders with them; what has no number leaves within office
    hours, and no invitation with its notice. Codes and notices to single people are not touched. Gives for
    how many campaigns. What a wave missed today may still leave today.
    """
    late = session.scalars(_overdue(now - GRACE)).all()
    if not late:
        return 0
    office = of_buyer(session)
    today = datetime.combine(office.day_of(now), time.min, office.zone)
    is_open = office.is_open(now)
    spread = [_spread(session, one, office, today, is_open=is_open, now=now) for one in late]
    return sum(spread)


def leaves_from(session: Session, campaign: Campaign, *, now: datetime) -> datetime | None:
    """Give when the first invitation leaves where all that wait have a moment ahead of them, else None."""
    mine = (Message.campaign_id == campaign.id) & (Message.kind == INVITATION)
    waiting = select(func.min(Message.due_at)).where(mine, Message.state == MessageState.QUEUED)
    first: datetime | None = session.scalar(waiting)
    return first if first is not None and first > now else None


def change_course(
    session: Session, campaign: Campaign, wanted: courses.Plan, calendar: Calendar, *, now: datetime, by: User
) -> None:
    """Keep how a campaign runs; what is being approved stays as it was asked for. Raises CampaignIsFixed."""
    asking.hold(session, campaign)
    if campaign.state not in CHANGEABLE:
        raise campaigns.CampaignIsFixed
    before = courses.plan_of(courses.of(session, campaign))
    courses.set_plan(session, campaign, wanted, now=now, by=by)
    if campaign.state is CampaignState.OPEN and wanted.per_day != before.per_day:
        turns.plan(session, campaign, calendar, now=now)


def schedule(
    session: Session,
    campaign: Campaign,
    starts_at: datetime,
    calendar: Calendar,
    *,
    remark: str = "",
    now: datetime,
    by: User,
) -> None:
    """Have an approved campaign start by itself. Raises StartRefused, and as `campaigns.make_ready`."""
    is_late = starts_at <= now or calendar.day_of(starts_at) >= campaign.due_on
    if is_late or not calendar.is_open(starts_at):
        raise StartRefused
    campaigns.make_ready(session, campaign, now=now)
    course = courses.made(session, campaign)
    course.starts_at, course.scheduled_by_id = starts_at, by.id
    courses.step(session, campaign, StepKind.SCHEDULED, remark=remark, starts_at=starts_at, now=now, by=by)
    audit.note(session, campaign, "campaign.scheduled", now=now, by=by, to=starts_at.isoformat())


def unschedule(session: Session, campaign: Campaign, *, now: datetime, by: User) -> bool:
    """Take the start back; False where there was none, or it has begun."""
    asking.hold(session, campaign)
    course = courses.of(session, campaign)
    if course is None or course.starts_at is None or campaign.state is not CampaignState.APPROVED:
        return False
    courses.forget_start(session, campaign)
    courses.step(session, campaign, StepKind.UNSCHEDULED, now=now, by=by)
    audit.note(session, campaign, "campaign.unscheduled", now=now, by=by)
    return True


def due_to_start(session: Session, *, now: datetime) -> Sequence[int]:
    """Give the ids of approved campaigns whose moment has come, also one that passed while nobody looked."""
    return session.scalars(
        select(Campaign.id)
        .join(CampaignCourse, CampaignCourse.campaign_id == Campaign.id)
        .where(Campaign.state == CampaignState.APPROVED, CampaignCourse.starts_at <= now)
        .order_by(Campaign.id)
    ).all()


def start(session: Session, campaign_id: int, office: Calendar, *, now: datetime) -> Job | None:
    """Start a campaign whose moment has come; None where somebody else did, or where it cannot any more.

    A moment that passed while nobody looked is made up for within office hours, never at night.

    What cannot start (its date has passed, nobody is asked) stays approved and says so in its history.
    """
    found = select(Campaign).where(Campaign.id == campaign_id).with_for_update()
    campaign = session.scalars(found.execution_options(populate_existing=True)).one()
    course = courses.of(session, campaign)
    if campaign.state is not CampaignState.APPROVED or course is None:
        return None
    if course.starts_at is None or course.starts_at > now:
        return None
    if now - course.starts_at > START_GRACE and not office.is_open(now):
        _put_off_start(session, campaign, course, office.next_open(now), now=now)
        return None
    try:
        job = campaigns.open_(session, campaign, now=now, by=None, actor=audit.SYSTEM)
    except (campaigns.Incomplete, asking.RepeatReasonWanted):
        job = None
        courses.step(session, campaign, StepKind.NOT_STARTED, now=now, by=None)
        audit.note(session, campaign, "campaign.not_started", now=now, by=audit.SYSTEM)
    courses.forget_start(session, campaign)
    return job


def pause(
    session: Session,
    campaign: Campaign,
    *,
    remark: str = "",
    now: datetime,
    by: User | None,
    actor: str = audit.SYSTEM,
) -> int:
    """Hold all mail that has not left; gives how many wait. Answering goes on.

    Raises NotOpen, AlreadyPaused.
    """
    campaigns.hold_open(session, campaign)
    course = courses.made(session, campaign)
    if course.paused_at is not None:
        raise AlreadyPaused
    course.paused_at = now
    mine = (Message.campaign_id == campaign.id) & (Message.lane == Lane.CAMPAIGN)
    _take_back(session, mine)
    held = session.scalar(select(func.count(Message.id)).where(mine, Message.state == MessageState.QUEUED))
    courses.step(session, campaign, StepKind.PAUSED, remark=remark, now=now, by=by)
    audit.note(session, campaign, "campaign.paused", now=now, by=by or actor, count=held or 0)
    return held or 0


def resume(
    session: Session,
    campaign: Campaign,
    calendar: Calendar,
    *,
    remark: str = "",
    now: datetime,
    by: User | None,
    actor: str = audit.SYSTEM,
) -> int:
    """Let the mail leave again, waves planned anew from now; gives how many wait.

    Raises NotOpen, NotPaused.
    """
    campaigns.hold_open(session, campaign)
    course = courses.of(session, campaign)
    if course is None or course.paused_at is None:
        raise NotPaused
    course.paused_at = None
    session.flush()
    waiting = turns.plan(session, campaign, calendar, now=now)
    courses.step(session, campaign, StepKind.RESUMED, remark=remark, now=now, by=by)
    audit.note(session, campaign, "campaign.resumed", now=now, by=by or actor, count=waiting)
    return waiting


def reopen(
    session: Session,
    campaign: Campaign,
    due_on: date,
    calendar: Calendar,
    *,
    today: date,
    now: datetime,
    by: User,
) -> int:
    """Take up a closed campaign; those whom the closing kept from being invited are. Gives how many wait.

    Raises NotClosed, DueDateRefused.
    """
    campaigns.reopen(session, campaign, due_on, today=today, now=now, by=by)
    session.execute(
        update(_message)
        .where(_message.c.id.in_(_kept_back(campaign)))
        .values(state=MessageState.QUEUED, due_at=now)
    )
    return turns.plan(session, campaign, calendar, now=now)


def _put_off_start(
    session: Session, campaign: Campaign, course: CampaignCourse, to: datetime, *, now: datetime
) -> None:
    course.starts_at = to
    courses.step(session, campaign, StepKind.SCHEDULED, starts_at=to, now=now, by=None)
    audit.note(session, campaign, "campaign.scheduled", now=now, by=audit.SYSTEM, to=to.isoformat())


def _overdue(before: datetime) -> Select[int | None]:
    """Select the running campaigns with mail that was never tried and should have left before a moment."""
    resting = select(CampaignCourse.campaign_id).where(CampaignCourse.paused_at.is_not(None))
    running = select(Campaign.id).where(Campaign.state == CampaignState.OPEN, Campaign.id.not_in(resting))
    return (
        select(Message.campaign_id)
        .where(
            Message.state == MessageState.QUEUED,
            Message.lane == Lane.CAMPAIGN,
            Message.attempts == 0,
            Message.due_at < before,
            Message.campaign_id.in_(running),
        )
        .group_by(Message.campaign_id)
        .order_by(Message.campaign_id)
    )


def _spread(
    session: Session,
    campaign_id: int | None,
    office: Calendar,
    today: datetime,
    *,
    is_open: bool,
    now: datetime,
) -> bool:
    """Spread one campaign's overdue mail, unless another dispatcher has just done so."""
    campaign = session.scalars(select(Campaign).where(Campaign.id == campaign_id)).one()
    asking.hold(session, campaign)
    course = courses.of(session, campaign)
    per_day = course.per_day if course is not None else None
    before = now - GRACE if per_day and not is_open else today
    if session.scalar(_overdue(before).where(Message.campaign_id == campaign_id)) is None:
        return False
    if per_day is None:
        mine = untried(campaign, *PLANNED, inviting.REMINDER) & (Message.due_at < before)
        session.execute(update(Message).where(mine).values(due_at=office.next_open(now)))
        turns.write(session, turns.behind_notices(session, campaign, office, {}).items())
    else:
        turns.plan(session, campaign, office, now=now)
        reminders = turns.of_kind(session, campaign, inviting.REMINDER, per_day, office, now=now)
        turns.write(session, reminders.items())
    _drop_late_reminders(session, campaign, office)
    return True


def _drop_late_reminders(session: Session, campaign: Campaign, office: Calendar) -> None:
    """Take back reminders that would come only after the due date that they speak of."""
    end = datetime.combine(campaign.due_on + timedelta(days=1), time.min, office.zone)
    is_too_late = untried(campaign, inviting.REMINDER) & (Message.created_at < end) & (Message.due_at >= end)
    session.execute(update(Message).where(is_too_late).values(state=MessageState.CANCELLED))


def _take_back(session: Session, mine: ColumnElement[bool]) -> None:
    """Return what dispatchers have leased and not begun; what they lease at this moment is waited for."""
    waiting = select(Message.id).where(mine, Message.state.in_(outbox.OPEN_STATES)).order_by(Message.id)
    session.execute(waiting.with_for_update()).all()
    session.execute(
        update(_message)
        .where(mine, Message.state == MessageState.LEASED)
        .values(state=MessageState.QUEUED, lease_by=MARK, lease_until=None)
    )


def _kept_back(campaign: Campaign) -> Select[int]:
    """Select the mails of living links that were taken back before they could arrive, and still matter."""
    key = Message.kind + ":" + Invitation.public_id + ":" + cast_to(Invitation.generation, String)
    return (
        select(Message.id)
        .join(Invitation, Invitation.id == Message.invitation_id)
        .join(Assessment, Assessment.id == Invitation.assessment_id)
        .where(
            Message.campaign_id == campaign.id,
            Message.kind.in_(PLANNED),
            Message.state == MessageState.CANCELLED,
            # What was withdrawn as it was about to leave keeps the name of who had it; so does what may
            # have arrived under a key.
            Message.lease_by.is_(None),
            Message.send_key == key,
            Invitation.revoked_at.is_(None),
            Assessment.state.in_(INCOMPLETE),
        )
    )
