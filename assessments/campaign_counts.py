"""How far campaigns are: suppliers counted by delivery and by answer, and each recipient's mail."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import CTE, ColumnElement, Select, Subquery, case, exists, func, select, true
from sqlalchemy.orm import Session

from assessments.inviting import INVITING, ON_THEIR_WAY, is_reachable
from assessments.models import (
    Assessment,
    AssessmentState,
    Campaign,
    Contact,
    Invitation,
    Message,
    MessageState,
    Supplier,
)

NEVER_SUBMITTED = (AssessmentState.NOT_STARTED, AssessmentState.IN_PROGRESS, AssessmentState.EXPIRED)
SUBMITTED = (AssessmentState.SUBMITTED, AssessmentState.ACCEPTED)


@dataclass(frozen=True, slots=True)
class Counts:
    """Suppliers of a campaign. `invited` = `queued` + `sent` + `unknown` + `failed`, by the last mail.

    `delivered` left the house, or was opened; `opened` asked for a code at any time; `submitted` includes
    `accepted`; `late` is past the due date without ever having submitted; `ready` could be invited now;
    `declined` said that they do not answer this time.
    """

    suppliers: int = 0
    queued: int = 0
    sent: int = 0
    unknown: int = 0
    failed: int = 0
    no_address: int = 0
    ready: int = 0
    delivered: int = 0
    opened: int = 0
    not_started: int = 0
    in_progress: int = 0
    submitted: int = 0
    returned: int = 0
    accepted: int = 0
    late: int = 0
    declined: int = 0

    @property
    def invited(self) -> int:
        """Those an invitation mail stands for."""
        return self.queued + self.sent + self.unknown + self.failed


@dataclass(frozen=True, slots=True)
class Answers:
    """Suppliers asked in a campaign, and those of them that have submitted."""

    suppliers: int = 0
    submitted: int = 0


@dataclass(frozen=True, slots=True)
class Recipient:
    """A person an invitation went to, and how its last mail ended: queued, sent, unknown or failed."""

    email: str
    state: str


def counts(
    session: Session, campaign: Campaign, *, today: date, scope: ColumnElement[bool] | None = None
) -> Counts:
    """Count one campaign's suppliers, those within `scope` (a condition on Supplier)."""
    return counts_of(session, [campaign.id], today=today, scope=scope).get(campaign.id, Counts())


def counts_of(
    session: Session,
    campaign_ids: Sequence[int],
    *,
    today: date,
    scope: ColumnElement[bool] | None = None,
) -> Mapping[int, Counts]:
    """Count the suppliers of several campaigns in one query; a campaign without any is left out."""
    one = _facts(Assessment.campaign_id.in_(campaign_ids) & is_within(scope))
    sums = [func.sum(case((condition, 1), else_=0)) for condition in _conditions(one, today)]
    statement = (
        select(Campaign.id, func.count(), *sums)
        .join(one, one.c.campaign_id == Campaign.id)
        .group_by(Campaign.id)
    )
    return {campaign_id: Counts(*numbers) for campaign_id, *numbers in session.execute(statement)}


def answers_of(
    session: Session, campaign_ids: Sequence[int], *, scope: ColumnElement[bool] | None = None
) -> Mapping[int, Answers]:
    """Count only who is asked and who has submitted, cheaply; a campaign without any is left out."""
    has_submitted = func.sum(case((Assessment.state.in_(SUBMITTED), 1), else_=0))
    statement = (
        select(Assessment.campaign_id, func.count(), has_submitted)
        .where(Assessment.campaign_id.in_(campaign_ids), is_within(scope))
        .group_by(Assessment.campaign_id)
    )
    return {campaign_id: Answers(*numbers) for campaign_id, *numbers in session.execute(statement)}


def recipients(session: Session, campaign: Campaign) -> list[Recipient]:
    """Give whom the last invitation mail of each supplier went to, and how that mail stands."""
    last = _last_mail_ids(Assessment.campaign_id == campaign.id)
    statement = (
        select(Message.to_email, _shown_state())
        .join(last, last.c.message_id == Message.id)
        .order_by(last.c.assessment_id)
    )
    return [Recipient(email, state) for email, state in session.execute(statement)]


