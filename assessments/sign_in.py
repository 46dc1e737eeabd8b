"""Signing in with password and one-time code; tries are counted in the database, by person and by place."""

from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from assessments import addresses, audit
from assessments.models import SignInTry, User
from assessments.passwords import matches, totp_step
from assessments.tokens import Keys, pseudonym

MOST_TRIES = 10
WITHIN = timedelta(minutes=5)
KEPT = timedelta(days=90)


class TooManyTries(Exception):
    """Too many failed tries within five minutes, by this person or from this place."""


def sign_in(
    session: Session,
    email: str,
    password: str,
    digits: str,
    *,
    keys: Keys,
    place: str,
    needs_totp: bool,
    now: datetime,
) -> User | None:
    """Give the buyer's user who signed in, or None; what was wrong is not told. Raises TooManyTries.

    A failed try is a row, so the caller commits either way.
    """
    subjects = [pseudonym(keys, _address(email)), pseudonym(keys, place)]
    if has_too_many(session, subjects, now=now):
        raise TooManyTries
    user = session.scalar(select(User).where(User.email == _address(email)))
    is_right = matches(password, user.password_hash if user else None)
    if user and is_right and _may(user) and (not needs_totp or _has_code(user, digits, now=now)):
        audit.note(session, user, "user.signed_in", now=now, by=user)
        return user
    count_try(session, subjects, now=now)
    audit.record(
        session,
        now=now,
        actor=subjects[0],
        action="user.sign_in_refused",
        object_kind="user",
        object_id=subjects[0],
    )
    return None


def has_too_many(session: Session, subjects: list[str], *, now: datetime) -> bool:
    """Tell whether one of these subjects (pseudonyms) has tried wrongly too often lately."""
    counts = session.execute(
        select(func.count())
        .where(SignInTry.subject.in_(subjects), SignInTry.tried_at > now - WITHIN)
        .group_by(SignInTry.subject)
    ).scalars()
    return any(count >= MOST_TRIES for count in counts)


def count_try(session: Session, subjects: list[str], *, now: datetime) -> None:
    """Count a wrong try against these subjects, and sweep old ones."""
    session.add_all(SignInTry(subject=subject, tried_at=now) for subject in subjects)
    session.execute(delete(SignInTry).where(SignInTry.tried_at < now - KEPT))


def _address(email: str) -> str:
    try:
        return addresses.normalised(email)
    except addresses.NotAnAddress:
        return email.strip().lower()


def _may(user: User) -> bool:
    return user.suspended_at is None and any(row.supplier_id is None for row in user.memberships)


def _has_code(user: User, digits: str, *, now: datetime) -> bool:
    if user.totp_secret is None:
        return False
    step = totp_step(user.totp_secret, digits, now=now, last_step=user.totp_last_step)
    if step is None:
        return False
    user.totp_last_step = step
    return True
