"""`sanpo mail`: what an operator learns about mails after they have left."""

from datetime import timedelta
from typing import BinaryIO

import click
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from assessments import audit, settling
from assessments.models import Message, MessageState
from portal import bounces, clock, console, installation, letter
from portal.bounces import Report
from portal.settings import Settings

# What mail servers take for "keep this and try again" from a program they hand a mail to.
TRY_LATER = 75
# Mail servers give up after five days; a week lets the report itself take its time.
LONGEST_TRIED = timedelta(days=7)
AT_ONCE = 1_000


@click.group("mail")
def command() -> None:
    """Tell what became of mails that have left."""


@command.command("bounced")
@click.argument("message_id", required=False)
@click.option("--words", default=bounces.NO_WORDS, help="What the returned mail says.")
@click.option(
    "--report",
    type=click.File("rb"),
    help="The returned mail itself (RFC 3464) in place of a Message-ID; - reads it from standard input.",
)
def bounced(message_id: str | None, words: str, report: BinaryIO | None) -> None:
    """Note that the mail with this Message-ID came back; it is then shown at the contact as not delivered.

    A report that only tells of a delay is left alone. Status 75 says that the database is away: try later.
    """
    if (message_id is None) == (report is None):
        raise click.UsageError("give either a Message-ID or --report")
    if message_id is not None:
        click.echo(_note(message_id, words))
        return
    try:
        click.echo(_note_report(_read(report)))
    except console.Refused as refusal:
        if isinstance(refusal.__cause__, SQLAlchemyError):
            raise console.Refused(refusal.message, status=TRY_LATER) from refusal
        raise


def _note(message_id: str, words: str) -> str:
    with installation.opened() as opened, opened.database.writer.begin() as session:
        found = _found(session, message_id, opened.settings)
        if found is None:
            raise console.Refused("no mail has this Message-ID")
        _bounce(session, found, words)
    return "noted"


def _read(report: BinaryIO | None) -> Report:
    try:
        return bounces.read(report.read(bounces.MOST_BYTES + 1) if report else b"")
    except bounces.NotAReport as error:
        raise console.Refused(str(error)) from error


def _note_report(report: Report) -> str:
    """Note the mail that a report is about; the same report twice changes nothing."""
    if not report.failures:
        return "left alone: nothing has failed for good"
    with installation.opened() as opened, opened.database.writer.begin() as session:
        found = _reported(session, report, opened.settings)
        if found is None:
            raise console.Refused("the report is about no mail of ours")
        failure = next((one for one in report.failures if found.to_email.lower() in one.addresses), None)
        if failure is None:
            raise console.Refused("the report is about an address that this mail was not written to")
        if found.state is MessageState.FAILED:
            return "noted before"
        _bounce(session, found, failure.words)
    return "noted"


def _bounce(session: Session, found: Message, words: str) -> None:
    if not settling.bounce(session, found, words, now=clock.now(), by=audit.OPERATOR):
        raise console.Refused(f"the mail has not left: it is {found.state.value}")


def _reported(session: Session, report: Report, settings: Settings) -> Message | None:
    """Find the mail by its Message-ID; where the report names none, the last one sent to that address."""
    if report.message_id is not None:
        return _found(session, report.message_id, settings)
    addresses = sorted(address for one in report.failures for address in one.addresses)
    last = select(Message).where(
        func.lower(Message.to_email).in_(addresses),
        Message.state.in_([MessageState.SENT, MessageState.UNKNOWN]),
        Message.created_at > clock.now() - LONGEST_TRIED,
    )
    return session.scalar(last.order_by(Message.id.desc()).limit(1))


def _found(session: Session, message_id: str, settings: Settings) -> Message | None:
    """Look through the send keys, newest first: a Message-ID is made from one and stored nowhere."""
    wanted = message_id.strip("<> \t").partition("@")[0]
    keys = session.execute(select(Message.id, Message.send_key).order_by(Message.id.desc()))
    for row in keys.yield_per(AT_ONCE):
        if letter.message_id(row.send_key, settings).strip("<").partition("@")[0] == wanted:
            return session.get_one(Message, row.id)
    return None
