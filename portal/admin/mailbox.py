"""The local mailbox in the browser: what would have left the house, with links that work."""

from flask import current_app, render_template, request
from sqlalchemy import func, select

from assessments.models import LocalMail, Role
from portal import db
from portal.access import load_mail, require
from portal.admin.routes import blueprint
from portal.mailbox import Mail, shown
from portal.paging import Page, page_number

A_PAGE = 50


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
        mails=_as_read(list(mails)),
        receiver=receiver,
        page=Page(number, A_PAGE, total, "admin.mailbox"),
    )


@blueprint.get("/mailbox/<public_id>")
def mail(public_id: str) -> str:
    """Show one mail as text."""
    require(Role.ADMIN)
    found = load_mail(db.session(), public_id)
    return render_template("admin/mail.html", mail=_as_read([found])[0])


def _as_read(mails: list[LocalMail]) -> list[Mail]:
    """Put links in, and codes too in a demo; masked otherwise."""
    return shown(db.session(), current_app.extensions["sanpo_settings"], mails)
