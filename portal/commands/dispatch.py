"""`sanpo dispatch`: the mails of `sanpo worker`; not for people."""

import click

from portal import installation, logging, runtime


@click.command("dispatch", hidden=True)
def command() -> None:
    """Send mails until SIGTERM."""
    with installation.unchecked() as opened:
        logging.set_up("dispatch")
        runtime.dispatch(opened.settings, opened.database)
