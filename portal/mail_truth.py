"""What keeps a queued mail from leaving after all: by now it would be late, or would say what is not true."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from assessments import declining, genuine, last_notices, quiet
from assessments.inviting import INCOMPLETE, INVITING, REMINDER
from assessments.models import Assessment, AssessmentState, Campaign, Invitation, Message

OF_A_LINK = frozenset({"invitation", "reminder", "delegated_invitation"})
CODE_LIVES = timedelta(minutes=10)
NOTHING_TO_ANSWER = frozenset({AssessmentState.WITHDRAWN, AssessmentState.DECLINED})


class Withdrawn(Exception):
    """The mail must not leave any more; its text says why."""


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """What has come about since: talks and when they began, by assessment; invitations that have left."""

    talks: Mapping[int, datetime]
    invited: Collection[int | None]


def look_up(session: Session, rows: Sequence[tuple[Message, Assessment | None]]) -> Meanwhile:
    """Look up what has come about since these mails were queued."""
    reminded = {part.id for message, part in rows if message.kind == REMINDER and part is not None}
    told = {message.invitation_id for message, _part in rows if message.kind == genuine.NOTICE} - {None}
    return Meanwhile(talks=quiet.talks_since(session, reminded), invited=genuine.followed(session, told))


def generation_of(message: Message, invitation: Invitation) -> int:
    """Give the generation of the link that a mail holds."""
    # A send key is kind:subject:generation; kinds without a generation mean the present one.
    _kind, _subject, *numbers = message.send_key.split(":")
    return int(numbers[0]) if message.kind in OF_A_LINK and numbers else invitation.generation


def may_leave(message: Message, invitation: Invitation, *, now: datetime) -> None:
    """Raise Withdrawn for a revoked or older link, and for an old code."""
    if invitation.revoked_at is not None:
        raise Withdrawn("invitation revoked")
    if message.kind in OF_A_LINK and generation_of(message, invitation) != invitation.generation:
        raise Withdrawn("replaced by a newer link")
    if message.kind == "code" and now - message.created_at >= CODE_LIVES:
        raise Withdrawn("code too old")


def must_be_true_still(message: Message, assessment: Assessment | None) -> None:
    """Raise Withdrawn for what a supplier has answered, declined or taken back by now."""
    state = assessment.state if assessment else None
    if message.kind == REMINDER and state and state not in INCOMPLETE:
        raise Withdrawn("answered meanwhile")
    if message.kind in {*INVITING, genuine.NOTICE} and state in NOTHING_TO_ANSWER:
        raise Withdrawn("nothing to answer any more")
    if message.kind == declining.NOTE and state is not AssessmentState.DECLINED:
        raise Withdrawn("taken back meanwhile")


def must_be_wanted_still(
    message: Message, assessment: Assessment | None, campaign: Campaign | None, since: Meanwhile
) -> None:
    """Raise Withdrawn for the last notice of a date that has moved, and a reminder of who has begun a talk.

    Who talked already when the reminder was written is reminded on purpose.
    """
    last_before = last_notices.last_before(message.send_key)
    if last_before is not None and campaign is not None and campaign.due_on != last_before:
        raise Withdrawn("due date moved meanwhile")
    began = since.talks.get(assessment.id) if assessment is not None else None
    if message.kind == REMINDER and began is not None and message.created_at < began:
        raise Withdrawn("talking meanwhile")


def must_be_in_time(
    message: Message, campaign: Campaign | None, since: Meanwhile, zone: ZoneInfo, *, now: datetime
) -> None:
    """Raise Withdrawn for a notice whose invitation has left, and a reminder after the day it speaks of.

    A reminder that somebody writes once that day has passed leaves.
    """
    if message.kind == genuine.NOTICE and message.invitation_id in since.invited:
        raise Withdrawn("invited meanwhile")
    if message.kind != REMINDER or campaign is None:
        return
    written_on, today = (moment.astimezone(zone).date() for moment in (message.created_at, now))
    if written_on <= campaign.due_on < today:
        raise Withdrawn("due date passed meanwhile")
