"""`sanpo restore`: a backup into an empty place, or into a scratch place, or only checked."""

from dataclasses import asdict
from pathlib import Path

import click

from portal import backup, clock, console, installation
from portal.backup import Drilled, Restored, Verified, halting, latest, passphrase

console.say(backup.BackupRefused)
# What a campaign was about when the backup was made, what was done, and how it goes on.
HALTED = {
    halting.OPEN: "were running and are paused: settle their mails, then `sanpo campaign resume ID` or "
    "their page",
    halting.OPENING: "were being prepared and are paused, the work ended: `sanpo campaign invite ID` or "
    "調査 › 処理の状況 prepares the rest, and mail leaves once they are resumed",
    halting.SCHEDULED: "were to start by themselves and are not any more: where they have not started since, "
    "`sanpo campaign invite ID` or a new start on their page",
}


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--key-file", type=click.Path(path_type=Path), help="Open with what this file holds.")
@click.option("--verify", "only_checks", is_flag=True, help="Only check FILE; opens no database.")
@click.option(
    "--drill", "is_drill", is_flag=True, help="Restore into a scratch place, look it over, leave nothing."
)
@click.option("--with-secret", is_flag=True, help="Put the secret in place too, where FILE holds it.")
@click.option("--moved", is_flag=True, help="Nothing was sent since FILE was made: let waiting mails leave.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(
    file: Path,
    key_file: Path | None,
    only_checks: bool,
    is_drill: bool,
    with_secret: bool,
    moved: bool,
    as_json: bool,
) -> None:
    """Put the backup FILE into an empty database and data directory, on SQLite or PostgreSQL.

    FILE is read to its end before anything is written, and what arrived is read again and compared before it
    counts. Mails that waited are then for a person to settle, as they may have been sent since; campaigns
    that would go on by themselves rest until a person has them go on. Broken off, it is done again from the
    beginning. --drill does all this in a scratch place and looks that over.
    """
    if only_checks:
        checked = backup.verify(file, passphrase=passphrase.given(key_file, is_new=False))
        _say_checked(checked, as_json=as_json)
        return
    if is_drill:
        _say_drilled(_drill(file, passphrase.given(key_file, is_new=False)), as_json=as_json)
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


def _drill(file: Path, sealed_with: bytes) -> Drilled:
    with installation.unchecked() as opened:
        data_dir = opened.settings.data_dir
        done = backup.drill(file.resolve(), passphrase=sealed_with, within=data_dir, now=clock.now())
        latest.note_drill(data_dir, done)
    return done


def _say_drilled(done: Drilled, *, as_json: bool) -> None:
    if as_json:
        console.print_json(asdict(done))
        return
    click.echo(
        f"{done.rows} rows and {done.files} files of {done.made_at} were restored and found whole, "
        f"{done.trail_lines} lines of the trail and {done.submissions} submissions proven; nothing was left."
    )


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
        click.echo(
            f"{done.unsettled_mails} mails may have been sent since: settle them at 調査 › メールの結果."
        )
    for was, words in HALTED.items():
        mine = [one for one in done.halted_campaigns if one.was == was]
        if mine:
            click.echo(f"Campaigns ({len(mine)}) {words}:")
        for one in mine:
            click.echo(f"  {one.id}  {one.title}")
    if has_left_secret:
        click.echo("The secret in the backup was left there; --with-secret puts it in place.")
