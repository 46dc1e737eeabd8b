"""Scoring anew: what waits, a trial of it, the run with its progress, and who moved and why."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from flask import Response, flash, jsonify, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as BaseResponse

from assessments import constant_content
from assessments.jobs import JobEnded
from assessments.models import Job, JobState, Rescoring, User
from assessments.rescoring import runs
from assessments.rescoring.comparing import Step
from assessments.rescoring.runs import Moved
from portal import clock, constant_words, db, errors, job_progress, rescoring_work, tasks
from portal.access import actor, load_rescoring, supplier_scope
from portal.paging import Page, page_number
from portal.risk import looking, words
from portal.risk.constants import decide_for_all_only, may_decide_for_all
from portal.risk.routes import blueprint, may_read_answers
from portal.spreadsheets import Cell, Sheet, csv_response, xlsx_response

PAGE_SIZE = 50
# The runner adds itself when its module is read.
RUNNER = rescoring_work.rescore
errors.say(JobEnded, _l("この計算は、すでに終わっています。画面を開きなおして結果を確認してください。"))


@blueprint.get("/rescoring", endpoint="rescoring")
def overview() -> str:
    """Show what waits to be scored anew, and the runs before."""
    waiting = runs.waiting(db.session())
    standing = runs.open_run(db.session())
    return render_template(
        "risk/rescoring.html",
        waiting=waiting,
        cause=constant_words.cause,
        open_run=standing[0] if standing else None,
        past=runs.runs(db.session()),
        may_start=may_decide_for_all(),
        dagger=constant_content.dagger(),
        progress=job_progress.of,
    )


@blueprint.post("/rescoring")
def rescoring_start() -> BaseResponse:
    """Have every current result scored anew."""
    decide_for_all_only()
    by = db.session().get_one(User, actor().user_id)
    run, job = runs.request(db.session(), now=clock.now(), by=by)
    db.session().commit()
    tasks.wake_job(job.id)
    return redirect(url_for("risk.rescoring_run", public_id=run.public_id))


@blueprint.get("/rescoring/trial")
def rescoring_trial() -> str:
    """Show what scoring anew would do; writes nothing."""
    found = runs.trial(db.session(), supplier_scope(), now=clock.now())
    page = _page(len(found.moved), "risk.rescoring_trial")
    first = (page.number - 1) * PAGE_SIZE
    return render_template(
        "risk/rescoring_trial.html",
        trial=found,
        page=page,
        may_start=may_decide_for_all(),
        **_shown(found.moved[first : first + PAGE_SIZE]),
    )


@blueprint.get("/rescoring/trial.<any(csv, xlsx):kind>")
def rescoring_trial_file(kind: str) -> Response:
    """Give who would move as a file."""
    found = runs.trial(db.session(), supplier_scope(), now=clock.now())
    return _file(kind, _("計算しなおしの試算"), found.moved)


@blueprint.get("/rescoring/<public_id>")
def rescoring_run(public_id: str) -> str:
    """Show how far a run is, or who moved in it."""
    run = load_rescoring(db.session(), public_id)
    job = runs.job_of(db.session(), run)
    if job.state in runs.OPEN:
        return _running_page(run, job)
    total = runs.moved_count(db.session(), run, supplier_scope())
    page = _page(total, "risk.rescoring_run")
    found = runs.moved(
        db.session(), run, supplier_scope(), first=(page.number - 1) * PAGE_SIZE, count=PAGE_SIZE
    )
    return render_template(
        "risk/rescoring_run.html",
        run=run,
        job=job,
        page=page,
        progress=job_progress.of(job),
        is_stopped=job.state is not JobState.DONE,
        **_shown(found),
    )


@blueprint.get("/rescoring/<public_id>/moved.<any(csv, xlsx):kind>")
def rescoring_file(public_id: str, kind: str) -> Response:
    """Give who moved in a run as a file."""
    run = load_rescoring(db.session(), public_id)
    return _file(kind, _("計算しなおしの前と後"), runs.moved(db.session(), run, supplier_scope()))


@blueprint.get("/rescoring/<public_id>/progress")
def rescoring_progress(public_id: str) -> Response:
    """Answer {"progress": 0-100 or null, "text", "finished"} for the script that shows it."""
    run = load_rescoring(db.session(), public_id)
    return jsonify(asdict(job_progress.of(runs.job_of(db.session(), run))))


@blueprint.post("/rescoring/<public_id>/cancel")
def rescoring_cancel(public_id: str) -> BaseResponse:
    """Stop a run; what was scored anew stays."""
    decide_for_all_only()
    run = load_rescoring(db.session(), public_id)
    by = db.session().get_one(User, actor().user_id)
    runs.cancel(db.session(), run, now=clock.now(), by=by)
    db.session().commit()
    flash(_("計算しなおしを取りやめました。済んだ分はそのまま残り、続きはまた始められます。"), "success")
    return redirect(url_for("risk.rescoring_run", public_id=run.public_id))


def _running_page(run: Rescoring, job: Job) -> str:
    return render_template(
        "risk/rescoring_running.html",
        run=run,
        progress=job_progress.of(job),
        may_cancel=may_decide_for_all(),
    )


def _shown(moved: Sequence[Moved]) -> dict[str, Any]:
    return {
        "rows": moved,
        "names": set_names(),
        "causes": constant_words.causes,
        "step": _step,
        "may_open": may_read_answers(),
    }


def set_names() -> dict[str, str]:
    """Give the names of axes, lenses and domains by key, as the newest content has them."""
    seen = looking.see()
    if seen is None:
        return {}
    content = seen.chain.content
    return {one.name: words.set_name(content, one.name) for one in seen.chain.rubric.sets}


def _step(steps: Step) -> str:
    """Say whether a level or a score rises or falls."""
    before, after = (step or 0 for step in steps)
    return str(_("上がる")) if after > before else str(_("下がる"))


def _file(kind: str, name: str, moved: Sequence[Moved]) -> Response:
    names = set_names()
    headings = [_("取引先コード"), _("取引先"), _("提出"), _("分野"), _("前のレベル"), _("後のレベル")]
    headings += [_("前の自社診断の点"), _("後の自社診断の点")]
    headings += [_("前の優先度の段階"), _("後の優先度の段階"), _("理由")]
    rows = [
        [one.code, one.name, one.submitted_at, *levels, *one.official, *_bands_and_why(one)]
        for one in moved
        for levels in _levels(one, names)
    ]
    sheet = Sheet(name, headings, rows)
    return csv_response(name, sheet) if kind == "csv" else xlsx_response(name, [sheet])


def _levels(one: Moved, names: Mapping[str, str]) -> Sequence[list[Cell]]:
    """A row a set that moves; one without any where the self-check score alone does."""
    return [
        [names.get(name, name), words.level(before), words.level(after)]
        for name, (before, after) in one.levels.items()
    ] or [[None, None, None]]


def _bands_and_why(one: Moved) -> list[Cell]:
    return [words.band(one.band_before), words.band(one.band_after), constant_words.causes(one.causes)]


def _page(total: int, endpoint: str) -> Page:
    return Page(min(page_number(), max(1, -(-total // PAGE_SIZE))), PAGE_SIZE, total, endpoint)
