"""Verbs of the outbox: queue a mail once, lease a batch, mark one sending, record how it ended."""

import enum
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    Select,
    Table,
    bindparam,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from assessments import outbox_keys, outbox_waits
from assessments.models import Campaign, CampaignCourse, CampaignState, Lane, Message, MessageState
from assessments.models.adding import add_new_rows
from assessments.outbox_keys import IS_KEYED, MARK, NO_KEYS

LEASE = timedelta(minutes=2)
LONGEST_WORDS = 300
OPEN_STATES = (MessageState.QUEUED, MessageState.LEASED)
OF_A_KEY = ("lease_by", "first_tried_at")
_table = cast(Table, Message.__table__)
# An earlier try under the key ended without an answer: tries that surely came to nothing are not counted.
_MAY_HAVE_ARRIVED = IS_KEYED & (_table.c.attempts > 1)
_IS_OVER = (_table.c.lane == Lane.CAMPAIGN) & _table.c.campaign_id.in_(
    select(Campaign.id).where(Campaign.state == CampaignState.CLOSED)
)

_IN_FLIGHT = (
    (_table.c.id == bindparam("wanted"))
    & (_table.c.lease_by == bindparam("worker"))
    & _table.c.state.in_([MessageState.SENDING, MessageState.UNKNOWN])
)
# What is done for each mail is put together once: it would cost more than the database's own work.
_FIRST_URGENT = (
    select(_table.c.id)
    .where(
        _table.c.state == MessageState.QUEUED,
        _table.c.lane < Lane.CAMPAIGN,
        _table.c.due_at <= bindparam("now"),
        outbox_keys.may_be_taken(bindparam("whose"), bindparam("forgotten")),
    )
    .order_by(_table.c.lane, _table.c.due_at, _table.c.id)
    .limit(1)
    .with_for_update(skip_locked=True)
)
_START = (
    update(_table)
    .where(_table.c.id == bindparam("wanted"))
    .values(
        state=MessageState.SENDING,
        lease_by=bindparam("worker"),
        lease_until=bindparam("until"),
        attempts=_table.c.attempts + 1,
        first_tried_at=func.coalesce(_table.c.first_tried_at, bindparam("tried", type_=_table.c.due_at.type)),
    )
    .returning(_table.c.id)
)
_START_QUEUED = _START.where(_table.c.state == MessageState.QUEUED)
_START_LEASED = _START.where(
    _table.c.state == MessageState.LEASED,
    _table.c.lease_by == bindparam("worker"),
    _table.c.lease_until > bindparam("now"),
)
_RECORD_SENT = (
    update(_table)
    .where(_IN_FLIGHT)
    .values(state=MessageState.SENT, sent_at=bindparam("now"), lease_until=None, failure="")
    .returning(_table.c.id)
)


class Ending(enum.StrEnum):
    """How one try to send ended.

    `unreachable` is no fault of the mail; `unknown` must not be tried again; `repeat` is as unknown, but may
    be tried again under the same key.
    """

    SENT = "sent"
    REFUSED = "refused"
    LATER = "later"
    REPEAT = "repeat"
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
    add_new_rows(session, _table, rows, "send_key")


def has_work(session: Session, *, now: datetime) -> bool:
    """Tell whether a dispatcher would find something to do: a due mail, or a lapsed lease."""
    found = select(exists(_due(now)) | exists(select(Message.id).where(_has_lapsed(now))))
    return bool(session.scalar(found))


def waits_since(session: Session, *, now: datetime) -> datetime | None:
    """Give when the mail that has waited longest could first leave; None where none is due."""
    opened_late = Campaign.opened_at > Message.due_at
    could_leave = case((opened_late, Campaign.opened_at), else_=Message.due_at)
    waiting = _due(now).with_only_columns(Message.id).order_by(None)
    since: datetime | None = session.scalar(
        select(func.min(could_leave))
        .select_from(Message)
        .outerjoin(Campaign, Campaign.id == Message.campaign_id)
        .where(Message.id.in_(waiting))
    )
    return since


def last_sent(session: Session) -> datetime | None:
    """Give when a mail last left."""
    return session.scalar(select(func.max(Message.sent_at)))


def dead_leases(session: Session, *, now: datetime) -> int:
    """Count the mails whose worker is gone and that nobody has taken up again."""
    return session.scalar(select(func.count()).where(_has_lapsed(now))) or 0


