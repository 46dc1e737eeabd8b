"""同業との比較: a supplier's result beside its peers' and beside public surveys."""

from flask import abort, render_template

from assessments import own_peers
from portal import clock, db, filters
from portal.supplier import peers_view
from portal.supplier.own import load
from portal.supplier.routes import blueprint
from portal.supplier.survey_view import compared


@blueprint.get("/assessments/<public_id>/result/peers")
def peers(public_id: str) -> str:
    """Show where the supplier stands among its peers, item by item, and who looks after security there."""
    own, zone = load(public_id), filters.zone()
    today = clock.today(str(zone))
    found = own_peers.peers(db.session(), own.assessment, on=today, zone=zone) or abort(404)
    return render_template(
        "supplier/peers.html",
        own=own,
        peers=found,
        standings=peers_view.standings(found),
        domains=peers_view.domains(found),
        staff_columns=peers_view.staff_columns(found),
        staff=peers_view.staff(found),
        comparisons=[compared(one) for one in found.survey.comparisons],
    )
