"""From a mailed link to a session: looking at the link gives nothing away and uses nothing up."""

from flask import current_app, g, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from assessments.invitations import Entered, ask_code, find, redeem
from assessments.models import Assessment, Side
from assessments.owners import owner_of
from portal import browsers, clock, db, sessions
from portal.code_form import CodeForm
from portal.entry.routes import blueprint
from portal.settings import Settings
from portal.tasks import wake_dispatcher

REFUSED = 422
DESTINATIONS = {
    "answers": "supplier.assessment",
    "colleague": "supplier.colleague",
    "consultation": "supplier.consult",
}


@blueprint.get("/<token>")
def link(token: str) -> str:
    """Show the three ways on; the page is the same for any token."""
    return _link_page(token, "answers")


@blueprint.get("/<token>/consultation")
def consultation(token: str) -> str:
    """Show the same page on the way to a talk about cost or timing."""
    return _link_page(token, "consultation")


@blueprint.post("/<token>/code")
def ask(token: str) -> Response:
    """Have a code mailed to the invited address, if there is one behind the token."""
    secret = browsers.secret()
    invitation = find(db.session(), token)
    if invitation is not None:
        ask_code(db.session(), invitation, browser_hash=browsers.hash_of(secret), now=clock.now())
        db.session().commit()
        wake_dispatcher()
    response = redirect(url_for("entry.code", token=token, to=_destination()))
    browsers.keep(response, secret)
    return response


@blueprint.get("/<token>/code")
def code(token: str) -> str:
    """Show the form for the code."""
    return _code_page(token, CodeForm())


@blueprint.post("/<token>/enter")
def enter(token: str) -> Response | tuple[str, int]:
    """Redeem the code: only in the browser that asked for it."""
    form = CodeForm()
    entered = _entered(token, form.digits.data or "") if form.validate_on_submit() else None
    if entered is None:
        db.session().commit()
        form.refuse()
        return _code_page(token, form), REFUSED
    secret = _open_session(entered)
    assessment = db.session().get_one(Assessment, entered.invitation.assessment_id)
    response = redirect(url_for(DESTINATIONS[_destination()], public_id=assessment.public_id))
    db.session().commit()
    sessions.set_cookie(response, secret)
    return response


@blueprint.post("/<token>/contact")
def contact(token: str) -> str:
    """Say whom to call. Not a redirect: the name may stand only in the answer to a deliberate act."""
    invitation = find(db.session(), token)
    owner = owner_of(db.session(), invitation.supplier_id) if invitation else None
    return render_template(
        "entry/contact.html",
        token=token,
        owner=owner,
        desk=g.organisation.genuine_contact if g.organisation else "",
    )


def _link_page(token: str, to: str) -> str:
    is_known_here = current_user.is_authenticated and current_user.side is Side.SUPPLIER
    return render_template("entry/link.html", token=token, to=to, is_known_here=is_known_here)


def _code_page(token: str, form: CodeForm) -> str:
    return render_template("entry/code.html", token=token, form=form, to=_destination())


def _destination() -> str:
    wanted = request.values.get("to", "")
    return wanted if wanted in DESTINATIONS else "answers"


def _entered(token: str, digits: str) -> Entered | None:
    invitation = find(db.session(), token)
    if invitation is None:
        return None
    settings: Settings = current_app.extensions["sanpo_settings"]
    return redeem(
        db.session(),
        invitation,
        digits,
        browser_hash=browsers.hash_of_request(),
        keys=settings.keys,
        now=clock.now(),
    )


def _open_session(entered: Entered) -> str:
    """Open the session; whoever was signed in here before is not any more."""
    if current_user.is_authenticated:
        sessions.end(db.session(), current_user.session_id, now=clock.now())
    return sessions.open_(
        db.session(),
        entered.user,
        side=Side.SUPPLIER,
        supplier_id=entered.invitation.supplier_id,
        now=clock.now(),
    )
