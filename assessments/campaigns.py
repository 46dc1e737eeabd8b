"""The life of a campaign from draft to closing; whom it asks is in `asking`, its mail in `inviting`."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CursorResult, func, select, update
from sqlalchemy.orm import Session

from assessments import asking, audit, calendar, courses, jobs, last_notices, outbox, placeholders
from assessments.models import (
    AdvanceNotice,
    Assessment,
    AssessmentState,
    Campaign,
    CampaignState,
    Invitation,
    Job,
    Organisation,
    QuestionnaireVersion,
    StepKind,
    User,
)

OPEN_JOB = "campaign_open"
BY_A_COLLEAGUE, BY_OPERATOR, NOT_NEEDED = "colleague", "operator", "not_needed"


class CampaignIsFixed(Exception):
    """What was to be changed is settled: only a draft can be edited."""


class NotAwaitingApproval(Exception):
    """Nobody has asked for this campaign's approval, or it has been given."""


class AskedAnew(Exception):
    """The approval was asked for once more since whoever approves has read what is asked."""


class ApprovalIsMissing(Exception):
    """A second person must approve this campaign before it can be opened."""


class Incomplete(Exception):
    """Something is missing before a campaign may leave."""


class NobodyIsAsked(Incomplete):
    """The campaign names no supplier."""


class DueDateHasCome(Incomplete):
    """The due date is not later than today: nobody could answer by it."""


class PurposeIsMissing(Incomplete):
    """Nobody has said why these suppliers are asked."""


class WordsUnknown(Incomplete):
    """The message holds words in braces, given here, that would leave as they were typed."""


class OwnApproval(Exception):
    """Whoever made the campaign, or asked for its approval, cannot approve it."""


class NotOpen(Exception):
    """The campaign does not run: mail leaves only while it is open."""


class NotClosed(Exception):
    """Only a closed campaign can be taken up again."""


class DueDateRefused(Exception):
    """The new due date is not later than today, or than the present one."""


def create(
    session: Session,
    version: QuestionnaireVersion,
    *,
    title: str,
    due_on: date,
    purpose: str,
    message: str = "",
    now: datetime,
    by: User | None,
    actor: str | None = None,
    is_announced: bool | None = None,
) -> Campaign:
    """Start a draft; where it is announced, its suppliers get a notice before they are invited.

    Unless said, it is, but in a demo: whoever tries it wants to see the invitation today.
    `by` None is the operator at the command line; `actor` is whoever acts in the name of `by`.
    """
    campaign = Campaign(
        title=title,
        version_id=version.id,
        due_on=due_on,
        purpose=purpose,
        message=message,
        created_by_id=by.id if by else None,
        created_at=now,
    )
    session.add(campaign)
    session.flush()
    if _is_announced(session) if is_announced is None else is_announced:
        session.add(AdvanceNotice(campaign_id=campaign.id))
    audit.note(session, campaign, "campaign.created", now=now, by=actor or by or audit.OPERATOR)
    return campaign


def edit_facts(
    session: Session, campaign: Campaign, *, title: str, due_on: date, purpose: str, now: datetime, by: User
) -> None:
    """Change what a draft says of itself. Raises CampaignIsFixed."""
    _hold_draft(session, campaign)
    campaign.title, campaign.due_on, campaign.purpose = title, due_on, purpose
    audit.note(session, campaign, "campaign.edited", now=now, by=by, fields=["facts"])


def edit_message(session: Session, campaign: Campaign, *, message: str, now: datetime, by: User) -> None:
    """Change the buyer's own words in the mail. Raises CampaignIsFixed."""
    _hold_draft(session, campaign)
    campaign.message = message
    audit.note(session, campaign, "campaign.edited", now=now, by=by, fields=["message"])


def give_repeat_reason(
    session: Session, campaign: Campaign, reason: str, *, now: datetime, by: User | None
) -> None:
    """Say why suppliers are asked again within twelve months. Raises CampaignIsFixed."""
    _hold_draft(session, campaign)
    campaign.repeat_reason = reason
    who = by or audit.OPERATOR
    audit.note(session, campaign, "campaign.edited", now=now, by=who, fields=["repeat_reason"])


def request_approval(
    session: Session, campaign: Campaign, *, note: str = "", now: datetime, by: User
) -> None:
    """Ask a second person. Raises CampaignIsFixed, Incomplete, RepeatReasonWanted."""
    _hold_draft(session, campaign)
    _must_be_complete(session, campaign, now=now)
    campaign.state = CampaignState.AWAITING_APPROVAL
    campaign.approval_requested_by_id = by.id
    campaign.approval_note = ""
    courses.step(session, campaign, StepKind.REQUESTED, remark=note, now=now, by=by)
    audit.note(session, campaign, "campaign.approval_requested", now=now, by=by)


