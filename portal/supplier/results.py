"""The result, at once after submitting; and everything of the supplier's own to take along."""

from flask import Response, abort, render_template
from werkzeug.wrappers import Response as BaseResponse

from assessments import own_record, own_result
from assessments.measures import catalogue_words
from portal import clock, db, filters
from portal.access import actor
from portal.supplier.own import load
from portal.supplier.question_view import number
from portal.supplier.result_view import bands, ladders
from portal.supplier.routes import blueprint
from portal.supplier.survey_view import compared


@blueprint.get("/assessments/<public_id>/result")
def result(public_id: str) -> str:
    """Show points, levels, what leads on, others' rates and what helps."""
    own = load(public_id)
    found = own_result.result(db.session(), own.assessment, on=clock.today(str(filters.zone()))) or abort(404)
    return render_template(
        "supplier/result.html",
        own=own,
        result=found,
        bands=bands(found),
        ladders=ladders(found),
        comparisons=[compared(one) for one in found.survey.comparisons],
        words=catalogue_words(),
        number=number,
    )


@blueprint.get("/assessments/<public_id>/download")
def download(public_id: str) -> BaseResponse:
    """Hand out the supplier's own answers, submissions and results as JSON."""
    own = load(public_id)
    text = own_record.as_json(db.session(), own.assessment, supplier_name=actor().supplier_name)
    headers = {"Content-Disposition": f'attachment; filename="sanpo-{own.public_id}.json"'}
    return Response(text, mimetype="application/json", headers=headers)
