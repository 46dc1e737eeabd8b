"""Makes a backup while others read and write: one snapshot of the database, the files, one sealed file."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import Connection, Table, column, inspect, select, table

from assessments.models import Base
from portal import restore_mark, revision
from portal.backup import rows
from portal.backup.archive import FILES, SECRET, TABLES, Manifest, Packing, Unpacking
from portal.backup.sealing import BackupRefused
from portal.db import Database
from portal.row_guard import VERSION_TABLE


@dataclass(frozen=True)
class Made:
    """A backup that stands on the disk and was read back."""

    file: str
    made_at: str
    revision: str
    rows: int
    files: int
    bytes: int


def make(
    database: Database,
    to: Path,
    *,
    passphrase: bytes,
    files: Path,
    secret: bytes | None,
    version: str,
    now: datetime,
) -> Made:
    """Write a backup, read it back, and only then give it its name. Raises BackupRefused.

    `files` is a folder, which may be absent; the secret goes along only where one is given.
    """
    with _appearing(to) as (file, path):
        with _snapshot(database) as connection:
            manifest, tables = _described(connection, secret, version=version, now=now)
            packing = Packing(file, passphrase, manifest)
            for each in tables:
                packing.add_rows(each.name, rows.lines(connection, each))
        for name, found in _files(files):
            packing.add_file(name, found)
        if secret is not None:
            packing.add(SECRET, secret)
        sums = packing.finish()
        _write_through(file)
        _read_back(path, passphrase)
        size = path.stat().st_size
    return Made(
        file=str(to),
        made_at=manifest.made_at,
        revision=manifest.revision,
        rows=sum(told["rows"] for told in sums[TABLES].values()),
        files=len(sums[FILES]),
        bytes=size,
    )


@contextmanager
def _snapshot(database: Database) -> Iterator[Connection]:
    """Read everything as it stood at one moment, while others go on writing."""
    engine = database.read_engine
    if database.file is None:
        engine = engine.execution_options(isolation_level="REPEATABLE READ")
    with engine.connect() as connection:
        restore_mark.check(connection)
        yield connection


def _described(
    connection: Connection, secret: bytes | None, *, version: str, now: datetime
) -> tuple[Manifest, list[Table]]:
    if not inspect(connection).has_table(VERSION_TABLE):
        raise BackupRefused("there is no database yet: nothing to back up")
    stands_at = str(connection.scalar(select(column("version_num")).select_from(table(VERSION_TABLE))))
    tables = rows.tables(connection)
    if stands_at == revision.known()[-1]:
        # Tables of others in the same database are theirs to keep.
        tables = [each for each in tables if each.name in Base.metadata.tables]
    manifest = Manifest(
        made_at=now.isoformat(),
        version=version,
        revision=stands_at,
        database=connection.dialect.name,
        shapes=tuple(rows.shape(each) for each in tables),
        has_secret=secret is not None,
    )
    return manifest, tables


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            yield f"{folder.name}/{path.relative_to(folder).as_posix()}", path


def _read_back(path: Path, passphrase: bytes) -> None:
    with path.open("rb") as file:
        for part in Unpacking(file, passphrase).parts():
            part.drain()


@contextmanager
def _appearing(to: Path) -> Iterator[tuple[BinaryIO, Path]]:
    """Write beside the name, for the owner's eyes alone, and take the name when all is well."""
    if to.exists():
        raise BackupRefused(f"{to} stands there already: a backup replaces nothing")
    path = to.with_name(f".{to.name}.{os.getpid()}.part")
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise BackupRefused(f"cannot write {to} ({error.strerror})") from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file, path
        path.rename(to)
        _write_through_directory(to.parent)
    except OSError as error:
        raise BackupRefused(f"cannot write {to} ({error.strerror})") from error
    finally:
        path.unlink(missing_ok=True)


def _write_through(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _write_through_directory(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
