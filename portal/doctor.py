"""Looks an installation over, from its settings to its mail server, and says what to do."""

import enum
import shutil
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from assessments import jobs, outbox, settling
from portal import db, doctor_services, filesystems, health, revision
from portal.backup import latest
from portal.db import Database, UnsafeDatabase
from portal.restore_mark import HalfRestored
from portal.revision import NewerDatabase
from portal.settings import Settings

CLOCKS_APART = 2.0
BACKUP_LATE, BACKUP_TOO_LATE, DRILL_LATE = timedelta(days=2), timedelta(days=8), timedelta(days=8)
GIGABYTE = 1024**3
ROOM_NEEDED, ROOM_WANTED = GIGABYTE // 5, 2 * GIGABYTE
FOR_OTHERS = stat.S_IRWXG | stat.S_IRWXO
# What PostgreSQL must answer to keep what it has confirmed, whatever happens to the machine.
DURABLE = {"fsync": "on", "full_page_writes": "on"}


class Verdict(enum.StrEnum):
    """How one thing stands."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: how it stands, in words, and what to do."""

    name: str
    verdict: Verdict
    words: str
    advice: str = ""


Look = Callable[[Settings, Database, datetime], Iterator[Finding]]


def examine(settings: Settings, database: Database, *, now: datetime) -> list[Finding]:
    """Look at everything; what cannot be looked at is a finding as well."""
    return [finding for look in LOOKS for finding in _tried(look, settings, database, now)]


def worst(findings: list[Finding]) -> Verdict:
    """Give the worst of all verdicts."""
    found = {finding.verdict for finding in findings}
    return next((verdict for verdict in (Verdict.FAIL, Verdict.WARN) if verdict in found), Verdict.OK)


def _tried(look: Look, settings: Settings, database: Database, now: datetime) -> list[Finding]:
    try:
        return list(look(settings, database, now))
    except HalfRestored as error:
        return [_fail(look.__name__.strip("_"), str(error), "Run `sanpo restore FILE` again.")]
    except (SQLAlchemyError, UnsafeDatabase, NewerDatabase) as error:
        words = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        return [_fail(look.__name__.strip("_"), words, "See that the database runs, and its address.")]


def _settings(settings: Settings, _database: Database, _now: datetime) -> Iterator[Finding]:
    if settings.is_https:
        yield Finding("public address", Verdict.OK, settings.public_url)
    elif settings.is_loopback:
        yield _warn(
            "public address", "this machine alone", "Set SANPO_PUBLIC_URL=https://… before asking anybody."
        )
    else:
        yield _fail(
            "public address",
            f"{settings.public_url} is not https",
            "Put a TLS proxy in front, and set SANPO_PUBLIC_URL.",
        )
    yield _privacy("data directory", settings.data_dir)
    kept = settings.data_dir / "secret"
    if kept.exists() and kept.read_bytes().strip() == settings.keys.current:
        yield _privacy("secret", kept)
    else:
        yield Finding("secret", Verdict.OK, f"{len(settings.keys.current)} letters, from the environment")


def _disk(settings: Settings, database: Database, _now: datetime) -> Iterator[Finding]:
    free = shutil.disk_usage(settings.data_dir).free
    size = database.file.stat().st_size if database.file and database.file.exists() else 0
    words = f"{free / GIGABYTE:.1f} GB free"
    advice = "Make room: a migration and a backup each need as much as the database takes."
    if free < max(ROOM_NEEDED, size):
        yield _fail("disk", words, advice)
    elif free < ROOM_WANTED + 2 * size:
        yield _warn("disk", words, advice)
    else:
        yield Finding("disk", Verdict.OK, words)
    if kind := filesystems.kind_of(settings.data_dir):
        if filesystems.is_networked(settings.data_dir) and database.file:
            yield _fail("file system", kind, "Move the data directory to a disk of this machine.")
        else:
            yield Finding("file system", Verdict.OK, kind)


