"""`sanpo backup`: everything in one sealed file, while the installation runs."""

from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

import click

from portal import backup, clock, console, installation
from portal.backup import latest, passphrase

console.say(backup.BackupRefused)


@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--key-file", type=click.Path(path_type=Path), help="Seal with what this file holds.")
@click.option("--with-secret", is_flag=True, help="Put the installation's secret in as well.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(file: Path, key_file: Path | None, with_secret: bool, as_json: bool) -> None:
    """Write database and evidence into FILE, sealed with a passphrase (SANPO_BACKUP_PASSPHRASE).

    Works while Sanpo runs, and holds one moment. FILE must not stand there yet; it is read back before it
    takes its name. Restores on SQLite and on PostgreSQL alike.
    """
    with installation.unchecked() as opened:
        sealed_with = passphrase.given(key_file, is_new=True)
        made = backup.make(
            opened.database,
            file.resolve(),
            passphrase=sealed_with,
            files=opened.settings.data_dir / "evidence",
            secret=opened.settings.keys.current if with_secret else None,
            version=version("sanpo"),
            now=clock.now(),
        )
        latest.note(opened.settings.data_dir, made)
    if as_json:
        console.print_json(asdict(made))
        return
    click.echo(f"{made.rows} rows and {made.files} files are in {made.file} ({made.bytes} bytes), read back.")
