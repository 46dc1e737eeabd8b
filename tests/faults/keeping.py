"""Backups and restores are killed on their way: what they leave is whole, or is not taken for whole."""

import itertools
import random
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import inspect

from assessments.models import Base
from portal.backup import rows
from portal.db import Database
from portal.row_guard import VERSION_TABLE
from tests import running, servers
from tests.faults.machines import SECRET

SUPPLIERS, FILES, FILE_BYTES = 40, 60, 20_000
NAME = "backup.sanpo"
BACKUP, RESTORE = "backup", "restore"
AT_ANY_TIME = "at any time"
# How far a command has come shows in its directory, by the names the report gives.
STEPS = {
    BACKUP: {"file begun": f".{NAME}.*.part"},
    RESTORE: {"files arriving": ".evidence*.part", "files in place": "evidence"},
}
GLANCE_SECONDS = 0.001
WHOLE, EMPTY, REFUSED, NOTHING, LATE = "whole", "empty", "start refused", "no file", "ended before"


@dataclass
class KeepingReport:
    """What came of one run; `faults` tells what was half and taken for whole, or could not be done again."""

    name: str
    seed: int
    kills: Counter[str] = field(default_factory=Counter)
    steps: Counter[str] = field(default_factory=Counter)
    left: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def is_well(self) -> bool:
        """Tell whether nothing was taken for whole that is not."""
        return not self.faults


