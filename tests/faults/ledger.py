"""Compares, address by address, what the mail server took with what the database says."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import and_, exists, func, select

from assessments.inviting import INVITATION
from assessments.models import (
    Assessment,
    Campaign,
    CampaignState,
    Invitation,
    Job,
    JobState,
    Lane,
    Message,
    MessageState,
)
from portal import letter
from portal.db import Database
from portal.settings import Settings
from tests.faults.taking import Received

LAST_STATES = (MessageState.SENT, MessageState.UNKNOWN, MessageState.FAILED, MessageState.CANCELLED)


@dataclass(frozen=True, slots=True)
class Row:
    """One mail as the database has it; `invites_to` is the assessment that it invites to, if it does."""

    address: str
    message_id: str
    state: MessageState
    invites_to: int | None = None


@dataclass(frozen=True, slots=True)
class Findings:
    """What does not agree; each list holds addresses, and all but `unknown` and `refused` must be empty.

    `invented` is said to be sent and was never taken, `denied` was taken and is said not to have been,
    `twice` was taken twice, or invites to an assessment that another mail invites to, `unaccounted` was
    taken and stands nowhere, `open` has not come to an end, `missing` was never written.
    """

    mails: int = 0
    invented: Sequence[str] = ()
    denied: Sequence[str] = ()
    twice: Sequence[str] = ()
    unaccounted: Sequence[str] = ()
    open: Sequence[str] = ()
    missing: Sequence[str] = ()
    unknown: Sequence[str] = ()
    refused: Sequence[str] = field(default=())

    @property
    def lost(self) -> list[str]:
        """Whom nobody would write to any more, though nobody was told."""
        return [*self.invented, *self.open, *self.missing]

    @property
    def faults(self) -> list[str]:
        """Everything that must not be."""
        return [*self.lost, *self.denied, *self.twice, *self.unaccounted]


def compare(rows: Sequence[Row], received: Iterable[Received], missing: Sequence[str] = ()) -> Findings:
    """Hold the two against each other."""
    taken = Counter((one.address, one.message_id) for one in received)
    known = {(row.address, row.message_id) for row in rows}

    def of(*states: MessageState, is_taken: bool | None = None) -> list[str]:
        return [
            row.address
            for row in rows
            if row.state in states
            and (is_taken is None or is_taken == ((row.address, row.message_id) in taken))
        ]

    untold = [state for state in MessageState if state not in (MessageState.SENT, MessageState.UNKNOWN)]
    return Findings(
        mails=len(rows),
        invented=of(MessageState.SENT, is_taken=False),
        denied=of(*untold, is_taken=True),
        twice=[address for (address, _id), count in taken.items() if count > 1] + _invited_again(rows),
        unaccounted=[address for address, message_id in taken if (address, message_id) not in known],
        open=of(*(state for state in MessageState if state not in LAST_STATES)),
        missing=missing,
        unknown=of(MessageState.UNKNOWN),
        refused=of(MessageState.FAILED),
    )


def _invited_again(rows: Sequence[Row]) -> list[str]:
    first: dict[int, Row] = {}
    left = [row for row in rows if row.state in (MessageState.SENT, MessageState.UNKNOWN)]
    return [
        row.address
        for row in left
        if row.invites_to is not None and first.setdefault(row.invites_to, row) is not row
    ]


def findings(database: Database, settings: Settings, received: Iterable[Received]) -> Findings:
    """Compare the mails of all campaigns that were opened; everybody asked must have been written to."""
    with database.reader() as session:
        rows = [
            Row(address, letter.message_id(key, settings), state, assessment if kind == INVITATION else None)
            for address, key, state, kind, assessment in session.execute(
                select(
                    Message.to_email, Message.send_key, Message.state, Message.kind, Invitation.assessment_id
                )
                .outerjoin(Invitation, Invitation.id == Message.invitation_id)
                .where(Message.lane == Lane.CAMPAIGN)
            )
        ]
        written = exists().where(
            Invitation.assessment_id == Assessment.id,
            Message.invitation_id == Invitation.id,
        )
        opened = Campaign.state.in_([CampaignState.OPENING, CampaignState.OPEN])
        missing = session.scalars(
            select(Assessment.public_id)
            .join(Campaign, Campaign.id == Assessment.campaign_id)
            .where(opened, ~written)
        ).all()
    return compare(rows, received, missing)


def waiting(database: Database) -> int:
    """Count the mails that may leave now and have not come to an end."""
    may_leave = Message.campaign_id.in_(select(Campaign.id).where(Campaign.state == CampaignState.OPEN))
    with database.reader() as session:
        return session.scalar(select(func.count(Message.id)).where(_IS_OPEN, may_leave)) or 0


def is_settled(database: Database) -> bool:
    """Tell whether every mail and every job has come to an end."""
    works = Job.state.in_([JobState.WAITING, JobState.RUNNING])
    with database.reader() as session:
        return not session.scalar(select(exists().where(_IS_OPEN) | exists().where(works)))


_IS_OPEN = and_(Message.lane == Lane.CAMPAIGN, Message.state.not_in(LAST_STATES))
