"""Whether a request is genuine: its number, what that tells, and the notice some business days before it."""

import secrets
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from typing import cast

from sqlalchemy import Table, select, update
from sqlalchemy.orm import Session

from assessments import asking, audit, campaigns, sign_in
from assessments.calendar import Calendar
from assessments.models import (
    AdvanceNotice,
    Assessment,
    Campaign,
    CampaignState,
    GenuineNumber,
    Invitation,
    Message,
    MessageState,
    User,
)
from assessments.models.adding import add_new_rows
from assessments.outbox import OPEN_STATES, Draft
from assessments.owners import Owner, owner_of
from assessments.tokens import Keys, pseudonym

# No vowels, so that no words come out, and nothing that looks or sounds like something else.
LETTERS = "CDFGHJKMNPQRTWXY34679"
LENGTH, GROUP = 8, 4
NOTICE = "advance_notice"
LETTERS_TO_SUPPLIERS = (NOTICE, "invitation", "delegated_invitation", "reminder")
ANSWERABLE = (CampaignState.OPEN, CampaignState.CLOSED)
WAITING = (MessageState.QUEUED, MessageState.LEASED, MessageState.SENDING)
LEFT = (MessageState.SENT, MessageState.UNKNOWN)
MOST_DAYS, AT_ONCE = 5, 1_000
_message, _number = cast(Table, Message.__table__), cast(Table, GenuineNumber.__table__)


class DaysRefused(Exception):
    """A notice comes one to five business days before the invitation."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail of a request: its kind, and when it left or is to leave."""

    kind: str
    at: datetime
    is_planned: bool


@dataclass(frozen=True, slots=True)
class Genuine:
    """What a number tells: the campaign's title, the mails that belong to it, and whom to call."""

    title: str
    letters: tuple[Letter, ...]
    owner: Owner | None


def normalised(typed: str) -> str:
    """Give a number as it is kept, however it was typed: width, case, spaces and dashes do not matter."""
    return "".join(
        letter
        for letter in unicodedata.normalize("NFKC", typed).upper()
        if letter.isalnum() and letter != "ー"
    )


def shown(number: str) -> str:
    """Give a number as people read it out: in two groups."""
    return f"{number[:GROUP]}-{number[GROUP:]}"


def give_numbers(session: Session, assessments: Collection[tuple[int, int]], *, now: datetime) -> None:
    """Give a number to each (assessment id, supplier id) that has none."""
    pairs = list(assessments)
    for start in range(0, len(pairs), AT_ONCE):
        _number_all(session, dict(pairs[start : start + AT_ONCE]), now=now)


def numbers(session: Session, assessment_ids: Collection[int]) -> dict[int, str]:
    """Give the numbers of assessments by their id, as people read them."""
    if not assessment_ids:
        return {}
    mine = GenuineNumber.assessment_id.in_(assessment_ids)
    rows = session.execute(select(GenuineNumber.assessment_id, GenuineNumber.number).where(mine))
    return {row.assessment_id: shown(row.number) for row in rows}


def look_up(session: Session, typed: str, *, keys: Keys, place: str, now: datetime) -> Genuine | None:
    """Tell what belongs to a number, or None. Raises TooManyTries after ten wrong ones from a place.

    A wrong try is a row, so the caller commits either way.
    """
    subjects = [pseudonym(keys, f"genuine {place}")]
    if sign_in.has_too_many(session, subjects, now=now):
        raise sign_in.TooManyTries
    found = _found(session, normalised(typed))
    if found is None:
        sign_in.count_try(session, subjects, now=now)
    return found


def notice_days(session: Session, campaign: Campaign) -> int:
    """Give how many business days before the invitation suppliers are told; 0 where they are not."""
    mine = AdvanceNotice.campaign_id == campaign.id
    return session.scalar(select(AdvanceNotice.business_days).where(mine)) or 0


def set_notice(session: Session, campaign: Campaign, days: int, *, now: datetime, by: User) -> None:
    """Say how many business days before the invitation suppliers are told; 0 for not at all.

    Raises CampaignIsFixed once the campaign is no draft, DaysRefused.
    """
    asking.hold(session, campaign)
    if campaign.state is not CampaignState.DRAFT:
        raise campaigns.CampaignIsFixed
    if not 0 <= days <= MOST_DAYS:
        raise DaysRefused
    standing = session.scalar(select(AdvanceNotice).where(AdvanceNotice.campaign_id == campaign.id))
    if standing is not None and days:
        standing.business_days = days
    elif standing is not None:
        session.delete(standing)
    elif days:
        session.add(AdvanceNotice(campaign_id=campaign.id, business_days=days))
    session.flush()
    audit.note(session, campaign, "campaign.edited", now=now, by=by, fields=["advance_notice"])


