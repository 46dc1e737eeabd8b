"""Proves a backup by restoring it: into a scratch place that is looked over and thrown away."""

import hashlib
import shutil
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from assessments import audit
from assessments.models import QuestionnaireVersion, Submission
from portal import console, supervisor
from portal.backup.restoring import restore
from portal.backup.sealing import BackupRefused
from portal.db import Database

SCRATCH = ".drill-"
AT_ONCE = 100


@dataclass(frozen=True)
class Drilled:
    """A backup that was restored, read and found whole."""

    file: str
    made_at: str
    drilled_at: str
    rows: int
    files: int
    trail_lines: int
    submissions: int


def drill(path: Path, *, passphrase: bytes, within: Path, now: datetime) -> Drilled:
    """Restore a backup into a new folder `within`, prove it, and leave nothing. Raises BackupRefused.

    Whatever the database the backup is from, the scratch place is on SQLite: the form is the same for both.
    """
    _clear_up(within)
    try:
        with TemporaryDirectory(prefix=SCRATCH, dir=within) as name:
            return _drilled(path, Path(name), passphrase=passphrase, now=now)
    except OSError as error:
        raise BackupRefused(f"no room for a drill in {within} ({error.strerror or error})") from error


def _clear_up(within: Path) -> None:
    """Take away what drills left that were killed; one that still runs holds its folder."""
    for left in within.glob(f"{SCRATCH}*"):
        with suppress(console.Refused, OSError), supervisor.only_one(left):
            shutil.rmtree(left)


def _drilled(path: Path, scratch: Path, *, passphrase: bytes, now: datetime) -> Drilled:
    database = Database(f"sqlite:///{scratch / 'sanpo.db'}")
    try:
        done = restore(
            database,
            path,
            passphrase=passphrase,
            data_dir=scratch,
            takes_secret=False,
            is_move=False,
            now=now,
        )
        with database.reader() as session:
            _check_database(session)
            _check_texts(session)
            # Of each campaign that rests now the restore itself has written a line.
            lines = _check_trail(session) - len(done.halted_campaigns)
            submissions = session.scalar(select(func.count()).select_from(Submission)) or 0
    finally:
        database.dispose()
    held = done.backup
    return Drilled(str(path), held.made_at, now.isoformat(), held.rows, held.files, lines, submissions)


def _check_database(session: Session) -> None:
    said = session.scalar(text("PRAGMA integrity_check"))
    if said != "ok":
        raise BackupRefused(f"the restored database is not sound: {said}")


def _check_trail(session: Session) -> int:
    broken = audit.first_broken_line(session)
    if broken is not None:
        raise BackupRefused(f"the trail in the backup does not fit together from line {broken} on")
    return audit.count(session)


def _check_texts(session: Session) -> None:
    """See that what was submitted, and each published questionnaire, is what its own sum says."""
    sums: tuple[tuple[str, Any, Any], ...] = (
        ("submission", Submission.content, Submission.sha256),
        ("questionnaire", QuestionnaireVersion.content, QuestionnaireVersion.content_checksum),
    )
    for name, content, told in sums:
        for words, wanted in session.execute(select(content, told).execution_options(yield_per=AT_ONCE)):
            if hashlib.sha256(words.encode()).hexdigest() != wanted:
                raise BackupRefused(f"a {name} in the backup is not what its own sum says")
