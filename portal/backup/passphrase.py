"""Where the passphrase of a backup comes from: a key file, the environment, or whoever sits there."""

import sys
from pathlib import Path

import click

from portal.backup.sealing import BackupRefused
from portal.settings import backup_passphrase

SHORTEST, SHORTEST_KEY = 12, 32


def given(key_file: Path | None, *, is_new: bool) -> bytes:
    """Give the passphrase, asked for twice where it is new. Raises BackupRefused."""
    if key_file is not None:
        return _key(key_file, is_new=is_new)
    typed = backup_passphrase()
    if not typed and sys.stdin.isatty():
        typed = click.prompt(
            "Passphrase of the backup", hide_input=True, confirmation_prompt=is_new, err=True
        )
    if not typed:
        raise BackupRefused("a backup needs a passphrase: SANPO_BACKUP_PASSPHRASE, --key-file, or a terminal")
    if is_new and len(typed) < SHORTEST:
        raise BackupRefused(f"the passphrase must have {SHORTEST} letters or more")
    return typed.encode()


def _key(path: Path, *, is_new: bool) -> bytes:
    try:
        key = path.read_bytes().strip()
    except OSError as error:
        raise BackupRefused(f"cannot read the key file {path} ({error.strerror})") from error
    if is_new and len(key) < SHORTEST_KEY:
        raise BackupRefused(f"the key file must hold {SHORTEST_KEY} bytes or more: `openssl rand -hex 32`")
    return key
