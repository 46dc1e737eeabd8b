"""Entering by an invitation: codes asked for and redeemed. Sending invitations is the work of `inviting`."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, func, select, update
from sqlalchemy.orm import Session

from assessments import audit, outbox
from assessments.models import (
    Assessment,
    AssessmentState,
    Campaign,
    CampaignState,
    Invitation,
    Lane,
    Membership,
    Role,
    SignInCode,
    User,
)
from assessments.tokens import Keys, are_six_digits, fingerprint

CODE_KIND = "code"
CODE_PURPOSE = "sign-in code"
CODE_LIVES = timedelta(minutes=10)
CODE_TRIES = 5
CODES_AN_HOUR = 5


@dataclass(frozen=True, slots=True)
class Entered:
    """Who came in, by which invitation."""

    user: User
    invitation: Invitation


def find(session: Session, token: str) -> Invitation | None:
    """Give the invitation of a link that still works: not revoked, its campaign open, not withdrawn."""
    return session.scalar(_working().where(Invitation.token_hash == fingerprint(token)))


def find_own(session: Session, assessment: Assessment, email: str) -> Invitation | None:
    """Give the newest working invitation to an assessment that went to this address."""
    mine = _working().where(Invitation.assessment_id == assessment.id, Invitation.email == email)
    return session.scalar(mine.order_by(Invitation.id.desc()).limit(1))


def ask_code(session: Session, invitation: Invitation, *, browser_hash: str, now: datetime) -> bool:
    """Have a code mailed that works in the asking browser alone; False after five within an hour."""
    session.execute(select(Invitation.id).where(Invitation.id == invitation.id).with_for_update())
    mine = SignInCode.invitation_id == invitation.id
    lately = select(func.count()).where(mine, SignInCode.asked_at > now - timedelta(hours=1))
    if (session.scalar(lately) or 0) >= CODES_AN_HOUR:
        return False
    counter = (session.scalar(select(func.max(SignInCode.counter)).where(mine)) or 0) + 1
    session.add(
        SignInCode(
            invitation_id=invitation.id,
            counter=counter,
            browser_hash=browser_hash,
            asked_at=now,
            expires_at=now + CODE_LIVES,
        )
    )
    invitation.opened_at = invitation.opened_at or now
    outbox.queue(
        session,
        kind=CODE_KIND,
        send_key=f"{CODE_KIND}:{invitation.public_id}:{counter}",
        lane=Lane.URGENT,
        to_email=invitation.email,
        language=invitation.language,
        now=now,
        invitation_id=invitation.id,
        facts={"counter": counter},
    )
    audit.note(session, invitation, "invitation.code_asked", now=now, by=audit.SYSTEM)
    return True


def confirm(
    session: Session, invitation: Invitation, digits: str, *, browser_hash: str, keys: Keys, now: datetime
) -> bool:
    """Tell whether these are the digits of a live code of this browser, and use it up.

    A wrong try counts against every live code, so the caller commits either way.
    """
    live = SignInCode.id.in_(_live_codes(invitation, browser_hash, now=now))
    codes = session.scalars(select(SignInCode).where(live).with_for_update()).all()
    is_right = any(
        are_six_digits(keys, digits, CODE_PURPOSE, invitation.public_id, code.counter) for code in codes
    )
    if is_right:
        _change(session, live, used_at=now)
        return True
    if codes:
        _change(session, live, tries=SignInCode.tries + 1)
        audit.note(session, invitation, "invitation.code_refused", now=now, by=audit.SYSTEM)
    return False


def redeem(
    session: Session, invitation: Invitation, digits: str, *, browser_hash: str, keys: Keys, now: datetime
) -> Entered | None:
    """Let the invited person in by a code: their user and membership are made if need be; None when refused.

    A refused try is counted, so the caller commits either way.
    """
    if not confirm(session, invitation, digits, browser_hash=browser_hash, keys=keys, now=now):
        return None
    user = _user(session, invitation, now=now)
    if user.suspended_at is not None:
        return None
    _make_respondent(session, user, invitation.supplier_id, now=now)
    audit.note(session, invitation, "invitation.entered", now=now, by=user)
    return Entered(user, invitation)


def _working() -> Select[Invitation]:
    return (
        select(Invitation)
        .join(Assessment, Assessment.id == Invitation.assessment_id)
        .join(Campaign, Campaign.id == Assessment.campaign_id)
        .where(
            Invitation.revoked_at.is_(None),
            Campaign.state == CampaignState.OPEN,
            Assessment.state != AssessmentState.WITHDRAWN,
        )
    )


def _live_codes(invitation: Invitation, browser_hash: str, *, now: datetime) -> Select[int]:
    return select(SignInCode.id).where(
        SignInCode.invitation_id == invitation.id,
        SignInCode.browser_hash == browser_hash,
        SignInCode.used_at.is_(None),
        SignInCode.expires_at > now,
        SignInCode.tries < CODE_TRIES,
    )


def _change(session: Session, which: ColumnElement[bool], **values: object) -> None:
    session.execute(
        update(SignInCode).where(which).values(**values).execution_options(synchronize_session=False)
    )


def _user(session: Session, invitation: Invitation, *, now: datetime) -> User:
    user = session.scalar(select(User).where(User.email == invitation.email))
    if user is None:
        user = User(
            email=invitation.email, name=invitation.name, language=invitation.language, created_at=now
        )
        session.add(user)
        session.flush()
    user.name = user.name or invitation.name
    if user.password_hash is None:  # somebody at a supplier alone: the buyer may have changed their language
        user.language = invitation.language
    return user


def _make_respondent(session: Session, user: User, supplier_id: int, *, now: datetime) -> None:
    standing = select(Membership.id).where(
        Membership.user_id == user.id, Membership.supplier_id == supplier_id
    )
    if session.scalar(standing.limit(1)) is None:
        session.add(
            Membership(user_id=user.id, role=Role.RESPONDENT, supplier_id=supplier_id, granted_at=now)
        )
        session.flush()
