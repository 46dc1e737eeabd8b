"""`sanpo restore`: a backup into an empty place, or only checked."""

from dataclasses import asdict
from pathlib import Path

import click

from portal import backup, clock, console, installation
from portal.backup import Restored, Verified, passphrase

console.say(backup.BackupRefused)


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--key-file", type=click.Path(path_type=Path), help="Open with what this file holds.")
@click.option("--verify", "only_checks", is_flag=True, help="Only check FILE; opens no database.")
@click.option("--with-secret", is_flag=True, help="Put the secret in place too, where FILE holds it.")
@click.option("--moved", is_flag=True, help="Nothing was sent since FILE was made: let waiting mails leave.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(
    file: Path, key_file: Path | None, only_checks: bool, with_secret: bool, moved: bool, as_json: bool
) -> None:
    """Put the backup FILE into an empty database and data directory, on SQLite or PostgreSQL.

    FILE is read to its end before anything is written, and what arrived is read again and compared before it
    counts. Mails that waited are then for a person to settle, as they may have been sent since.
    """
    if only_checks:
        checked = backup.verify(file, passphrase=passphrase.given(key_file, is_new=False))
        _say_checked(checked, as_json=as_json)
        return
    with installation.unchecked() as opened:
        done = backup.restore(
            opened.database,
            file,
            passphrase=passphrase.given(key_file, is_new=False),
            data_dir=opened.settings.data_dir,
            takes_secret=with_secret,
            is_move=moved,
            now=clock.now(),
        )
    _say_restored(done, has_left_secret=done.backup.has_secret and not with_secret, as_json=as_json)


def _say_checked(checked: Verified, *, as_json: bool) -> None:
    if as_json:
        console.print_json(asdict(checked))
        return
    click.echo(f"{checked.rows} rows and {checked.files} files of {checked.made_at} are whole.")


def _say_restored(done: Restored, *, has_left_secret: bool, as_json: bool) -> None:
    if as_json:
        console.print_json(asdict(done))
        return
    held = done.backup
    click.echo(f"{held.rows} rows and {held.files} files of {held.made_at} are in place.")
    if done.unsettled_mails:
        click.echo(f"{done.unsettled_mails} mails may have been sent since: settle them before going on.")
    if has_left_secret:
        click.echo("The secret in the backup was left there; --with-secret puts it in place.")