def approve(
    session: Session, campaign: Campaign, *, asked: int | None, note: str = "", now: datetime, by: User
) -> None:
    """Let it go, as a second person who has read what was asked for that many times (`courses.times_asked`).

    Raises NotAwaitingApproval, OwnApproval, AskedAnew.
    """
    asking.hold(session, campaign)
    if campaign.state is not CampaignState.AWAITING_APPROVAL:
        raise NotAwaitingApproval
    if by.id in {campaign.created_by_id, campaign.approval_requested_by_id}:
        raise OwnApproval
    if asked != courses.times_asked(courses.steps(session, campaign)):
        raise AskedAnew
    _approve(campaign, BY_A_COLLEAGUE, now=now)
    campaign.approved_by_id, campaign.approval_note = by.id, note
    courses.step(session, campaign, StepKind.APPROVED, remark=note, now=now, by=by)
    audit.note(session, campaign, "campaign.approved", now=now, by=by, approval=BY_A_COLLEAGUE)


def approve_as_operator(session: Session, campaign: Campaign, *, now: datetime) -> None:
    """Record that an operator let it go at the command line. Raises as `request_approval`."""
    asking.hold(session, campaign)
    if campaign.state not in {CampaignState.DRAFT, CampaignState.AWAITING_APPROVAL}:
        raise CampaignIsFixed
    _must_be_complete(session, campaign, now=now)
    _approve(campaign, BY_OPERATOR, now=now)
    audit.note(session, campaign, "campaign.approved", now=now, by=audit.OPERATOR, approval=BY_OPERATOR)


def send_back(session: Session, campaign: Campaign, *, note: str = "", now: datetime, by: User) -> None:
    """Make it a draft again: whoever asked, or whom they asked, or after an approval not yet used."""
    asking.hold(session, campaign)
    if campaign.state not in {CampaignState.AWAITING_APPROVAL, CampaignState.APPROVED}:
        raise NotAwaitingApproval
    campaign.state = CampaignState.DRAFT
    campaign.approval = campaign.approved_at = campaign.approved_by_id = None
    campaign.approval_note = note
    courses.forget_start(session, campaign)
    courses.step(session, campaign, StepKind.SENT_BACK, remark=note, now=now, by=by)
    audit.note(session, campaign, "campaign.sent_back", now=now, by=by)


def make_ready(session: Session, campaign: Campaign, *, now: datetime) -> None:
    """See that it may be sent; where no second person is needed, a draft is let go here.

    Raises ApprovalIsMissing, CampaignIsFixed, Incomplete, RepeatReasonWanted.
    """
    asking.hold(session, campaign)
    if campaign.state is CampaignState.DRAFT and not _needs_approval(session):
        _approve(campaign, NOT_NEEDED, now=now)
    if campaign.state in {CampaignState.DRAFT, CampaignState.AWAITING_APPROVAL}:
        raise ApprovalIsMissing
    if campaign.state is not CampaignState.APPROVED:
        raise CampaignIsFixed
    _must_be_complete(session, campaign, now=now)


def open_(
    session: Session, campaign: Campaign, *, now: datetime, by: User | None, actor: str = audit.OPERATOR
) -> Job:
    """Set it opening and ask for the work: invitations in chunks, then mail leaves.

    Without a person `actor` says who. Raises as `make_ready`.
    """
    make_ready(session, campaign, now=now)
    campaign.state = CampaignState.OPENING
    courses.step(session, campaign, StepKind.OPENED, now=now, by=by)
    audit.note(session, campaign, "campaign.opening", now=now, by=by or actor)
    return jobs.request(session, OPEN_JOB, campaign.id, now=now, by=by.id if by else None)


def finish_opening(session: Session, campaign: Campaign, *, now: datetime) -> None:
    """Let the mail leave: every invitation stands. Doing it again changes nothing."""
    asking.hold(session, campaign)
    if campaign.state is not CampaignState.OPENING:
        return
    campaign.state, campaign.opened_at = CampaignState.OPEN, now
    mine = select(Assessment.id).where(Assessment.campaign_id == campaign.id)
    invited = select(func.count(Invitation.assessment_id.distinct())).where(
        Invitation.assessment_id.in_(mine)
    )
    count = session.scalar(invited) or 0
    audit.note(session, campaign, "campaign.opened", now=now, by=audit.SYSTEM, invited=count)


