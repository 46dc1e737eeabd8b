"""Suppliers' talks about cost and timing: the list, one of them, and its answer."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from assessments import consultations
from assessments.consultations import AlreadyAnswered
from assessments.models import Assessment, Consultation, Role, Supplier, User
from portal import clock, db
from portal.access import actor, load_consultation, supplier_scope
from portal.consultations.forms import AnswerForm
from portal.consultations.routes import WRITE, blueprint
from portal.paging import Page, page_number
from portal.tasks import wake_dispatcher

PAGE_SIZE = 50
REFUSED, CONFLICT = 422, 409


@blueprint.get("/")
def overview() -> str:
    """List the talks, those that wait first and the longest waiting on top; one's own where asked."""
    mine = request.args.get("owner") == "me"
    condition = _in_scope() & (Consultation.owner_id == actor().user_id) if mine else _in_scope()
    total = db.session().scalar(select(func.count()).select_from(Consultation).where(condition)) or 0
    page = Page(
        min(page_number(), max(1, -(-total // PAGE_SIZE))), PAGE_SIZE, total, "consultations.overview"
    )
    found = (
        db.session()
        .scalars(
            select(Consultation)
            .where(condition)
            .options(joinedload(Consultation.supplier), joinedload(Consultation.owner))
            .order_by(Consultation.answered_at.is_not(None), Consultation.opened_at, Consultation.id)
            .limit(PAGE_SIZE)
            .offset((page.number - 1) * PAGE_SIZE)
        )
        .all()
    )
    return render_template(
        "consultations/overview.html",
        page=page,
        rows=[(one, _days(one)) for one in found],
        topics=_topics(),
        is_mine=mine,
    )


@blueprint.get("/<public_id>")
def consultation(public_id: str) -> str:
    """Show one talk, with the form of the answer while it waits for one."""
    return _page(load_consultation(db.session(), public_id), AnswerForm())


@blueprint.post("/<public_id>")
def answer(public_id: str) -> tuple[str, int] | Response:
    """Answer a talk; what was typed stays when somebody else was quicker."""
    found, form = load_consultation(db.session(), public_id), AnswerForm()
    if not form.validate_on_submit():
        return _page(found, form), REFUSED
    by = db.session().get_one(User, actor().user_id)
    try:
        consultations.answer(db.session(), found, form.answer.data or "", now=clock.now(), by=by)
    except AlreadyAnswered:
        return _page(found, form, is_overtaken=True), CONFLICT
    db.session().commit()
    wake_dispatcher()
    flash(_("お返事を送りました。取引先にメールでお知らせします。"), "success")
    return redirect(url_for("consultations.overview"))


def _page(found: Consultation, form: AnswerForm, *, is_overtaken: bool = False) -> str:
    assessment = db.session().scalar(
        select(Assessment)
        .where(Assessment.id == found.assessment_id, Assessment.supplier_id == found.supplier_id)
        .options(joinedload(Assessment.campaign))
    )
    answered_by = db.session().get(User, found.answered_by_id) if found.answered_by_id else None
    may_answer = actor().has_role(*WRITE) and (found.answered_at is None or is_overtaken)
    return render_template(
        "consultations/consultation.html",
        consultation=found,
        assessment=assessment,
        answered_by=answered_by,
        form=form if may_answer else None,
        is_overtaken=is_overtaken,
        topics=_topics(),
        days=_days(found),
        may_see_risk=actor().has_role(Role.RISK, Role.LEGAL, Role.AUDITOR),
    )


def _in_scope() -> ColumnElement[bool]:
    return Consultation.supplier_id.in_(select(Supplier.id).where(supplier_scope()))


def _days(found: Consultation) -> int:
    """For how many days a talk has waited, or waited until it was answered."""
    return ((found.answered_at or clock.now()) - found.opened_at).days


def _topics() -> dict[str, Any]:
    return {"cost": _("費用"), "timing": _("時期"), "measure": _("対策の内容"), "other": _("その他")}
