"""How a campaign runs over time: waves and reminders, a start at its moment, a pause, the next year."""

from datetime import timedelta

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from assessments import calendar, campaign_counts, campaign_drafts, courses, waves
from assessments.models import Campaign, CampaignState
from portal import clock, course_work, db, errors, filters, tasks
from portal.access import load_campaign, supplier_scope
from portal.procurement import campaign_course_words, campaign_words
from portal.procurement.campaign_course_forms import CourseForm, RemarkForm, ScheduleForm
from portal.procurement.campaign_scope import load_whole, may_write, myself, sees_whole, today
from portal.procurement.routes import blueprint

REFUSED = 422
A_DAY = timedelta(days=1)
__all__ = ["course_work"]
errors.say(waves.AlreadyPaused, _l("この調査の送信は、すでに一時停止しています。"))
errors.say(waves.NotPaused, _l("この調査の送信は、一時停止していません。"))


@blueprint.get("/campaigns/<public_id>/course")
def campaign_course(public_id: str) -> str:
    """Show the waves and reminders of a campaign."""
    found = load_campaign(db.session(), public_id)
    plan = courses.plan_of(courses.of(db.session(), found))
    return _course_page(found, CourseForm(obj=plan))


@blueprint.post("/campaigns/<public_id>/course")
def campaign_change_course(public_id: str) -> Response | tuple[str, int]:
    """Keep the waves and reminders of a campaign."""
    found, form = load_whole(public_id), CourseForm()
    if not form.validate_on_submit():
        return _course_page(found, form), REFUSED
    office = calendar.of_buyer(db.session())
    waves.change_course(db.session(), found, form.plan(), office, now=clock.now(), by=myself())
    return _done(found, _("保存しました。"))


@blueprint.get("/campaigns/<public_id>/schedule")
def campaign_schedule(public_id: str) -> str:
    """Show the form of a start at a moment, the next opening of the office filled in."""
    found, form = load_campaign(db.session(), public_id), ScheduleForm()
    office = calendar.of_buyer(db.session())
    day = office.on_or_after(today() + A_DAY)
    form.starts_on.data, form.starts_time.data = day, office.opens
    return _schedule_page(found, form)


@blueprint.post("/campaigns/<public_id>/schedule")
def campaign_set_schedule(public_id: str) -> Response | tuple[str, int]:
    """Have the campaign start by itself at a moment."""
    found, form = load_whole(public_id), ScheduleForm()
    if not form.validate_on_submit():
        return _schedule_page(found, form), REFUSED
    office = calendar.of_buyer(db.session())
    starts_at, remark = form.moment(office.zone), form.remark.data or ""
    try:
        waves.schedule(db.session(), found, starts_at, office, remark=remark, now=clock.now(), by=myself())
    except waves.StartRefused:
        words = _("いまより後で、回答の期限より前の、営業日の営業時間（%(hours)s）のなかから選んでください。")
        form.starts_on.errors = [words % {"hours": campaign_course_words.hours(office)}]
        return _schedule_page(found, form), REFUSED
    return _done(found, _("送信を予約しました。%(moment)sに送り始めます。", moment=filters.moment(starts_at)))


@blueprint.post("/campaigns/<public_id>/unschedule")
def campaign_unschedule(public_id: str) -> Response:
    """Take the start back."""
    found = load_whole(public_id)
    waves.unschedule(db.session(), found, now=clock.now(), by=myself())
    return _done(found, _("予約を取りやめました。まだ送っていません。"))


@blueprint.get("/campaigns/<public_id>/pause")
def campaign_pause(public_id: str) -> str:
    """Say what a pause does, or what going on does."""
    return _pause_page(load_campaign(db.session(), public_id), RemarkForm())


@blueprint.post("/campaigns/<public_id>/pause")
def campaign_pause_now(public_id: str) -> Response | tuple[str, int]:
    """Hold what has not left."""
    found, form = load_whole(public_id), RemarkForm()
    if not form.validate_on_submit():
        return _pause_page(found, form), REFUSED
    waves.pause(db.session(), found, remark=form.remark.data or "", now=clock.now(), by=myself())
    return _done(found, _("送信を一時停止しました。取引先は回答を続けられます。"))


@blueprint.post("/campaigns/<public_id>/resume")
def campaign_resume(public_id: str) -> Response | tuple[str, int]:
    """Let what waits leave."""
    found, form = load_whole(public_id), RemarkForm()
    if not form.validate_on_submit():
        return _pause_page(found, form), REFUSED
    office, remark = calendar.of_buyer(db.session()), form.remark.data or ""
    waves.resume(db.session(), found, office, remark=remark, now=clock.now(), by=myself())
    done = _done(found, _("送信を再開しました。"))
    tasks.wake_dispatcher()
    return done


@blueprint.post("/campaigns/<public_id>/again")
def campaign_again(public_id: str) -> Response:
    """Begin next year's draft with the same choices, or lead to the one there is."""
    found = load_whole(public_id)
    office = calendar.of_buyer(db.session())
    made = campaign_drafts.again(db.session(), found, office, now=clock.now(), by=myself())
    words = _("次の年の下書きです。期限と相手を確かめてください。まだ送っていません。")
    return _done(made, words, then="procurement.campaign_facts")


@blueprint.get("/campaigns/<public_id>/delete")
def campaign_delete(public_id: str) -> str:
    """Say what deleting a draft does."""
    found = load_campaign(db.session(), public_id)
    return render_template(
        "procurement/campaign_delete.html",
        campaign=found,
        counts=campaign_counts.counts(db.session(), found, today=today(), scope=supplier_scope()),
        may_delete=_may_act(found) and found.state is CampaignState.DRAFT,
    )


@blueprint.post("/campaigns/<public_id>/delete")
def campaign_delete_now(public_id: str) -> Response:
    """Delete a draft that never left the house."""
    found = load_whole(public_id)
    title = found.title
    campaign_drafts.throw_away(db.session(), found, now=clock.now(), by=myself())
    db.session().commit()
    flash(_("下書き「%(title)s」を削除しました。", title=title), "success")
    return redirect(url_for("procurement.campaigns"))


def _course_page(found: Campaign, form: CourseForm) -> str:
    return render_template(
        "procurement/campaign_course.html",
        campaign=found,
        steps=campaign_words.steps(found) if found.state is CampaignState.DRAFT else [],
        form=form,
        hours=campaign_course_words.hours(calendar.of_buyer(db.session())),
        may_change=_may_act(found) and found.state in waves.CHANGEABLE,
    )


def _schedule_page(found: Campaign, form: ScheduleForm) -> str:
    return render_template(
        "procurement/campaign_schedule.html",
        campaign=found,
        form=form,
        hours=campaign_course_words.hours(calendar.of_buyer(db.session())),
        may_schedule=_may_act(found) and found.state in {CampaignState.DRAFT, CampaignState.APPROVED},
    )


def _pause_page(found: Campaign, form: RemarkForm) -> str:
    counted = campaign_counts.counts(db.session(), found, today=today(), scope=supplier_scope())
    return render_template(
        "procurement/campaign_pause.html",
        campaign=found,
        form=form,
        counts=counted,
        is_paused=courses.is_paused(db.session(), found),
        plan=courses.plan_of(courses.of(db.session(), found)),
        may_act=_may_act(found) and found.state is CampaignState.OPEN,
    )


def _may_act(found: Campaign) -> bool:
    return may_write() and sees_whole(found)


def _done(found: Campaign, words: str, *, then: str = "procurement.campaign") -> Response:
    db.session().commit()
    flash(words, "success")
    return redirect(url_for(then, public_id=found.public_id))