def _database(_settings: Settings, database: Database, now: datetime) -> Iterator[Finding]:
    yield from _pragmas(database) if database.file else _durability(database)
    if health.can_write(database, now=now):
        yield Finding("writing", Verdict.OK, "a row was written and taken back")
    else:
        yield _fail(
            "writing", "no row can be written", "See whether the disk is full, or the server read only."
        )


def _pragmas(database: Database) -> Iterator[Finding]:
    """As they are really in force on both connections, not as they were asked for."""
    for name, engine in (("writing", database.write_engine), ("reading", database.read_engine)):
        with engine.connect() as connection:
            stands = {pragma: connection.scalar(text(f"PRAGMA {pragma}")) for pragma in db.PRAGMAS}
        wrong = [
            f"{pragma}={stands[pragma]}"
            for pragma, (_set, wanted) in db.PRAGMAS.items()
            if stands[pragma] != wanted
        ]
        told = ", ".join(f"{pragma}={value}" for pragma, value in stands.items())
        if wrong:
            yield _fail(
                f"pragmas for {name}", ", ".join(wrong), "Move the database to a disk of this machine."
            )
        else:
            yield Finding(f"pragmas for {name}", Verdict.OK, told)


def _durability(database: Database) -> Iterator[Finding]:
    with database.read_engine.connect() as connection:
        stands = {
            name: str(connection.scalar(text(f"SHOW {name}"))) for name in (*DURABLE, "synchronous_commit")
        }
        is_standby = connection.scalar(text("SELECT pg_is_in_recovery()"))
    wrong = [f"{name}={stands[name]}" for name, wanted in DURABLE.items() if stands[name] != wanted]
    if stands["synchronous_commit"] == "off":
        wrong.append("synchronous_commit=off")
    if wrong:
        yield _fail("durability", ", ".join(wrong), "Switch it on: what was confirmed can be lost otherwise.")
    else:
        yield Finding(
            "durability", Verdict.OK, ", ".join(f"{name}={value}" for name, value in stands.items())
        )
    if is_standby:
        yield _fail("role of the server", "a read-only standby", "Point SANPO_DATABASE_URL at the primary.")


def _schema(_settings: Settings, database: Database, _now: datetime) -> Iterator[Finding]:
    stands_at, wanted = revision.standing(database), revision.known()[-1]
    if stands_at == wanted:
        yield Finding("schema", Verdict.OK, f"revision {wanted}")
    else:
        yield _fail("schema", f"revision {stands_at or 'none'} instead of {wanted}", "Run `sanpo migrate`.")


def _clock(_settings: Settings, database: Database, now: datetime) -> Iterator[Finding]:
    if database.file:
        yield Finding("clock", Verdict.OK, f"{now:%Y-%m-%d %H:%M:%S} UTC, the database's as well")
        return
    with database.read_engine.connect() as connection:
        theirs: Any = connection.scalar(text("SELECT clock_timestamp()"))
    apart = abs((theirs - doctor_services.present()).total_seconds())
    words = f"the database's is {apart:.1f} s apart from this machine's"
    if apart > CLOCKS_APART:
        yield _fail("clock", words, "Set both by NTP: deadlines, leases and codes hang on them.")
    else:
        yield Finding("clock", Verdict.OK, words)


def _delivery(_settings: Settings, database: Database, now: datetime) -> Iterator[Finding]:
    if not revision.is_current(database):
        return
    with database.reader() as session:
        yield _waiting(session, now)
        yield _idle(session, now)
        unsettled = settling.count_to_settle(session)
        dead = outbox.dead_leases(session, now=now - health.LATE) + jobs.dead_leases(
            session, now=now - health.LATE
        )
    if unsettled:
        yield _warn(
            "mails to settle", f"{unsettled} may have arrived or not", "Settle them on the campaigns' pages."
        )
    else:
        yield Finding("mails to settle", Verdict.OK, "none")
    if dead:
        yield _fail("dead workers", f"{dead} mails or jobs wait for one", "Start `sanpo serve`, or a worker.")
    else:
        yield Finding("dead workers", Verdict.OK, "none left anything behind")


