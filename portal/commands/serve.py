"""`sanpo serve`: everything on one machine, kept alive by a small parent."""

import click

from portal import supervisor
from portal.settings import Settings, from_environment
from portal.supervisor import Post


@click.command("serve")
@click.option("--host", help="The address to listen on (SANPO_HOST).")
@click.option("--port", help="The port to listen on (SANPO_PORT).")
def command(host: str | None, port: str | None) -> None:
    """Bring the database up to date, then serve pages, queue, schedule and mail until Ctrl-C or SIGTERM.

    For one machine. Never loads a demo; `sanpo run` does.
    """
    settings = from_environment(given={"SANPO_HOST": host, "SANPO_PORT": port})
    raise SystemExit(keep_serving(settings, "serve"))


def keep_serving(settings: Settings, how: str) -> int:
    """Listen, start the child that serves, and keep it alive; gives the status to end with."""
    with (
        supervisor.only_one(settings.data_dir),
        supervisor.listening(settings.host, settings.port) as listener,
    ):
        listener.set_inheritable(True)
        arguments = ["serve-child", "--socket", str(listener.fileno()), "--how", how]
        arguments += ["--host", settings.host, "--port", str(settings.port)]
        post = Post(arguments, when_again=["--again"], pass_fds=(listener.fileno(),))
        return supervisor.keep_alive([post], log_file=settings.log_dir / "parent.log")
