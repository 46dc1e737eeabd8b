"""Reminders that a campaign sends by itself, reckoned from what stands in the database alone.

Whoever looks, how often and by whatever clock: a reminder is due by business days since the last mail to the
person, so that one that is queued makes the next one wait, and one that was missed is caught up with.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy import ColumnElement, Select, String, and_, case, cast, exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from assessments import audit, courses, last_notices, outbox
from assessments.asking import CHUNK, Chunk, hold
from assessments.calendar import Calendar
from assessments.in_charge import in_charge
from assessments.inviting import INVITING, ON_THEIR_WAY, REMINDER
from assessments.models import (
    Assessment,
    AssessmentState,
    Campaign,
    CampaignCourse,
    CampaignState,
    Invitation,
    Lane,
    Message,
    MessageState,
    Supplier,
    User,
)
from assessments.outbox_keys import MARK
from assessments.quiet import has_left, has_moved_on, is_talking

UNANSWERED = "unanswered_note"
UNDONE = (AssessmentState.NOT_STARTED, AssessmentState.IN_PROGRESS)


@dataclass(frozen=True, slots=True)
class Due:
    """What falls due on one day: a first, a further or the last reminder after a last mail before a moment.

    None: that kind is not sent on this day.
    """

    first_before: datetime | None
    next_before: datetime | None
    final_before: datetime | None


NOTHING = Due(None, None, None)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whether there is anything to queue: for suppliers, for owners."""

    suppliers: bool
    owners: bool


def is_due(session: Session, campaign: Campaign, calendar: Calendar, *, now: datetime) -> Wanted:
    """Look, without a lock, whether `remind` or `tell_owners` would find anything."""
    course = _active(session, campaign, calendar, now)
    if course is None:
        return Wanted(False, False)
    due = due_on(course, campaign, calendar, calendar.day_of(now))
    somebody = _due_now(campaign, course, due, 0).limit(1)
    suppliers = course.reminds and due != NOTHING and session.scalar(somebody) is not None
    return Wanted(suppliers, bool(_notes(session, campaign, course, calendar, now)))


def due_on(course: CampaignCourse, campaign: Campaign, calendar: Calendar, today: date) -> Due:
    """Give what falls due on a business day; nothing after the due date of the campaign."""
    if today > campaign.due_on or not calendar.is_business_day(today):
        return NOTHING
    final_day = last_notice_day(course, campaign, calendar)
    if final_day is not None and today >= final_day:
        return Due(None, None, _midnight(today, calendar))
    # The last notice is the next business day's: an ordinary one just before it would only press.
    if final_day is not None and today >= calendar.before(final_day, 1):
        return NOTHING
    first, further = (
        _midnight(calendar.before(today, days - 1), calendar)
        for days in (course.first_after, course.then_every)
    )
    return Due(first, further, None)


def last_notice_day(course: CampaignCourse, campaign: Campaign, calendar: Calendar) -> date | None:
    """Give the business day of the last notice before the due date, or None where there is none."""
    return calendar.before(campaign.due_on, course.final_before) if course.final_before else None


def campaigns_that_remind(session: Session) -> Sequence[int]:
    """Give the ids of open campaigns that remind or tell owners by themselves and do not rest."""
    return session.scalars(
        select(Campaign.id)
        .join(CampaignCourse, CampaignCourse.campaign_id == Campaign.id)
        .where(
            Campaign.state == CampaignState.OPEN,
            CampaignCourse.paused_at.is_(None),
            CampaignCourse.reminds | CampaignCourse.tells_owner,
        )
        .order_by(Campaign.id)
    ).all()


def remind(
    session: Session,
    campaign: Campaign,
    calendar: Calendar,
    *,
    after_id: int = 0,
    limit: int = CHUNK,
    now: datetime,
) -> Chunk:
    """Queue the reminders due now for the next chunk of suppliers; outside office hours there are none."""
    hold(session, campaign)
    course = _active(session, campaign, calendar, now)
    if course is None or not course.reminds:
        return Chunk(0, None)
    due = due_on(course, campaign, calendar, calendar.day_of(now))
    if due == NOTHING:
        return Chunk(0, None)
    found = session.execute(_due_now(campaign, course, due, after_id).limit(limit)).all()
    rows = session.scalars(select(Invitation).where(Invitation.id.in_([row[1] for row in found])))
    invitations, is_final = {one.id: one for one in rows}, due.final_before is not None
    drafts = [_draft(campaign, invitations[row[1]], row[2], is_final=is_final) for row in found]
    outbox.queue_all(session, drafts, now=now)
    return Chunk(len(found), found[-1][0] if len(found) == limit else None)


