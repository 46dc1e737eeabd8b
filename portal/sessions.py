"""Sessions on the server: opening, finding and ending them; the browser holds only a random secret."""

from datetime import datetime, timedelta

from flask import current_app, request
from sqlalchemy import select, update
from sqlalchemy.orm import Session, joinedload
from werkzeug.wrappers import Response

from assessments.models import Side, User, UserSession
from assessments.tokens import fingerprint, new_secret
from portal.settings import Settings

IDLE = {Side.BUYER: timedelta(minutes=30), Side.SUPPLIER: timedelta(hours=12)}
LONGEST = {Side.BUYER: timedelta(hours=12), Side.SUPPLIER: timedelta(days=30)}
SEEN_EVERY = timedelta(minutes=5)
# One look at the database a request: who, with which roles, at which supplier.
_WITH_THE_PERSON = (
    joinedload(UserSession.user).joinedload(User.memberships),
    joinedload(UserSession.supplier),
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


def find(session: Session, secret: str, *, now: datetime) -> UserSession | None:
    """Give the live session of a secret, or None when it ended, idled away or its user is suspended."""
    wanted = (
        select(UserSession)
        .where(UserSession.token_hash == fingerprint(secret), UserSession.ended_at.is_(None))
        .options(*_WITH_THE_PERSON)
    )
    found = session.scalars(wanted).unique().one_or_none()
    if found is None or found.user.suspended_at is not None:
        return None
    idle, longest = IDLE[found.side], LONGEST[found.side]
    is_live = now - found.last_seen_at <= idle and now - found.created_at <= longest
    return found if is_live else None


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
