"""Tasks of the queue (deliver mails, run a job; ids in, nothing out), and the sweep, which needs no queue."""

import contextlib
import threading
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import structlog
from kombu.exceptions import OperationalError
from sqlalchemy import exc

from assessments import jobs, outbox
from assessments.jobs import Claim, JobEnded
from assessments.models import JobState
from portal import celery_app, clock, dispatcher, job_processes
from portal.celery_app import celery
from portal.db import Database
from portal.job_progress import BROKE, GAVE_UP
from portal.settings import Settings

Runner = Callable[[Database, Settings, Claim], None]
Sweeper = Callable[[Database, Settings], None]

log = structlog.get_logger()
SWEEP_EVERY_SECONDS, WAKE_AGAIN_SECONDS = 5.0, 30.0
LEFT_WAITING = timedelta(seconds=3)

# Kind of job -> what runs it. The module of the runner adds itself when it is imported.
RUNNERS: dict[str, Runner] = {}
# What is looked after at every sweep, each in a module that adds itself likewise.
SWEEPERS: list[Sweeper] = []
# Id of a job that nobody runs -> when this process last woke for it, so that no queue fills with messages.
_woken: dict[int, float] = {}


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
    """After the commit: have a job run now. Without a broker a worker finds it by itself."""
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
            job_processes.run(database, job_id)
    else:
        run(database, settings, job_id)


def keep_sweeping(stop: threading.Event) -> None:
    """Sweep every few seconds until `stop`, on the database itself: this needs neither broker nor worker."""
    settings, database = celery_app.installed()
    while not stop.is_set():
        try:
            sweep(database, settings)
        except Exception as error:
            log.error("sweep interrupted", error=type(error).__name__, exc_info=True)
        stop.wait(SWEEP_EVERY_SECONDS)


def sweep(database: Database, settings: Settings) -> None:
    """Do what is due by the clock, then wake for what was missed. Several at once do no harm."""
    with database.writer.begin() as session:
        jobs.give_up(session, GAVE_UP, now=clock.now())
    for look_after in SWEEPERS:
        try:
            look_after(database, settings)
        except Exception as error:
            # One that fails keeps none of the others; the next sweep tries again.
            log.error("sweep failed", part=look_after.__name__, error=type(error).__name__, exc_info=True)
    now = clock.now()
    with database.reader() as session:
        missed = jobs.due(session, now=now, waiting=LEFT_WAITING)
        has_mail = outbox.has_work(session, now=now)
    if has_mail:
        wake_dispatcher()
    for job_id in _asleep(missed):
        if not _publish(run_job, job_id):
            break  # nobody waits for a broker that is away: workers find these by themselves


def run(database: Database, settings: Settings, job_id: int) -> JobState | None:
    """Claim a job, run it and give how it ended; None when it is somebody else's. Twice does no harm."""
    with database.writer.begin() as session:
        mine = jobs.claim(session, job_id, now=clock.now())
    if mine is None:
        return None
    try:
        RUNNERS[mine.kind](database, settings, mine)
    except JobEnded:
        log.info("job left", job=job_id, kind=mine.kind)
    except exc.OperationalError as error:
        # Busy, or away for a moment: no fault of the job, which goes on where it was.
        log.warning("job put back", job=job_id, kind=mine.kind, error=type(error.orig).__name__)
        with contextlib.suppress(JobEnded), database.writer.begin() as session:
            jobs.put_back(session, mine)
    except Exception as error:
        log.error("job failed", job=job_id, kind=mine.kind, error=type(error).__name__, exc_info=True)
        with contextlib.suppress(JobEnded), database.writer.begin() as session:
            jobs.fail(session, mine, BROKE, now=clock.now())
    with database.reader() as session:
        return jobs.state(session, job_id)


def _is_wanted(database: Database, job_id: int) -> bool:
    with database.reader() as session:
        return job_id in jobs.due(session, now=clock.now())


def _asleep(missed: Sequence[int]) -> list[int]:
    """Give those of the missed jobs that this process has not just woken for."""
    now = time.monotonic()
    for job_id in _woken.keys() - set(missed):
        del _woken[job_id]
    chosen = [one for one in missed if now - _woken.get(one, -WAKE_AGAIN_SECONDS) >= WAKE_AGAIN_SECONDS]
    _woken.update(dict.fromkeys(chosen, now))
    return chosen


def _publish(task: Any, *ids: int) -> bool:
    if not celery_app.is_configured():
        return False
    try:
        with celery_app.producers().acquire(block=True) as producer:
            life = celery_app.MESSAGE_LIFE.total_seconds()
            task.apply_async(args=ids, producer=producer, retry=False, expires=life)
    except (OperationalError, OSError) as error:
        log.warning("broker unreachable", task=task.name, error=type(error).__name__)
        return False
    return True
