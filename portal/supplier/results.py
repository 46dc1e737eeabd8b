"""The result, at once after submitting; and everything of the supplier's own to take along."""

from flask import Response, abort, redirect, render_template, url_for
from werkzeug.wrappers import Response as BaseResponse

from assessments import own_record, own_result
from assessments.measures import catalogue_words
from assessments.own_result import OwnResult
from portal import arithmetic_words, clock, db, filters
from portal.access import actor
from portal.supplier.own import Own, load
from portal.supplier.question_view import number
from portal.supplier.result_view import axes, bands, ladders, lenses
from portal.supplier.routes import blueprint


@blueprint.get("/assessments/<public_id>/result")
def result(public_id: str) -> str:
    """Show what matters first: points, levels, what leads on, three free steps, whom to talk to."""
    own = load(public_id)
    found = _result(own)
    return render_template(
        "supplier/result.html",
        own=own,
        result=found,
        bands=bands(found),
        ladders=ladders(found),
        words=catalogue_words(),
        sentences=arithmetic_words,
        number=number,
    )


@blueprint.get("/assessments/<public_id>/result/arithmetic")
def result_arithmetic(public_id: str) -> str:
    """Show how every score and level came about."""
    own = load(public_id)
    found = _result(own)
    return render_template(
        "supplier/result_arithmetic.html",
        own=own,
        result=found,
        axes=axes(found),
        lenses=lenses(found),
        sentences=arithmetic_words,
    )


@blueprint.get("/assessments/<public_id>/result/measures")
def result_measures(public_id: str) -> BaseResponse:
    """Lead an address that was given out earlier to the plan, where all measures stand now."""
    return redirect(url_for("supplier.plan", public_id=load(public_id).public_id))


def _result(own: Own) -> OwnResult:
    today = clock.today(str(filters.zone()))
    return own_result.result(db.session(), own.assessment, on=today) or abort(404)


@blueprint.get("/assessments/<public_id>/download")
def download(public_id: str) -> BaseResponse:
    """Hand out the supplier's own answers, submissions and results as JSON."""
    own = load(public_id)
    text = own_record.as_json(db.session(), own.assessment, supplier_name=actor().supplier_name)
    headers = {"Content-Disposition": f'attachment; filename="sanpo-{own.public_id}.json"'}
    return Response(text, mimetype="application/json", headers=headers)
