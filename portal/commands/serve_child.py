"""`sanpo serve-child`: the process that `sanpo serve` keeps alive; not for people."""

import socket

import click
from sqlalchemy import exists, select
from sqlalchemy.exc import SQLAlchemyError

from assessments.models import Organisation, Supplier
from portal import console, installation, logging, mail, processes, revision, runtime
from portal.installation import Installation
from portal.supervisor import REFUSED


@click.command("serve-child", hidden=True)
@click.option("--socket", "descriptor", type=int, required=True)
@click.option("--how", type=click.Choice(["serve", "run"]), required=True)
@click.option("--again", is_flag=True)
@click.option("--host")
@click.option("--port")
def command(descriptor: int, how: str, again: bool, host: str | None, port: str | None) -> None:
    """Serve pages on a socket that the parent listens on."""
    with installation.unchecked(SANPO_HOST=host, SANPO_PORT=port) as opened:
        _prepare(opened, how, again=again)
        with socket.socket(fileno=descriptor) as listener:
            runtime.serve_pages(
                opened.settings, opened.database, listener, lambda: None if again else _say_where(opened, how)
            )


def _prepare(opened: Installation, how: str, *, again: bool) -> None:
    """Bring the database up to date; at the first start whatever fails ends the parent too."""
    logging.set_up("serve", directory=opened.settings.log_dir, to_stderr=how == "serve")
    try:
        mail.line(opened.settings)
        if not revision.is_current(opened.database):
            installation.migrate()
        if how == "run" and not again and _is_empty(opened):
            click.echo("Loading the demo into the empty database; this takes a moment.")
            _run_demo()
    except Exception as error:
        line = _line(error)
        raise console.Refused(line, status=1 if again else REFUSED) from error


def _line(error: Exception) -> str:
    if isinstance(error, SQLAlchemyError):
        return installation.refusal(error).message
    return (error if isinstance(error, console.Refused) else console.refusal(error)).message


def _is_empty(opened: Installation) -> bool:
    with opened.database.reader() as session:
        return not session.scalar(select(exists(select(Organisation.id)) | exists(select(Supplier.id))))


def _is_demo(opened: Installation) -> bool:
    with opened.database.reader() as session:
        return bool(session.scalar(select(Organisation.is_demo).limit(1)))


def _run_demo() -> None:
    if processes.wait(processes.start(["demo", "--quiet"])):
        raise console.Refused("the demo could not be loaded")


def _say_where(opened: Installation, how: str) -> None:
    url = opened.settings.public_url
    click.echo(f"\nSanpo is at {url}/ (Ctrl-C stops it).")
    if how == "run" and _is_demo(opened):
        click.echo("This is a demo: its suppliers are invented, and no mail leaves this machine.")
        click.echo(f"Local mailbox: {url}/admin/mailbox as admin, or `sanpo mailbox --json`. Sign in as:\n")
        # Not waited for: the first page comes before the list.
        processes.start(["demo", "--sign-ins"])
