"""`sanpo schedule`: what is due by the clock, for several machines."""

import click

from portal import installation, logging, runtime


@click.command("schedule")
def command() -> None:
    """Send out what is due by the clock until SIGTERM; several of these do no harm."""
    settings = installation.of_several()
    installation.check()
    logging.set_up("schedule")
    runtime.schedule(settings)
