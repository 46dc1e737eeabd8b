"""Backups open only whole and with their passphrase, and restore into an empty place alone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, Table

from portal import backup, revision
from portal.backup import BackupRefused, loading, making, restoring
from portal.backup.archive import FilePart
from portal.backup.rows import Shape
from tests.backups import PASSPHRASE, Make, Place, backed_up, counts, digests, filled, places, restored
from tests.fixtures_servers import database_kind


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
def test_only_an_empty_place_is_restored_into(here: Place, place: Make, tmp_path: Path) -> None:
    path = backed_up(here, tmp_path / "full.sanpo")
    taken = filled(place(database_kind()))
    before = digests(taken.database)

    with pytest.raises(BackupRefused, match="not empty"):
        restored(taken, path)

    assert digests(taken.database) == before


def test_a_backup_of_a_newer_version_is_refused(
    here: Place, place: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = backed_up(here, tmp_path / "full.sanpo")
    monkeypatch.setattr(revision, "known", lambda: ["0001"])
    there = place("sqlite")

    with pytest.raises(BackupRefused, match="newer version"):
        restored(there, path)
    assert not (there.data_dir / "sanpo.db").exists()


def test_a_wrong_passphrase_is_told_from_damage(here: Place, tmp_path: Path) -> None:
    path = backed_up(here, tmp_path / "full.sanpo")

    with pytest.raises(BackupRefused, match="passphrase does not fit"):
        backup.verify(path, passphrase=b"another passphrase")


def test_what_is_no_backup_is_told_so(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"PK\x03\x04" * 100)

    with pytest.raises(BackupRefused, match="not a backup"):
        backup.verify(tmp_path / "x", passphrase=PASSPHRASE)


def test_a_file_cut_anywhere_restores_nothing(here: Place, place: Make, tmp_path: Path) -> None:
    whole = backed_up(here, tmp_path / "full.sanpo").read_bytes()
    there, cut = place("sqlite"), tmp_path / "cut.sanpo"

    for length in (0, 7, 11, 60, len(whole) // 2, len(whole) - 1):
        cut.write_bytes(whole[:length])
        with pytest.raises(BackupRefused):
            restored(there, cut)

    assert not (there.data_dir / "sanpo.db").exists()
    assert list(there.data_dir.iterdir()) == []


def test_one_changed_byte_anywhere_is_noticed(here: Place, tmp_path: Path) -> None:
    whole = bytearray(backed_up(here, tmp_path / "full.sanpo").read_bytes())
    changed = tmp_path / "changed.sanpo"

    for place_of_it in range(0, len(whole), len(whole) // 12):
        whole[place_of_it] ^= 1
        changed.write_bytes(whole)
        with pytest.raises(BackupRefused):
            backup.verify(changed, passphrase=PASSPHRASE)
        whole[place_of_it] ^= 1


@pytest.mark.database
def test_what_arrives_otherwise_than_it_left_is_taken_back(
    here: Place, place: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, there = backed_up(here, tmp_path / "full.sanpo"), place(database_kind())
    load = loading.load

    def lossy(connection: Connection, table: Table, of: Shape, lines: bytes) -> None:
        if rest := lines.partition(b"\n")[2]:
            load(connection, table, of, rest)

    monkeypatch.setattr(loading, "load", lossy)
    with pytest.raises(BackupRefused):
        restored(there, path)

    assert not any(counts(there.database).values())
    assert not (there.data_dir / "evidence").exists()


def test_a_backup_holds_no_readable_row_and_is_for_its_owner_alone(here: Place, tmp_path: Path) -> None:
    path = backed_up(here, tmp_path / "full.sanpo", secret=b"the-secret-itself")

    assert path.stat().st_mode & 0o077 == 0
    for word in ("青葉", "aoba.example", "the-secret-itself", "supplier"):
        assert word.encode() not in path.read_bytes()
    assert list(tmp_path.glob(".*.part")) == []


def test_a_backup_replaces_no_file(here: Place, tmp_path: Path) -> None:
    (tmp_path / "full.sanpo").write_text("precious")

    with pytest.raises(BackupRefused, match="stands there already"):
        backed_up(here, tmp_path / "full.sanpo")
    assert (tmp_path / "full.sanpo").read_text() == "precious"


def test_a_backup_that_cannot_be_read_back_takes_no_name(
    here: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_path: Path, _passphrase: bytes) -> None:
        raise BackupRefused("damaged")

    monkeypatch.setattr(making, "_read_back", fail)
    with pytest.raises(BackupRefused):
        backed_up(here, tmp_path / "full.sanpo")

    assert not list(tmp_path.glob("*.sanpo")) and not list(tmp_path.glob(".*.part"))


def test_the_secret_goes_along_only_where_it_is_asked_for(here: Place, place: Make, tmp_path: Path) -> None:
    path = backed_up(here, tmp_path / "full.sanpo", secret=b"kept")
    without, there = place("sqlite"), place("sqlite")

    restored(without, path)
    restored(there, path, takes_secret=True)

    assert not (without.data_dir / "secret").exists()
    assert (there.data_dir / "secret").read_bytes() == b"kept"


def test_a_file_for_another_place_is_refused(tmp_path: Path) -> None:
    part = FilePart("files", "evidence/../../secret", None)  # type: ignore[arg-type]

    with pytest.raises(BackupRefused, match="another place"):
        restoring._write(part, tmp_path / "arriving")