def last_mail(among: ColumnElement[bool]) -> Subquery:
    """Give (assessment_id, state, sent_at) of the last invitation mail that was not taken back.

    `among` is a condition on Assessment; leased and sending ones count as queued.
    """
    last = _last_mail_ids(among)
    return (
        select(last.c.assessment_id, _shown_state().label("state"), Message.sent_at)
        .join(last, last.c.message_id == Message.id)
        .subquery()
    )


def invited(among: ColumnElement[bool]) -> Subquery:
    """Give (assessment_id, opened_at) of the assessments somebody was ever invited to; `among` as above."""
    return (
        select(Invitation.assessment_id, func.max(Invitation.opened_at).label("opened_at"))
        .join(Assessment, Assessment.id == Invitation.assessment_id)
        .where(among)
        .group_by(Invitation.assessment_id)
        .subquery()
    )


def is_within(scope: ColumnElement[bool] | None) -> ColumnElement[bool]:
    """Give the condition on Assessment that its supplier is within `scope`, a condition on Supplier."""
    return true() if scope is None else Assessment.supplier_id.in_(select(Supplier.id).where(scope))


def has_an_address() -> ColumnElement[bool]:
    """Give the condition on Assessment that somebody at its supplier can be written to."""
    return exists().where(Contact.supplier_id == Assessment.supplier_id, is_reachable())


def is_late(today: date) -> ColumnElement[bool]:
    """Give the condition on Assessment and Campaign of a due date that passed without a submission."""
    return (Campaign.due_on < today) & Assessment.state.in_(NEVER_SUBMITTED)


def _facts(among: ColumnElement[bool]) -> CTE:
    """Give what is counted of each assessment, looked up once at its own rows; `among` as above."""
    of_mine = Invitation.assessment_id == Assessment.id
    is_invited = exists().where(of_mine)
    last_mail = (
        select(_shown_state())
        .join(Invitation, Invitation.id == Message.invitation_id)
        .where(of_mine, Message.kind.in_(INVITING), Message.state != MessageState.CANCELLED)
        .order_by(Message.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    facts = select(
        Assessment.campaign_id,
        Assessment.state,
        last_mail.label("mail"),
        is_invited.label("is_invited"),
        exists().where(of_mine, Invitation.opened_at.is_not(None)).label("was_opened"),
        case((is_invited, False), else_=has_an_address()).label("is_ready"),
    )
    return facts.where(among).cte("facts").prefix_with("MATERIALIZED")


def _conditions(one: CTE, today: date) -> list[ColumnElement[bool]]:
    """Give the condition of each count, in the order of the fields of Counts."""
    state = one.c.state
    is_late = (Campaign.due_on < today) & state.in_(NEVER_SUBMITTED)
    return [
        one.c.mail == "queued",
        one.c.mail == "sent",
        one.c.mail == "unknown",
        one.c.mail == "failed",
        ~one.c.is_invited & ~one.c.is_ready,
        one.c.is_ready,
        (one.c.mail == "sent") | one.c.was_opened,
        one.c.was_opened,
        state == AssessmentState.NOT_STARTED,
        state == AssessmentState.IN_PROGRESS,
        state.in_(SUBMITTED),
        state == AssessmentState.RETURNED,
        state == AssessmentState.ACCEPTED,
        is_late & one.c.is_invited,
        state == AssessmentState.DECLINED,
    ]


def _shown_state() -> ColumnElement[str]:
    on_its_way = Message.state.in_(ON_THEIR_WAY)
    named = [(Message.state == state, state.value) for state in MessageState if state not in ON_THEIR_WAY]
    return case((on_its_way, "queued"), *named)


def _last_mail_ids(among: ColumnElement[bool]) -> Subquery:
    statement: Select[int, int] = (
        select(Invitation.assessment_id, func.max(Message.id).label("message_id"))
        .join(Message, Message.invitation_id == Invitation.id)
        .join(Assessment, Assessment.id == Invitation.assessment_id)
        .where(
            among,
            Message.kind.in_(INVITING),
            Message.state != MessageState.CANCELLED,
        )
        .group_by(Invitation.assessment_id)
    )
    return statement.subquery()