def stop(session: Session, assessment: Assessment) -> int:
    """Take back the reminders to a supplier that wait, once it answers, declines or asks to talk."""
    theirs = select(Invitation.id).where(Invitation.assessment_id == assessment.id)
    stopped = session.scalars(
        update(Message)
        .where(Message.kind == REMINDER, Message.state.in_(outbox.OPEN_STATES))
        .where(Message.invitation_id.in_(theirs))
        .values(state=MessageState.CANCELLED, lease_by=MARK, lease_until=None)
        .returning(Message.id)
        .execution_options(synchronize_session=False)
    )
    return len(stopped.all())


def note_reminded(session: Session, campaign: Campaign, count: int, *, now: datetime) -> None:
    """Write down that the schedule reminded suppliers, once all chunks stand."""
    audit.note(session, campaign, "campaign.reminded", now=now, by=audit.SYSTEM, count=count)


def tell_owners(session: Session, campaign: Campaign, calendar: Calendar, *, now: datetime) -> int:
    """Tell each owner once a due date who has not answered, a business day after the last notice."""
    hold(session, campaign)
    course = _active(session, campaign, calendar, now)
    drafts = _notes(session, campaign, course, calendar, now) if course is not None else []
    outbox.queue_all(session, drafts, now=now)
    return len(drafts)


def unanswered(session: Session, campaign: Campaign) -> dict[int | None, list[int]]:
    """Give the suppliers that were invited and have not submitted, by the user id of who is in charge."""
    is_invited = exists().where(Invitation.assessment_id == Assessment.id)
    ids = session.scalars(
        select(Assessment.supplier_id)
        .where(Assessment.campaign_id == campaign.id, Assessment.state.in_(UNDONE), is_invited)
        .order_by(Assessment.supplier_id)
    ).all()
    people = in_charge(session, campaign, ids)
    found: dict[int | None, list[int]] = {}
    for supplier_id in ids:
        found.setdefault(people.get(supplier_id), []).append(supplier_id)
    return found


def waiting_for(session: Session, campaign: Campaign, person_id: int) -> list[str]:
    """Give the names of the suppliers of a person that have not submitted, as the register lists them."""
    ids = unanswered(session, campaign).get(person_id, [])
    mine = select(Supplier.name, Supplier.site).where(Supplier.id.in_(ids))
    rows = session.execute(mine.order_by(Supplier.name, Supplier.id))
    return [f"{name} {site}".strip() for name, site in rows]


def _active(session: Session, campaign: Campaign, calendar: Calendar, now: datetime) -> CampaignCourse | None:
    """Give the course of a campaign that runs now, within office hours; ask the database, not memory."""
    state = session.scalar(select(Campaign.state).where(Campaign.id == campaign.id))
    course = courses.of(session, campaign)
    if state is not CampaignState.OPEN or course is None or course.paused_at is not None:
        return None
    return course if calendar.is_open(now) else None


def _due_now(campaign: Campaign, course: CampaignCourse, due: Due, after_id: int) -> Select[int, int, int]:
    """Select (assessment id, id of its newest live invitation, reminders so far) of those due.

    One walk over the campaign's mail, grouped by invitation: ten thousand suppliers take a moment.
    """
    return (
        select(Assessment.id, Invitation.id, _count(Message.kind == REMINDER))
        .select_from(Message)
        .join(Invitation, Invitation.id == Message.invitation_id)
        .join(Assessment, Assessment.id == Invitation.assessment_id)
        .where(
            Message.campaign_id == campaign.id,
            Assessment.campaign_id == campaign.id,
            Assessment.id > after_id,
            Assessment.state.in_(UNDONE),
            Invitation.revoked_at.is_(None),
            ~_is_followed(),
            ~is_talking(),
            ~has_moved_on(),
        )
        .group_by(Assessment.id, Invitation.id)
        .having(_is_due(course, due, campaign))
        .order_by(Assessment.id)
    )


