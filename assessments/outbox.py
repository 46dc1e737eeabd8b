"""Verbs of the outbox: queue a mail once, lease a batch, mark one sending, record how it ended."""

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Select, Table, exists, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningUpdate

from assessments.models import Campaign, CampaignState, Lane, Message, MessageState

LEASE = timedelta(minutes=2)
MOST_ATTEMPTS = 10
FIRST_WAIT = {Lane.URGENT: timedelta(seconds=3), Lane.NOTICE: timedelta(seconds=30)}
FIRST_CAMPAIGN_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=1)
LONGEST_WORDS = 300
OPEN_STATES = (MessageState.QUEUED, MessageState.LEASED)
_table = cast(Table, Message.__table__)


class Ending(enum.StrEnum):
    """How one try to send ended; `unreachable` is no fault of the mail, `unknown` must not be tried again."""

    SENT = "sent"
    REFUSED = "refused"
    LATER = "later"
    UNREACHABLE = "unreachable"
    UNKNOWN = "unknown"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one try ended, and in which words."""

    ending: Ending
    words: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """A mail to queue. `send_key` is kind:subject:generation; `facts` holds ids and counters only."""

    kind: str
    send_key: str
    lane: Lane
    to_email: str
    language: str = "ja"
    invitation_id: int | None = None
    user_id: int | None = None
    campaign_id: int | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    due_at: datetime | None = None


def queue(
    session: Session,
    *,
    kind: str,
    send_key: str,
    lane: Lane,
    to_email: str,
    language: str,
    now: datetime,
    invitation_id: int | None = None,
    user_id: int | None = None,
    campaign_id: int | None = None,
    facts: Mapping[str, Any] | None = None,
) -> Message:
    """Put one mail into the outbox, or give the one that already stands there under this send key."""
    draft = Draft(
        kind=kind,
        send_key=send_key,
        lane=lane,
        to_email=to_email,
        language=language,
        invitation_id=invitation_id,
        user_id=user_id,
        campaign_id=campaign_id,
        facts=facts or {},
    )
    queue_all(session, [draft], now=now)
    return session.scalars(select(Message).where(Message.send_key == send_key)).one()


def queue_all(session: Session, drafts: Iterable[Draft], *, now: datetime) -> None:
    """Put many mails into the outbox in one statement; a known send key adds nothing."""
    rows = [_row(draft, now) for draft in drafts]
    if not rows:
        return
    session.flush()
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    session.execute(dialect.insert(_table).on_conflict_do_nothing(index_elements=["send_key"]), rows)


def has_work(session: Session, *, now: datetime) -> bool:
    """Tell whether a dispatcher would find something to do: a due mail, or a lapsed lease."""
    found = select(exists(_due(now)) | exists(select(Message.id).where(_has_lapsed(now))))
    return bool(session.scalar(found))


def claim(session: Session, *, worker: str, now: datetime, limit: int, lease: timedelta = LEASE) -> list[int]:
    """Lease a batch of due mails, urgent lanes first, and give their ids. Nothing is tried yet."""
    ids = list(session.scalars(_due(now).limit(limit).with_for_update(skip_locked=True)))
    if ids:
        session.execute(
            update(Message)
            .where(Message.id.in_(ids), Message.state == MessageState.QUEUED)
            .values(state=MessageState.LEASED, lease_by=worker, lease_until=now + lease)
        )
    return ids


def start_urgent(session: Session, *, worker: str, now: datetime, lease: timedelta = LEASE) -> int | None:
    """Mark one mail of the lanes before a campaign's `sending`, if one waits, and give its id."""
    first = _due(now).where(Message.lane < Lane.CAMPAIGN).limit(1).with_for_update(skip_locked=True)
    waits = (_table.c.id == first.scalar_subquery()) & (_table.c.state == MessageState.QUEUED)
    return session.scalar(_start(waits, worker, now + lease))


def start(session: Session, message_id: int, *, worker: str, now: datetime, lease: timedelta = LEASE) -> bool:
    """Mark a mail of this worker's batch `sending`; False where it was taken back or its lease lapsed.

    Belongs into the transaction that records the mail before it, so that one mail is in flight a worker.
    """
    is_mine = (
        (_table.c.id == message_id)
        & (_table.c.state == MessageState.LEASED)
        & (_table.c.lease_by == worker)
        & (_table.c.lease_until > now)
    )
    return session.scalar(_start(is_mine, worker, now + lease)) is not None


