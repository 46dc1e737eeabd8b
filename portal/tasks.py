"""Tasks of the queue: deliver mails, run a job, sweep up what was missed. Ids in, nothing out."""

import contextlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import structlog
from kombu.exceptions import OperationalError
from sqlalchemy import exc

from assessments import jobs, outbox
from assessments.jobs import JobEnded
from assessments.models import JobState
from portal import celery_app, clock, dispatcher, processes
from portal.celery_app import celery
from portal.db import Database
from portal.job_progress import BROKE, GAVE_UP
from portal.settings import Settings

Runner = Callable[[Database, Settings, int], None]
Sweeper = Callable[[Database, Settings], None]

log = structlog.get_logger()
LEFT_WAITING = timedelta(seconds=3)

# Kind of job -> what runs it. The module of the runner adds itself when it is imported.
RUNNERS: dict[str, Runner] = {}
# What is looked after at every sweep, each in a module that adds itself likewise.
SWEEPERS: list[Sweeper] = []


def runner(kind: str) -> Callable[[Runner], Runner]:
    """Say that a function runs jobs of a kind."""

    def register(function: Runner) -> Runner:
        RUNNERS[kind] = function
        return function

    return register


def sweeper(function: Sweeper) -> Sweeper:
    """Say that a function looks after something at every sweep; several schedules at once do no harm."""
    SWEEPERS.append(function)
    return function


def wake_job(job_id: int) -> None:
    """After the commit: have a job run now. Without a broker the sweeper finds it."""
    _publish(run_job, job_id)


def wake_dispatcher() -> None:
    """After the commit: have mails leave now. Without a broker the dispatcher looks by itself."""
    _publish(deliver)


@celery.task(name="sanpo.deliver", ignore_result=True)
def deliver() -> None:
    """Have the dispatcher of this process look now instead of within a second."""
    dispatcher.wake()


@celery.task(name="sanpo.run_job", ignore_result=True)
def run_job(job_id: int) -> None:
    """Run one job: on one machine in a process of its own, so that pages stay quick."""
    settings, database = celery_app.installed()
    if settings.is_one_machine:
        # The sweeper wakes for a job again and again while others go first; a process costs seconds.
        if _is_wanted(database, job_id):
            processes.wait(processes.start(["job", str(job_id)]))
    else:
        run(database, settings, job_id)


@celery.task(name="sanpo.sweep", ignore_result=True)
def sweep() -> None:
    """Wake whoever was missed: jobs left waiting or by a dead worker, mails and campaigns that are due."""
    settings, database = celery_app.installed()
    now = clock.now()
    with database.writer.begin() as session:
        jobs.give_up(session, GAVE_UP, now=now)
    with database.reader() as session:
        missed = jobs.due(session, now=now, waiting=LEFT_WAITING)
        has_mail = outbox.has_work(session, now=now)
    for job_id in missed:
        wake_job(job_id)
    if has_mail:
        wake_dispatcher()
    for look_after in SWEEPERS:
        try:
            look_after(database, settings)
        except Exception as error:
            # One that fails keeps none of the others; the next sweep tries again.
            log.error("sweep failed", part=look_after.__name__, error=type(error).__name__, exc_info=True)


def run(database: Database, settings: Settings, job_id: int) -> JobState | None:
    """Claim a job, run it and give how it ended; None when it is somebody else's. Twice does no harm."""
    with database.writer.begin() as session:
        job = jobs.claim(session, job_id, now=clock.now())
    if job is None:
        return None
    try:
        RUNNERS[job.kind](database, settings, job_id)
    except JobEnded:
        log.info("job left", job=job_id, kind=job.kind)
    except exc.OperationalError as error:
        # Busy, or away for a moment: no fault of the job, which goes on where it was.
        log.warning("job put back", job=job_id, kind=job.kind, error=type(error.orig).__name__)
        with contextlib.suppress(JobEnded), database.writer.begin() as session:
            jobs.put_back(session, job_id)
    except Exception as error:
        log.error("job failed", job=job_id, kind=job.kind, error=type(error).__name__, exc_info=True)
        with contextlib.suppress(JobEnded), database.writer.begin() as session:
            jobs.fail(session, job_id, BROKE, now=clock.now())
    with database.reader() as session:
        return jobs.state(session, job_id)


def _is_wanted(database: Database, job_id: int) -> bool:
    with database.reader() as session:
        return job_id in jobs.due(session, now=clock.now())


def _publish(task: Any, *ids: int) -> None:
    if not celery_app.is_configured():
        return
    try:
        task.apply_async(args=ids, retry=False, expires=celery_app.MESSAGE_LIFE.total_seconds())
    except (OperationalError, OSError) as error:
        log.warning("broker unreachable", task=task.name, error=type(error).__name__)
