"""A restore that is killed leaves nothing that is taken for whole, and is done again from the beginning."""

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal import clock, doctor, health, restore_mark, revision, schema, supervisor
from portal.backup import BackupRefused
from portal.console import Refused
from portal.doctor import Verdict
from portal.restore_mark import HalfRestored
from portal.settings import from_environment
from tests import running, servers
from tests.backups import PASSPHRASE, Make, Place, backed_up, counts, digests, filled, places, restored
from tests.fixtures_servers import database_kind

SECRET = "0123456789abcdefghijklmnopqrstuvwxyz"
KILLED_AT = """\
import os, signal, sys
from pathlib import Path
from portal import backup, clock, restore_mark
from portal.backup import loading, restoring
from portal.db import Database

def kill(*_arguments, **_more):
    os.kill(os.getpid(), signal.SIGKILL)

url, path, data_dir, where, name = sys.argv[1:]
setattr({"loading": loading, "restoring": restoring, "restore_mark": restore_mark}[where], name, kill)
backup.restore(Database(url), Path(path), passphrase=PASSPHRASE, data_dir=Path(data_dir), takes_secret=True,
               is_move=True, now=clock.now())
"""
# The first row, what was loaded compared, the files in their place, and all but the commit done.
STEPS = [
    ("loading", "load"),
    ("restoring", "_compare"),
    ("restoring", "_place_secret"),
    ("restore_mark", "take_away"),
]


@pytest.fixture
def place(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Make]:
    """Make an empty place on SQLite or PostgreSQL."""
    with places(tmp_path, request) as make:
        yield make


@pytest.fixture
def here(place: Make) -> Place:
    """A filled place."""
    return filled(place(database_kind()))


@pytest.mark.database
@pytest.mark.parametrize(("where", "name"), STEPS, ids=[name for _where, name in STEPS])
def test_a_restore_killed_on_its_way_is_refused_until_it_is_done_again(
    here: Place, place: Make, tmp_path: Path, where: str, name: str
) -> None:
    path, there = backed_up(here, tmp_path / "full.sanpo", secret=b"kept"), place(database_kind())

    _killed(there, path, where, name)

    assert not any(counts(there.database).values())
    for taken_for_whole in (
        revision.is_current,
        schema.migrate,
        lambda _of: backed_up(there, tmp_path / "x"),
    ):
        with pytest.raises(HalfRestored, match="restore FILE"):
            taken_for_whole(there.database)
    assert not health.readiness(there.database, now=clock.now()).schema

    restored(there, path, is_move=True, takes_secret=True)

    assert digests(there.database) == digests(here.database)
    assert [path.name for path in (there.data_dir / "evidence").rglob("*.pdf")] == ["規程.pdf"]
    assert not list(there.data_dir.glob("*.part"))
    assert revision.is_current(there.database)


@pytest.mark.slow
@pytest.mark.database
@pytest.mark.parametrize("command", ["serve", "web", "worker", "schedule", "migrate", "backup", "doctor"])
def test_nothing_starts_where_a_restore_was_broken_off(place: Make, tmp_path: Path, command: str) -> None:
    there = place(database_kind())
    _mark(there)
    arguments = [command, str(tmp_path / "x.sanpo")] if command == "backup" else [command]

    tried = running.command(*arguments, environment=_environment(there))

    assert tried.returncode == (2 if command == "doctor" else 1)
    said = tried.stdout if command == "doctor" else tried.stderr
    assert "run `sanpo restore FILE` again" in said
    assert command == "doctor" or len(tried.stderr.splitlines()) == 1


def test_doctor_tells_of_it_and_what_to_do(place: Make) -> None:
    there = place("sqlite")
    _mark(there)
    settings = from_environment(_environment(there))

    [found] = doctor._tried(doctor._schema, settings, there.database, clock.now())

    assert (found.verdict, found.advice) == (Verdict.FAIL, "Run `sanpo restore FILE` again.")


@pytest.mark.database
def test_a_restore_that_fails_by_itself_leaves_an_empty_place_without_the_mark(
    here: Place, place: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, there = backed_up(here, tmp_path / "full.sanpo"), place(database_kind())

    with monkeypatch.context() as patched, pytest.raises(BackupRefused, match="No space left"):
        patched.setattr("portal.backup.restoring._place", _broken)
        restored(there, path)

    assert not any(counts(there.database).values())
    assert not [path.name for path in there.data_dir.iterdir() if "evidence" in path.name]
    assert revision.is_current(there.database)


def test_no_restore_begins_where_sanpo_runs(here: Place, tmp_path: Path, place: Make) -> None:
    path, there = backed_up(here, tmp_path / "full.sanpo"), place("sqlite")

    with supervisor.only_one(there.data_dir), pytest.raises(Refused, match="already running"):
        restored(there, path)


def _killed(there: Place, path: Path, where: str, name: str) -> None:
    there.database.dispose()
    program = KILLED_AT.replace("PASSPHRASE", repr(PASSPHRASE))
    arguments = [there.database.url, str(path), str(there.data_dir), where, name]
    done = subprocess.run([sys.executable, "-c", program, *arguments], env=os.environ, check=False)
    assert done.returncode == -signal.SIGKILL


def _mark(there: Place) -> None:
    schema.migrate(there.database)
    with there.database.write_engine.begin() as connection:
        restore_mark.put(connection)


def _environment(there: Place) -> dict[str, str]:
    return {
        "SANPO_DATA_DIR": str(there.data_dir),
        "SANPO_DATABASE_URL": there.database.url,
        "SANPO_BROKER_URL": f"redis://127.0.0.1:{servers.free_port()}/0",
        "SANPO_SECRET_KEY": SECRET,
        "SANPO_PORT": str(servers.free_port()),
        "SANPO_BACKUP_PASSPHRASE": PASSPHRASE.decode(),
    }


def _broken(*_arguments: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
