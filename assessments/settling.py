"""Mails that did not simply arrive: a person settles those whose end is not known."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, exists, func, select, true
from sqlalchemy.orm import Session, aliased

from assessments import audit, campaigns, genuine, inviting, outbox
from assessments.asking import CHUNK, Chunk
from assessments.genuine import NOTICE
from assessments.inviting import ANSWERED, INCOMPLETE, INVITATION, INVITING, REMINDER
from assessments.models import (
    Assessment,
    AssessmentState,
    Campaign,
    CampaignState,
    Invitation,
    Lane,
    Message,
    MessageSettlement,
    MessageState,
    Settled,
    SignInCode,
    Supplier,
    User,
)
from assessments.quiet import CONTACT_CHANGED, has_moved_on
from assessments.tokens import Keys

CODE = "code"
DELIVERED_JOB, AGAIN_JOB = "mails_delivered", "mails_again"
LEFT_THE_HOUSE = (MessageState.SENT, MessageState.UNKNOWN)
OF_A_LINK = (*INVITING, REMINDER)
NEEDS_NO_LINK = (*ANSWERED, AssessmentState.DECLINED, AssessmentState.WITHDRAWN)
MOST_SHOWN = 100


class NotUnknown(Exception):
    """The end of this mail is known, or somebody has settled it."""


class Superseded(Exception):
    """The link of this mail has been replaced or taken back: there is nothing to send again."""


@dataclass(frozen=True, slots=True)
class StrayMail:
    """A mail and whom it concerns; without a supplier it went to one of the buyer's own users."""

    message: Message
    supplier: Supplier | None
    assessment: Assessment | None
    campaign: Campaign | None


@dataclass(frozen=True, slots=True)
class Listed:
    """The oldest mails of a list, and how many there are in all."""

    mails: Sequence[StrayMail]
    total: int


def is_to_settle() -> ColumnElement[bool]:
    """Give the condition on Message of those that wait for a person to settle them.

    Codes are left out, who needs one asks anew; so is a link that a newer mail has replaced, and one that
    surely arrived or is not needed any more: its supplier has entered since, or has answered.
    """
    was_settled = exists().where(MessageSettlement.message_id == Message.id)
    is_open = (Message.state == MessageState.UNKNOWN) & (Message.kind != CODE)
    return is_open & ~was_settled & ~_is_superseded() & ~_is_answered_by_deeds()


def count_to_settle(
    session: Session, campaign: Campaign | None = None, *, scope: ColumnElement[bool] | None = None
) -> int:
    """Count what waits to be settled; `scope` is a condition on Supplier, None for everybody."""
    counted = select(func.count(Message.id)).where(is_to_settle(), _within(scope), _of(campaign))
    return session.scalar(counted) or 0


def to_settle(
    session: Session, campaign: Campaign | None = None, *, scope: ColumnElement[bool] | None = None
) -> Listed:
    """Give what waits to be settled, oldest first; `scope` as above."""
    mails = _mails(session, is_to_settle() & _within(scope) & _of(campaign))
    return Listed(mails, count_to_settle(session, campaign, scope=scope))


def waiting(session: Session, campaign_id: int, *, before: datetime) -> Sequence[int]:
    """Give the ids of all mails of a campaign, made by a moment, that wait to be settled, oldest first."""
    mine = (Message.campaign_id == campaign_id) & (Message.created_at <= before)
    return session.scalars(select(Message.id).where(is_to_settle(), mine).order_by(Message.id)).all()


def undelivered(
    session: Session, campaign: Campaign | None = None, *, scope: ColumnElement[bool] | None = None
) -> Listed:
    """Give the links that did not arrive and that nothing newer replaced; `scope` as above.

    With them those whose contact was retired or corrected since: that person is written to no more.
    """
    condition = _is_undelivered() & _within(scope) & _of(campaign)
    total = session.scalar(select(func.count(Message.id)).where(condition)) or 0
    return Listed(_mails(session, condition), total)


def undelivered_of(session: Session, assessment_ids: Collection[int]) -> dict[int, Message]:
    """Give the link that did not arrive, by assessment; the others are left out."""
    rows = session.execute(
        select(Invitation.assessment_id, Message)
        .join(Invitation, Invitation.id == Message.invitation_id)
        .where(Invitation.assessment_id.in_(assessment_ids), _is_undelivered())
        .order_by(Message.id)
    )
    return dict(rows.all())


def undelivered_to(session: Session, supplier: Supplier) -> list[StrayMail]:
    """Give the links to people of a supplier that did not arrive, oldest first."""
    return _mails(session, _is_undelivered() & (Invitation.supplier_id == supplier.id))


def was_held(message: Message) -> bool:
    """Tell whether an invitation was kept back because the notice before it did not arrive."""
    is_failed = message.state is MessageState.FAILED and message.attempts == 0
    return is_failed and message.kind == inviting.INVITATION