def _waiting(session: Session, now: datetime) -> Finding:
    since = outbox.waits_since(session, now=now)
    if since is None:
        return Finding("oldest unsent mail", Verdict.OK, "no mail waits")
    words = f"has waited {(now - since).total_seconds() / 60:.0f} minutes"
    if health.has_stuck(session, now=now):
        return _fail("oldest unsent mail", words, "See that Sanpo runs and reaches the mail server.")
    return Finding("oldest unsent mail", Verdict.OK, words)


def _idle(session: Session, now: datetime) -> Finding:
    """A worker may be alive and deaf: whether jobs are taken up tells, not whether it runs."""
    if waiting := jobs.due(session, now=now, waiting=health.LATE):
        return _warn(
            "waiting jobs",
            f"{len(waiting)} waited for five minutes or more",
            "See that one is running on the page of jobs; else start Sanpo, or its workers, again.",
        )
    return Finding("waiting jobs", Verdict.OK, "none has waited for long")


def _backup(settings: Settings, _database: Database, now: datetime) -> Iterator[Finding]:
    made = latest.noted(settings.data_dir)
    if made is None:
        yield _warn(
            "last backup",
            "none from here",
            "Run `sanpo backup` every day, unless the database is backed up otherwise.",
        )
        return
    age = now - datetime.fromisoformat(made.made_at)
    words = f"{age.days} days {age.seconds // 3600} hours ago, {made.rows} rows, {made.file}"
    if age > BACKUP_TOO_LATE:
        yield _fail("last backup", words, "Run `sanpo backup` every day, and see why it stopped.")
    elif age > BACKUP_LATE:
        yield _warn("last backup", words, "Run `sanpo backup` every day.")
    else:
        yield Finding("last backup", Verdict.OK, words)


def _drill(settings: Settings, _database: Database, now: datetime) -> Iterator[Finding]:
    done = latest.noted_drill(settings.data_dir)
    advice = "Run `sanpo restore --drill FILE` every week: it proves that the backup can be restored."
    if done is None:
        if latest.noted(settings.data_dir) is not None:
            yield _warn("last drill", "none from here", advice)
        return
    age = now - datetime.fromisoformat(done.drilled_at)
    words = f"{age.days} days ago, {done.rows} rows, {done.file}"
    if age > DRILL_LATE:
        yield _fail("last drill", words, advice)
    else:
        yield Finding("last drill", Verdict.OK, words)


def _broker(settings: Settings, _database: Database, _now: datetime) -> Iterator[Finding]:
    if settings.is_one_machine:
        yield Finding("broker", Verdict.OK, "inside the process")
    elif error := doctor_services.broker(settings):
        yield _warn("broker", error, "Start it: nothing is lost without it, but jobs start later.")
    else:
        yield Finding("broker", Verdict.OK, "answers")


def _mail(settings: Settings, _database: Database, _now: datetime) -> Iterator[Finding]:
    if not settings.mail_url:
        yield _warn(
            "mail server", "mails stay in the local mailbox", "Set SANPO_MAIL_URL before asking anybody."
        )
        return
    if error := doctor_services.sender(settings):
        yield _fail("sender", error, "Set SANPO_MAIL_FROM to an address the mail server sends for.")
    else:
        yield Finding("sender", Verdict.OK, settings.mail_from)
    if error := doctor_services.mail_server(settings):
        yield _fail("mail server", error, "See SANPO_MAIL_URL with its login, the network, and the server.")
    else:
        yield Finding("mail server", Verdict.OK, "answers and lets us in; no mail was sent")


def _privacy(name: str, path: Path) -> Finding:
    if path.stat().st_mode & FOR_OTHERS:
        return _warn(name, f"{path} is open to others on this machine", f"chmod go= {path}")
    return Finding(name, Verdict.OK, f"{path}, for its owner alone")


def _warn(name: str, words: str, advice: str) -> Finding:
    return Finding(name, Verdict.WARN, words, advice)


def _fail(name: str, words: str, advice: str) -> Finding:
    return Finding(name, Verdict.FAIL, words, advice)


LOOKS: tuple[Look, ...] = (
    _settings,
    _disk,
    _database,
    _schema,
    _clock,
    _delivery,
    _backup,
    _drill,
    _broker,
    _mail,
)
