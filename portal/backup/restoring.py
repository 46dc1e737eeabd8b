"""Checks a backup, and puts it into an empty place: all of it, as it was, or nothing."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath

from sqlalchemy import Connection, Table, text, update
from sqlalchemy.exc import DBAPIError

from portal import restore_mark, revision, row_guard, schema, supervisor
from portal.backup import halting, loading, rows
from portal.backup.archive import (
    BLOCK,
    FILES,
    SECRET,
    TABLES,
    FilePart,
    Manifest,
    RowsPart,
    Summed,
    Unpacking,
)
from portal.backup.halting import Halted
from portal.backup.sealing import BackupRefused
from portal.db import Database

EVIDENCE, ARRIVING = "evidence", ".evidence.part"
# SQLite spills to the disk what its cache cannot hold; its own 2 MB are too few for the indexes.
CACHE_KIB, OWN_CACHE_KIB = 64 * 1024, 2_000
OPEN = ("queued", "leased", "sending")
URGENT = 0
MAY_HAVE_GONE = "restored from a backup: it may have been sent since the backup was made"
# PostgreSQL's keys between tables as they stand, and how to make each again.
KEYS = text(
    "SELECT format('%I', relname), format('%I', conname), pg_get_constraintdef(c.oid)"
    " FROM pg_constraint c JOIN pg_class r ON r.oid = conrelid"
    " WHERE contype = 'f' AND connamespace = current_schema()::regnamespace"
)


@dataclass(frozen=True)
class Verified:
    """What a backup holds that was read to its end and agrees with its sums."""

    made_at: str
    version: str
    revision: str
    database: str
    rows: int
    files: int
    has_secret: bool


@dataclass(frozen=True)
class Restored:
    """What was put into place, and what was done so that nothing happens twice."""

    backup: Verified
    unsettled_mails: int = 0
    ended_sessions: int = 0
    halted_campaigns: tuple[Halted, ...] = ()


def verify(path: Path, *, passphrase: bytes) -> Verified:
    """Read a backup to its end and compare it with its sums; writes nothing. Raises BackupRefused."""
    with _opened(path, passphrase) as backup:
        for part in backup.parts():
            part.drain()
        return _verified(backup)


def restore(
    database: Database,
    path: Path,
    *,
    passphrase: bytes,
    data_dir: Path,
    takes_secret: bool,
    is_move: bool,
    now: datetime,
) -> Restored:
    """Put a backup into an empty place, on whichever kind of database. Raises BackupRefused.

    What had not been sent may have gone out since: unless this is a move, with nothing lost in between, those
    mails wait for a person, and so does every campaign that would go on by itself. All sessions end.
    """
    checked = verify(path, passphrase=passphrase)
    with supervisor.only_one(data_dir), _opened(path, passphrase) as backup:
        _make_room(database, data_dir, backup.manifest)
        with _marked(database, data_dir):
            done = _put(
                database, backup, checked, data_dir, takes_secret=takes_secret, is_move=is_move, now=now
            )
        schema.migrate(database)
    return done


@contextmanager
def _opened(path: Path, passphrase: bytes) -> Iterator[Unpacking]:
    try:
        with path.open("rb") as file:
            backup = Unpacking(file, passphrase)
            if backup.manifest.revision not in revision.known():
                raise BackupRefused(
                    f"the backup is from a newer version (revision {backup.manifest.revision}): "
                    "update Sanpo first"
                )
            yield backup
    except OSError as error:
        raise BackupRefused(f"cannot read or write: {error.strerror or error}") from error


def _verified(backup: Unpacking) -> Verified:
    manifest = backup.manifest
    return Verified(
        made_at=manifest.made_at,
        version=manifest.version,
        revision=manifest.revision,
        database=manifest.database,
        rows=sum(table["rows"] for table in backup.sums[TABLES].values()),
        files=len(backup.sums[FILES]),
        has_secret=manifest.has_secret,
    )


def _make_room(database: Database, data_dir: Path, manifest: Manifest) -> None:
    """See that the place is empty, and bring its tables to the backup's own schema."""
    with database.read_engine.connect() as connection:
        _check_empty(connection)
        was_broken_off = restore_mark.stands(connection)
    if was_broken_off:
        _clear(database, data_dir)
    if any((data_dir / EVIDENCE).glob("*")):
        raise BackupRefused(f"{data_dir / EVIDENCE} is not empty: restore into an empty data directory")
    stands_at = revision.standing(database)
    if stands_at is not None and stands_at > manifest.revision:
        schema.take_back(database, to=manifest.revision)
    elif stands_at != manifest.revision:
        schema.migrate(database, to=manifest.revision)


def _check_empty(connection: Connection) -> None:
    held = [name for name, count in row_guard.counts(connection).items() if count]
    if held:
        raise BackupRefused(f"the database is not empty ({held[0]} has rows): restore into an empty one")


@contextmanager
def _marked(database: Database, data_dir: Path) -> Iterator[None]:
    """Have nothing started on the place until all has arrived; what fails leaves it empty and unmarked."""
    with database.write_engine.begin() as connection:
        restore_mark.put(connection)
    try:
        yield
    except BaseException:
        with suppress(DBAPIError, OSError):
            _clear(database, data_dir)
        raise


def _clear(database: Database, data_dir: Path) -> None:
    """Take away what a restore left that did not end; its rows were never committed."""
    for name in (EVIDENCE, ARRIVING):
        shutil.rmtree(data_dir / name, ignore_errors=True)
    with database.write_engine.begin() as connection:
        restore_mark.take_away(connection)


