"""Certificates, third parties' reports and visits of one supplier: what each covers, recorded once."""

from dataclasses import dataclass
from datetime import date, timedelta

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from werkzeug.wrappers import Response

from assessments import confirmations, proof, proving, questionnaires
from assessments.confirmations import Scope
from assessments.models import (
    Assessment,
    AssessmentResult,
    Confirmation,
    QuestionnaireVersion,
    Role,
    Supplier,
    User,
)
from assessments.proof_content import Certificate, certificates
from assessments.proving import Preview
from assessments.questionnaire_content import QuestionContent
from assessments.questionnaires import Published
from portal import clock, db, filters
from portal.access import actor, load_confirmation, load_supplier
from portal.errors import say
from portal.risk import words
from portal.risk.evidence import answer_readers_only
from portal.risk.evidence_forms import (
    ConfirmationForm,
    WithdrawalForm,
    blank_withdrawal_form,
    confirmation_form,
    withdrawal_form,
)
from portal.risk.routes import blueprint

REFUSED = 422
VISIT = "visit"
VISIT_MONTHS = 12
DAYS_A_MONTH = 30.4375

say(confirmations.AlreadyWithdrawn, _l("この確認は、すでに取り消されています。"))


@dataclass(frozen=True, slots=True)
class Shown:
    """A confirmation with its name, the questions it covers, whether it holds today, and a form."""

    confirmation: Confirmation
    name: str
    questions: tuple[QuestionContent, ...]
    state: str
    form: WithdrawalForm


@dataclass(frozen=True, slots=True)
class Ground:
    """What a confirmation of a supplier is recorded against: its newest result, or the newest version."""

    published: Published
    result: AssessmentResult | None


@blueprint.get("/suppliers/<public_id>/confirmations", endpoint="confirmations")
def recorded(public_id: str) -> str:
    """List what was confirmed of a supplier, and the kinds that can be recorded."""
    return _list(_load(public_id))


@blueprint.get("/suppliers/<public_id>/confirmations/new")
def new_confirmation(public_id: str) -> str | Response:
    """Show the form for a kind, with the questions that it covers ticked."""
    supplier, kind = _load(public_id), request.args.get("kind", "")
    if not _is_known(kind):
        return redirect(url_for("risk.confirmations", public_id=public_id))
    ground = _ground(supplier)
    return _form_page(supplier, ground, _form(ground, kind))


@blueprint.post("/suppliers/<public_id>/confirmations/new")
def record_confirmation(public_id: str) -> Response | tuple[str, int] | str:
    """Show what the confirmation would do, or record it, by the button pressed."""
    supplier, ground, kind = _load(public_id), None, request.form.get("kind", "")
    if not _is_known(kind):
        abort(404)
    ground = _ground(supplier)
    form = _form(ground, kind)
    if not form.validate_on_submit():
        return _form_page(supplier, ground, form), REFUSED
    if request.form.get("act") == "preview":
        return _form_page(supplier, ground, form, preview=_preview(supplier, ground, form))
    if not _recorded(supplier, ground, form):
        return _form_page(supplier, ground, form), REFUSED
    db.session().commit()
    flash(_("確認を記録しました。レベルを計算しなおしました。"), "success")
    return redirect(url_for("risk.confirmations", public_id=public_id))


@blueprint.post("/suppliers/<public_id>/confirmations/<confirmation_id>/withdraw")
def withdraw_confirmation(public_id: str, confirmation_id: str) -> Response | tuple[str, int]:
    """Let a confirmation count no longer."""
    supplier = _load(public_id)
    found = load_confirmation(db.session(), supplier, confirmation_id)
    form = withdrawal_form(found)
    if not form.validate_on_submit():
        return _list(supplier, withdrawing=(found, form)), REFUSED
    confirmations.withdraw(db.session(), found, reason=form.reason.data or "", now=clock.now(), by=_me())
    db.session().commit()
    flash(_("確認を取り消しました。レベルを計算しなおしました。"), "success")
    return redirect(url_for("risk.confirmations", public_id=public_id))


def _recorded(supplier: Supplier, ground: Ground, form: ConfirmationForm) -> bool:
    """Record by the kind; a rule that the reader can mend is said at its field."""
    scope, kind = form.scope(ground.published.version_id), form.kind.data or ""
    try:
        if kind == VISIT:
            confirmations.record_visit(db.session(), supplier, scope, now=clock.now(), by=_me())
        else:
            confirmations.record_certificate(
                db.session(), supplier, scope, certificate=kind, now=clock.now(), by=_me()
            )
    except confirmations.NothingConfirmed:
        form.questions.errors = [_("質問を一つ以上お選びください。")]
    except confirmations.EndsBeforeItStarts:
        form.ends_on.errors = [_("「いつから」以後の日にしてください。")]
    return not form.errors


