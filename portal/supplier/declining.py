"""Not answering this time: what that means, why, and taking it back."""

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from assessments import declining, own_view
from assessments.models import DeclineReason, User
from assessments.owners import owner_of
from portal import clock, db, errors
from portal.access import actor
from portal.supplier.forms import REASONS, DeclineForm
from portal.supplier.own import Own, desk, load
from portal.supplier.routes import blueprint
from portal.supplier.submitting import ask_for_code
from portal.tasks import wake_dispatcher

REFUSED = 422
errors.say(
    declining.NotDeclined,
    _l("「今回は回答しない」とのお知らせは、いまはありません。回答の一覧をご覧ください。"),
)


@blueprint.get("/assessments/<public_id>/decline")
def decline(public_id: str) -> str | Response:
    """Show what declining means and ask for the reason; after that, what was said."""
    own = load(public_id)
    if not (declining.may_decline(own.assessment) or own_view.decline(db.session(), own.assessment)):
        return redirect(url_for("supplier.assessment", public_id=public_id))
    return _page(own, DeclineForm())


@blueprint.post("/assessments/<public_id>/decline")
def decline_now(public_id: str) -> Response | tuple[str, int]:
    """Keep that the supplier does not answer this time; an old code is asked for again first."""
    own, form, now = load(public_id), DeclineForm(), clock.now()
    if not actor().has_fresh_code(now):
        return ask_for_code(own, then="decline")
    if not form.validate_on_submit():
        return _page(own, form), REFUSED
    declining.decline(
        db.session(),
        own.assessment,
        reason=DeclineReason(form.reason.data),
        remark=form.remark.data or "",
        talk=_("いまは手が回らないため、今回は回答しないとお知らせしました。一度お話ししたいです。"),
        now=now,
        by=_me(),
    )
    db.session().commit()
    wake_dispatcher()
    flash(_("お知らせを受け付けました。ご案内のメールを止めます。ありがとうございました。"), "success")
    return redirect(url_for("supplier.decline", public_id=public_id))


@blueprint.post("/assessments/<public_id>/decline/take-back")
def decline_take_back(public_id: str) -> Response:
    """Answer after all."""
    own = load(public_id)
    declining.take_back(db.session(), own.assessment, now=clock.now(), by=_me())
    db.session().commit()
    flash(_("ありがとうございます。続きから回答していただけます。"), "success")
    return redirect(url_for("supplier.assessment", public_id=public_id))


def _page(own: Own, form: DeclineForm) -> str:
    return render_template(
        "supplier/decline.html",
        own=own,
        form=form,
        standing=own_view.decline(db.session(), own.assessment),
        reasons=dict(REASONS),
        owner=owner_of(db.session(), own.assessment.supplier_id),
        desk=desk(),
        wants_code=not actor().has_fresh_code(clock.now()),
    )


def _me() -> User:
    return db.session().get_one(User, actor().user_id)
