"""Asking a colleague to answer, and opening a talk about cost or timing."""

from flask import current_app, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from assessments import consultations, own_view
from assessments.delegation import AlreadyInvited, TooManyPeople, delegate
from assessments.invitations import find_own
from assessments.models import ConsultationTopic, User
from assessments.owners import owner_of
from assessments.responses import NoLongerOpen
from portal import clock, db
from portal.access import actor
from portal.settings import Settings
from portal.supplier.forms import TOPICS, ColleagueForm, ConsultationForm
from portal.supplier.own import Own, desk, load
from portal.supplier.routes import blueprint
from portal.tasks import wake_dispatcher

REFUSED = 422


@blueprint.get("/assessments/<public_id>/colleague")
def colleague(public_id: str) -> str:
    """Show the form to name a colleague, and who was asked so far."""
    return _colleague_page(load(public_id), ColleagueForm())


@blueprint.post("/assessments/<public_id>/colleague")
def ask_colleague(public_id: str) -> Response | tuple[str, int]:
    """Send the colleague an invitation of their own."""
    own, form = load(public_id), ColleagueForm()
    if not form.validate_on_submit() or not _delegated(own, form):
        return _colleague_page(own, form), REFUSED
    db.session().commit()
    wake_dispatcher()
    flash(_("%(name)sさんへ依頼のメールをお送りします。", name=form.name.data), "success")
    return redirect(url_for("supplier.colleague", public_id=public_id))


@blueprint.get("/assessments/<public_id>/consultation")
def consult(public_id: str) -> str:
    """Show the form of a talk, and the talks so far."""
    return _consultation_page(load(public_id), ConsultationForm())


@blueprint.post("/assessments/<public_id>/consultation")
def open_consultation(public_id: str) -> Response | tuple[str, int]:
    """Open the talk and tell its owner."""
    own, form = load(public_id), ConsultationForm()
    if not form.validate_on_submit():
        return _consultation_page(own, form), REFUSED
    consultations.open_(
        db.session(),
        own.assessment,
        topic=ConsultationTopic(form.topic.data),
        message=form.message.data or "",
        now=clock.now(),
        by=_me(),
    )
    db.session().commit()
    wake_dispatcher()
    flash(_("ご相談を受け付けました。担当からお返事します。"), "success")
    return redirect(url_for("supplier.consult", public_id=public_id))


def _delegated(own: Own, form: ColleagueForm) -> bool:
    settings: Settings = current_app.extensions["sanpo_settings"]
    invitation = find_own(db.session(), own.assessment, actor().email)
    if invitation is None:
        raise NoLongerOpen
    name, email = form.name.data or "", form.email.data or ""
    try:
        delegate(
            db.session(), invitation, name=name, email=email, keys=settings.keys, now=clock.now(), by=_me()
        )
    except AlreadyInvited:
        form.email.errors = [_("このアドレスには、すでに依頼をお送りしています。")]
        return False
    except TooManyPeople:
        form.form_errors.append(
            _("依頼できる人数（10人）に達しています。これ以上必要なときは、担当の者にお知らせください。")
        )
        return False
    return True


def _me() -> User:
    return db.session().get_one(User, actor().user_id)


def _colleague_page(own: Own, form: ColleagueForm) -> str:
    people = own_view.people(db.session(), own.assessment)
    return render_template("supplier/colleague.html", own=own, form=form, people=people, me=actor().email)


def _consultation_page(own: Own, form: ConsultationForm) -> str:
    return render_template(
        "supplier/consult.html",
        own=own,
        form=form,
        talks=own_view.talks(db.session(), own.assessment),
        topics=dict(TOPICS),
        owner=owner_of(db.session(), own.assessment.supplier_id),
        desk=desk(),
    )
