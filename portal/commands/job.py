"""`sanpo job`: one job in a process of its own; not for people."""

import click

from assessments.models import JobState
from portal import app, installation, logging, tasks


@click.command("job", hidden=True)
@click.argument("job_id", type=int)
def command(job_id: int) -> None:
    """Run one job, if nobody else does."""
    with installation.opened() as opened:
        logging.set_up("job", directory=opened.settings.log_dir, to_stderr=False)
        state = tasks.run(opened.database, opened.settings, job_id)
    if state is JobState.FAILED:
        raise SystemExit(1)


# Runners add themselves when the pages they belong to are imported.
RUNNERS_COME_FROM = app
