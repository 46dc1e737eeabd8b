"""Keys under which a mail server knows a mail again: whose they are, and how long they are surely kept."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, Table, and_, case, func, null, or_, update
from sqlalchemy.orm import Session

from assessments.models import Message, MessageState

# Begins the name of a worker whose mail server knows a mail again by its key: trying twice sends once. What
# follows, and is as long for each, tells whose keys they are; another server knows nothing of them.
KEYED = "keyed:"
WHOSE_LETTERS = 12
NO_KEYS = timedelta(0)
_table = cast(Table, Message.__table__)
_whose = func.substr(_table.c.lease_by, 1, len(KEYED) + WHOSE_LETTERS)
IS_KEYED = _table.c.lease_by.startswith(KEYED, autoescape=True)
# What was tried under a key keeps the name of who did, also while it waits to be tried again.
MARK = case((_table.c.first_tried_at.is_not(None), _table.c.lease_by), else_=null())


def name_of(worker: str, whose: str) -> str:
    """Give the name of a worker that sends under somebody's keys."""
    return f"{KEYED}{whose}:{worker}"


def tried(worker: str, now: datetime) -> dict[str, datetime | None]:
    """Give since when a mail that a worker tries now has been tried under its key; None without keys."""
    return {"tried": now if worker.startswith(KEYED) else None}


def known(worker: str, now: datetime, keys_kept: timedelta) -> dict[str, Any]:
    """Give what the conditions below ask about a worker: whose keys it uses, and which are too old."""
    whose = worker[: len(KEYED) + WHOSE_LETTERS] if worker.startswith(KEYED) else ""
    return {"whose": whose, "forgotten": now - keys_kept}


def is_known(whose: Any, forgotten: Any) -> ColumnElement[bool]:
    """Give the condition on Message of what was tried under a key that the same server surely still keeps."""
    return and_(_whose == whose, _table.c.first_tried_at > forgotten)


def may_be_taken(whose: Any, forgotten: Any) -> ColumnElement[bool]:
    """Give the condition on waiting Messages of what sends nothing twice: not tried so far, or known."""
    return _table.c.lease_by.is_(None) | is_known(whose, forgotten)


def repeat(
    session: Session, condition: ColumnElement[bool], of_keys: Mapping[str, Any], *, now: datetime
) -> int:
    """Queue again what was in flight under a key that is still known; gives how many."""
    again = session.scalars(
        update(Message)
        .where(Message.state == MessageState.SENDING, condition, is_known(**of_keys))
        .values(state=MessageState.QUEUED, lease_until=None, due_at=now)
        .returning(Message.id)
    )
    return len(again.all())


def forget(session: Session, of_keys: Mapping[str, Any]) -> int:
    """Make unknown what waits to be sent again under a key that the mail server does not know any more."""
    turned = session.scalars(
        update(Message)
        .where(Message.state == MessageState.QUEUED, _is_forgotten(**of_keys))
        .values(state=MessageState.UNKNOWN)
        .returning(Message.id)
    )
    return len(turned.all())


def _is_forgotten(whose: Any, forgotten: Any) -> ColumnElement[bool]:
    """Give the condition on Message of what was tried under a key of somebody else, or too long ago."""
    tried_at = _table.c.first_tried_at
    return IS_KEYED & or_(_whose != whose, tried_at.is_(None), tried_at <= forgotten)
