"""Signing in with password and one-time code, and the tries that are counted."""

from datetime import datetime, timedelta
from typing import Any

import pyotp
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from assessments import passwords
from assessments.models import AuditEvent, Role, SignInTry, User
from assessments.sign_in import MOST_TRIES, TooManyTries, sign_in
from tests import factories
from tests.factories import NOW
from tests.fixtures_app import KEYS

PASSWORD = "裏庭の柿の木には雀が三羽とまっている"
HASHED = passwords.hashed(PASSWORD)
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
OFFICE = "192.0.2.7"


def test_password_and_code_sign_in(session: Session) -> None:
    user = _person(session)

    assert _try(session, user.email) is user
    assert session.scalars(select(AuditEvent.action)).all() == ["user.signed_in"]


def test_an_address_is_known_in_any_spelling(session: Session) -> None:
    user = _person(session)

    assert _try(session, f" {user.email.upper()} ") is user


def test_a_code_signs_in_once(session: Session) -> None:
    user = _person(session)
    _try(session, user.email)

    assert _try(session, user.email) is None
    assert _try(session, user.email, now=NOW + timedelta(seconds=30)) is user


def test_the_demo_asks_for_no_code(session: Session) -> None:
    user = _person(session, totp_secret=None)

    assert (
        sign_in(session, user.email, PASSWORD, "", keys=KEYS, place=OFFICE, needs_totp=False, now=NOW) is user
    )


def test_a_suspended_user_stays_outside(session: Session) -> None:
    user = _person(session, suspended_at=NOW)

    assert _try(session, user.email) is None


def test_a_person_of_a_supplier_alone_stays_outside(session: Session) -> None:
    user = factories.user(session, password_hash=HASHED, totp_secret=SECRET)

    assert _try(session, user.email) is None


def test_what_was_wrong_is_not_told(session: Session) -> None:
    user = _person(session)

    assert _try(session, user.email, password="something else altogether") is None
    assert _try(session, user.email, digits="000000") is None
    assert _try(session, "nobody@buyer.example") is None
    assert _try(session, "not an address") is None


def test_a_user_without_an_authenticator_cannot_sign_in_where_one_is_asked(session: Session) -> None:
    user = _person(session, totp_secret=None)

    assert _try(session, user.email) is None


def test_a_refused_try_is_kept_under_pseudonyms(session: Session) -> None:
    user = _person(session)
    _try(session, user.email, password="something else altogether")

    kept = [*session.scalars(select(SignInTry.subject)), *session.scalars(select(AuditEvent.actor))]

    assert len(kept) == 3
    assert not [text for text in kept if user.email in text or OFFICE in text]


def test_the_eleventh_try_of_a_person_waits_wherever_it_comes_from(session: Session) -> None:
    user = _person(session)
    for number in range(MOST_TRIES):
        _try(session, user.email, password="something else altogether", place=f"192.0.2.{number}")

    with pytest.raises(TooManyTries):
        _try(session, user.email, place="198.51.100.1")


def test_the_eleventh_try_from_a_place_waits_whoever_it_is(session: Session) -> None:
    user = _person(session)
    for number in range(MOST_TRIES):
        _try(session, f"guess{number}@buyer.example")

    with pytest.raises(TooManyTries):
        _try(session, user.email)


def test_after_five_minutes_the_door_opens_again(session: Session) -> None:
    user = _person(session)
    for _number in range(MOST_TRIES):
        _try(session, user.email, password="something else altogether")

    assert _try(session, user.email, now=NOW + timedelta(minutes=5, seconds=1)) is user


def test_tries_are_swept_after_ninety_days(session: Session) -> None:
    _try(session, "nobody@buyer.example")

    _try(session, "somebody@buyer.example", now=NOW + timedelta(days=91))

    assert session.scalar(select(func.count()).select_from(SignInTry)) == 2


def _person(session: Session, **changes: Any) -> User:
    facts: dict[str, Any] = {"password_hash": HASHED, "totp_secret": SECRET}
    return factories.user(session, Role.RISK, **facts | changes)


def _try(
    session: Session,
    email: str,
    *,
    password: str = PASSWORD,
    digits: str = "",
    place: str = OFFICE,
    now: datetime = NOW,
) -> User | None:
    code = digits or pyotp.TOTP(SECRET).at(now)
    return sign_in(session, email, password, code, keys=KEYS, place=place, needs_totp=True, now=now)
