"""Looking over the whole, submitting it, and the code that a submission wants when the last one is old."""

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from assessments import own_view, responses
from assessments.invitations import ask_code, confirm, find_own
from assessments.models import Invitation, User
from portal import browsers, clock, db, sessions
from portal.access import actor
from portal.code_form import CodeForm
from portal.settings import Settings
from portal.supplier.own import Own, load, to_notice
from portal.supplier.question_view import number, offered
from portal.supplier.routes import blueprint
from portal.tasks import wake_dispatcher

REFUSED = 422
# What a fresh code is asked for: the page to go on with, by the word that stands in addresses.
THEN = {"check": "supplier.check", "decline": "supplier.decline"}


@blueprint.get("/assessments/<public_id>/check")
def check(public_id: str) -> str | Response:
    """Show what is missing, what is not known, and the way to submit."""
    own = load(public_id)
    if not own.has_seen_notice:
        return to_notice(own)
    if not own.is_open:
        return redirect(url_for("supplier.assessment", public_id=public_id))
    answers = responses.answers_of(db.session(), own.assessment)
    return render_template(
        "supplier/check.html",
        own=own,
        check=own_view.check(own.content, own.assessment, answers),
        answers=offered(own.content.answers, short=True),
        number=number,
        wants_code=not actor().has_fresh_code(clock.now()),
    )


@blueprint.post("/assessments/<public_id>/submit")
def submit(public_id: str) -> Response:
    """Submit and show the result; an old code is asked for again first, and nothing is lost."""
    own, now = load(public_id), clock.now()
    if not actor().has_fresh_code(now):
        return ask_for_code(own)
    by = db.session().get_one(User, actor().user_id)
    responses.submit(db.session(), own.assessment, now=now, by=by)
    db.session().commit()
    wake_dispatcher()
    flash(_("提出を受け付けました。控えのメールをお送りしました。ありがとうございました。"), "success")
    return redirect(url_for("supplier.result", public_id=public_id))


@blueprint.post("/assessments/<public_id>/code")
def send_code(public_id: str) -> Response:
    """Have another code mailed."""
    return ask_for_code(load(public_id), then=_then())


@blueprint.get("/assessments/<public_id>/code")
def code(public_id: str) -> str:
    """Ask for the code before a binding act."""
    return render_template("supplier/code.html", own=load(public_id), form=CodeForm(), then=_then())


@blueprint.post("/assessments/<public_id>/confirm")
def confirm_code(public_id: str) -> Response | tuple[str, int]:
    """Take the code, and go back to the check page."""
    own, form, now = load(public_id), CodeForm(), clock.now()
    invitation = _invitation(own) if form.validate_on_submit() else None
    is_right = invitation is not None and _confirmed(invitation, form.digits.data or "")
    if is_right:
        sessions.verify(db.session(), actor().session_id, now=now)
    db.session().commit()
    if not is_right:
        form.refuse()
        return render_template("supplier/code.html", own=own, form=form, then=_then()), REFUSED
    flash(_("確認できました。続きをお進めください。"), "success")
    return redirect(url_for(THEN[_then()], public_id=public_id))


def ask_for_code(own: Own, then: str = "check") -> Response:
    """Have a code mailed, and lead to where it is typed; `then` is one of THEN. Raises NoLongerOpen."""
    secret, invitation = browsers.secret(), _invitation(own)
    if invitation is None:
        raise responses.NoLongerOpen
    ask_code(db.session(), invitation, browser_hash=browsers.hash_of(secret), now=clock.now())
    db.session().commit()
    wake_dispatcher()
    response = redirect(url_for("supplier.code", public_id=own.public_id, then=then))
    browsers.keep(response, secret)
    return response


def _then() -> str:
    wanted = request.args.get("then", "")
    return wanted if wanted in THEN else "check"


def _invitation(own: Own) -> Invitation | None:
    return find_own(db.session(), own.assessment, actor().email)


def _confirmed(invitation: Invitation, digits: str) -> bool:
    settings: Settings = current_app.extensions["sanpo_settings"]
    return confirm(
        db.session(),
        invitation,
        digits,
        browser_hash=browsers.hash_of_request(),
        keys=settings.keys,
        now=clock.now(),
    )
