"""The buyer's users: adding them, granting and taking roles, letting them set a password, suspending them."""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from assessments import addresses, audit, outbox
from assessments.models import Lane, Membership, Message, Role, User
from assessments.passwords import hashed
from assessments.tokens import Keys, is_link_token, link_token

PURPOSE = "enrolment"
LINK_LIVES = timedelta(days=3)
BUYER_ROLES = tuple(role for role in Role if role not in {Role.RESPONDENT, Role.APPROVER})


class LastAdmin(Exception):
    """The last administrator cannot be taken away."""


class NotForOneself(Exception):
    """Nobody suspends themselves."""


class LinkIsDead(Exception):
    """A one-time link was used, replaced, or is too old."""


def add(
    session: Session,
    email: str,
    role: Role,
    *,
    name: str,
    now: datetime,
    by: str,
    phone: str = "",
    by_id: int | None = None,
    unit_id: int | None = None,
) -> User:
    """Give the user of an address, made if need be, with this role. Raises NotAnAddress.

    What is known of somebody already there stays as it is; only what is missing is filled in.
    """
    address = addresses.normalised(email)
    user = session.scalar(select(User).where(User.email == address))
    if user is None:
        user = User(email=address, created_at=now)
        session.add(user)
    user.name, user.phone = user.name or name, user.phone or phone
    session.flush()
    grant(session, user, role, unit_id=unit_id, now=now, by=by, by_id=by_id)
    return user


def grant(
    session: Session,
    user: User,
    role: Role,
    *,
    now: datetime,
    by: str,
    by_id: int | None = None,
    unit_id: int | None = None,
) -> None:
    """Give a buyer's role, in all units or one; a role already held stays as it is."""
    held = any(
        row.role is role and row.business_unit_id == unit_id and row.supplier_id is None
        for row in user.memberships
    )
    if held:
        return
    row = Membership(
        user_id=user.id, role=role, business_unit_id=unit_id, granted_by_id=by_id, granted_at=now
    )
    user.memberships.append(row)
    session.flush()
    audit.note(session, user, "user.role_granted", now=now, by=by, role=role.value)


def revoke(session: Session, user: User, membership: Membership, *, now: datetime, by: str) -> None:
    """Take a role away. Raises LastAdmin."""
    if membership.role is Role.ADMIN and _admin_rows(user) == 1 and _is_last_admin(session, user):
        raise LastAdmin
    user.memberships.remove(membership)
    session.delete(membership)
    session.flush()
    audit.note(session, user, "user.role_revoked", now=now, by=by, role=membership.role.value)


def suspend(session: Session, user: User, *, now: datetime, by: str) -> None:
    """Shut a user out. Raises LastAdmin, NotForOneself."""
    if user.public_id == by:
        raise NotForOneself
    if _is_last_admin(session, user):
        raise LastAdmin
    user.suspended_at = now
    audit.note(session, user, "user.suspended", now=now, by=by)


def resume(session: Session, user: User, *, now: datetime, by: str) -> None:
    """Let a suspended user in again."""
    user.suspended_at = None
    audit.note(session, user, "user.resumed", now=now, by=by)


def welcome(session: Session, user: User, *, now: datetime, by: str) -> Message | None:
    """Send the link to set a password to a user who has none yet; nothing to anybody else."""
    if user.password_hash is not None:
        return None
    return invite_to_enrol(session, user, now=now, by=by)


def invite_to_enrol(session: Session, user: User, *, now: datetime, by: str) -> Message:
    """Send a one-time link to set a password; earlier links die."""
    open_link(session, user, now=now, by=by)
    return outbox.queue(
        session,
        kind=PURPOSE,
        send_key=f"{PURPOSE}:{user.public_id}:{user.enrolment}",
        lane=Lane.URGENT,
        to_email=user.email,
        language=user.language,
        now=now,
        user_id=user.id,
        facts={"enrolment": user.enrolment},
    )


def open_link(session: Session, user: User, *, now: datetime, by: str) -> None:
    """Open a one-time link to set a password, without sending it; earlier links die."""
    user.enrolment += 1
    user.enrolment_expires_at = now + LINK_LIVES
    session.flush()
    audit.note(session, user, "user.enrolment_opened", now=now, by=by)


def enrolment_path(keys: Keys, user: User) -> str:
    """Give the path of the user's present one-time link."""
    return f"/sign-in/enrol/{user.public_id}/{link_token(keys, PURPOSE, user.public_id, user.enrolment)}"


def find_by_link(session: Session, keys: Keys, public_id: str, token: str, *, now: datetime) -> User:
    """Give the user a one-time link is for. Raises LinkIsDead."""
    user = session.scalar(select(User).where(User.public_id == public_id, User.suspended_at.is_(None)))
    if user is None or user.enrolment_expires_at is None or user.enrolment_expires_at < now:
        raise LinkIsDead
    if not is_link_token(keys, token, PURPOSE, user.public_id, user.enrolment):
        raise LinkIsDead
    return user


def set_password(
    session: Session, user: User, password: str, *, totp_step: int | None, now: datetime, by: str
) -> None:
    """Set the password and use the link up; whoever calls ends the user's sessions."""
    user.password_hash = hashed(password)
    user.totp_last_step = totp_step
    user.enrolment_expires_at = None
    session.flush()
    audit.note(session, user, "user.password_set", now=now, by=by)


def _is_last_admin(session: Session, user: User) -> bool:
    admins = (
        select(func.count(User.id.distinct()))
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.role == Role.ADMIN, User.suspended_at.is_(None), User.id != user.id)
    )
    return bool(_admin_rows(user)) and not session.scalar(admins)


def _admin_rows(user: User) -> int:
    return sum(row.role is Role.ADMIN for row in user.memberships)
