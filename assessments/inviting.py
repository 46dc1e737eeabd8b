"""The mail of a campaign to its suppliers: invitations, reminders, another address, the same one again."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, Select, Table, exists, func, select
from sqlalchemy.orm import Session, aliased

from assessments import audit, calendar, campaigns, genuine, outbox, suppliers
from assessments.asking import CHUNK, Chunk, hold
from assessments.models import (
    Assessment,
    AssessmentState,
    Campaign,
    CampaignState,
    Contact,
    Invitation,
    Lane,
    Message,
    MessageState,
    User,
)
from assessments.models.adding import add_public_rows
from assessments.models.base import new_public_id
from assessments.quiet import came_back, has_left, has_moved_on, is_talking, must_be_contact
from assessments.suppliers import ContactFacts
from assessments.tokens import Keys, fingerprint, link_token

PURPOSE = "invitation"
INVITATION, REMINDER, TEST = "invitation", "reminder", "test_mail"
INVITING = (INVITATION, "delegated_invitation")
REST_BETWEEN_REMINDERS = timedelta(hours=24)
INCOMPLETE = (AssessmentState.NOT_STARTED, AssessmentState.IN_PROGRESS, AssessmentState.RETURNED)
ANSWERED = (AssessmentState.SUBMITTED, AssessmentState.ACCEPTED)
ON_THEIR_WAY = (MessageState.QUEUED, MessageState.LEASED, MessageState.SENDING)
_invitations = cast(Table, Invitation.__table__)


class SameAddress(Exception):
    """The new address is the one the invitation went to already."""


class NoAddress(Exception):
    """There is no address to write to."""


class NothingToAnswer(Exception):
    """This supplier's part has been withdrawn or declined; there is nothing to invite to."""


class AlreadyAnswered(Exception):
    """This supplier has submitted: there is nothing to ask again."""


def invite(
    session: Session, campaign: Campaign, *, keys: Keys, after_id: int = 0, limit: int = CHUNK, now: datetime
) -> Chunk:
    """Invite the next chunk of suppliers that have an address and no invitation yet; twice gives nothing new.

    The mails are queued; they leave once the campaign is open. Raises NotOpen.
    """
    hold(session, campaign)
    if campaign.state not in {CampaignState.OPENING, CampaignState.OPEN}:
        raise campaigns.NotOpen
    found = session.execute(_uninvited(campaign, after_id, limit)).all()
    reached = [row for row in found if row.contact_id is not None]
    rows = [_invitation_row(*row, keys=keys, now=now) for row in reached]
    if rows:
        ids = add_public_rows(session, _invitations, rows)
        drafts = [_draft(INVITATION, row, ids[row["public_id"]], campaign.id) for row in rows]
        genuine.give_numbers(session, [(row.id, row.supplier_id) for row in reached], now=now)
        outbox.queue_all(session, _announced(session, campaign, drafts, now=now), now=now)
    return Chunk(len(rows), found[-1].id if len(found) == limit else None)


def note_invited(session: Session, campaign: Campaign, count: int, *, now: datetime, by: User | None) -> None:
    """Write down that suppliers of an open campaign were invited later, once all chunks stand."""
    who = by or audit.OPERATOR
    audit.note(session, campaign, "campaign.invited_more", now=now, by=who, count=count)


def remind(
    session: Session,
    campaign: Campaign,
    *,
    chosen: Sequence[ColumnElement[bool]] = (),
    with_talks: bool = False,
    after_id: int = 0,
    limit: int = CHUNK,
    now: datetime,
) -> Chunk:
    """Queue a reminder for the next chunk of those that may be reminded now. Raises NotOpen."""
    campaigns.hold_open(session, campaign)
    found = session.execute(
        remindable(campaign, chosen, with_talks=with_talks, now=now)
        .where(Assessment.id > after_id)
        .order_by(Assessment.id)
        .limit(limit)
    ).all()
    outbox.queue_all(session, [_reminder(campaign, *row[1:]) for row in found], now=now)
    return Chunk(len(found), found[-1][0] if len(found) == limit else None)


def note_reminded(session: Session, campaign: Campaign, count: int, *, now: datetime, by: User) -> None:
    """Write down that suppliers were reminded, once all chunks stand."""
    audit.note(session, campaign, "campaign.reminded", now=now, by=by, count=count)