def record(session: Session, message_id: int, outcome: Outcome, *, worker: str, now: datetime) -> bool:
    """Write down how a mail this worker had in flight ended; False when it is not this worker's any more."""
    in_flight = (
        (_table.c.id == message_id)
        & (_table.c.lease_by == worker)
        & _table.c.state.in_([MessageState.SENDING, MessageState.UNKNOWN])
    )
    values: dict[str, Any] = {"lease_until": None, "failure": outcome.words[:LONGEST_WORDS]}
    match outcome.ending:
        case Ending.SENT:
            values |= {"state": MessageState.SENT, "sent_at": now}
        case Ending.REFUSED:
            values |= {"state": MessageState.FAILED}
        case Ending.WITHDRAWN:
            values |= {"state": MessageState.CANCELLED}
        case Ending.UNKNOWN:
            values |= {"state": MessageState.UNKNOWN}
        case Ending.UNREACHABLE:
            # No fault of this mail, so it is not counted against it.
            values |= {"state": MessageState.QUEUED, "lease_by": None, "attempts": _table.c.attempts - 1}
        case Ending.LATER:
            values |= _later(session, message_id, now)
    changed = session.scalar(update(_table).where(in_flight).values(**values).returning(_table.c.id))
    return changed is not None


def give_back(session: Session, *, worker: str) -> int:
    """Return the rest of a worker's batch to the queue: nothing of it was tried."""
    returned = session.scalars(
        update(Message)
        .where(Message.state == MessageState.LEASED, Message.lease_by == worker)
        .values(state=MessageState.QUEUED, lease_by=None, lease_until=None)
        .returning(Message.id)
    )
    return len(returned.all())


def lapse(session: Session, *, now: datetime) -> tuple[int, int]:
    """End the leases of dead workers: leased is queued again, sending becomes unknown. Gives both counts."""
    untried = session.scalars(
        update(Message)
        .where(Message.state == MessageState.LEASED, Message.lease_until < now)
        .values(state=MessageState.QUEUED, lease_by=None, lease_until=None)
        .returning(Message.id)
    ).all()
    return len(untried), _to_unknown(session, Message.lease_until < now)


def release(session: Session, *, worker: str) -> tuple[int, int]:
    """End at once the leases of an earlier life of this worker, at its start; counts as in `lapse`."""
    return give_back(session, worker=worker), _to_unknown(session, Message.lease_by == worker)


def cancel_for_invitation(session: Session, invitation_id: int) -> int:
    """Take back what has not been tried for an invitation, as when it is revoked or re-addressed."""
    return _cancel(session, Message.invitation_id == invitation_id)


def cancel_for_campaign(session: Session, campaign_id: int) -> int:
    """Take back what has not been tried of a campaign's own lane, as when it closes."""
    return _cancel(session, (Message.campaign_id == campaign_id) & (Message.lane == Lane.CAMPAIGN))


def _row(draft: Draft, now: datetime) -> dict[str, Any]:
    return {
        "kind": draft.kind,
        "send_key": draft.send_key,
        "lane": int(draft.lane),
        "to_email": draft.to_email,
        "language": draft.language,
        "invitation_id": draft.invitation_id,
        "user_id": draft.user_id,
        "campaign_id": draft.campaign_id,
        "facts": dict(draft.facts),
        "created_at": now,
        "due_at": draft.due_at or now,
    }


def _due(now: datetime) -> Select[int]:
    """What may leave now; a campaign's own lane waits until the campaign is open."""
    open_campaigns = select(Campaign.id).where(Campaign.state == CampaignState.OPEN)
    may_leave = or_(Message.lane < Lane.CAMPAIGN, Message.campaign_id.in_(open_campaigns))
    return (
        select(Message.id)
        .where(Message.state == MessageState.QUEUED, Message.due_at <= now, may_leave)
        .order_by(Message.lane, Message.due_at, Message.id)
    )


def _has_lapsed(now: datetime) -> Any:
    is_held = Message.state.in_([MessageState.LEASED, MessageState.SENDING])
    return is_held & (Message.lease_until < now)


def _to_unknown(session: Session, condition: Any) -> int:
    # `lease_by` stays: should that worker still live, it alone may yet record what the server said.
    turned = session.scalars(
        update(Message)
        .where(Message.state == MessageState.SENDING, condition)
        .values(state=MessageState.UNKNOWN, lease_until=None)
        .returning(Message.id)
    )
    return len(turned.all())


def _start(which: Any, worker: str, lease_until: datetime) -> ReturningUpdate[int]:
    return (
        update(_table)
        .where(which)
        .values(
            state=MessageState.SENDING,
            lease_by=worker,
            lease_until=lease_until,
            attempts=_table.c.attempts + 1,
        )
        .returning(_table.c.id)
    )


def _later(session: Session, message_id: int, now: datetime) -> dict[str, Any]:
    attempts, lane = session.execute(
        select(_table.c.attempts, _table.c.lane).where(_table.c.id == message_id)
    ).one()
    if attempts >= MOST_ATTEMPTS:
        return {"state": MessageState.FAILED}
    first = FIRST_WAIT.get(Lane(lane), FIRST_CAMPAIGN_WAIT)
    wait = min(first * 2 ** (attempts - 1), LONGEST_WAIT)
    return {"state": MessageState.QUEUED, "lease_by": None, "due_at": now + wait}


def _cancel(session: Session, condition: Any) -> int:
    cancelled = session.scalars(
        update(Message)
        .where(Message.state.in_(OPEN_STATES), condition)
        .values(state=MessageState.CANCELLED, lease_by=None, lease_until=None)
        .returning(Message.id)
    )
    return len(cancelled.all())
