"""`sanpo work`: the jobs of `sanpo worker`; not for people."""

import click

from portal import installation, logging, runtime


@click.command("work", hidden=True)
@click.option("--concurrency", type=int, default=2)
def command(concurrency: int) -> None:
    """Run jobs from the broker until SIGTERM."""
    with installation.unchecked() as opened:
        settings = opened.settings
    logging.set_up("worker")
    runtime.work(settings, concurrency=concurrency)
