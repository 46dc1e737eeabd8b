"""対策の計画: the best way for a goal of the supplier's own, beside other ways and what incidents cost."""

from functools import partial

from flask import abort, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select

from assessments import own_result, planning
from assessments.incidents import incident_words
from assessments.measures import catalogue_words
from assessments.models import AssessmentResult
from assessments.own_plan import ready_words
from portal import arithmetic_words, clock, db, filters, plan_view
from portal.supplier.own import load
from portal.supplier.question_view import number
from portal.supplier.routes import blueprint

REFUSED = 422


@blueprint.get("/assessments/<public_id>/plan")
def plan(public_id: str) -> tuple[str, int]:
    """Show the plan that the address asks for, or the usual one."""
    own = load(public_id)
    result = db.session().scalar(
        select(AssessmentResult).where(
            AssessmentResult.id == own.assessment.current_result_id,
            AssessmentResult.supplier_id == own.assessment.supplier_id,
        )
    ) or abort(404)
    today = clock.today(str(filters.zone()))
    found = planning.basis(db.session(), result, own.assessment.supplier, on=today)
    shown = plan_view.plan_page(found, request.args)
    free, paid = own_result.helpful_measures(db.session(), result, on=today)
    page = render_template(
        "supplier/plan.html",
        own=own,
        shown=shown,
        plan_url=partial(url_for, "supplier.plan", public_id=public_id),
        say=plan_view,
        words=catalogue_words(),
        incident_words=incident_words(),
        ready_words=ready_words(),
        question=arithmetic_words.question,
        number=number,
        examples=[
            (_("無料の対策の例"), free),
            (_("費用のかかる対策の例（同じ効果の別の方法つき）"), paid),
        ],
    )
    return page, REFUSED if shown.form.errors else 200