@dataclass(frozen=True)
class Place:
    """A data directory and its database."""

    directory: Path
    url: str

    @property
    def environment(self) -> dict[str, str]:
        """The settings that name it."""
        return {
            "SANPO_DATA_DIR": str(self.directory),
            "SANPO_DATABASE_URL": self.url,
            "SANPO_PORT": str(servers.free_port()),
            "SANPO_SECRET_KEY": SECRET,
            "SANPO_BACKUP_PASSPHRASE": "a passphrase of the tests",
        }

    def sanpo(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return running.command(*arguments, environment=self.environment)

    def content(self) -> dict[str, object]:
        """Give what stands there: the digest of each table that has rows, and the files."""
        with _opened(self.url) as database, database.read_engine.connect() as connection:
            tables = [one for one in rows.tables(connection) if one.name in Base.metadata.tables]
            found = {one.name: rows.digest(connection, one) for one in tables}
        files = self.directory.joinpath("evidence").rglob("*.pdf")
        held: dict[str, object] = {name: told for name, told in found.items() if told["rows"]}
        return held | {path.name: path.read_bytes() for path in files}

    def has_mark(self) -> bool:
        """Tell whether the database holds a table that is none of the product's own."""
        with _opened(self.url) as database, database.read_engine.connect() as connection:
            return bool(set(inspect(connection).get_table_names()) - {*Base.metadata.tables, VERSION_TABLE})


@dataclass
class Ordeal:
    """One run: a full place that is backed up, and empty places that its backup is restored into."""

    here: Place
    rng: random.Random
    report: KeepingReport
    took: dict[str, float] = field(default_factory=dict)

    def run(self, empty: Iterator[Place], kills: int) -> KeepingReport:
        """Kill a backup and a restore in turn, and look each time at what was left."""
        began = time.monotonic()
        kept = self.here.directory / "kept.sanpo"
        self._once(BACKUP, self.here, kept)
        whole = self.here.content()
        there = next(empty)
        self._once(RESTORE, there, "--moved", kept)
        if there.content() != whole:
            self.report.faults.append("what was not killed is not whole")
        for number in range(kills):
            if number % 2:
                self._kill_restore(next(empty), kept, whole)
            else:
                self._kill_backup(self.here.directory / f"{number}" / NAME)
        self.report.seconds = time.monotonic() - began
        return self.report

    def _kill_backup(self, file: Path) -> None:
        file.parent.mkdir()
        step = self._killed(BACKUP, self.here, file.parent, str(file))
        self._note(step, WHOLE if file.exists() else NOTHING)
        if not file.exists():
            self._expect_success(BACKUP, step, self.here.sanpo(BACKUP, str(file)))
        self._expect_success(BACKUP, step, self.here.sanpo(RESTORE, "--verify", str(file)))

    def _kill_restore(self, there: Place, kept: Path, whole: dict[str, object]) -> None:
        """See that all of it is left, or none of its rows; then do it anew."""
        step = self._killed(RESTORE, there, there.directory, "--moved", str(kept))
        if there.content() == whole and not there.has_mark():
            self._note(step, WHOLE)
            return
        if left := [name for name in there.content() if name in Base.metadata.tables]:
            self.report.faults.append(f"{RESTORE}, {step}: rows are left in {', '.join(left)}")
        if there.has_mark():
            self._note(step, REFUSED)
            self._expect_refusal(step, there.sanpo("serve"))
        else:
            self._note(step, EMPTY)
        self._expect_success(RESTORE, step, there.sanpo(RESTORE, "--moved", str(kept)))
        if there.content() != whole:
            self.report.faults.append(f"{RESTORE}, {step}: done again, it is not whole")

    def _once(self, command: str, place: Place, *arguments: str | Path) -> None:
        """Let a command run to its end, to know how long it takes here and now."""
        began = time.monotonic()
        self._expect_success(command, "not killed", place.sanpo(command, *map(str, arguments)))
        self.took[command] = time.monotonic() - began

    def _killed(self, command: str, place: Place, directory: Path, *arguments: str) -> str:
        """Start a command and kill it at a step, or at any time; tells which it was."""
        step = self.rng.choice([AT_ANY_TIME, *STEPS[command]])
        moment = time.monotonic() + self.rng.uniform(0.2, 0.9) * self.took[command]
        with place.directory.joinpath("said.log").open("ab") as said:
            process = running.launched(command, *arguments, environment=place.environment, log=said)
        while process.poll() is None:
            shows = step != AT_ANY_TIME and any(directory.glob(STEPS[command][step]))
            if shows or (step == AT_ANY_TIME and time.monotonic() > moment):
                break
            time.sleep(GLANCE_SECONDS)
        came_late = process.poll() is not None
        process.kill()
        process.wait()
        step = LATE if came_late else step
        self.report.kills[command] += not came_late
        self.report.steps[step] += 1
        return step

    def _note(self, step: str, left: str) -> None:
        """Count what a kill left; what came too late left what it should."""
        self.report.left[left] += step != LATE

    def _expect_success(self, command: str, step: str, done: subprocess.CompletedProcess[str]) -> None:
        if done.returncode:
            self.report.faults.append(f"{command}, {step}: refused with {done.stderr.strip()!r}")

    def _expect_refusal(self, step: str, done: subprocess.CompletedProcess[str]) -> None:
        if not done.returncode or len(done.stderr.strip().splitlines()) != 1:
            self.report.faults.append(f"start, {step}: {done.returncode}, {done.stderr.strip()!r}")


def on_sqlite(directory: Path, kills: int, *, seed: int) -> KeepingReport:
    """Back up and restore on SQLite."""
    return _run(_places(directory, lambda at: f"sqlite:///{at / 'sanpo.db'}"), "SQLite", kills, seed)


def on_postgresql(directory: Path, kills: int, *, seed: int) -> KeepingReport:
    """Back up and restore on a PostgreSQL of its own."""
    with servers.postgresql() as server:
        places = _places(directory, lambda at: server.create(at.name))
        return _run(places, "PostgreSQL", kills, seed)


def _places(directory: Path, url: Callable[[Path], str]) -> Iterator[Place]:
    """Give one empty place after another."""
    for number in itertools.count():
        at = directory / f"place{number}"
        at.mkdir()
        yield Place(at, url(at))


@contextmanager
def _opened(url: str) -> Iterator[Database]:
    database = Database(url)
    try:
        yield database
    finally:
        database.dispose()


def _run(places: Iterator[Place], name: str, kills: int, seed: int) -> KeepingReport:
    ordeal = Ordeal(_filled(next(places)), random.Random(seed), KeepingReport(name, seed))  # noqa: S311
    return ordeal.run(places, kills)


def _filled(here: Place) -> Place:
    """Fill a place with a demo, and proof on the disk."""
    for arguments in (("migrate",), ("demo", "--suppliers", str(SUPPLIERS))):
        done = here.sanpo(*arguments)
        assert done.returncode == 0, done.stderr
    folder = here.directory / "evidence" / "aoba"
    folder.mkdir(parents=True)
    for number in range(FILES):
        (folder / f"{number}.pdf").write_bytes(random.Random(number).randbytes(FILE_BYTES))  # noqa: S311
    return here
