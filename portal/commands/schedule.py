"""`sanpo schedule`: what is due by the clock, for several machines."""

import click

from portal import installation, logging, runtime


@click.command("schedule")
def command() -> None:
    """Do what is due by the clock until SIGTERM, also while the broker is away; several do no harm."""
    settings = installation.of_several()
    installation.check()
    logging.set_up("schedule")
    runtime.schedule(settings)
