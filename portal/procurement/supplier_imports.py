"""Importing a list of suppliers: upload, look at what it would do, decide, confirm."""

from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from werkzeug.wrappers import Response as BaseResponse

from assessments import jobs
from assessments.imports import uploads
from assessments.imports.reading import LARGEST_FILE, MOST_ROWS, FileRefused, check_size
from assessments.imports.uploads import ImportIsClosed, NotACandidate, RegisterChanged
from assessments.models import ImportState, Job, JobState, Role, RowOutcome, SupplierImport
from portal import clock, db, errors, filters, import_files, import_work, job_progress, tasks
from portal.access import actor, import_scope, load_import, require
from portal.import_words import file_words
from portal.paging import Page, page_number
from portal.procurement import supplier_import_rows
from portal.procurement.routes import blueprint
from portal.procurement.supplier_forms import UploadForm
from portal.procurement.supplier_import_rows import OUTCOMES, PAGE_SIZE
from portal.spreadsheets import csv_response, xlsx_response

REFUSED = 422
NEWEST = 10
errors.say(
    ImportIsClosed, _l("この取り込みは、すでに確定しています。取り込みの画面で結果を確認してください。")
)
errors.say(NotACandidate, _l("この行では選べない決め方です。画面を開きなおして、もう一度選んでください。"))


@blueprint.get("/supplier-imports")
def supplier_imports() -> str:
    """Show the form to upload a list, and the uploads before."""
    require(Role.PROCUREMENT)
    return _upload_page(UploadForm())


@blueprint.post("/supplier-imports")
def supplier_import_upload() -> BaseResponse | tuple[str, int]:
    """Take a file in and have it read."""
    form = UploadForm()
    chosen = form.file.data
    content = chosen.read(LARGEST_FILE + 1) if chosen else b""
    if not form.validate_on_submit() or not chosen:
        form.file.errors = [_("ファイルを選んでください。")]
        return _upload_page(form), REFUSED
    try:
        check_size(content)
    except FileRefused as refusal:
        form.file.errors = [file_words(refusal.reason, refusal.facts)]
        return _upload_page(form), REFUSED
    made = uploads.upload(
        db.session(), chosen.filename or "", content, now=clock.now(), by_id=actor().user_id
    )
    return _start(made, import_work.PREVIEW)


@blueprint.get("/supplier-imports/template.<any(csv, xlsx):kind>")
def supplier_import_template(kind: str) -> Response:
    """Give the template to fill in."""
    if kind == "csv":
        return csv_response("suppliers-template", import_files.template())
    return xlsx_response("suppliers-template", [import_files.template(), import_files.explanation()])


@blueprint.get("/supplier-imports/<public_id>")
def supplier_import(public_id: str) -> str:
    """Show how far an upload is, what it would do, or what it did."""
    upload = load_import(db.session(), public_id)
    if upload.state in {ImportState.UPLOADED, ImportState.APPLYING}:
        return _running_page(upload)
    if upload.state is ImportState.REFUSED:
        words = file_words(upload.failure, upload.counts)
        return render_template("procurement/supplier_import_refused.html", upload=upload, words=words)
    return _rows_page(upload)


@blueprint.post("/supplier-imports/<public_id>/decisions")
def supplier_import_decide(public_id: str) -> BaseResponse:
    """Keep what was chosen for the doubtful rows of a page."""
    upload = load_import(db.session(), public_id)
    chosen = {
        name.removeprefix("row-"): value for name, value in request.form.items() if name.startswith("row-")
    }
    for number, value in chosen.items():
        choice, target = supplier_import_rows.target(db.session(), value)
        uploads.decide(db.session(), upload, _number(number), choice, target=target)
    db.session().commit()
    flash(_("%(count)s行の選択を保存しました。", count=len(chosen)), "success")
    return redirect(_address(upload, outcome="candidate", page=request.form.get("page")))


@blueprint.post("/supplier-imports/<public_id>/decisions/all")
def supplier_import_decide_all(public_id: str) -> BaseResponse:
    """Decide alike about all doubtful rows that are still open."""
    upload = load_import(db.session(), public_id)
    decided = uploads.decide_all(db.session(), upload, request.form.get("choice", ""))
    db.session().commit()
    flash(_("%(count)s行の選択を保存しました。", count=decided), "success")
    return redirect(_address(upload, outcome="candidate"))


@blueprint.post("/supplier-imports/<public_id>/confirm")
def supplier_import_confirm(public_id: str) -> BaseResponse:
    """Have the good rows written; judge them anew where the register changed meanwhile."""
    upload = load_import(db.session(), public_id)
    try:
        uploads.confirm(db.session(), upload, now=clock.now(), by=actor().public_id)
    except RegisterChanged:
        uploads.judge_again(db.session(), upload)
        flash(_("取引先の登録がそのあと変わったため、もう一度内容を確認しています。"), "info")
        return _start(upload, import_work.PREVIEW)
    return _start(upload, import_work.APPLY)


