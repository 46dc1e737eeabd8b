"""How far a long job is, for the script that shows it."""

from dataclasses import asdict

from flask import Response, jsonify

from portal import db, job_progress
from portal.access import load_job
from portal.procurement.routes import blueprint


@blueprint.get("/jobs/<public_id>")
def job(public_id: str) -> Response:
    """Answer {"progress": 0-100 or null, "text", "finished"}."""
    return jsonify(asdict(job_progress.of(load_job(db.session(), public_id))))
