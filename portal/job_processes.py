"""Jobs in processes of their own, each for as long as it holds its lease; and those nobody was woken for."""

import threading
import time
from datetime import timedelta

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnection

from assessments import jobs
from portal import clock, processes
from portal.db import Database

LOOK_EVERY_SECONDS, GRACE_SECONDS = 5.0, 2.0
LEASE_SECONDS = jobs.LEASE.total_seconds()
# A worker that hears the broker has taken a job long before.
MISSED = timedelta(seconds=10)

log = structlog.get_logger()


def run(database: Database, job_id: int) -> None:
    """Run one job in a process of its own; one that hangs is ended, and its job is due again."""
    process, begun = processes.start(["job", str(job_id)]), time.monotonic()
    while processes.wait(process, timeout=LOOK_EVERY_SECONDS) is None:
        if time.monotonic() - begun > LEASE_SECONDS and not _is_held(database, job_id):
            log.error("job without a lease is ended", job=job_id)
            processes.stop(process, grace=GRACE_SECONDS)


def take_missed(database: Database, stop: threading.Event) -> None:
    """Run the jobs that no message brought to anybody, one after another, until `stop`."""
    while not stop.wait(LOOK_EVERY_SECONDS):
        try:
            with database.reader() as session:
                missed = jobs.due(session, now=clock.now(), waiting=MISSED)
        except (DBAPIError, NoConnection) as error:
            log.warning("missed jobs not looked for", error=type(error).__name__)
            continue
        if missed:
            log.info("missed job is taken", job=missed[0])
            run(database, missed[0])


def _is_held(database: Database, job_id: int) -> bool:
    try:
        with database.reader() as session:
            return jobs.is_held(session, job_id, now=clock.now())
    except (DBAPIError, NoConnection):
        return True  # nobody can tell just now
