"""References that a supplier gives of its own will: what it has, where to see it, and what came of it."""

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from assessments import evidence, own_proof
from assessments.models import User
from portal import clock, db, proof_form
from portal.access import actor, load_evidence
from portal.errors import say
from portal.proof_form import EvidenceForm, evidence_form
from portal.supplier.own import Own, load
from portal.supplier.question_view import number
from portal.supplier.routes import blueprint

REFUSED = 422

say(
    evidence.AlreadyJudged,
    _l("この証跡は、すでに確認が済んでいるか、取り下げられています。画面を読み込みなおしてください。"),
)
say(
    evidence.NothingSubmitted,
    _l("証跡は、回答を提出したあとに登録できます。いまご用意いただく必要はありません。"),
)


@blueprint.get("/assessments/<public_id>/evidence", endpoint="evidence")
def references(public_id: str) -> str | Response:
    """Show what stands behind the answers, and the form to add a reference."""
    own = load(public_id)
    if own.assessment.submitted_at is None:
        return redirect(url_for("supplier.assessment", public_id=public_id))
    return _page(own, evidence_form(evidence.provable(db.session(), own.assessment)))


@blueprint.post("/assessments/<public_id>/evidence")
def give_evidence(public_id: str) -> Response | tuple[str, int]:
    """Add a reference."""
    own = load(public_id)
    form = evidence_form(evidence.provable(db.session(), own.assessment))
    if not form.validate_on_submit() or not _given(own, form):
        return _page(own, form), REFUSED
    db.session().commit()
    flash(_("証跡を登録しました。担当の者が拝見します。"), "success")
    return redirect(url_for("supplier.evidence", public_id=public_id))


@blueprint.post("/assessments/<public_id>/evidence/<evidence_id>/take-back")
def take_back_evidence(public_id: str, evidence_id: str) -> Response:
    """Take back a reference that nobody judged yet."""
    own = load(public_id)
    found = load_evidence(db.session(), own.assessment, evidence_id)
    evidence.take_back(db.session(), found, now=clock.now(), by=_me())
    db.session().commit()
    flash(_("証跡を取り下げました。点やレベルは変わりません。"), "success")
    return redirect(url_for("supplier.evidence", public_id=public_id))


def _given(own: Own, form: EvidenceForm) -> bool:
    try:
        evidence.give(
            db.session(), own.assessment, form.document(), keys=form.keys(), now=clock.now(), by=_me()
        )
    except proof_form.MENDABLE as broken:
        proof_form.complain(form, broken)
        return False
    return True


def _page(own: Own, form: EvidenceForm) -> str:
    shown = own_proof.own_proof(db.session(), own.assessment)
    return render_template("supplier/evidence.html", own=own, form=form, proof=shown, number=number)


def _me() -> User:
    return db.session().get_one(User, actor().user_id)