def remindable(
    campaign: Campaign,
    chosen: Sequence[ColumnElement[bool]],
    *,
    with_talks: bool = False,
    now: datetime,
) -> Select[int, Invitation, int]:
    """Select (assessment id, newest live invitation, reminders so far) of those that may be reminded.

    Left out is who has answered, whose invitation has not left, whose newest mail came back, whose contact
    has changed, who was reminded within 24 hours and, unless `with_talks`, who waits for an answer.
    """
    other = aliased(Invitation)
    newest = (
        select(func.max(other.id))
        .where(other.assessment_id == Assessment.id, other.revoked_at.is_(None))
        .scalar_subquery()
    )
    so_far = (
        select(func.count(Message.id))
        .where(Message.invitation_id == Invitation.id, Message.kind == REMINDER)
        .scalar_subquery()
    )
    return (
        select(Assessment.id, Invitation, so_far)
        .join(Invitation, Invitation.id == newest)
        .where(
            Assessment.campaign_id == campaign.id,
            Assessment.state.in_(INCOMPLETE),
            *chosen,
            _has_mail(Message.kind.in_(INVITING) & has_left()),
            ~_has_mail(Message.state.in_(ON_THEIR_WAY)),
            ~came_back() & ~has_moved_on(),
            ~_was_reminded_since(now - REST_BETWEEN_REMINDERS),
            *(() if with_talks else (~is_talking(),)),
        )
    )


def re_address(
    session: Session, assessment: Assessment, to: ContactFacts, *, keys: Keys, now: datetime, by: User
) -> Invitation:
    """Invite somebody else at the supplier: older invitations end, their waiting mails are taken back.

    The person becomes the supplier's contact, whoever was written to before a former one. Raises NoAddress,
    NotOpen, NothingToAnswer, SameAddress.
    """
    if to.email is None:
        raise NoAddress
    campaign = assessment.campaign
    _hold_invitable(session, campaign, assessment)
    live = live_invitations(session, assessment)
    if live and live[-1].email == to.email:
        raise SameAddress
    for invitation in live:
        _revoke(session, invitation, now=now)
    former = {one.contact_id for one in live}
    contact = suppliers.replace_contacts(session, assessment.supplier, to, former, now=now, by=by.public_id)
    row = _invitation_row(
        assessment.id, assessment.supplier_id, contact.id, to.name, to.email, to.language, keys=keys, now=now
    )
    invitation = Invitation(**row)
    session.add(invitation)
    session.flush()
    genuine.give_numbers(session, [(assessment.id, assessment.supplier_id)], now=now)
    outbox.queue_all(session, [_draft(INVITATION, row, invitation.id, campaign.id)], now=now)
    audit.note(session, assessment, "invitation.re_addressed", now=now, by=by)
    return invitation


def send_again(
    session: Session, invitation: Invitation, *, generation: int, keys: Keys, now: datetime, by: User
) -> bool:
    """Send the same person a fresh link; older links of the invitation end.

    `generation` is the one the sender saw: pressing twice sends once, and gives False the second time.
    Raises NotOpen, NothingToAnswer, AlreadyAnswered, ContactHasChanged.
    """
    assessment = session.scalars(select(Assessment).where(Assessment.id == invitation.assessment_id)).one()
    _hold_invitable(session, assessment.campaign, assessment)
    if assessment.state in ANSWERED:
        raise AlreadyAnswered
    must_be_contact(session, invitation)
    session.refresh(invitation, with_for_update=True)
    if invitation.revoked_at is not None or invitation.generation != generation:
        return False
    renew(session, [invitation], assessment.campaign_id, keys=keys, now=now)
    generation = invitation.generation
    audit.note(session, assessment, "invitation.sent_again", now=now, by=by, generation=generation)
    return True


def renew(
    session: Session, invitations: Sequence[Invitation], campaign_id: int, *, keys: Keys, now: datetime
) -> None:
    """Give invitations fresh links, by which older ones end, and queue the mails with them."""
    outbox.cancel_for_invitation(session, *(one.id for one in invitations))
    for one in invitations:
        one.generation += 1
        one.token_hash = fingerprint(link_token(keys, PURPOSE, one.public_id, one.generation))
    session.flush()
    named = ("public_id", "generation", "email", "language")
    rows = [(one.id, {name: getattr(one, name) for name in named}) for one in invitations]
    outbox.queue_all(session, [_draft(INVITATION, row, id_, campaign_id) for id_, row in rows], now=now)


def send_test(session: Session, campaign: Campaign, *, now: datetime, by: User) -> Message:
    """Send the sender what a supplier would get, without a link that works."""
    mine = (Message.kind == TEST) & (Message.campaign_id == campaign.id)
    number = (session.scalar(select(func.count(Message.id)).where(mine)) or 0) + 1
    audit.note(session, campaign, "campaign.tested", now=now, by=by)
    return outbox.queue(
        session,
        kind=TEST,
        send_key=f"{TEST}:{campaign.public_id}:{number}",
        lane=Lane.URGENT,
        to_email=by.email,
        language=by.language,
        user_id=by.id,
        campaign_id=campaign.id,
        now=now,
    )


