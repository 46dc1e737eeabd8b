"""Has nothing in a restored place go on by itself that may have gone on since the backup was made."""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, insert, select, update
from sqlalchemy.orm import Session, load_only

from assessments import audit, campaigns, courses, jobs, settling
from assessments.models import Campaign, CampaignCourse, CampaignState, Job, JobState, StepKind

# Before campaigns had a course nothing of them went on by itself but what had begun.
WANTED = frozenset({"campaign_course", "campaign_step", "job", "audit_event"})
SENDING_JOBS = (campaigns.OPEN_JOB, settling.DELIVERED_JOB, settling.AGAIN_JOB)
OPEN, OPENING, SCHEDULED = "open", "opening", "scheduled"
WHY = "バックアップから戻したため（バックアップのあとに送ったメールは、記録に残っていません）"


@dataclass(frozen=True)
class Halted:
    """A campaign that waits for a person now; `was` tells what it was about: open, opening or scheduled."""

    id: str
    title: str
    was: str


def halt(connection: Connection, tables: Collection[str], *, now: datetime) -> tuple[Halted, ...]:
    """Pause what runs, end the work of what was being opened, take back starts; give the campaigns.

    Works on the schema of the backup, which may be an older one: it names the columns it touches.
    """
    if not set(tables) >= WANTED:
        return ()
    with Session(connection) as session:
        _end_jobs(session, now=now)
        starting = _found(session, _is_scheduled())
        opening = _found(session, _runs(CampaignState.OPENING))
        running = _found(session, _runs(CampaignState.OPEN))
        return (
            *(_paused(session, one, OPEN, now=now) for one in running),
            *(_paused(session, one, OPENING, now=now) for one in opening),
            *(_unscheduled(session, one, now=now) for one in starting),
        )


def _found(session: Session, condition: ColumnElement[bool]) -> list[Campaign]:
    named = load_only(Campaign.id, Campaign.public_id, Campaign.title)
    return list(session.scalars(select(Campaign).options(named).where(condition).order_by(Campaign.id)))


def _is_scheduled() -> ColumnElement[bool]:
    starts = select(CampaignCourse.campaign_id).where(CampaignCourse.starts_at.is_not(None))
    return (Campaign.state == CampaignState.APPROVED) & Campaign.id.in_(starts)


def _runs(state: CampaignState) -> ColumnElement[bool]:
    resting = select(CampaignCourse.campaign_id).where(CampaignCourse.paused_at.is_not(None))
    return (Campaign.state == state) & Campaign.id.not_in(resting)


def _unscheduled(session: Session, campaign: Campaign, *, now: datetime) -> Halted:
    courses.forget_start(session, campaign)
    courses.step(session, campaign, StepKind.UNSCHEDULED, remark=WHY, now=now, by=None)
    audit.note(session, campaign, "campaign.unscheduled", now=now, by=audit.OPERATOR, restored=True)
    return Halted(campaign.public_id, campaign.title, SCHEDULED)


def _end_jobs(session: Session, *, now: datetime) -> None:
    """End the work that would have mail leave, so that a person begins it again."""
    theirs = Job.kind.in_(SENDING_JOBS) & Job.state.in_(jobs.OPEN)
    ended = {"state": JobState.CANCELLED, "lease_until": None, "ended_at": now}
    session.execute(update(Job).where(theirs).values(**ended).execution_options(synchronize_session=False))


def _paused(session: Session, campaign: Campaign, was: str, *, now: datetime) -> Halted:
    mine = update(CampaignCourse).where(CampaignCourse.campaign_id == campaign.id).values(paused_at=now)
    rests = mine.returning(CampaignCourse.id).execution_options(synchronize_session=False)
    if session.scalar(rests) is None:
        usual = asdict(courses.usual(reminds=False))
        session.execute(insert(CampaignCourse).values(campaign_id=campaign.id, paused_at=now, **usual))
    courses.step(session, campaign, StepKind.PAUSED, remark=WHY, now=now, by=None)
    audit.note(session, campaign, "campaign.paused", now=now, by=audit.OPERATOR, restored=True)
    return Halted(campaign.public_id, campaign.title, was)
