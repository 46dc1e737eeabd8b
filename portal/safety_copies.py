"""Copies of a SQLite database beside it, taken before it is migrated; the newest few are kept."""

import os
import sqlite3
from datetime import datetime
from pathlib import Path

from portal import clock

KEPT = 3


class NoRoom(Exception):
    """The copy before a migration could not be made; its text is one line for the operator."""


def make(database: Path, *, before: str) -> Path:
    """Copy a database as it stands committed, keep the newest copies, give this one. Raises NoRoom."""
    copy = database.with_name(_name(database, before, clock.now()))
    unfinished = copy.with_name(f"{copy.name}.part")
    try:
        _copy(database, unfinished)
        _write_through(unfinished)
        unfinished.replace(copy)
        _write_through(copy.parent)
    except (OSError, sqlite3.Error) as error:
        unfinished.unlink(missing_ok=True)
        raise NoRoom(f"no copy of {database} could be made before migrating it ({error})") from error
    for old in standing(database)[:-KEPT]:
        old.unlink(missing_ok=True)
    return copy


def standing(database: Path) -> list[Path]:
    """Give the copies of a database, oldest first."""
    found = database.parent.glob(f"{database.name}.before-*-*Z")
    return sorted(found, key=lambda path: path.name.rpartition("-")[2])


def _name(database: Path, before: str, now: datetime) -> str:
    return f"{database.name}.before-{before}-{now:%Y%m%dT%H%M%S%f}Z"


def _copy(database: Path, to: Path) -> None:
    to.unlink(missing_ok=True)
    os.close(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    reader = sqlite3.connect(database.resolve().as_uri() + "?mode=ro", uri=True, isolation_level=None)
    try:
        reader.execute("VACUUM INTO ?", (str(to),))
    finally:
        reader.close()


def _write_through(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
