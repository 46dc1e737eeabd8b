"""The local mailbox: what would have left the house; codes are masked outside the demo."""

import re

from flask import current_app, g, render_template, request
from sqlalchemy import func, select

from assessments.models import LocalMail, Role
from portal import db
from portal.access import load_mail, require
from portal.admin.routes import blueprint
from portal.mailbox import shown as mails_as_read
from portal.paging import Page, page_number
from portal.settings import Settings

A_PAGE = 50
CODE_KIND = "code"
SIX_DIGITS = re.compile(r"(?<!\d)\d{6}(?!\d)")
MASK = "••••••"


@blueprint.get("/mailbox")
def mailbox() -> str:
    """List the newest mails, by receiver if asked."""
    require(Role.ADMIN)
    receiver, number = request.args.get("to", "").strip().lower(), page_number()
    mine = LocalMail.to_email.contains(receiver, autoescape=True) if receiver else LocalMail.id.is_not(None)
    total = db.session().scalar(select(func.count()).select_from(LocalMail).where(mine)) or 0
    mails = db.session().scalars(
        select(LocalMail)
        .where(mine)
        .order_by(LocalMail.sent_at.desc(), LocalMail.id.desc())
        .offset((number - 1) * A_PAGE)
        .limit(A_PAGE)
    )
    return render_template(
        "admin/mailbox.html",
        mails=[(mail, shown(mail, mail.subject)) for mail in mails],
        receiver=receiver,
        page=Page(number, A_PAGE, total, "admin.mailbox"),
    )


@blueprint.get("/mailbox/<public_id>")
def mail(public_id: str) -> str:
    """Show one mail as text."""
    require(Role.ADMIN)
    found = load_mail(db.session(), public_id)
    settings: Settings = current_app.extensions["sanpo_settings"]
    [read] = mails_as_read(db.session(), settings, [found])
    return render_template(
        "admin/mail.html", mail=found, subject=shown(found, read.subject), body=shown(found, read.text)
    )


def shown(mail: LocalMail, words: str) -> str:
    """Give the words of a mail with its code masked, unless this is a demo."""
    if mail.kind != CODE_KIND or (g.organisation and g.organisation.is_demo):
        return words
    return SIX_DIGITS.sub(MASK, words)
