"""`sanpo backup` and `sanpo restore` as operators type them."""

import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from portal import cli
from portal.backup import latest

PASSPHRASE = "a passphrase of the tests"


def test_the_commands_make_check_and_restore(tmp_path: Path) -> None:
    sanpo = _sanpo(tmp_path / "here")
    assert sanpo("migrate").exit_code == 0

    made = sanpo("backup", str(tmp_path / "a.sanpo"))
    checked = sanpo("restore", "--verify", str(tmp_path / "a.sanpo"))
    restored = _sanpo(tmp_path / "there")("restore", str(tmp_path / "a.sanpo"))

    assert (made.exit_code, checked.exit_code, restored.exit_code) == (0, 0, 0), made.output
    assert "are whole" in checked.output
    assert latest.noted(tmp_path / "here")


@pytest.mark.parametrize(
    ("passphrase", "line"), [("", "needs a passphrase"), ("short", "12 letters or more")]
)
def test_a_backup_without_a_good_passphrase_is_refused(tmp_path: Path, passphrase: str, line: str) -> None:
    tried = _sanpo(tmp_path, SANPO_BACKUP_PASSPHRASE=passphrase)("backup", str(tmp_path / "a.sanpo"))

    assert tried.exit_code == 1
    assert line in tried.stderr
    assert len(tried.stderr.splitlines()) == 1
    assert not (tmp_path / "a.sanpo").exists()


def test_a_key_file_seals_as_well(tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text(uuid.uuid4().hex + "\n")
    sanpo = _sanpo(tmp_path, SANPO_BACKUP_PASSPHRASE="")
    sanpo("migrate")

    assert sanpo("backup", str(tmp_path / "a.sanpo"), "--key-file", str(key)).exit_code == 0
    assert sanpo("restore", "--verify", str(tmp_path / "a.sanpo"), "--key-file", str(key)).exit_code == 0
    assert sanpo("restore", "--verify", str(tmp_path / "a.sanpo")).exit_code == 1


def _sanpo(data_dir: Path, **environment: str) -> Callable[..., Result]:
    given = {"SANPO_DATA_DIR": str(data_dir), "SANPO_BACKUP_PASSPHRASE": PASSPHRASE, **environment}
    return lambda *arguments: CliRunner().invoke(cli.main, arguments, env=given)
