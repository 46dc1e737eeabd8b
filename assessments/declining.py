"""Declining to answer this time: said by the supplier, taken back by it, asked again by the buyer."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload

from assessments import asking, audit, campaigns, consultations, inviting, outbox, reminding, responses
from assessments.models import (
    Assessment,
    AssessmentState,
    CampaignState,
    Consultation,
    ConsultationTopic,
    Decline,
    DeclineEnd,
    DeclineReason,
    Invitation,
    Lane,
    Message,
    User,
)
from assessments.owners import owner_of
from assessments.tokens import Keys

NOTE = "declined_note"
ASKED_AGAIN = "asked_again"
DECLINABLE = (AssessmentState.NOT_STARTED, AssessmentState.IN_PROGRESS)
WANTS_TO_TALK = DeclineReason.OVERLOADED


class NotDeclined(Exception):
    """Nothing stands that could be taken back or asked about again."""


class AskedAgainAlready(Exception):
    """The supplier was asked once more and declined once more: that is its answer to this campaign."""


def may_decline(assessment: Assessment) -> bool:
    """Tell whether the supplier may decline now: it never submitted, and the campaign runs."""
    return assessment.state in DECLINABLE and assessment.campaign.state is CampaignState.OPEN


def may_take_back(assessment: Assessment) -> bool:
    """Tell whether the supplier may still change its mind."""
    is_declined = assessment.state is AssessmentState.DECLINED
    return is_declined and assessment.campaign.state is CampaignState.OPEN


def decline(
    session: Session,
    assessment: Assessment,
    *,
    reason: DeclineReason,
    remark: str = "",
    talk: str = "",
    now: datetime,
    by: User,
) -> bool:
    """Note that the supplier does not answer this time and tell its owner; False where that stands already.

    Who wants to talk gets a talk with the owner, opened with the remark, else with the words of `talk`.
    What was typed stays. Raises AlreadySubmitted, NoLongerOpen.
    """
    session.refresh(assessment, with_for_update=True)
    if assessment.state is AssessmentState.DECLINED:
        return False
    _must_be_declinable(assessment)
    made = Decline(
        assessment_id=assessment.id,
        supplier_id=assessment.supplier_id,
        number=_times(session, assessment) + 1,
        reason=reason,
        remark=remark.strip(),
        declined_at=now,
        declined_by_id=by.id,
    )
    session.add(made)
    assessment.state, assessment.last_activity_at = AssessmentState.DECLINED, now
    session.flush()
    reminding.stop(session, assessment)
    audit.note(session, assessment, "assessment.declined", now=now, by=by)
    told = _open_talk(session, assessment, made, talk, now=now, by=by)
    if told is None or told.owner_id is None:
        _tell(session, assessment, made, now=now, by=by)
    return True


def take_back(session: Session, assessment: Assessment, *, now: datetime, by: User) -> None:
    """Answer after all, from where it was left. Raises NotDeclined, NoLongerOpen."""
    made = _held(session, assessment)
    if assessment.campaign.state is not CampaignState.OPEN:
        raise responses.NoLongerOpen
    _end(session, assessment, made, DeclineEnd.TAKEN_BACK, now=now, by=by)
    audit.note(session, assessment, "assessment.decline_taken_back", now=now, by=by)


def ask_again(session: Session, assessment: Assessment, *, keys: Keys, now: datetime, by: User) -> None:
    """Ask a supplier that declined once more, by a mail to the person who said so.

    Raises NotOpen, NotDeclined, AskedAgainAlready.
    """
    campaigns.must_be_open(assessment.campaign)
    asking.hold(session, assessment.campaign)
    made = _held(session, assessment)
    if was_asked_again(session, assessment):
        raise AskedAgainAlready
    _end(session, assessment, made, DeclineEnd.ASKED_AGAIN, now=now, by=by)
    for invitation in _invitations_of(session, assessment, made)[-1:]:
        inviting.send_again(session, invitation, generation=invitation.generation, keys=keys, now=now, by=by)
        newest = select(Message).where(
            Message.invitation_id == invitation.id, Message.kind == inviting.INVITATION
        )
        mail = session.scalars(newest.order_by(Message.id.desc()).limit(1)).one()
        mail.facts = mail.facts | {ASKED_AGAIN: made.number}
    session.flush()
    audit.note(session, assessment, "assessment.asked_again", now=now, by=by)


def was_asked_again(session: Session, assessment: Assessment) -> bool:
    """Tell whether the buyer has asked once more after a decline; it does so once a campaign."""
    asked = _of(assessment).where(Decline.ending == DeclineEnd.ASKED_AGAIN).limit(1)
    return session.scalar(asked) is not None


def standing(session: Session, assessment: Assessment) -> Decline | None:
    """Give the decline that stands, or None."""
    return session.scalar(_of(assessment).where(Decline.ended_at.is_(None)))


def history(session: Session, assessment: Assessment) -> list[Decline]:
    """Give every time the supplier declined, the latest first."""
    people = (joinedload(Decline.declined_by), joinedload(Decline.ended_by))
    return list(session.scalars(_of(assessment).order_by(Decline.number.desc()).options(*people)))


def reasons(session: Session, assessment_ids: Collection[int]) -> dict[int, DeclineReason]:
    """Give the reason that stands, by assessment; the others are left out."""
    if not assessment_ids:
        return {}
    rows = session.execute(
        select(Decline.assessment_id, Decline.reason).where(
            Decline.assessment_id.in_(assessment_ids), Decline.ended_at.is_(None)
        )
    )
    return dict(rows.all())


def _of(assessment: Assessment) -> Select[Decline]:
    return select(Decline).where(
        Decline.assessment_id == assessment.id, Decline.supplier_id == assessment.supplier_id
    )


def _times(session: Session, assessment: Assessment) -> int:
    counted = select(func.count(Decline.id)).where(Decline.assessment_id == assessment.id)
    return session.scalar(counted) or 0


def _must_be_declinable(assessment: Assessment) -> None:
    if assessment.state in {*responses.SUBMITTED, AssessmentState.RETURNED}:
        raise responses.AlreadySubmitted
    if not may_decline(assessment):
        raise responses.NoLongerOpen


def _held(session: Session, assessment: Assessment) -> Decline:
    session.refresh(assessment, with_for_update=True)
    made = standing(session, assessment)
    if assessment.state is not AssessmentState.DECLINED or made is None:
        raise NotDeclined
    return made


def _end(
    session: Session, assessment: Assessment, made: Decline, how: DeclineEnd, *, now: datetime, by: User
) -> None:
    made.ending, made.ended_at, made.ended_by_id = how, now, by.id
    is_begun = assessment.started_at is not None
    assessment.state = AssessmentState.IN_PROGRESS if is_begun else AssessmentState.NOT_STARTED
    session.flush()


def _invitations_of(session: Session, assessment: Assessment, made: Decline) -> list[Invitation]:
    """The living invitations of whoever declined, else those of anybody at the supplier."""
    live = inviting.live_invitations(session, assessment)
    return [one for one in live if one.email == made.declined_by.email] or live


def _open_talk(
    session: Session, assessment: Assessment, made: Decline, words: str, *, now: datetime, by: User
) -> Consultation | None:
    message = made.remark or words
    if made.reason is not WANTS_TO_TALK or not message:
        return None
    topic = ConsultationTopic.TIMING
    return consultations.open_(session, assessment, topic=topic, message=message, now=now, by=by)


def _tell(session: Session, assessment: Assessment, made: Decline, *, now: datetime, by: User) -> None:
    """Tell the supplier's owner, else whoever made the campaign; the page says the rest."""
    owner = owner_of(session, assessment.supplier_id)
    person_id = (owner.user_id if owner else None) or assessment.campaign.created_by_id
    person = session.get(User, person_id) if person_id else None
    theirs = _invitations_of(session, assessment, made)
    if person is None or person.suspended_at is not None or not theirs:
        return
    outbox.queue(
        session,
        kind=NOTE,
        send_key=f"{NOTE}:{made.public_id}",
        lane=Lane.NOTICE,
        to_email=person.email,
        language=person.language,
        now=now,
        invitation_id=theirs[-1].id,
        user_id=person.id,
        campaign_id=assessment.campaign_id,
        facts={"decline_id": made.id},
    )