def leaves_time(due_on: date, days: int, calendar: Calendar, *, now: datetime) -> bool:
    """Tell whether a notice leaves at least half of the days there are until the due date for answering."""
    today, asked_on = calendar.day_of(now), calendar.day_of(later(calendar, now, days))
    return due_on > asked_on and due_on - asked_on >= asked_on - today


def with_notices(
    invitations: Sequence[Draft], days: int, calendar: Calendar, *, now: datetime
) -> list[Draft]:
    """Put a notice before each invitation; the notice takes its moment, the invitation comes `days` later."""
    both = []
    comes = cache(lambda moment: later(calendar, moment, days))
    for draft in invitations:
        moment = draft.due_at or now
        key = draft.send_key.replace(draft.kind, NOTICE, 1)
        both.append(replace(draft, kind=NOTICE, send_key=key, due_at=moment))
        both.append(replace(draft, due_at=comes(moment)))
    return both


def hold_invitation(session: Session, message_id: int) -> bool:
    """Keep back the invitation behind a notice that was refused or came back, for the same reason.

    It ends as not delivered without having been tried, so that a person corrects the address first. True
    where one was kept back.
    """
    refused = (_message.c.id == message_id) & (_message.c.kind == NOTICE)
    found = session.execute(
        select(_message.c.invitation_id, _message.c.to_email, _message.c.failure).where(
            refused, _message.c.state == MessageState.FAILED
        )
    ).first()
    if found is None:
        return False
    held = session.scalars(
        update(Message)
        .where(
            Message.invitation_id == found.invitation_id,
            Message.to_email == found.to_email,
            Message.kind == "invitation",
            Message.state.in_(OPEN_STATES),
            Message.attempts == 0,
        )
        .values(state=MessageState.FAILED, failure=found.failure, lease_by=None, lease_until=None)
        .returning(Message.id)
    )
    return bool(held.all())


def later(calendar: Calendar, moment: datetime, days: int) -> datetime:
    """Give the same time of day so many business days later, within office hours."""
    local = moment.astimezone(calendar.zone)
    day = calendar.after(local.date(), days)
    return calendar.next_open(datetime.combine(day, local.time(), calendar.zone))


def announced(session: Session, invitation_ids: Collection[int]) -> dict[int, datetime]:
    """Give when the invitations behind notices are to leave, by the invitation's id."""
    if not invitation_ids:
        return {}
    rows = session.execute(
        select(Message.invitation_id, Message.due_at).where(
            Message.invitation_id.in_(invitation_ids), Message.kind == "invitation"
        )
    )
    return {row.invitation_id: row.due_at for row in rows if row.invitation_id is not None}


def followed(session: Session, invitation_ids: Collection[int | None]) -> set[int | None]:
    """Give those of invitations, by id, whose own mail has left or is on its way: a notice would be late."""
    if not invitation_ids:
        return set()
    gone = select(Message.invitation_id).where(
        Message.invitation_id.in_(invitation_ids),
        Message.kind == "invitation",
        Message.state.in_([MessageState.SENDING, *LEFT]),
    )
    return set(session.scalars(gone))


def _number_all(session: Session, missing: dict[int, int], *, now: datetime) -> None:
    while missing:
        rows = [
            {"number": _random(), "assessment_id": one, "supplier_id": supplier_id, "made_at": now}
            for one, supplier_id in missing.items()
        ]
        # A number that is taken adds nothing: who is left without one draws again.
        add_new_rows(session, _number, rows)
        for one in numbers(session, missing):
            del missing[one]


def _random() -> str:
    left, letters = secrets.randbelow(len(LETTERS) ** LENGTH), ""
    for _ in range(LENGTH):
        left, place = divmod(left, len(LETTERS))
        letters += LETTERS[place]
    return letters


def _found(session: Session, number: str) -> Genuine | None:
    row = session.execute(
        select(GenuineNumber.assessment_id, GenuineNumber.supplier_id, Campaign.title)
        .join(Assessment, Assessment.id == GenuineNumber.assessment_id)
        .join(Campaign, Campaign.id == Assessment.campaign_id)
        .where(GenuineNumber.number == number, Campaign.state.in_(ANSWERABLE))
    ).first()
    if row is None:
        return None
    letters = tuple(_letters(session, row.assessment_id))
    if all(letter.is_planned for letter in letters):
        return None
    return Genuine(row.title, letters, owner_of(session, row.supplier_id))


def _letters(session: Session, assessment_id: int) -> Iterable[Letter]:
    mails = session.scalars(
        select(Message)
        .join(Invitation, Invitation.id == Message.invitation_id)
        .where(
            Invitation.assessment_id == assessment_id,
            Message.kind.in_(LETTERS_TO_SUPPLIERS),
            Message.state.in_([*LEFT, *WAITING]),
        )
        .order_by(Message.due_at, Message.id)
    )
    return [Letter(mail.kind, mail.sent_at or mail.due_at, mail.state in WAITING) for mail in mails]
