"""`sanpo migrate`: bring the database to this version."""

import click

from portal import installation, schema


@click.command("migrate")
def command() -> None:
    """Bring the database to this version's schema; does nothing where it stands there already."""
    with installation.unchecked() as opened:
        ran = schema.migrate(opened.database)
    click.echo(f"Ran {len(ran)} migrations, up to {ran[-1]}." if ran else "Nothing to do.")