@blueprint.post("/supplier-imports/<public_id>/again")
def supplier_import_again(public_id: str) -> BaseResponse:
    """Start the work anew after it failed."""
    upload = load_import(db.session(), public_id)
    kind = {ImportState.UPLOADED: import_work.PREVIEW, ImportState.APPLYING: import_work.APPLY}.get(
        upload.state
    )
    if kind is None:
        raise ImportIsClosed
    return _start(upload, kind)


@blueprint.post("/supplier-imports/<public_id>/discard")
def supplier_import_discard(public_id: str) -> BaseResponse:
    """Forget an upload; the register stays as it is."""
    upload = load_import(db.session(), public_id)
    uploads.discard(db.session(), upload, now=clock.now(), by=actor().public_id)
    db.session().commit()
    flash(_("取り込みをやめました。取引先の登録は変わっていません。"), "success")
    return redirect(url_for("procurement.supplier_imports"))


@blueprint.get("/supplier-imports/<public_id>/left-out.<any(csv, xlsx):kind>")
def supplier_import_left_out(public_id: str, kind: str) -> Response:
    """Give the rows that were left out, with their reasons, to be mended and uploaded again."""
    sheet = import_files.left_out(db.session(), load_import(db.session(), public_id))
    return csv_response("left-out", sheet) if kind == "csv" else xlsx_response("left-out", [sheet])


def _start(upload: SupplierImport, kind: str) -> BaseResponse:
    job = jobs.request(db.session(), kind, upload.id, now=clock.now(), by=actor().user_id)
    upload.job_id = job.id
    db.session().commit()
    tasks.wake_job(job.id)
    return redirect(_address(upload))


def _address(upload: SupplierImport, **arguments: Any) -> str:
    return url_for("procurement.supplier_import", public_id=upload.public_id, **arguments)


def _upload_page(form: UploadForm) -> str:
    newest = select(SupplierImport).where(import_scope()).order_by(SupplierImport.id.desc()).limit(NEWEST)
    return render_template(
        "procurement/supplier_imports.html",
        form=form,
        uploads=list(db.session().scalars(newest)),
        megabytes=LARGEST_FILE // 1024 // 1024,
        rows=filters.number(MOST_ROWS),
    )


def _running_page(upload: SupplierImport) -> str:
    job = db.session().get(Job, upload.job_id)
    return render_template(
        "procurement/supplier_import_running.html",
        upload=upload,
        job=job,
        progress=job_progress.of(job) if job else None,
        has_failed=job is None or job.state in {JobState.FAILED, JobState.CANCELLED},
        is_applying=upload.state is ImportState.APPLYING,
    )


def _rows_page(upload: SupplierImport) -> str:
    counted = supplier_import_rows.counts(db.session(), upload.id)
    outcome = _outcome(counted)
    page = Page(
        min(page_number(), max(1, -(-counted[outcome] // PAGE_SIZE))),
        PAGE_SIZE,
        counted[outcome],
        "procurement.supplier_import",
    )
    is_ready = upload.state is ImportState.READY
    undecided = uploads.undecided(db.session(), upload.id)
    return render_template(
        "procurement/supplier_import.html" if is_ready else "procurement/supplier_import_done.html",
        upload=upload,
        outcome=outcome,
        tabs=_tabs(upload, counted, outcome),
        rows=supplier_import_rows.page(db.session(), upload, outcome, page.number),
        page=page,
        counts=counted,
        undecided=undecided,
        left_out=counted[RowOutcome.ERROR] + undecided,
        writable=counted[RowOutcome.CREATE]
        + counted[RowOutcome.UPDATE]
        + counted[RowOutcome.CANDIDATE]
        - undecided,
        may_write=actor().has_role(Role.PROCUREMENT),
    )


def _tabs(
    upload: SupplierImport, counted: dict[RowOutcome, int], outcome: RowOutcome
) -> list[dict[str, Any]]:
    words = supplier_import_rows.outcome_words()
    return [
        {
            "label": _("%(outcome)s %(count)s行", outcome=words[one], count=filters.number(counted[one])),
            "url": _address(upload, outcome=one.value),
            "current": one is outcome,
        }
        for one in OUTCOMES
        if counted[one]
    ]


def _outcome(counted: dict[RowOutcome, int]) -> RowOutcome:
    asked = request.args.get("outcome", "")
    if asked in set(RowOutcome):
        return RowOutcome(asked)
    return next((one for one in OUTCOMES if counted[one]), RowOutcome.CREATE)


def _number(typed: str) -> int:
    return int(typed) if typed.isdigit() and typed.isascii() else 0
