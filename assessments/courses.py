"""The course of a campaign: its settings over time, whether it rests, and the steps it has taken."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session, joinedload

from assessments import audit
from assessments.calendar_content import calendar_content
from assessments.models import Campaign, CampaignCourse, CampaignStep, StepKind, User


@dataclass(frozen=True, slots=True)
class Plan:
    """What a person sets of a campaign's course; fields as in CampaignCourse."""

    per_day: int | None
    reminds: bool
    first_after: int
    then_every: int
    at_most: int
    final_before: int | None
    tells_owner: bool
    is_yearly: bool


def of(session: Session, campaign: Campaign) -> CampaignCourse | None:
    """Give the course of a campaign, or None where nobody set one."""
    return session.scalar(select(CampaignCourse).where(CampaignCourse.campaign_id == campaign.id))


def made(session: Session, campaign: Campaign) -> CampaignCourse:
    """Give the course of a campaign, made where there is none: it sends at once and reminds nobody."""
    standing = of(session, campaign)
    if standing is None:
        standing = CampaignCourse(campaign_id=campaign.id, **asdict(usual(reminds=False)))
        session.add(standing)
        session.flush()
    return standing


def usual(*, reminds: bool) -> Plan:
    """Give the plan that a person finds before changing anything."""
    pace = calendar_content().reminders
    return Plan(
        per_day=None,
        reminds=reminds,
        first_after=pace.first_after,
        then_every=pace.then_every,
        at_most=pace.at_most,
        final_before=pace.final_before,
        tells_owner=reminds,
        is_yearly=False,
    )


def plan_of(course: CampaignCourse | None) -> Plan:
    """Give what is set, or what holds where nothing is."""
    if course is None:
        return usual(reminds=False)
    return Plan(**{name: getattr(course, name) for name in Plan.__slots__})


def set_plan(
    session: Session,
    campaign: Campaign,
    plan: Plan,
    *,
    now: datetime,
    by: User | None,
    actor: str = audit.SYSTEM,
) -> CampaignCourse:
    """Keep what a person set of a campaign's course; without a person `actor` says who."""
    course = made(session, campaign)
    changed = [name for name, value in asdict(plan).items() if getattr(course, name) != value]
    for name in changed:
        setattr(course, name, getattr(plan, name))
    if changed:
        audit.note(session, campaign, "campaign.course_set", now=now, by=by or actor, fields=changed)
    return course


def is_paused(session: Session, campaign: Campaign) -> bool:
    """Tell whether the mail of a campaign rests."""
    course = of(session, campaign)
    return course is not None and course.paused_at is not None


def forget_start(session: Session, campaign: Campaign) -> None:
    """Drop the moment a campaign was to start at: whoever sends it back takes that back too."""
    session.execute(
        update(CampaignCourse)
        .where(CampaignCourse.campaign_id == campaign.id)
        .values(starts_at=None, scheduled_by_id=None)
    )


def step(
    session: Session,
    campaign: Campaign,
    kind: StepKind,
    *,
    remark: str = "",
    starts_at: datetime | None = None,
    now: datetime,
    by: User | None,
) -> None:
    """Write a step into the campaign's history."""
    session.add(
        CampaignStep(
            campaign_id=campaign.id,
            kind=kind,
            at=now,
            by_id=by.id if by else None,
            remark=remark.strip(),
            starts_at=starts_at,
        )
    )
    session.flush()


def steps(session: Session, campaign: Campaign) -> list[CampaignStep]:
    """Give the history of a campaign, oldest first."""
    found = select(CampaignStep).where(CampaignStep.campaign_id == campaign.id).order_by(CampaignStep.id)
    return list(session.scalars(found.options(joinedload(CampaignStep.by))))


def times_asked(taken: Sequence[CampaignStep]) -> int:
    """Tell how often the approval of a campaign was asked for: the number of its latest request."""
    return sum(step.kind is StepKind.REQUESTED for step in taken)