def claim(
    session: Session, *, worker: str, now: datetime, limit: int, keys_kept: timedelta = NO_KEYS
) -> list[int]:
    """Lease a batch of due mails, urgent lanes first, and give their ids. Nothing is tried yet."""
    ids = [row.id for row in look(session, worker=worker, now=now, limit=limit, keys_kept=keys_kept)]
    lease_to(session, ids, worker=worker, until=now + LEASE)
    return ids


def look(
    session: Session, *, worker: str, now: datetime, limit: int, keys_kept: timedelta = NO_KEYS
) -> Sequence[Any]:
    """Give (id, lane, to_email) of due mails that no other worker looks at, urgent lanes first.

    What may have arrived under a key is given only to whom the key still tells that.
    """
    may_be_taken = outbox_keys.may_be_taken(**outbox_keys.known(worker, now, keys_kept))
    wanted = _due(now).where(may_be_taken).add_columns(Message.lane, Message.to_email)
    return session.execute(wanted.limit(limit).with_for_update(skip_locked=True)).all()


def lease_to(session: Session, ids: Sequence[int], *, worker: str, until: datetime) -> None:
    """Lease mails that were looked at in this transaction."""
    if ids:
        session.execute(
            update(_table)
            .where(_table.c.id.in_(ids), _table.c.state == MessageState.QUEUED)
            .values(state=MessageState.LEASED, lease_by=worker, lease_until=until)
        )


def start_urgent(
    session: Session, *, worker: str, now: datetime, keys_kept: timedelta = NO_KEYS
) -> int | None:
    """Mark one mail of the lanes before a campaign's `sending`, if one waits, and give its id; as `look`."""
    first = session.scalar(_FIRST_URGENT, {"now": now} | outbox_keys.known(worker, now, keys_kept))
    if first is None:
        return None
    values = {"wanted": first, "worker": worker, "until": now + LEASE}
    started: int | None = session.scalar(_START_QUEUED, values | outbox_keys.tried(worker, now))
    return started


def start(session: Session, message_id: int, *, worker: str, now: datetime, lease: timedelta = LEASE) -> bool:
    """Mark a mail of this worker's batch `sending`; False where it was taken back or its lease lapsed.

    Belongs into the transaction that records the mail before it, so that one mail is in flight a worker.
    """
    values = {"wanted": message_id, "worker": worker, "now": now, "until": now + lease}
    return session.scalar(_START_LEASED, values | outbox_keys.tried(worker, now)) is not None


def record(session: Session, message_id: int, outcome: Outcome, *, worker: str, now: datetime) -> bool:
    """Write down how a mail this worker had in flight ended; False when it is not this worker's any more."""
    mine = {"wanted": message_id, "worker": worker}
    if outcome.ending is Ending.SENT:
        return session.scalar(_RECORD_SENT, mine | {"now": now}) is not None
    values: dict[str, Any] = {"lease_until": None, "failure": outcome.words[:LONGEST_WORDS]}
    match outcome.ending:
        case Ending.REFUSED:
            values |= {"state": _if(_MAY_HAVE_ARRIVED, MessageState.UNKNOWN, MessageState.FAILED)}
        case Ending.WITHDRAWN:
            values |= {"state": MessageState.CANCELLED}
        case Ending.UNKNOWN:
            values |= {"state": MessageState.UNKNOWN}
        case Ending.UNREACHABLE:
            # No fault of this mail, so it is not counted against it.
            kept = {name: case((_MAY_HAVE_ARRIVED, _table.c[name])) for name in OF_A_KEY}
            values |= kept | {"state": _back(MessageState.CANCELLED), "attempts": _table.c.attempts - 1}
        case Ending.LATER:
            values |= dict.fromkeys(OF_A_KEY) | _later(session, message_id, MessageState.FAILED, now)
        case Ending.REPEAT:
            # `lease_by` and `first_tried_at` stay and tell that it may have arrived.
            values |= _later(session, message_id, MessageState.UNKNOWN, now)
    ended = update(_table).where(_IN_FLIGHT).values(**values).returning(_table.c.id)
    return session.scalar(ended, mine) is not None


