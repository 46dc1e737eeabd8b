"""Asking a colleague at the same supplier: they get an invitation of their own, the first one stays valid."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from assessments import addresses, audit, campaigns, outbox
from assessments.inviting import PURPOSE
from assessments.models import Assessment, AssessmentState, Invitation, Lane, User
from assessments.models.base import new_public_id
from assessments.responses import HasDeclined
from assessments.tokens import Keys, fingerprint, link_token

KIND = "delegated_invitation"
MOST_PEOPLE = 10


class AlreadyInvited(Exception):
    """This address has a working invitation to the same assessment."""


class TooManyPeople(Exception):
    """So many people were already asked for one assessment that something else must be wrong."""


def delegate(
    session: Session,
    invitation: Invitation,
    *,
    name: str,
    email: str,
    keys: Keys,
    now: datetime,
    by: User,
) -> Invitation:
    """Invite a colleague to the same assessment.

    Raises NotAnAddress, NotOpen, HasDeclined, AlreadyInvited, TooManyPeople.
    """
    address = addresses.normalised(email)
    assessment = _held(session, invitation)
    campaigns.must_be_open(assessment.campaign)
    if assessment.state is AssessmentState.DECLINED:
        raise HasDeclined
    live = (Invitation.assessment_id == assessment.id) & Invitation.revoked_at.is_(None)
    if session.scalar(select(Invitation.id).where(live, Invitation.email == address).limit(1)) is not None:
        raise AlreadyInvited
    if (session.scalar(select(func.count()).select_from(Invitation).where(live)) or 0) >= MOST_PEOPLE:
        raise TooManyPeople
    made = _invite(session, invitation, name=name.strip(), email=address, keys=keys, now=now)
    _queue(session, made, assessment.campaign_id, now=now)
    is_near = _domain(address) == _domain(invitation.email)
    audit.note(session, assessment, "invitation.delegated", now=now, by=by, same_domain=is_near)
    return made


def _held(session: Session, invitation: Invitation) -> Assessment:
    wanted = select(Assessment).where(
        Assessment.id == invitation.assessment_id, Assessment.supplier_id == invitation.supplier_id
    )
    return session.scalars(wanted.with_for_update(of=Assessment)).one()


def _invite(
    session: Session, of: Invitation, *, name: str, email: str, keys: Keys, now: datetime
) -> Invitation:
    public_id = new_public_id()
    made = Invitation(
        public_id=public_id,
        assessment_id=of.assessment_id,
        supplier_id=of.supplier_id,
        delegated_from_id=of.id,
        name=name,
        email=email,
        language=of.language,
        generation=1,
        token_hash=fingerprint(link_token(keys, PURPOSE, public_id, 1)),
        created_at=now,
    )
    session.add(made)
    session.flush()
    return made


def _queue(session: Session, invitation: Invitation, campaign_id: int, *, now: datetime) -> None:
    outbox.queue(
        session,
        kind=KIND,
        send_key=f"{KIND}:{invitation.public_id}:{invitation.generation}",
        lane=Lane.NOTICE,
        to_email=invitation.email,
        language=invitation.language,
        now=now,
        invitation_id=invitation.id,
        campaign_id=campaign_id,
    )


def _domain(address: str) -> str:
    return address.rpartition("@")[2]
