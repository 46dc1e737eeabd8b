"""Long jobs: the list of them, stopping one, beginning one again, and how far one is for the script."""

from dataclasses import asdict

from flask import Response, flash, jsonify, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from werkzeug.wrappers import Response as BaseResponse

from assessments import audit, jobs
from assessments.jobs import JobEnded, NotTakenUpAgain
from assessments.models import Job, SupplierImport
from portal import clock, db, errors, job_progress, tasks
from portal.access import actor, job_scope, load_job
from portal.paging import Page, page_number
from portal.procurement import job_words
from portal.procurement.job_words import IMPORTS, TAKEN_UP_AGAIN
from portal.procurement.routes import blueprint

PAGE_SIZE = 30
errors.say(NotTakenUpAgain, _l("この処理は、ここからはやり直せません。元の画面から始めてください。"))


@blueprint.get("/jobs", endpoint="jobs")
def job_list() -> str:
    """List long jobs, the newest first."""
    total = db.session().scalar(select(func.count()).select_from(Job).where(job_scope())) or 0
    page = Page(min(page_number(), max(1, -(-total // PAGE_SIZE))), PAGE_SIZE, total, "procurement.jobs")
    newest = select(Job).where(job_scope()).order_by(Job.id.desc())
    found = db.session().scalars(newest.limit(PAGE_SIZE).offset((page.number - 1) * PAGE_SIZE)).all()
    return render_template("procurement/jobs.html", rows=job_words.shown(found), page=page)


@blueprint.get("/jobs/<public_id>")
def job(public_id: str) -> Response:
    """Answer {"progress": 0-100 or null, "text", "finished"}."""
    return jsonify(asdict(job_progress.of(load_job(db.session(), public_id))))


@blueprint.post("/jobs/<public_id>/cancel")
def job_cancel(public_id: str) -> BaseResponse:
    """Stop a job at its next step; what it has done stays."""
    found = load_job(db.session(), public_id)
    if found.kind not in TAKEN_UP_AGAIN:
        raise NotTakenUpAgain
    try:
        jobs.cancel(db.session(), found.id, now=clock.now())
    except JobEnded:
        flash(_("この処理は、もう終わっています。"), "info")
        return redirect(url_for("procurement.jobs"))
    return _done(found, "job.cancelled", _("処理を取りやめました。済んだところまでは、そのまま残ります。"))


@blueprint.post("/jobs/<public_id>/retry")
def job_retry(public_id: str) -> BaseResponse:
    """Begin a stopped job again where it was left."""
    found = load_job(db.session(), public_id)
    if found.kind not in TAKEN_UP_AGAIN:
        raise NotTakenUpAgain
    anew = jobs.take_up_again(db.session(), found, now=clock.now(), by=actor().user_id)
    if found.kind in IMPORTS:
        _follow(found, anew)
    answer = _done(anew, "job.taken_up_again", _("処理をもう一度始めました。"))
    tasks.wake_job(anew.id)
    return answer


def _follow(before: Job, anew: Job) -> None:
    """Have the page of an upload show the new job; an upload that was discarded has none."""
    upload = db.session().get(SupplierImport, before.subject_id)
    if upload is None:
        raise NotTakenUpAgain
    upload.job_id = anew.id


def _done(found: Job, action: str, words: str) -> BaseResponse:
    audit.note(db.session(), found, action, now=clock.now(), by=actor().public_id)
    db.session().commit()
    flash(words, "success")
    return redirect(url_for("procurement.jobs"))
