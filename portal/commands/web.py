"""`sanpo web`: pages alone, for several machines."""

import os
import sys

import click

from portal import installation


@click.command("web")
@click.option("--host", help="The address to listen on (SANPO_HOST).")
@click.option("--port", help="The port to listen on (SANPO_PORT).")
@click.option("--workers", type=click.IntRange(1, 64), default=2, show_default=True, help="Processes.")
def command(host: str | None, port: str | None, workers: int) -> None:
    """Serve pages with gunicorn until SIGTERM, beside any number of `sanpo worker` and `sanpo schedule`."""
    settings = installation.of_several(SANPO_HOST=host, SANPO_PORT=port)
    installation.check()
    arguments = [
        "--worker-class",
        "gthread",
        "--workers",
        str(workers),
        "--threads",
        "8",
        "--no-control-socket",
    ]
    arguments += ["--bind", f"{settings.host}:{settings.port}", f'portal.runtime:web(port="{settings.port}")']
    os.execv(sys.executable, [sys.executable, "-m", "gunicorn", *arguments])  # noqa: S606  arguments of our own
