"""Settling all mails of a campaign whose end is not known: each in a transaction of its own, as by hand."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessments import campaigns, inviting, jobs, settling
from assessments.jobs import Claim
from assessments.models import Campaign, Job, Message, User
from assessments.quiet import ContactHasChanged
from portal import clock, tasks
from portal.db import Database
from portal.settings import Settings

KINDS: Mapping[str, str] = {"delivered": settling.DELIVERED_JOB, "again": settling.AGAIN_JOB}
AT_ONCE = 25
# What was settled, answered, replaced or closed meanwhile needs nobody any more.
NOT_NEEDED = (
    settling.NotUnknown,
    settling.Superseded,
    inviting.NothingToAnswer,
    inviting.AlreadyAnswered,
    ContactHasChanged,
    campaigns.NotOpen,
)
Settle = Callable[[Session, Message, User], Any]


def request(session: Session, campaign: Campaign, verdict: str, *, by: User) -> Job:
    """Ask for all that waits of a campaign to be settled alike; `verdict` is a key of `KINDS`."""
    return jobs.request(session, KINDS[verdict], campaign.id, now=clock.now(), by=by.id)


@tasks.runner(settling.DELIVERED_JOB)
def note_all_delivered(database: Database, _settings: Settings, mine: Claim) -> None:
    """Note of all of them that they had arrived."""

    def settle(session: Session, message: Message, by: User) -> None:
        settling.settle_as_delivered(session, message, now=clock.now(), by=by)

    _settle_all(database, mine, settle)


@tasks.runner(settling.AGAIN_JOB)
def send_all_again(database: Database, settings: Settings, mine: Claim) -> None:
    """Send a new mail in place of each."""

    def settle(session: Session, message: Message, by: User) -> None:
        settling.send_again(session, message, keys=settings.keys, now=clock.now(), by=by)

    _settle_all(database, mine, settle)
    tasks.wake_dispatcher()


def _settle_all(database: Database, mine: Claim, settle: Settle) -> None:
    with database.reader() as session:
        job = session.scalars(select(Job).where(Job.id == mine.job_id)).one()
        ids = settling.waiting(session, job.subject_id, before=job.requested_at)
        person_id = job.requested_by_id
    settled = 0
    for number, message_id in enumerate(ids):
        with database.writer.begin() as session:
            if number % AT_ONCE == 0:
                jobs.progress(session, mine, number, len(ids), now=clock.now())
            settled += _settle_one(session, message_id, person_id, settle)
    with database.writer.begin() as session:
        jobs.finish(session, mine, {"settled": settled}, now=clock.now())


def _settle_one(session: Session, message_id: int, person_id: int | None, settle: Settle) -> bool:
    message = session.scalars(select(Message).where(Message.id == message_id)).one()
    person = session.scalars(select(User).where(User.id == person_id)).one()
    try:
        settle(session, message, person)
    except NOT_NEEDED:
        return False
    return True
