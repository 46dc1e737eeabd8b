"""`sanpo worker`: jobs and mails, for several machines."""

import click

from portal import installation, mail, supervisor
from portal.supervisor import Post


@click.command("worker")
@click.option("--concurrency", type=click.IntRange(1, 64), default=2, show_default=True, help="Jobs at once.")
def command(concurrency: int) -> None:
    """Run jobs from the broker and send mails until SIGTERM; any number of these, on any machine."""
    settings = installation.of_several()
    mail.line(settings)
    installation.check()
    posts = [Post(["work", "--concurrency", str(concurrency)]), Post(["dispatch"])]
    raise SystemExit(supervisor.keep_alive(posts, log_file=settings.log_dir / "parent.log"))