def _is_due(course: CampaignCourse, due: Due, campaign: Campaign) -> ColumnElement[bool]:
    """Reckon over the mails of one invitation: it has left, nothing waits or came back, the last is old."""
    is_reminder, stands = Message.kind == REMINDER, Message.state != MessageState.CANCELLED
    invited = Message.kind.in_(INVITING) & has_left()
    reached = invited | (is_reminder & stands)
    last = func.max(case((reached, func.coalesce(Message.sent_at, Message.created_at))))
    regular = _count(is_reminder & stands & Message.send_key.not_like(f"%{last_notices.FINAL}%"))
    came_back = Message.state == MessageState.FAILED
    newest, failed = (func.coalesce(func.max(case((one, Message.id))), 0) for one in (stands, came_back))
    is_quiet = and_(_count(invited) > 0, _count(Message.state.in_(ON_THEIR_WAY)) == 0, failed < newest)
    if due.final_before is not None:
        return and_(is_quiet, last < due.final_before, _count(_is_final(campaign)) == 0)
    first = and_(regular == 0, last < due.first_before)
    further = and_(regular.between(1, course.at_most - 1), last < due.next_before)
    return and_(is_quiet, or_(first, further))


def _is_final(campaign: Campaign) -> ColumnElement[bool]:
    """A last notice for this due date stands, or was taken back under the very key it would get."""
    ending = last_notices.ending(campaign.due_on)
    key = f"{REMINDER}:" + Invitation.public_id + ":" + cast(Invitation.generation, String) + ending
    return Message.send_key.like(f"%{ending}") & (
        (Message.state != MessageState.CANCELLED) | (Message.send_key == key)
    )


def _is_followed() -> ColumnElement[bool]:
    other = aliased(Invitation)
    return exists().where(
        other.assessment_id == Assessment.id, other.revoked_at.is_(None), other.id > Invitation.id
    )


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))


def _draft(campaign: Campaign, invitation: Invitation, numbered: int, *, is_final: bool) -> outbox.Draft:
    subject = f"{REMINDER}:{invitation.public_id}:{invitation.generation}"
    number = numbered + 1
    last = last_notices.ending(campaign.due_on) if is_final else f":{number}"
    facts = {"generation": invitation.generation, "number": number} | ({"final": 1} if is_final else {})
    return outbox.Draft(
        kind=REMINDER,
        send_key=subject + last,
        lane=Lane.CAMPAIGN,
        to_email=invitation.email,
        language=invitation.language,
        invitation_id=invitation.id,
        campaign_id=campaign.id,
        facts=facts,
    )


def _notes(
    session: Session, campaign: Campaign, course: CampaignCourse, calendar: Calendar, now: datetime
) -> list[outbox.Draft]:
    """Give the notes to owners that are due and were not written yet."""
    final_day = last_notice_day(course, campaign, calendar)
    note_day = calendar.after(final_day, 1) if final_day else calendar.before(campaign.due_on, 1)
    if not course.tells_owner or calendar.day_of(now) < note_day:
        return []
    ids = [person for person in unanswered(session, campaign) if person is not None]
    known = select(User).where(User.id.in_(ids)).order_by(User.id)
    drafts = [_note_to(campaign, person) for person in session.scalars(known)]
    keys = [draft.send_key for draft in drafts]
    told = set(session.scalars(select(Message.send_key).where(Message.send_key.in_(keys))))
    return [draft for draft in drafts if draft.send_key not in told]


def _note_to(campaign: Campaign, person: User) -> outbox.Draft:
    return outbox.Draft(
        kind=UNANSWERED,
        send_key=f"{UNANSWERED}:{campaign.public_id}-{person.public_id}:{campaign.due_on.isoformat()}",
        lane=Lane.NOTICE,
        to_email=person.email,
        language=person.language,
        user_id=person.id,
        campaign_id=campaign.id,
    )


def _midnight(day: date, calendar: Calendar) -> datetime:
    return datetime.combine(day, time.min, calendar.zone)
