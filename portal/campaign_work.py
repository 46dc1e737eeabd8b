"""What a campaign does to many suppliers at once: chunks, each a short transaction of its own."""

from collections.abc import Callable, Sequence

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from assessments import asking, calendar, campaigns, inviting, jobs, settling, turns
from assessments.asking import CHUNK, Chunk
from assessments.jobs import Claim
from assessments.models import Assessment, Campaign, Job, User
from portal import clock, tasks
from portal.db import Database
from portal.settings import Settings


def add_suppliers(
    session: Session, campaign: Campaign, wanted: ColumnElement[bool], *, by: User | None
) -> int:
    """Ask every supplier of whom `wanted` holds and who is not asked yet; gives how many were added."""

    def add(after_id: int) -> Chunk:
        return asking.add_suppliers(session, campaign, wanted, after_id=after_id, now=clock.now())

    return _all_chunks(session, campaign, add, asking.note_added, by=by)


def invite_ready(session: Session, settings: Settings, campaign: Campaign, *, by: User | None) -> int:
    """Invite those of an open campaign who have an address by now; gives how many."""

    def invite(after_id: int) -> Chunk:
        return inviting.invite(session, campaign, keys=settings.keys, after_id=after_id, now=clock.now())

    return _all_chunks(session, campaign, invite, inviting.note_invited, by=by, is_planned=True)


def remind(
    session: Session, campaign: Campaign, chosen: ColumnElement[bool], *, with_talks: bool, by: User
) -> int:
    """Remind those of the chosen who may be reminded now; gives how many."""
    begun = clock.now()

    def queue(after_id: int) -> Chunk:
        return inviting.remind(
            session, campaign, chosen=[chosen], with_talks=with_talks, after_id=after_id, now=begun
        )

    return _all_chunks(session, campaign, queue, inviting.note_reminded, by=by)


def send_failed_again(
    session: Session,
    settings: Settings,
    campaign: Campaign,
    chosen: Sequence[ColumnElement[bool]] = (),
    *,
    by: User | None,
) -> int:
    """Send those a fresh link whose mail did not arrive, in waves where there are some; gives how many."""

    def queue(after_id: int) -> Chunk:
        return settling.failed_again(
            session, campaign, chosen=chosen, keys=settings.keys, after_id=after_id, now=clock.now()
        )

    return _all_chunks(session, campaign, queue, settling.note_failed_again, by=by, is_planned=True)


@tasks.runner(campaigns.OPEN_JOB)
def open_campaign(database: Database, settings: Settings, mine: Claim) -> None:
    """Invite everybody, then let the mail leave; taken up again where it was left."""
    with database.reader() as session:
        campaign_id = session.scalars(select(Job.subject_id).where(Job.id == mine.job_id)).one()
        is_asked = Assessment.campaign_id == campaign_id
        total = session.scalar(select(func.count()).select_from(Assessment).where(is_asked)) or 0
    done = 0
    after_id: int | None = 0
    while after_id is not None:
        with database.writer.begin() as session:
            campaign = session.scalars(select(Campaign).where(Campaign.id == campaign_id)).one()
            chunk = inviting.invite(session, campaign, keys=settings.keys, after_id=after_id, now=clock.now())
            done, after_id = done + chunk.count, chunk.last_id
            jobs.progress(session, mine, done, total, now=clock.now())
    _plan(database, mine, campaign_id, done, total)
    with database.writer.begin() as session:
        campaign = session.scalars(select(Campaign).where(Campaign.id == campaign_id)).one()
        campaigns.finish_opening(session, campaign, now=clock.now())
        jobs.finish(session, mine, {"invited": done}, now=clock.now())
    tasks.wake_dispatcher()


def _plan(database: Database, mine: Claim, campaign_id: int, done: int, total: int) -> None:
    """Give the mails of a campaign that nobody can change any more their moments, a chunk a transaction."""
    with database.reader() as session:
        campaign = session.scalars(select(Campaign).where(Campaign.id == campaign_id)).one()
        found = list(turns.turns(session, campaign, calendar.of_buyer(session), now=clock.now()).items())
    for start in range(0, len(found), CHUNK):
        with database.writer.begin() as session:
            turns.write(session, found[start : start + CHUNK])
            jobs.progress(session, mine, done, total, now=clock.now())


def _all_chunks(
    session: Session,
    campaign: Campaign,
    step: Callable[[int], Chunk],
    note: Callable[..., None],
    *,
    by: User | None,
    is_planned: bool = False,
) -> int:
    """Do all chunks, each committed; then plan the mails where there are waves, and note how many."""
    count = 0
    after_id: int | None = 0
    while after_id is not None:
        chunk = step(after_id)
        session.commit()
        count, after_id = count + chunk.count, chunk.last_id
    if count:
        if is_planned:
            turns.plan(session, campaign, calendar.of_buyer(session), now=clock.now())
        note(session, campaign, count, now=clock.now(), by=by)
        session.commit()
    return count