def _put(
    database: Database,
    backup: Unpacking,
    checked: Verified,
    data_dir: Path,
    *,
    takes_secret: bool,
    is_move: bool,
    now: datetime,
) -> Restored:
    """Load, compare with the sums, and commit once; files take their place just before."""
    arriving = data_dir / ARRIVING
    try:
        with (
            schema.without_foreign_keys(database) as connection,
            connection.begin(),
            _references_later(connection),
            _cached(connection),
        ):
            _check_empty(connection)
            found = {table.name: table for table in rows.tables(connection)}
            secret = _load(connection, backup, found, arriving)
            _compare(connection, backup, found)
            _compare_files(backup, arriving)
            loading.count_on(connection, list(found.values()))
            done = Restored(checked) if is_move else _settle(connection, found, checked, now)
            _place(arriving, data_dir)
            if takes_secret and secret is not None:
                _place_secret(secret, data_dir)
            restore_mark.take_away(connection)
    except (DBAPIError, loading.NotTaken) as error:
        words = str(getattr(error, "orig", error)).strip().splitlines()[0]
        raise BackupRefused(f"the database refused the backup ({words}): nothing was restored") from error
    return done


def _load(connection: Connection, backup: Unpacking, found: dict[str, Table], arriving: Path) -> bytes | None:
    shapes = {shape.name: shape for shape in backup.manifest.shapes}
    for name, shape in shapes.items():
        if name not in found or rows.shape(found[name]) != shape:
            raise BackupRefused(f"the table {name} of the backup is not the one of this version")
    secret = None
    for part in backup.parts():
        if isinstance(part, RowsPart):
            loading.load(connection, found[part.table], shapes[part.table], part.lines())
        elif part.kind == FILES:
            _write(part, arriving)
        elif part.kind == SECRET:
            secret = part.content.read()
    return secret


def _compare(connection: Connection, backup: Unpacking, found: dict[str, Table]) -> None:
    """Read everything out of the database again: it must be, row by row, what the backup holds."""
    for name, told in backup.sums[TABLES].items():
        if rows.digest(connection, found[name]) != told:
            raise BackupRefused(f"{name} did not arrive as it is in the backup: nothing was restored")


def _compare_files(backup: Unpacking, arriving: Path) -> None:
    """Read every file again as it stands on the disk."""
    for name, told in backup.sums[FILES].items():
        with _arrived(name, arriving).open("rb") as file:
            summed = Summed(file)
            while summed.read(BLOCK):
                pass
        if summed.told != told:
            raise BackupRefused(f"{name} did not arrive as it is in the backup: nothing was restored")


def _settle(connection: Connection, found: dict[str, Table], checked: Verified, now: datetime) -> Restored:
    """Have no mail sent twice and no ended session come alive: neither is known after the backup was made."""
    mails = sessions = 0
    if (message := found.get("message")) is not None:
        waits = message.c.state.in_(OPEN)
        late = {"state": "cancelled", "lease_until": None}
        connection.execute(update(message).where(waits, message.c.lane == URGENT).values(**late))
        unsure = {"state": "unknown", "lease_until": None, "failure": MAY_HAVE_GONE}
        mails = connection.execute(update(message).where(waits).values(**unsure)).rowcount
    if (session := found.get("user_session")) is not None:
        is_open = session.c.ended_at.is_(None)
        sessions = connection.execute(update(session).where(is_open).values(ended_at=now)).rowcount
    halted = halting.halt(connection, found, now=now)
    return Restored(checked, mails, sessions, halted)


@contextmanager
def _references_later(connection: Connection) -> Iterator[None]:
    """Have references checked once when all rows are there: some tables point at one another."""
    if connection.dialect.name == "sqlite":
        yield
        row_guard.check_foreign_keys(connection)
        return
    connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
    keys = [tuple(row) for row in connection.execute(KEYS)]
    for table, name, _definition in keys:
        connection.exec_driver_sql(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    yield
    for table, name, definition in keys:
        connection.exec_driver_sql(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")


@contextmanager
def _cached(connection: Connection) -> Iterator[None]:
    """Let SQLite hold more in memory meanwhile."""
    if connection.dialect.name != "sqlite":
        yield
        return
    connection.exec_driver_sql(f"PRAGMA cache_size=-{CACHE_KIB}")
    try:
        yield
    finally:
        connection.exec_driver_sql(f"PRAGMA cache_size=-{OWN_CACHE_KIB}")


def _arrived(name: str, arriving: Path) -> Path:
    """Give where a file is put until its time. Raises BackupRefused for one that belongs elsewhere."""
    place = PurePosixPath(name)
    if place.parts[0] != EVIDENCE or ".." in place.parts or place.is_absolute():
        raise BackupRefused(f"the backup holds a file for another place: {name}")
    return arriving.joinpath(*place.parts[1:])


def _write(part: FilePart, arriving: Path) -> None:
    path = _arrived(part.name, arriving)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with path.open("xb") as file:
        shutil.copyfileobj(part.content, file)
        file.flush()
        os.fsync(file.fileno())


def _place(arriving: Path, data_dir: Path) -> None:
    """Give the files their name; they and it are on the disk before the rows are."""
    if arriving.exists():
        folder = data_dir / EVIDENCE
        if folder.exists():
            folder.rmdir()
        for path in (arriving, *arriving.rglob("*/")):
            _write_through(path)
        arriving.rename(folder)
        _write_through(data_dir)


def _write_through(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _place_secret(secret: bytes, data_dir: Path) -> None:
    path = data_dir / ".secret.part"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(secret)
        file.flush()
        os.fsync(file.fileno())
    path.replace(data_dir / "secret")