def give_back(session: Session, *, worker: str) -> int:
    """Return the rest of a worker's batch to the queue: nothing of it was tried."""
    returned = session.scalars(
        update(Message)
        .where(Message.state == MessageState.LEASED, Message.lease_by == worker)
        .values(state=MessageState.QUEUED, lease_by=MARK, lease_until=None)
        .returning(Message.id)
    )
    return len(returned.all())


def lapse(
    session: Session, *, now: datetime, worker: str = "", keys_kept: timedelta = NO_KEYS
) -> tuple[int, int]:
    """End the leases of dead workers and give how many mails are queued again, and how many now unknown.

    Leased is queued again; sending becomes unknown, unless it went out under a key that the mail server
    still keeps: then it is sent again under the same. `worker` tells whose keys the present one uses, and
    `keys_kept` how long they are kept. What waits under any other key becomes unknown as well, and so does
    what was in flight when its campaign closed.
    """
    untried = session.scalars(
        update(Message)
        .where(Message.state == MessageState.LEASED, Message.lease_until < now)
        .values(state=MessageState.QUEUED, lease_by=MARK, lease_until=None)
        .returning(Message.id)
    ).all()
    of_keys = outbox_keys.known(worker, now, keys_kept)
    repeated = outbox_keys.repeat(session, (Message.lease_until < now) & ~_IS_OVER, of_keys, now=now)
    unknown = _to_unknown(session, Message.lease_until < now)
    return len(untried) + repeated, unknown + outbox_keys.forget(session, of_keys)


def release(
    session: Session, *, worker: str, now: datetime, keys_kept: timedelta = NO_KEYS
) -> tuple[int, int]:
    """End at once the leases of an earlier life of this worker, at its start; counts as in `lapse`."""
    queued = give_back(session, worker=worker)
    of_keys = outbox_keys.known(worker, now, keys_kept)
    queued += outbox_keys.repeat(session, (Message.lease_by == worker) & ~_IS_OVER, of_keys, now=now)
    return queued, _to_unknown(session, Message.lease_by == worker)


def cancel(session: Session, condition: ColumnElement[bool]) -> int:
    """Take back what has not been tried of the mails of a condition on Message."""
    cancelled = session.scalars(
        update(Message)
        .where(Message.state.in_(OPEN_STATES), condition)
        .values(state=MessageState.CANCELLED, lease_by=MARK, lease_until=None)
        .returning(Message.id)
    )
    return len(cancelled.all())


def cancel_for_invitation(session: Session, *invitation_ids: int) -> int:
    """Take back what has not been tried for invitations, as when they are revoked or re-addressed."""
    return cancel(session, Message.invitation_id.in_(invitation_ids))


def cancel_for_campaign(session: Session, campaign_id: int) -> int:
    """Take back what has not been tried of a campaign's own lane, as when it closes."""
    return cancel(session, (Message.campaign_id == campaign_id) & (Message.lane == Lane.CAMPAIGN))


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


def _due(now: datetime) -> Select[*tuple[Any, ...]]:
    """What may leave now; a campaign's own lane waits until the campaign is open, and while it rests."""
    resting = select(CampaignCourse.campaign_id).where(CampaignCourse.paused_at.is_not(None))
    open_campaigns = select(Campaign.id).where(
        Campaign.state == CampaignState.OPEN, Campaign.id.not_in(resting)
    )
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


def _back(over: MessageState) -> Any:
    """Into the queue, or `over` where the campaign closed while the mail was on its way."""
    return _if(_IS_OVER, over, MessageState.QUEUED)


def _if(condition: Any, then: MessageState, otherwise: MessageState) -> Any:
    kind = _table.c.state.type
    return case((condition, literal(then, kind)), else_=literal(otherwise, kind))


def _later(session: Session, message_id: int, last: MessageState, now: datetime) -> dict[str, Any]:
    tried = select(_table.c.attempts, _table.c.lane).where(_table.c.id == message_id)
    attempts, lane = session.execute(tried).one()
    # Where the end is unknown at last, it may have arrived.
    may_have_arrived = last is MessageState.UNKNOWN
    due_at = outbox_waits.next_try(session, attempts, Lane(lane), may_have_arrived=may_have_arrived, now=now)
    if due_at is None:
        return {"state": last}
    return {"state": _back(last if may_have_arrived else MessageState.CANCELLED), "due_at": due_at}