def settle_as_delivered(session: Session, message: Message, *, now: datetime, by: User) -> None:
    """Note that a mail had arrived after all. Raises NotUnknown."""
    _must_be_open(session, message)
    message.state, message.sent_at, message.failure = MessageState.SENT, now, ""
    _settle(session, message, Settled.DELIVERED, None, now=now, by=by)


def send_again(session: Session, message: Message, *, keys: Keys, now: datetime, by: User) -> Message:
    """Send in place of a mail whose end is not known a new one, with a new link where it holds one.

    The old one stays as it was. Raises NotUnknown, Superseded, and as `inviting.send_again` does.
    """
    _must_be_open(session, message)
    successor = _new_link(session, message, keys, now, by) or _copy(session, message, now)
    _settle(session, message, Settled.SENT_AGAIN, successor, now=now, by=by)
    return successor


def bounce(session: Session, message: Message, words: str, *, now: datetime, by: str) -> bool:
    """Note that a mail came back after it had been taken, with the words; False where it had not left.

    Of a notice the invitation that was to follow is kept back as well.
    """
    if message.state not in {MessageState.SENT, MessageState.UNKNOWN}:
        return False
    message.state = MessageState.FAILED
    message.failure = " ".join(words.split())[: outbox.LONGEST_WORDS]
    session.flush()
    genuine.hold_invitation(session, message.id)
    audit.note(session, message, "mail.bounced", now=now, by=by, kind=message.kind)
    return True


def failed_again(
    session: Session,
    campaign: Campaign,
    *,
    chosen: Sequence[ColumnElement[bool]] = (),
    keys: Keys,
    after_id: int = 0,
    limit: int = CHUNK,
    now: datetime,
) -> Chunk:
    """Send the next chunk of those a fresh link who have not answered and whose mail did not arrive.

    `chosen` are conditions on Assessment. Whose waits is left out by then: twice sends once. Raises NotOpen.
    """
    campaigns.hold_open(session, campaign)
    following = missed(campaign, chosen).with_only_columns(Invitation).where(Invitation.id > after_id)
    found = session.scalars(following.order_by(Invitation.id).limit(limit)).all()
    inviting.renew(session, found, campaign.id, keys=keys, now=now)
    return Chunk(len(found), found[-1].id if len(found) == limit else None)


def note_failed_again(
    session: Session, campaign: Campaign, count: int, *, now: datetime, by: User | None
) -> None:
    """Write down that requests were sent again, once all chunks stand."""
    audit.note(session, campaign, "campaign.sent_again", now=now, by=by or audit.OPERATOR, count=count)


def missed(campaign: Campaign, chosen: Sequence[ColumnElement[bool]] = ()) -> Select[Message]:
    """Select the links of a campaign that did not arrive at somebody who has not answered."""
    return (
        select(Message)
        .join(Invitation, Invitation.id == Message.invitation_id)
        .join(Assessment, Assessment.id == Invitation.assessment_id)
        .where(
            Assessment.campaign_id == campaign.id,
            Assessment.state.in_(INCOMPLETE),
            *chosen,
            _has_failed(),
            ~has_moved_on(),
        )
    )


def failures(
    session: Session, campaign: Campaign, chosen: Sequence[ColumnElement[bool]] = ()
) -> list[tuple[str, int]]:
    """Give what mail servers answered to the mails of `missed`, and how many times each."""
    said = missed(campaign, chosen).with_only_columns(Message.failure, func.count(Message.id))
    return [(words, count) for words, count in session.execute(said.group_by(Message.failure))]


def _must_be_open(session: Session, message: Message) -> None:
    # Held first and asked then: who waited for another must see what that one did.
    session.refresh(message, with_for_update={"key_share": True})
    waits = select(Message.id).where(Message.id == message.id, is_to_settle())
    if session.scalar(waits) is None:
        raise NotUnknown


def _new_link(session: Session, message: Message, keys: Keys, now: datetime, by: User) -> Message | None:
    """Give the mail with a new link; None where the mail holds none of its own."""
    invitation = message.invitation
    if message.kind not in INVITING or invitation is None:
        return None
    generation = invitation.generation
    if not inviting.send_again(session, invitation, generation=generation, keys=keys, now=now, by=by):
        raise Superseded
    newest = select(Message).where(Message.invitation_id == invitation.id, Message.kind.in_(INVITING))
    return session.scalars(newest.order_by(Message.id.desc()).limit(1)).one()


def _copy(session: Session, message: Message, now: datetime) -> Message:
    if message.lane == Lane.CAMPAIGN:
        campaigns.must_be_open(session.get_one(Campaign, message.campaign_id))
    return outbox.queue(
        session,
        kind=message.kind,
        send_key=f"{message.send_key}:again",
        lane=Lane(message.lane),
        to_email=message.to_email,
        language=message.language,
        now=now,
        invitation_id=message.invitation_id,
        user_id=message.user_id,
        campaign_id=message.campaign_id,
        facts=message.facts,
    )


