"""When each waiting mail of a campaign may leave: so many a business day, invitations behind notices."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import islice
from math import ceil
from typing import cast

from sqlalchemy import ColumnElement, Table, bindparam, func, select, update
from sqlalchemy.orm import Session, aliased

from assessments import asking, courses, genuine
from assessments.calendar import Calendar
from assessments.genuine import NOTICE
from assessments.inviting import INVITATION
from assessments.models import Campaign, Lane, Message, MessageState

PLANNED = (NOTICE, INVITATION)
WAITING = (MessageState.QUEUED, MessageState.LEASED, MessageState.CANCELLED)
Turns = dict[int, datetime]
_message = cast(Table, Message.__table__)


def moments(calendar: Calendar, *, per_day: int, left_today: int = 0, now: datetime) -> Iterator[datetime]:
    """Give the moments at which one mail each may leave, so many a business day, spread through it.

    Of the day that has begun its rest is used, for as many as are fair to it; `left_today` are gone.
    """
    start = calendar.next_open(now)
    gone = left_today if calendar.day_of(start) == calendar.day_of(now) else 0
    while True:
        day = calendar.day_of(start)
        rest, whole = calendar.closing(day) - start, calendar.closing(day) - calendar.opening(day)
        room = max(0, min(per_day - gone, ceil(per_day * (rest / whole))))
        yield from (start + rest * number / room for number in range(room))
        start, gone = calendar.opening(calendar.on_or_after(day + timedelta(days=1))), 0


def plan(session: Session, campaign: Campaign, calendar: Calendar, *, now: datetime) -> int:
    """Give each waiting invitation that was never tried its moment, and its notice; gives how many wait.

    Doing it again plans anew from now on. Without a number a day all may leave at once; in any case an
    invitation leaves no earlier than its notice allows.
    """
    asking.hold(session, campaign)
    write(session, turns(session, campaign, calendar, now=now).items())
    waiting = select(func.count(Message.id)).where(untried(campaign, INVITATION))
    return session.scalar(waiting) or 0


def turns(session: Session, campaign: Campaign, calendar: Calendar, *, now: datetime) -> Turns:
    """Give what `plan` would write: the new moments by id of the mail. Of 10 000 a second's reckoning."""
    course = courses.of(session, campaign)
    per_day = course.per_day if course is not None else None
    found: Turns = {}
    for kind in PLANNED:
        found |= of_kind(session, campaign, kind, per_day, calendar, now=now)
    return found | behind_notices(session, campaign, calendar, found)


def of_kind(
    session: Session,
    campaign: Campaign,
    kind: str,
    per_day: int | None,
    calendar: Calendar,
    *,
    now: datetime,
) -> Turns:
    """Give the new moments of the untried mails of a kind."""
    waiting = select(Message.id, Message.due_at).where(untried(campaign, kind)).order_by(Message.id)
    rows = session.execute(waiting).all()
    if per_day is None:
        return {one: now for one, due_at in rows if due_at > now}
    today = calendar.opening(calendar.day_of(now))
    left = select(func.count(Message.id)).where(
        of_kinds(campaign, kind),
        Message.state.not_in(WAITING),
        Message.due_at >= today,
        Message.due_at <= now,
    )
    spread = moments(calendar, per_day=per_day, left_today=session.scalar(left) or 0, now=now)
    return {one: moment for (one, _), moment in zip(rows, islice(spread, len(rows)), strict=True)}


def behind_notices(
    session: Session, campaign: Campaign, calendar: Calendar, planned: Mapping[int, datetime]
) -> Turns:
    """Give later moments to waiting invitations that would leave before their notices allow."""
    days = genuine.notice_days(session, campaign)
    if not days:
        return {}
    notice = aliased(Message)
    waiting = session.execute(
        select(Message.id, Message.due_at, notice.id, notice.due_at, notice.sent_at)
        .join(notice, (notice.invitation_id == Message.invitation_id) & (notice.kind == NOTICE))
        .where(untried(campaign, INVITATION), notice.state != MessageState.CANCELLED)
    )
    return {
        one: moment
        for one, due_at, told, told_at, sent_at in waiting
        if (moment := genuine.later(calendar, sent_at or planned.get(told, told_at), days))
        > planned.get(one, due_at)
    }


def write(session: Session, found: Iterable[tuple[int, datetime]]) -> None:
    """Give these mails their moments."""
    rows = [{"planned": one, "turn": turn} for one, turn in found]
    if rows:
        turn = update(_message).where(_message.c.id == bindparam("planned"))
        session.execute(turn.values(due_at=bindparam("turn")), rows)


def of_kinds(campaign: Campaign, *kinds: str) -> ColumnElement[bool]:
    """Give the condition on Message of those of a campaign's own lane and these kinds."""
    is_mine = (Message.campaign_id == campaign.id) & (Message.lane == Lane.CAMPAIGN)
    return is_mine & Message.kind.in_(kinds)


def untried(campaign: Campaign, *kinds: str) -> ColumnElement[bool]:
    """Give the same of those that wait and were never tried."""
    is_waiting = (Message.state == MessageState.QUEUED) & (Message.attempts == 0)
    return of_kinds(campaign, *kinds) & is_waiting
