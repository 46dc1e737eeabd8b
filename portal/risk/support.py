"""支援の計画: what the buyer's budget would do most with, as an offer; reckoned in a job, and kept."""

from dataclasses import asdict
from typing import Any

from flask import Response, abort, flash, jsonify, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as BaseResponse
from wtforms import BooleanField, StringField

from assessments.measures import catalogue_words
from assessments.models import Job, SupportPlan, User
from assessments.support import reading, runs
from assessments.support.reading import Outcome
from assessments.support.runs import AlreadyReckoned, Asked
from assessments.support_content import support_content
from portal import clock, db, errors, job_progress, support_work, tasks
from portal.access import actor, load_support_plan, supplier_scope, support_plan_scope
from portal.paging import Page, page_number
from portal.plan_form import yen_of
from portal.risk import support_figures
from portal.risk.routes import WRITE, blueprint, may_read_answers
from portal.spreadsheets import csv_response, xlsx_response

PAGE_SIZE, PAST_SHOWN, REFUSED = 50, 20, 422
# The runner adds itself when its module is read.
RUNNER = support_work.reckon
errors.say(
    AlreadyReckoned, _l("この計画はもう計算が済んでいるか、いま計算しています。画面を開きなおしてください。")
)


class SupportForm(FlaskForm):
    """How much support there is to offer, and how work counts."""

    budget = StringField(_l("支援の予算（1年目）"))
    day = StringField(_l("手間1人日あたりの金額†"))
    without_services = BooleanField(_l("月々のサービスを入れない"))

    def validate_budget(self, field: StringField) -> None:
        """Refuse what is no amount."""
        yen_of(field.data or "")

    def validate_day(self, field: StringField) -> None:
        """Refuse what is no amount."""
        yen_of(field.data or "")

    def asked(self) -> Asked:
        """Give what is asked for; the form has been found valid."""
        return Asked(
            budget_yen=yen_of(self.budget.data or ""),
            day_yen=yen_of(self.day.data or ""),
            without_subscription=bool(self.without_services.data),
            unit_ids=actor().unit_ids,
        )


@blueprint.get("/support", endpoint="support")
def overview() -> str:
    """Show what can be asked, and the plans before."""
    return _overview(SupportForm(day=str(support_content().day_yen)))


@blueprint.post("/support")
def support_start() -> BaseResponse | tuple[str, int]:
    """Have a plan reckoned."""
    form = SupportForm()
    if not form.validate_on_submit():
        return _overview(form), REFUSED
    plan, job = runs.request(db.session(), form.asked(), now=clock.now(), by=_me())
    db.session().commit()
    tasks.wake_job(job.id)
    return redirect(url_for("risk.support_plan", public_id=plan.public_id))


@blueprint.get("/support/<public_id>")
def support_plan(public_id: str) -> str:
    """Show how far a plan is, why it stopped, or what came out."""
    plan = load_support_plan(db.session(), public_id)
    job, outcome = runs.job_of(db.session(), plan), reading.result_of(db.session(), plan)
    if outcome is None:
        return _unfinished(plan, job)
    return _result(plan, outcome)


@blueprint.get("/support/<public_id>/progress")
def support_progress(public_id: str) -> Response:
    """Answer {"progress": 0-100 or null, "text", "finished"} for the script that shows it."""
    plan = load_support_plan(db.session(), public_id)
    return jsonify(asdict(job_progress.of(runs.job_of(db.session(), plan))))


@blueprint.post("/support/<public_id>/cancel")
def support_cancel(public_id: str) -> BaseResponse:
    """Stop a plan."""
    plan = load_support_plan(db.session(), public_id)
    runs.cancel(db.session(), plan, now=clock.now(), by=_me())
    db.session().commit()
    flash(_("計算を取りやめました。同じ条件で、いつでも計算しなおせます。"), "success")
    return redirect(url_for("risk.support_plan", public_id=public_id))


@blueprint.post("/support/<public_id>/again")
def support_again(public_id: str) -> BaseResponse:
    """Begin a stopped plan again."""
    plan = load_support_plan(db.session(), public_id)
    job = runs.resume(db.session(), plan, now=clock.now(), by=_me())
    db.session().commit()
    tasks.wake_job(job.id)
    return redirect(url_for("risk.support_plan", public_id=public_id))


@blueprint.get("/support/<public_id>/curve.csv")
def support_curve_csv(public_id: str) -> Response:
    """Give the curve as CSV."""
    sheet = support_figures.curve_sheet(_outcome(public_id))
    return csv_response(sheet.name, sheet)


@blueprint.get("/support/<public_id>/offers.<any(csv, xlsx):kind>")
def support_offers(public_id: str, kind: str) -> Response:
    """Give what to offer whom as a file."""
    outcome = _outcome(public_id)
    if not may_read_answers():
        abort(403)
    places = reading.within(db.session(), outcome, supplier_scope())
    sheet = support_figures.offers_sheet(reading.supported(db.session(), outcome, places.tolist()))
    return csv_response(sheet.name, sheet) if kind == "csv" else xlsx_response(sheet.name, [sheet])


def _overview(form: SupportForm) -> str:
    return render_template(
        "risk/support.html",
        form=form,
        past=runs.plans(db.session(), support_plan_scope(), most=PAST_SHOWN),
        progress=job_progress.of,
        words=support_content().words,
        may_start=actor().has_role(*WRITE),
    )


def _unfinished(plan: SupportPlan, job: Job) -> str:
    return render_template(
        "risk/support_unfinished.html",
        plan=plan,
        is_open=job.state in runs.OPEN,
        progress=job_progress.of(job),
        may_start=actor().has_role(*WRITE),
    )


def _result(plan: SupportPlan, outcome: Outcome) -> str:
    places = reading.within(db.session(), outcome, supplier_scope())
    page = Page(
        min(page_number(), max(1, -(-len(places) // PAGE_SIZE))), PAGE_SIZE, len(places), "risk.support_plan"
    )
    first = (page.number - 1) * PAGE_SIZE
    shown: dict[str, Any] = {}
    if may_read_answers():
        of_page = places[first : first + PAGE_SIZE].tolist()
        shown["suppliers"] = reading.supported(db.session(), outcome, of_page)
    return render_template(
        "risk/support_plan.html",
        plan=plan,
        outcome=outcome,
        chart=support_figures.curve(outcome, url_for("risk.support_curve_csv", public_id=plan.public_id)),
        taken=outcome.taken(),
        page=page,
        words=support_content().words,
        catalogue=catalogue_words(),
        may_read=may_read_answers(),
        **shown,
    )


def _outcome(public_id: str) -> Outcome:
    plan = load_support_plan(db.session(), public_id)
    return reading.result_of(db.session(), plan) or abort(404)


def _me() -> User:
    return db.session().get_one(User, actor().user_id)
