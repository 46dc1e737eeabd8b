"""The power goes while answers are saved: what the page called saved is on the disk, and the file is whole.

No power is cut: what each process writes to SQLite's files is recorded, and laid out anew as the disk would
hold it at a moment, where what had not been synced may have arrived in parts, or not at all. That this would
find a loss is seen each time with a writer that does not wait for the disk.
"""

import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from portal.db import Database
from tests.faults import disk, machines, saving, staging
from tests.faults.disk import Call
from tests.faults.saving import Saved

FIRMS, QUESTIONS = 4, 5
CARELESS_WRITES = 200
FILE = "sanpo.db"
Files = dict[str, bytes]


@dataclass
class PowerReport:
    """What came of one run; `faults` tells what a cut lost or broke.

    `unsynced` of the cuts came while something was on its way to the disk; of what the careless writer had
    written, they lost `careless`.
    """

    name: str
    seed: int
    cuts: int = 0
    saves: int = 0
    unsynced: int = 0
    careless: int = 0
    faults: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def is_well(self) -> bool:
        """Tell whether nothing was lost, and would have been seen."""
        return not self.faults and self.careless > 0


def on_sqlite(directory: Path, *, cuts: int, saves: int, seed: int) -> PowerReport:
    """Have firms save at once on `sanpo serve`, and cut the power at random moments of the recording."""
    report, rng, began = PowerReport("one machine", seed, cuts, saves), random.Random(seed), time.monotonic()  # noqa: S311
    report.careless = _lost_by_the_careless(directory, cuts, rng)
    before, said = _saved(directory, saves)
    calls = disk.recorded(directory)
    writes = [one.ended for one in calls if one.kind == disk.WRITE and said[0].at < one.ended < said[-1].at]
    for number in range(cuts):
        # By turns at any time, and while something is on its way to the disk.
        moment = rng.choice(writes) if number % 2 else rng.uniform(said[0].at, said[-1].at)
        report.unsynced += bool(disk.unsynced(calls, moment))
        place = _laid_out(directory / f"cut{number}", before, calls, moment, rng)
        report.faults += _faults(place, [one for one in said if one.at <= moment])
    report.seconds = time.monotonic() - began
    return report


def _saved(directory: Path, saves: int) -> tuple[Files, list[Saved]]:
    """Save, recorded; gives the files that stood before, and what was called saved, in this order."""
    recorder = disk.recording(directory, _files(directory))
    with machines.one_machine(directory, "", before=recorder) as on:
        firms = staging.answering(on.database, firms=FIRMS, questions=QUESTIONS)
        before = {file.name: file.read_bytes() for file in _files(directory)}
        on.mend()
        people = saving.opened(on, firms)
        with ThreadPoolExecutor(FIRMS) as pool:
            list(pool.map(lambda person: saving.save_all(person, saves // FIRMS), people))
        on.stop_senders()
    return before, sorted((one for person in people for one in person.saved), key=lambda one: one.at)


def _files(directory: Path) -> list[Path]:
    return [directory / FILE, directory / f"{FILE}-wal"]


def _laid_out(place: Path, before: Files, calls: Sequence[Call], moment: float, rng: random.Random) -> Path:
    place.mkdir()
    for name, content in disk.after_cut(before, calls, moment, rng).items():
        (place / name).write_bytes(content)
    return place / FILE


def _faults(file: Path, said: Sequence[Saved]) -> list[str]:
    """Tell what is lost or broken once the database has been opened again."""
    database = Database(f"sqlite:///{file}")
    try:
        with database.read_engine.connect() as connection:
            whole = connection.exec_driver_sql("PRAGMA integrity_check").scalar_one()
            loose = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        lost = saving.missing(database, said)
    finally:
        database.dispose()
    told = [f"{file.parent.name}: {one}" for one in lost]
    return told + [f"{file.parent.name}: {whole}, {loose}"] * (whole != "ok" or bool(loose))


def _lost_by_the_careless(directory: Path, cuts: int, rng: random.Random) -> int:
    """Cut the power of a writer that does not wait for the disk; gives what was lost of what it had done."""
    place = directory / "careless"
    place.mkdir()
    line = [*disk.recording(place, _files(place)), sys.executable, "-m", "tests.faults.power", str(place)]
    done = subprocess.run(line, capture_output=True, check=True, text=True)
    said = [float(moment) for moment in done.stdout.split()]
    calls = disk.recorded(place)
    lost = 0
    for number in range(cuts):
        moment = rng.uniform(said[0], said[-1])
        left = _laid_out(place / f"cut{number}", {}, calls, moment, rng)
        written = sum(at <= moment for at in said)
        with sqlite3.connect(left) as connection:
            lost += written - connection.execute("SELECT count(*) FROM line").fetchone()[0]
    return lost


def _write_carelessly(place: Path) -> None:
    """Write line after line, and tell when each was called written."""
    with sqlite3.connect(place / FILE, isolation_level=None) as connection:
        connection.executescript(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE line (text);"
            "PRAGMA wal_checkpoint; PRAGMA synchronous=NORMAL;"
        )
        for number in range(CARELESS_WRITES):
            connection.execute("INSERT INTO line VALUES (?)", (f"{number}行目",))
            print(time.time())


if __name__ == "__main__":
    _write_carelessly(Path(sys.argv[1]))