def _settle(
    session: Session,
    message: Message,
    verdict: Settled,
    successor: Message | None,
    *,
    now: datetime,
    by: User,
) -> None:
    # A worker that was only slow has no say any more: a person has decided.
    message.lease_by = None
    session.add(
        MessageSettlement(
            message_id=message.id,
            verdict=verdict,
            successor_id=successor.id if successor else None,
            settled_by_id=by.id,
            settled_at=now,
        )
    )
    session.flush()
    action = "mail.settled_as_delivered" if verdict is Settled.DELIVERED else "mail.sent_again"
    audit.note(session, message, action, now=now, by=by, kind=message.kind)


def _is_superseded() -> ColumnElement[bool]:
    newer = aliased(Message)
    # A reminder that was taken back replaces nothing.
    has_newer = exists().where(
        newer.invitation_id == Message.invitation_id,
        newer.kind.in_(OF_A_LINK),
        newer.id > Message.id,
        (newer.kind != REMINDER) | (newer.state != MessageState.CANCELLED),
    )
    of_it = aliased(Invitation)
    is_dead = exists().where(of_it.id == Message.invitation_id, of_it.revoked_at.is_not(None))
    is_followed = exists().where(
        newer.invitation_id == Message.invitation_id,
        newer.kind.in_(INVITING),
        newer.state.in_([MessageState.SENDING, *LEFT_THE_HOUSE]),
    )
    of_a_link = Message.kind.in_(OF_A_LINK) & (has_newer | is_dead)
    # A notice of what has come by now tells nothing any more.
    return of_a_link | ((Message.kind == NOTICE) & (is_followed | is_dead))


def _is_answered_by_deeds() -> ColumnElement[bool]:
    """A link or notice after which its person asked for a code, or whose supplier has answered or declined.

    A newer link ends the older ones, so whoever entered after a link was written came by this one.
    """
    of_it, asked = aliased(Invitation), aliased(Assessment)
    is_over = exists().where(
        of_it.id == Message.invitation_id, asked.id == of_it.assessment_id, asked.state.in_(NEEDS_NO_LINK)
    )
    has_entered = exists().where(
        SignInCode.invitation_id == Message.invitation_id, SignInCode.asked_at >= Message.created_at
    )
    return Message.kind.in_((*OF_A_LINK, NOTICE)) & (is_over | has_entered)


def _is_undelivered() -> ColumnElement[bool]:
    return _has_failed() | _is_to_a_former_contact()


def _has_failed() -> ColumnElement[bool]:
    return (Message.state == MessageState.FAILED) & Message.kind.in_(OF_A_LINK) & ~_is_superseded()


def _is_to_a_former_contact() -> ColumnElement[bool]:
    """The newest link of a supplier whose answer is awaited, to somebody who is to be written to no more."""
    other, newer = aliased(Invitation), aliased(Message)
    is_followed = exists().where(
        other.assessment_id == Assessment.id, other.revoked_at.is_(None), other.id > Invitation.id
    )
    has_newer = exists().where(
        newer.invitation_id == Message.invitation_id, newer.kind.in_(INVITING), newer.id > Message.id
    )
    awaited = (
        select(Invitation.id)
        .join(Assessment, Assessment.id == Invitation.assessment_id)
        .join(Campaign, Campaign.id == Assessment.campaign_id)
        .where(Campaign.state == CampaignState.OPEN, Assessment.state.in_(INCOMPLETE))
        .where(Invitation.revoked_at.is_(None), ~is_followed)
    )
    is_newest = (Message.kind == INVITATION) & (Message.state != MessageState.FAILED) & ~has_newer
    # Who became a contact again has not got what was kept back meanwhile.
    was_kept_back = (Message.failure == CONTACT_CHANGED) & Message.invitation_id.in_(awaited)
    return is_newest & (was_kept_back | Message.invitation_id.in_(awaited.where(has_moved_on())))


def _within(scope: ColumnElement[bool] | None) -> ColumnElement[bool]:
    if scope is None:
        return true()
    theirs = select(Invitation.id).join(Supplier, Supplier.id == Invitation.supplier_id).where(scope)
    return Message.invitation_id.in_(theirs.correlate(None))


def _of(campaign: Campaign | None) -> ColumnElement[bool]:
    return true() if campaign is None else Message.campaign_id == campaign.id


def _mails(session: Session, condition: ColumnElement[bool]) -> list[StrayMail]:
    found: Select[*tuple[Message, Supplier | None, Assessment | None, Campaign | None]] = (
        select(Message, Supplier, Assessment, Campaign)
        .outerjoin(Invitation, Invitation.id == Message.invitation_id)
        .outerjoin(Supplier, Supplier.id == Invitation.supplier_id)
        .outerjoin(Assessment, Assessment.id == Invitation.assessment_id)
        .outerjoin(Campaign, Campaign.id == func.coalesce(Message.campaign_id, Assessment.campaign_id))
        .where(condition)
        .order_by(Message.created_at, Message.id)
        .limit(MOST_SHOWN)
    )
    return [StrayMail(*row) for row in session.execute(found)]
