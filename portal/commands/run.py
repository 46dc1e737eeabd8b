"""`sanpo run`: what `make run` does: serve, with a demo where the database is empty."""

import click

from portal.commands.serve import keep_serving
from portal.settings import from_environment


@click.command("run")
def command() -> None:
    """Load the demo into an empty database, print how to get in, and serve until Ctrl-C."""
    raise SystemExit(keep_serving(from_environment(), "run"))
