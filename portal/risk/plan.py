"""The plan of one supplier for the buyer: what the supplier reads, and beside it how much it would matter."""

from functools import partial

from flask import abort, g, render_template, request, url_for

from assessments import planning
from assessments.chain import loading
from assessments.chain.detail import detail
from assessments.incidents import incident_words
from assessments.measures import catalogue_words
from assessments.own_plan import ready_words
from portal import arithmetic_words, clock, db, plan_view
from portal.access import actor, load_supplier
from portal.risk import looking
from portal.risk.routes import blueprint, may_read_answers

REFUSED = 422


@blueprint.get("/suppliers/<public_id>/plan")
def supplier_plan(public_id: str) -> tuple[str, int] | str:
    """Show the plan that the address asks for, from the result that counts."""
    found = load_supplier(db.session(), public_id)
    if not may_read_answers():
        abort(403)
    chain = loading.load(db.session())
    if chain is None:
        return looking.nothing()
    today = clock.today(g.organisation.time_zone)
    seen = detail(db.session(), chain, found, units=actor().unit_ids, now=clock.now(), today=today)
    if seen.standing is None:
        return render_template("risk/plan_none.html", supplier=found)
    shown = plan_view.plan_page(
        planning.basis(db.session(), seen.standing.result, found, targets=seen.standing.targets, on=today),
        request.args,
    )
    inherent = seen.foremost.arithmetic.inherent if seen.foremost else None
    page = render_template(
        "risk/plan.html",
        supplier=found,
        shown=shown,
        plan_url=partial(url_for, "risk.supplier_plan", public_id=public_id),
        is_four_expected=seen.standing.is_four_expected,
        submitted_at=seen.standing.result.submitted_at,
        inherent=inherent,
        weighted=shown.plan.best.gain * inherent if shown.plan and inherent else None,
        say=plan_view,
        words=catalogue_words(),
        incident_words=incident_words(),
        ready_words=ready_words(),
        question=arithmetic_words.question,
    )
    return page, REFUSED if shown.form.errors else 200
