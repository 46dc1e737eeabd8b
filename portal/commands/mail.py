"""`sanpo mail`: what an operator, or the mail server itself, tells about mails after they have left."""

from collections.abc import Sequence
from typing import BinaryIO

import click
from sqlalchemy import exists, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from assessments import audit, calendar, contact_notes, settling
from assessments.models import Contact, Invitation, Membership, Message, MessageState, Supplier, User
from portal import bounces, clock, console, installation, letter, replies
from portal.bounces import NotAReport, Report
from portal.replies import NotAReply, Reply
from portal.settings import Settings

# What mail servers take for "keep this and try again" from a program they hand a mail to.
TRY_LATER = 75
AT_ONCE = 1_000


@click.group("mail")
def command() -> None:
    """Tell what became of mails that have left, and what came back."""


@command.command("bounced")
@click.argument("message_id")
@click.option("--words", default=bounces.NO_WORDS, help="What the returned mail says.")
def bounced(message_id: str, words: str) -> None:
    """Note that the mail with this Message-ID came back; it is then shown at the contact as not delivered."""
    click.echo(_note(message_id, words))


@command.command("received")
@click.argument("mail", type=click.File("rb"))
def received(mail: BinaryIO) -> None:
    """Take in a mail that came to Sanpo's address, from a file, or - for standard input.

    A report of what could not be delivered (RFC 3464) marks that mail; one that only tells of a delay is left
    alone, as are mails of other machines and of people at the buyer. What a supplier wrote back becomes a
    contact note there, to be answered on this business day or the next. Status 75 says that the database is
    away: try later.
    """
    content = mail.read(replies.MOST_BYTES + 1)
    try:
        click.echo(_take_in(content))
    except console.Refused as refusal:
        if isinstance(refusal.__cause__, SQLAlchemyError):
            raise console.Refused(refusal.message, status=TRY_LATER) from refusal
        raise


def _take_in(content: bytes) -> str:
    try:
        return _note_report(bounces.read(content))
    except NotAReport:
        pass
    try:
        reply = replies.read(content)
    except NotAReply as error:
        raise console.Refused(str(error)) from error
    return "left alone: a machine wrote it" if reply.is_automatic else _note_reply(content, reply)


def _note(message_id: str, words: str) -> str:
    with installation.opened() as opened, opened.database.writer.begin() as session:
        found = _found(session, [message_id], opened.settings)
        if found is None:
            raise console.Refused("no mail has this Message-ID")
        _bounce(session, found, words)
    return "noted"


def _note_report(report: Report) -> str:
    """Note the mail that a report is about; the same report twice changes nothing."""
    if not report.failures:
        return "left alone: nothing has failed for good"
    with installation.opened() as opened, opened.database.writer.begin() as session:
        # By an address alone anybody could stop a supplier's mail: a Message-ID only who got the mail knows.
        found = _found(session, [report.message_id] if report.message_id else [], opened.settings)
        if found is None:
            raise console.Refused("the report is about no mail of ours")
        failure = next((one for one in report.failures if found.to_email.lower() in one.addresses), None)
        if failure is None:
            raise console.Refused("the report is about an address that this mail was not written to")
        if found.state is MessageState.FAILED:
            return "noted before"
        _bounce(session, found, failure.words)
    return "noted"


def _note_reply(content: bytes, reply: Reply) -> str:
    """Note a reply beside the supplier that wrote it; the same mail twice changes nothing."""
    now = clock.now()
    with installation.opened() as opened, opened.database.writer.begin() as session:
        if _is_ours(session, reply.address):
            return "left alone: somebody at the buyer wrote it"
        supplier = _writer(session, reply, opened.settings)
        if supplier is None:
            raise console.Refused("it answers no mail of ours, and comes from no supplier's address")
        office = calendar.of_buyer(session)
        answer_on = office.day_of(office.next_open(now))
        told = replies.told(reply, office.day_of(now), answer_on=answer_on)
        is_new = contact_notes.receive(session, supplier, told, key=replies.key(content, reply), now=now)
    return "noted" if is_new else "noted before"


def _is_ours(session: Session, address: str) -> bool:
    """Tell whether an address is that of a person at the buyer, who answers a reply and copies everybody."""
    mine = select(Membership.user_id).where(Membership.supplier_id.is_(None))
    return (
        session.scalar(select(exists().where(func.lower(User.email) == address, User.id.in_(mine)))) or False
    )


def _writer(session: Session, reply: Reply, settings: Settings) -> Supplier | None:
    """Find the supplier by the mail that is answered, else by the address if it is one supplier's alone."""
    answered = _found(session, reply.answers, settings)
    if answered is not None and answered.invitation_id is not None:
        of_mail = select(Supplier).join(Invitation, Invitation.supplier_id == Supplier.id)
        return session.scalars(of_mail.where(Invitation.id == answered.invitation_id)).one()
    by_address = select(Contact.supplier_id).where(func.lower(Contact.email) == reply.address)
    found = session.scalars(select(Supplier).where(Supplier.id.in_(by_address)).limit(2)).all()
    return found[0] if len(found) == 1 else None


def _bounce(session: Session, found: Message, words: str) -> None:
    if not settling.bounce(session, found, words, now=clock.now(), by=audit.OPERATOR):
        raise console.Refused(f"the mail has not left: it is {found.state.value}")


def _found(session: Session, message_ids: Sequence[str], settings: Settings) -> Message | None:
    """Look through the send keys, newest first: a Message-ID is made from one and stored nowhere."""
    wanted = {one.strip("<> \t").partition("@")[0] for one in message_ids}
    keys = session.execute(select(Message.id, Message.send_key).order_by(Message.id.desc()))
    for row in keys.yield_per(AT_ONCE) if wanted else ():
        if letter.message_id(row.send_key, settings).strip("<").partition("@")[0] in wanted:
            return session.get_one(Message, row.id)
    return None