def _preview(supplier: Supplier, ground: Ground, form: ConfirmationForm) -> Preview | None:
    if ground.result is None:
        return None
    scope: Scope = form.scope(ground.published.version_id)
    return proving.preview(
        db.session(),
        supplier,
        ground.result,
        scope.keys,
        starts_on=scope.starts_on,
        ends_on=scope.ends_on,
    )


def _form(ground: Ground, kind: str) -> ConfirmationForm:
    found, scored = certificates().find(kind), ground.published.content.scored
    starts_on = _submitted_on(ground) or _today()
    months = found.months if found else VISIT_MONTHS
    form = confirmation_form(
        scored,
        kind=kind,
        ticked=[one.key for one in scored if found and one.key in found.covers],
        starts_on=starts_on,
        ends_on=_today() + timedelta(days=round(months * DAYS_A_MONTH)),
    )
    if kind == VISIT:
        form.reference.label.text = str(_("だれが、どこで見ましたか"))
    return form


def _form_page(
    supplier: Supplier, ground: Ground, form: ConfirmationForm, *, preview: Preview | None = None
) -> str:
    kind = form.kind.data or ""
    found = certificates().find(kind)
    content = ground.published.content
    return render_template(
        "risk/confirmation_new.html",
        supplier=supplier,
        form=form,
        kind=found,
        name=_name(found),
        mapping=certificates(),
        covered=[(one, found.covers[one.key]) for one in found.questions(content)] if found else [],
        submitted_on=_submitted_on(ground),
        preview=preview,
        levels=[(words.set_name(content, key), *step) for key, step in preview.levels.items()]
        if preview
        else [],
        words=words,
    )


def _list(supplier: Supplier, *, withdrawing: tuple[Confirmation, WithdrawalForm] | None = None) -> str:
    rows = confirmations.confirmations(db.session(), supplier.id)
    return render_template(
        "risk/confirmations.html",
        supplier=supplier,
        rows=[_shown(one, withdrawing) for one in rows],
        mapping=certificates(),
        may_record=actor().has_role(Role.RISK),
        words=words,
    )


def _shown(one: Confirmation, withdrawing: tuple[Confirmation, WithdrawalForm] | None) -> Shown:
    published = questionnaires.published(db.session(), one.version_id)
    is_posted = withdrawing is not None and withdrawing[0].id == one.id
    return Shown(
        confirmation=one,
        name=_name(certificates().find(one.certificate or "")),
        questions=tuple(published.question(row.question_id) for row in one.questions),
        state=_state(one),
        form=withdrawing[1] if withdrawing and is_posted else blank_withdrawal_form(one),
    )


def _state(one: Confirmation) -> str:
    if one.withdrawal is not None:
        return "withdrawn"
    if one.ends_on < _today():
        return "ended"
    return "to_come" if one.starts_on > _today() else "in_force"


def _name(kind: Certificate | None) -> str:
    return filters.text(kind.name) if kind else str(_("当社の訪問"))


def _is_known(kind: str) -> bool:
    return kind == VISIT or certificates().find(kind) is not None


def _ground(supplier: Supplier) -> Ground:
    """The newest result of the supplier, and the version to name questions by. 404 before any version."""
    session = db.session()
    result = session.scalar(
        select(AssessmentResult)
        .join(Assessment, Assessment.current_result_id == AssessmentResult.id)
        .where(AssessmentResult.supplier_id == supplier.id)
        .order_by(AssessmentResult.submitted_at.desc(), AssessmentResult.id.desc())
        .limit(1)
    )
    newest = session.scalar(select(func.max(QuestionnaireVersion.id)))
    if result is None and newest is None:
        abort(404)
    version_id = result.version_id if result else newest or 0
    return Ground(questionnaires.published(session, version_id), result)


def _submitted_on(ground: Ground) -> date | None:
    return proof.day(db.session(), ground.result.submitted_at) if ground.result else None


def _today() -> date:
    return proof.day(db.session(), clock.now())


def _load(public_id: str) -> Supplier:
    answer_readers_only()
    return load_supplier(db.session(), public_id)


def _me() -> User:
    return db.session().get_one(User, actor().user_id)
