"""What campaigns do by themselves at every sweep: start at their moment, remind, begin next year's draft."""

import time
from collections.abc import Callable, Sequence

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from assessments import calendar, campaign_drafts, reminding, waves
from assessments.calendar import Calendar
from assessments.models import Campaign
from portal import clock, tasks
from portal.db import Database
from portal.settings import Settings

LOOK_EVERY_SECONDS = 60.0

log = structlog.get_logger()


class Pace:
    """Keeps a process from looking through all campaigns more than once a minute; it decides nothing else."""

    def __init__(self) -> None:
        """Let the first look through."""
        self.looked_at = -LOOK_EVERY_SECONDS

    def is_due(self) -> bool:
        """Tell whether a minute has passed since the last look."""
        now = time.monotonic()
        if now - self.looked_at < LOOK_EVERY_SECONDS:
            return False
        self.looked_at = now
        return True


_pace = Pace()


@tasks.sweeper
def keep_courses(database: Database, _settings: Settings) -> None:
    """Start what is due at once; remind and begin drafts once a minute."""
    start_due(database)
    if _pace.is_due():
        remind_due(database)
        draft_due(database)


def start_due(database: Database) -> None:
    """Open each campaign whose moment has come."""
    with database.reader() as session:
        due = waves.due_to_start(session, now=clock.now())
    _each(due, lambda campaign_id: _start(database, campaign_id))


def remind_due(database: Database) -> None:
    """Queue the reminders that are due, and the notes to owners; nothing outside office hours."""
    with database.reader() as session:
        office = calendar.of_buyer(session)
        if not office.is_open(clock.now()):
            return
        wanted = reminding.campaigns_that_remind(session)
    if _each(wanted, lambda campaign_id: _remind(database, campaign_id, office)):
        tasks.wake_dispatcher()


def draft_due(database: Database) -> None:
    """Begin next year's draft of each yearly campaign, for a person to look over and send."""
    with database.reader() as session:
        due = campaign_drafts.due_again(session, now=clock.now())
    _each(due, lambda campaign_id: _draft(database, campaign_id))


def _each(campaign_ids: Sequence[int], work: Callable[[int], int]) -> int:
    """Work on one campaign after another and sum up; one that fails keeps none of the others."""
    done = 0
    for campaign_id in campaign_ids:
        try:
            done += work(campaign_id)
        except Exception as error:
            # The next look tries again.
            log.error("campaign left", campaign=campaign_id, error=type(error).__name__, exc_info=True)
    return done


def _start(database: Database, campaign_id: int) -> int:
    with database.writer.begin() as session:
        now = clock.now()
        job = waves.start(session, campaign_id, calendar.of_buyer(session), now=now)
    log.info("start of a campaign was due", campaign=campaign_id, job=job.id if job else None)
    if job is not None:
        tasks.wake_job(job.id)
    return 1


def _draft(database: Database, campaign_id: int) -> int:
    with database.writer.begin() as session:
        office = calendar.of_buyer(session)
        campaign_drafts.again(session, _campaign(session, campaign_id), office, now=clock.now(), by=None)
    log.info("draft of the next year", campaign=campaign_id)
    return 1


def _remind(database: Database, campaign_id: int, office: Calendar) -> int:
    reminded, told = 0, 0
    with database.reader() as session:
        is_due = reminding.is_due(session, _campaign(session, campaign_id), office, now=clock.now())
    after_id: int | None = 0 if is_due.suppliers else None
    while after_id is not None:
        with database.writer.begin() as session:
            campaign = _campaign(session, campaign_id)
            chunk = reminding.remind(session, campaign, office, after_id=after_id, now=clock.now())
            reminded, after_id = reminded + chunk.count, chunk.last_id
    if reminded or is_due.owners:
        with database.writer.begin() as session:
            campaign = _campaign(session, campaign_id)
            told = reminding.tell_owners(session, campaign, office, now=clock.now())
            if reminded:
                reminding.note_reminded(session, campaign, reminded, now=clock.now())
    return reminded + told


def _campaign(session: Session, campaign_id: int) -> Campaign:
    return session.scalars(select(Campaign).where(Campaign.id == campaign_id)).one()