def live_invitations(session: Session, assessment: Assessment) -> list[Invitation]:
    """Give the invitations of an assessment that are not revoked, oldest first."""
    live = select(Invitation).where(
        Invitation.assessment_id == assessment.id, Invitation.revoked_at.is_(None)
    )
    return list(session.scalars(live.order_by(Invitation.id)))


def main_contact_id(of: type[Assessment] = Assessment) -> ColumnElement[int | None]:
    """Give the main contact with an address of the supplier of an Assessment, as a correlated subquery."""
    return (
        select(func.min(Contact.id))
        .where(Contact.supplier_id == of.supplier_id, is_reachable())
        .correlate(of)
        .scalar_subquery()
    )


def is_reachable() -> ColumnElement[bool]:
    """Give the condition on Contact of somebody who can be written to."""
    return (func.coalesce(Contact.email, "") != "") & Contact.retired_at.is_(None)


def _uninvited(campaign: Campaign, after_id: int, limit: int) -> Select[*tuple[Any, ...]]:
    is_invited = exists().where(Invitation.assessment_id == Assessment.id)
    # The chunk is cut first: contacts are looked for at its suppliers alone.
    following = (
        select(Assessment.id, Assessment.supplier_id)
        .where(
            Assessment.campaign_id == campaign.id,
            Assessment.id > after_id,
            Assessment.state == AssessmentState.NOT_STARTED,
            ~is_invited,
        )
        .order_by(Assessment.id)
        .limit(limit)
        .subquery()
    )
    asked = aliased(Assessment, following)
    return (
        select(
            asked.id,
            asked.supplier_id,
            Contact.id.label("contact_id"),
            Contact.name,
            Contact.email,
            Contact.language,
        )
        .outerjoin(Contact, Contact.id == main_contact_id(asked))
        .order_by(asked.id)
    )


def _invitation_row(
    assessment_id: int,
    supplier_id: int,
    contact_id: int,
    name: str,
    email: str,
    language: str,
    *,
    keys: Keys,
    now: datetime,
) -> dict[str, Any]:
    public_id = new_public_id()
    return {
        "public_id": public_id,
        "assessment_id": assessment_id,
        "supplier_id": supplier_id,
        "contact_id": contact_id,
        "name": name,
        "email": email,
        "language": language,
        "generation": 1,
        "token_hash": fingerprint(link_token(keys, PURPOSE, public_id, 1)),
        "created_at": now,
    }


def _draft(kind: str, row: dict[str, Any], invitation_id: int, campaign_id: int) -> outbox.Draft:
    return outbox.Draft(
        kind=kind,
        send_key=f"{kind}:{row['public_id']}:{row['generation']}",
        lane=Lane.CAMPAIGN,
        to_email=row["email"],
        language=row["language"],
        invitation_id=invitation_id,
        campaign_id=campaign_id,
        facts={"generation": row["generation"]},
    )


def _announced(
    session: Session, campaign: Campaign, drafts: Sequence[outbox.Draft], *, now: datetime
) -> Sequence[outbox.Draft]:
    """Put a notice before each invitation where the campaign gives one.

    Who is added late is asked at once where waiting would take most of the time there is for answering.
    """
    days, office = genuine.notice_days(session, campaign), calendar.of_buyer(session)
    is_late = campaign.state is CampaignState.OPEN
    if not days or (is_late and not genuine.leaves_time(campaign.due_on, days, office, now=now)):
        return drafts
    return genuine.with_notices(drafts, days, office, now=now)


def _reminder(campaign: Campaign, invitation: Invitation, so_far: int) -> outbox.Draft:
    number = so_far + 1
    return outbox.Draft(
        kind=REMINDER,
        send_key=f"{REMINDER}:{invitation.public_id}:{invitation.generation}:{number}",
        lane=Lane.CAMPAIGN,
        to_email=invitation.email,
        language=invitation.language,
        invitation_id=invitation.id,
        campaign_id=campaign.id,
        facts={"generation": invitation.generation, "number": number},
    )


def _has_mail(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(Message.invitation_id == Invitation.id, condition)


def _was_reminded_since(moment: datetime) -> ColumnElement[bool]:
    other = aliased(Invitation)
    return exists().where(
        Message.invitation_id == other.id,
        other.assessment_id == Assessment.id,
        Message.kind == REMINDER,
        Message.state != MessageState.CANCELLED,
        Message.created_at > moment,
    )


def _hold_invitable(session: Session, campaign: Campaign, assessment: Assessment) -> None:
    campaigns.hold_open(session, campaign)
    session.refresh(assessment)
    if assessment.state in {AssessmentState.WITHDRAWN, AssessmentState.DECLINED}:
        raise NothingToAnswer


def _revoke(session: Session, invitation: Invitation, *, now: datetime) -> None:
    invitation.revoked_at = now
    session.flush()
    outbox.cancel_for_invitation(session, invitation.id)