def extend(
    session: Session, campaign: Campaign, due_on: date, *, today: date, now: datetime, by: User
) -> None:
    """Move the due date of a running campaign to a later day; last notices before the old one stay here.

    Raises NotOpen, DueDateRefused.
    """
    hold_open(session, campaign)
    _must_be_later(due_on, than=max(today, campaign.due_on))
    before, campaign.due_on = campaign.due_on, due_on
    last_notices.take_back(session, campaign)
    audit.note(session, campaign, "campaign.extended", now=now, by=by, **_dates(before, due_on))


def reopen(
    session: Session, campaign: Campaign, due_on: date, *, today: date, now: datetime, by: User
) -> None:
    """Take up a closed campaign with a new due date; what was typed is still there.

    Raises NotClosed, DueDateRefused.
    """
    asking.hold(session, campaign)
    if campaign.state is not CampaignState.CLOSED:
        raise NotClosed
    _must_be_later(due_on, than=today)
    before, campaign.due_on = campaign.due_on, due_on
    campaign.state, campaign.closed_at = CampaignState.OPEN, None
    _move(session, campaign, AssessmentState.EXPIRED, AssessmentState.NOT_STARTED, is_started=False)
    _move(session, campaign, AssessmentState.EXPIRED, AssessmentState.IN_PROGRESS, is_started=True)
    audit.note(session, campaign, "campaign.reopened", now=now, by=by, **_dates(before, due_on))


def close(session: Session, campaign: Campaign, *, now: datetime, by: User) -> None:
    """Stop taking answers: links end, waiting mail is taken back, nothing typed is lost. Raises NotOpen."""
    hold_open(session, campaign)
    campaign.state, campaign.closed_at = CampaignState.CLOSED, now
    expired = _move(session, campaign, AssessmentState.NOT_STARTED, AssessmentState.EXPIRED, is_started=False)
    expired += _move(session, campaign, AssessmentState.IN_PROGRESS, AssessmentState.EXPIRED, is_started=True)
    cancelled = outbox.cancel_for_campaign(session, campaign.id)
    counts = {"expired": expired, "cancelled_mails": cancelled}
    audit.note(session, campaign, "campaign.closed", now=now, by=by, **counts)


def must_say_enough(campaign: Campaign, *, today: date) -> None:
    """See that its suppliers are told until when and why, in words that are all filled.

    Raises DueDateHasCome, PurposeIsMissing, WordsUnknown.
    """
    if campaign.due_on <= today:
        raise DueDateHasCome
    if not campaign.purpose.strip():
        raise PurposeIsMissing
    if strange := placeholders.unknown(campaign.message):
        raise WordsUnknown(" ".join(strange))


def hold_open(session: Session, campaign: Campaign) -> None:
    """Let nobody else work on a campaign that runs until the commit. Raises NotOpen."""
    asking.hold(session, campaign)
    must_be_open(campaign)


def must_be_open(campaign: Campaign) -> None:
    """Raise NotOpen unless the campaign runs."""
    if campaign.state is not CampaignState.OPEN:
        raise NotOpen


def _hold_draft(session: Session, campaign: Campaign) -> None:
    asking.hold(session, campaign)
    if campaign.state is not CampaignState.DRAFT:
        raise CampaignIsFixed


def _must_be_complete(session: Session, campaign: Campaign, *, now: datetime) -> None:
    is_asking = select(Assessment.id).where(Assessment.campaign_id == campaign.id).limit(1)
    if session.scalar(is_asking) is None:
        raise NobodyIsAsked
    must_say_enough(campaign, today=calendar.of_buyer(session).day_of(now))
    asking.must_have_repeat_reason(session, campaign, now=now)


def _must_be_later(due_on: date, *, than: date) -> None:
    if due_on <= than:
        raise DueDateRefused


def _needs_approval(session: Session) -> bool:
    needed = session.scalar(select(Organisation.needs_campaign_approval).limit(1))
    return needed is not False


def _is_announced(session: Session) -> bool:
    return not session.scalar(select(Organisation.is_demo).limit(1))


def _approve(campaign: Campaign, approval: str, *, now: datetime) -> None:
    campaign.state, campaign.approval, campaign.approved_at = CampaignState.APPROVED, approval, now


def _move(
    session: Session, campaign: Campaign, old: AssessmentState, new: AssessmentState, *, is_started: bool
) -> int:
    started = Assessment.started_at.is_not(None) if is_started else Assessment.started_at.is_(None)
    moved: CursorResult[Any] = session.execute(  # type: ignore[assignment]  # an update gives a cursor's result
        update(Assessment)
        .where(Assessment.campaign_id == campaign.id, Assessment.state == old, started)
        .values(state=new)
        .execution_options(synchronize_session="evaluate")
    )
    return moved.rowcount


def _dates(before: date, after: date) -> dict[str, str]:
    return {"from": before.isoformat(), "to": after.isoformat()}
