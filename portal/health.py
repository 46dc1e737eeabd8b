"""Whether this process can do its work: write to the database, mails leaving, jobs taken up."""

import threading
import time
from collections.abc import Callable
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from assessments import jobs, outbox
from assessments.models import SignInTry
from portal import clock, revision
from portal.db import Database, UnsafeDatabase
from portal.restore_mark import HalfRestored
from portal.revision import NewerDatabase

LATE = timedelta(minutes=5)
LOOK_AGAIN_SECONDS = 5.0
NOBODY = "a look at the database's health"
Trouble = Callable[..., bool]


@dataclass(frozen=True)
class Readiness:
    """What works and what does not."""

    database: bool
    schema: bool
    outbox: bool
    jobs: bool

    @property
    def is_full(self) -> bool:
        """True where everything works."""
        return all(astuple(self))


class Watch:
    """Looks at most every five seconds, one at a time, however often it is asked from outside."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._turn = threading.Lock()
        self._looked_at = 0.0
        self._found: Readiness | None = None

    def readiness(self, database: Database) -> Readiness:
        """Give what was found a moment ago, else look."""
        found = self._found
        is_fresh = time.monotonic() - self._looked_at < LOOK_AGAIN_SECONDS
        # Whoever asks while another looks is not made to wait for a database that hangs.
        if found is not None and (is_fresh or self._turn.locked()):
            return found
        with self._turn:
            self._found = readiness(database, now=clock.now())
            self._looked_at = time.monotonic()
            return self._found


def readiness(database: Database, *, now: datetime) -> Readiness:
    """Look at everything once."""
    if not can_write(database, now=now):
        return Readiness(database=False, schema=False, outbox=False, jobs=False)
    if not _is_current(database):
        return Readiness(database=True, schema=False, outbox=False, jobs=False)
    return Readiness(
        database=True,
        schema=True,
        outbox=_is_free_of(has_stuck, database, now),
        jobs=_is_free_of(has_idle_jobs, database, now),
    )


def can_write(database: Database, *, now: datetime) -> bool:
    """Write a row and take it back."""
    try:
        with database.writer() as session:
            session.add(SignInTry(subject=NOBODY, tried_at=now))
            session.flush()
            session.rollback()
    except (SQLAlchemyError, UnsafeDatabase):
        return False
    return True


def has_stuck(session: Session, *, now: datetime) -> bool:
    """Tell whether a mail has waited for five minutes, and none has left in them."""
    since = outbox.waits_since(session, now=now)
    if since is None or since > now - LATE:
        return False
    last = outbox.last_sent(session)
    return last is None or last < now - LATE


def has_idle_jobs(session: Session, *, now: datetime) -> bool:
    """Tell whether a job has waited for five minutes, and nobody works on one."""
    return bool(jobs.due(session, now=now - LATE)) and not jobs.is_one_running(session, now=now)


def _is_free_of(trouble: Trouble, database: Database, now: datetime) -> bool:
    try:
        with database.reader() as session:
            return not trouble(session, now=now)
    except SQLAlchemyError:
        return False


def _is_current(database: Database) -> bool:
    try:
        return revision.is_current(database)
    except (SQLAlchemyError, NewerDatabase, HalfRestored):
        return False
