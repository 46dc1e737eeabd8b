"""`sanpo migrate`: bring the database to this version."""

import click

from portal import installation, schema


@click.command("migrate")
@click.option("--quiet", is_flag=True, help="Say nothing when all went well.")
def command(quiet: bool) -> None:
    """Bring the database to this version's schema; does nothing where it stands there already."""
    with installation.unchecked() as opened:
        ran = schema.migrate(opened.database)
    if not quiet:
        click.echo(f"Ran {len(ran)} migrations, up to {ran[-1]}." if ran else "Nothing to do.")
