"""The local mailbox: mails kept instead of sent. Secrets are put in when read; codes show only in a demo."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from assessments.models import Invitation, LocalMail, Message, Organisation, User
from portal.mail_facts import CODE, MailFacts, secrets_of
from portal.mail_render import Rendered
from portal.settings import Settings

MASK = "••••••"


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail of the local mailbox as its reader may see it."""

    id: str
    to: str
    subject: str
    text: str
    html: str
    kind: str
    sent_at: datetime
    reply_to: str


def kept(message_id: int, facts: MailFacts, rendered: Rendered, *, now: datetime) -> LocalMail:
    """Give the row of a mail that stays here, its markers still in place."""
    return LocalMail(
        message_id=message_id,
        kind=facts.kind,
        to_email=facts.to_email,
        reply_to=facts.reply_to,
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        sent_at=now,
    )


def read(session: Session, settings: Settings, *, limit: int | None = None) -> list[Mail]:
    """Give the mails, newest first, with links that work, and codes only in a demo."""
    newest = _with_source().order_by(LocalMail.sent_at.desc(), LocalMail.id.desc())
    return _shown(session, settings, newest.limit(limit))


def shown(session: Session, settings: Settings, mails: Sequence[LocalMail]) -> list[Mail]:
    """Give these mails as `read` does, in their order."""
    wanted = _with_source().where(LocalMail.id.in_([mail.id for mail in mails]))
    found = {mail.id: mail for mail in _shown(session, settings, wanted)}
    return [found[mail.public_id] for mail in mails]


def _with_source() -> Select[*tuple[LocalMail, Message | None, Invitation | None, User | None]]:
    return (
        select(LocalMail, Message, Invitation, User)
        .outerjoin(Message, Message.id == LocalMail.message_id)
        .outerjoin(Invitation, Invitation.id == Message.invitation_id)
        .outerjoin(User, User.id == Message.user_id)
    )


def _shown(
    session: Session,
    settings: Settings,
    wanted: Select[*tuple[LocalMail, Message | None, Invitation | None, User | None]],
) -> list[Mail]:
    is_demo = bool(session.scalar(select(Organisation.is_demo).limit(1)))
    return [
        _mail(mail, settings, is_demo, message, invitation, user)
        for mail, message, invitation, user in session.execute(wanted).yield_per(500)
    ]


def _mail(
    mail: LocalMail,
    settings: Settings,
    is_demo: bool,
    message: Message | None,
    invitation: Invitation | None,
    user: User | None,
) -> Mail:
    secrets = secrets_of(settings.keys, message, invitation, user) if message else {}
    if not is_demo:
        secrets |= {CODE: MASK}
    words = Rendered(mail.subject, mail.text, mail.html).filled(secrets)
    return Mail(
        id=mail.public_id,
        to=mail.to_email,
        subject=words.subject,
        text=words.text,
        html=words.html,
        kind=mail.kind,
        sent_at=mail.sent_at,
        reply_to=mail.reply_to,
    )
