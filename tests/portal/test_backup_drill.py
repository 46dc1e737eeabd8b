"""`sanpo restore --drill` restores a backup for proof alone, and leaves nothing but its note."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from assessments import audit
from portal import backup, cli, clock
from portal.backup import BackupRefused, Drilled, latest
from tests import factories
from tests.backups import PASSPHRASE, Make, Place, backed_up, filled, places
from tests.fixtures_servers import database_kind


@pytest.fixture
def here(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Place]:
    """A filled place with two lines in its trail."""
    with places(tmp_path, request) as make:
        yield _with_trail(make)


@pytest.mark.database
def test_a_drill_proves_a_backup_and_leaves_nothing(here: Place, tmp_path: Path) -> None:
    path, within = backed_up(here, tmp_path / "full.sanpo"), tmp_path / "there"
    (within / ".drill-of-one-that-was-killed").mkdir(parents=True)

    done = _drilled(path, within)

    assert (done.files, done.trail_lines, done.submissions) == (1, 2, 0)
    assert done.rows > 100
    assert list(within.iterdir()) == []


@pytest.mark.database
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("UPDATE audit_event SET action = 'other' WHERE sequence = 2", "trail .* from line 2"),
        ("UPDATE questionnaire_version SET content = content || ' '", "questionnaire .* own sum"),
    ],
)
def test_what_was_tampered_with_before_the_backup_comes_out(
    here: Place, tmp_path: Path, change: str, words: str
) -> None:
    with here.database.write_engine.begin() as connection:
        connection.execute(text(change))
    path = backed_up(here, tmp_path / "full.sanpo")

    with pytest.raises(BackupRefused, match=words):
        _drilled(path, tmp_path)
    assert not list(tmp_path.glob(".drill-*"))


def test_the_command_notes_what_went_well_and_nothing_else(here: Place, tmp_path: Path) -> None:
    path, data_dir = backed_up(here, tmp_path / "full.sanpo"), tmp_path / "data"
    given = {"SANPO_DATA_DIR": str(data_dir), "SANPO_BACKUP_PASSPHRASE": PASSPHRASE.decode()}
    wrong = {**given, "SANPO_BACKUP_PASSPHRASE": "another passphrase"}

    refused = CliRunner().invoke(cli.main, ["restore", "--drill", str(path)], env=wrong)
    assert (refused.exit_code, latest.noted_drill(data_dir)) == (1, None)

    done = CliRunner().invoke(cli.main, ["restore", "--drill", str(path), "--json"], env=given)
    assert done.exit_code == 0, done.output
    assert latest.noted_drill(data_dir) == Drilled(**json.loads(done.stdout))
    assert not list(data_dir.glob("sanpo.db*"))


def _with_trail(make: Make) -> Place:
    here = filled(make(database_kind()))
    with here.database.writer.begin() as session:
        for number in range(2):
            audit.record(
                session,
                now=factories.NOW,
                actor="operator",
                action="supplier.added",
                object_kind="supplier",
                object_id=str(number),
            )
    return here


def _drilled(path: Path, within: Path) -> Drilled:
    return backup.drill(path, passphrase=PASSPHRASE, within=within, now=clock.now())
