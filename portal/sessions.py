"""Sessions on the server: opening, finding and ending them; the browser holds only a random secret."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, cast

from flask import current_app, request
from sqlalchemy import Row, Select, Table, bindparam, func, select, update
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from assessments.models import Membership, Side, Supplier, User, UserSession
from assessments.tokens import fingerprint, new_secret
from portal.settings import Settings

IDLE = {Side.BUYER: timedelta(minutes=30), Side.SUPPLIER: timedelta(hours=12)}
LONGEST = {Side.BUYER: timedelta(hours=12), Side.SUPPLIER: timedelta(days=30)}
SEEN_EVERY = timedelta(minutes=5)
_sessions, _users = cast(Table, UserSession.__table__), cast(Table, User.__table__)
_suppliers, _memberships = cast(Table, Supplier.__table__), cast(Table, Membership.__table__)
# One look at the database a request, built once: who, at which supplier, with which roles there (a row each).
_WHO: Select[Any] = (
    select(
        *_sessions.c["id", "user_id", "side", "supplier_id", "verified_at", "created_at", "last_seen_at"],
        *_users.c["public_id", "name", "email", "language", "suspended_at"],
        func.coalesce(_suppliers.c.name, "").label("supplier_name"),
        *_memberships.c["role", "business_unit_id"],
    )
    .join(_users, _users.c.id == _sessions.c.user_id)
    .outerjoin(_suppliers, _suppliers.c.id == _sessions.c.supplier_id)
    .outerjoin(
        _memberships,
        (_memberships.c.user_id == _sessions.c.user_id)
        & _memberships.c.supplier_id.is_not_distinct_from(_sessions.c.supplier_id),
    )
    .where(_sessions.c.token_hash == bindparam("token"), _sessions.c.ended_at.is_(None))
)


def cookie_name(settings: Settings) -> str:
    """Give the cookie's name; the `__Host-` form needs https."""
    return "__Host-sanpo" if settings.is_https else "sanpo"


def open_(session: Session, user: User, *, side: Side, supplier_id: int | None, now: datetime) -> str:
    """Open a session and give the secret for the cookie."""
    secret = new_secret()
    session.add(
        UserSession(
            token_hash=fingerprint(secret),
            user_id=user.id,
            side=side,
            supplier_id=supplier_id,
            verified_at=now,
            created_at=now,
            last_seen_at=now,
        )
    )
    return secret


def find(session: Session, secret: str, *, now: datetime) -> Sequence[Row[Any]]:
    """Give whose secret it is, a row a role; none when it ended or idled away, or its user is suspended."""
    rows = session.execute(_WHO, {"token": fingerprint(secret)}).all()
    if not rows or rows[0].suspended_at is not None:
        return ()
    first = rows[0]
    idle, longest = IDLE[first.side], LONGEST[first.side]
    is_live = now - first.last_seen_at <= idle and now - first.created_at <= longest
    return rows if is_live else ()


def touch(session: Session, session_id: int, *, now: datetime) -> None:
    """Note that a session was used."""
    session.execute(update(UserSession).where(UserSession.id == session_id).values(last_seen_at=now))


def verify(session: Session, session_id: int, *, now: datetime) -> None:
    """Note that the person gave a code again."""
    session.execute(update(UserSession).where(UserSession.id == session_id).values(verified_at=now))


def end(session: Session, session_id: int, *, now: datetime) -> None:
    """End a session for good."""
    session.execute(
        update(UserSession)
        .where(UserSession.id == session_id, UserSession.ended_at.is_(None))
        .values(ended_at=now)
    )


def end_all_of(session: Session, user_id: int, *, now: datetime) -> None:
    """End every session of a user, as after a change of password, role or suspension."""
    session.execute(
        update(UserSession)
        .where(UserSession.user_id == user_id, UserSession.ended_at.is_(None))
        .values(ended_at=now)
    )


def set_cookie(response: Response, secret: str) -> None:
    """Hand the secret to the browser; it ends with the browser's own session."""
    settings: Settings = current_app.extensions["sanpo_settings"]
    response.set_cookie(
        cookie_name(settings), secret, httponly=True, secure=settings.is_https, samesite="Lax", path="/"
    )


def drop_cookie(response: Response) -> None:
    """Take the secret back."""
    settings: Settings = current_app.extensions["sanpo_settings"]
    response.delete_cookie(
        cookie_name(settings), path="/", secure=settings.is_https, httponly=True, samesite="Lax"
    )


def secret_of_request() -> str | None:
    """Give the secret the browser sent, or None."""
    return request.cookies.get(cookie_name(current_app.extensions["sanpo_settings"]))
