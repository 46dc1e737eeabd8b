"""`sanpo mail`: what an operator learns about mails after they have left."""

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from assessments import settling
from assessments.models import Message
from portal import clock, console, installation, letter
from portal.settings import Settings

BY = "operator"
AT_ONCE = 1_000


@click.group("mail")
def command() -> None:
    """Tell what became of mails that have left."""


@command.command("bounced")
@click.argument("message_id")
@click.option("--words", default="returned as undeliverable", help="What the returned mail says.")
def bounced(message_id: str, words: str) -> None:
    """Note that the mail with this Message-ID came back; it is then shown at the contact as not delivered."""
    with installation.opened() as opened, opened.database.writer.begin() as session:
        found = _found(session, message_id, opened.settings)
        if found is None:
            raise console.Refused("no mail has this Message-ID")
        if not settling.bounce(session, found, words, now=clock.now(), by=BY):
            raise console.Refused(f"the mail has not left: it is {found.state.value}")
    click.echo("noted")


def _found(session: Session, message_id: str, settings: Settings) -> Message | None:
    """Look through the send keys, newest first: a Message-ID is made from one and stored nowhere."""
    wanted = message_id.strip("<> \t").partition("@")[0]
    keys = session.execute(select(Message.id, Message.send_key).order_by(Message.id.desc()))
    for row in keys.yield_per(AT_ONCE):
        if letter.message_id(row.send_key, settings).strip("<").partition("@")[0] == wanted:
            return session.get_one(Message, row.id)
    return None
