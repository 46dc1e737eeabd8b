"""Acts on a whole campaign: look it over, have it approved, send, remind, extend, close."""

from datetime import date, timedelta

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, and_
from werkzeug.wrappers import Response

from assessments import (
    asking,
    calendar,
    campaign_counts,
    campaign_rows,
    campaigns,
    courses,
    draft_check,
    draft_timing,
    inviting,
    questionnaires,
    waves,
)
from assessments.calendar import of_buyer
from assessments.campaign_rows import RowFilter
from assessments.models import Assessment, Campaign, CampaignState
from portal import campaign_work, clock, db, errors, filters, tasks
from portal.access import actor, load_campaign, supplier_scope
from portal.procurement import campaign_course_words, campaign_notice, campaign_words
from portal.procurement.campaign_forms import ApprovalForm, DueDateForm, RepeatReasonForm
from portal.procurement.campaign_scope import (
    load_whole,
    may_write,
    myself,
    rows_filter,
    rows_form,
    sees_whole,
    settings,
    today,
)
from portal.procurement.routes import blueprint

REFUSED = 422
A_DAY, TWO_WEEKS = timedelta(days=1), timedelta(weeks=2)
errors.say(
    campaigns.NotAwaitingApproval, _l("この調査は、承認を待っていません。画面を読み込みなおしてください。")
)
errors.say(
    campaigns.OwnApproval,
    _l("ご自身が作成・依頼した調査は承認できません。ほかの購買担当者にお願いしてください。"),
)
errors.say(campaigns.ApprovalIsMissing, _l("送る前に、ほかの購買担当者の承認が必要です。"))
errors.say(campaigns.NobodyIsAsked, _l("対象の取引先がありません。「2 相手」で選んでください。"))
errors.say(campaigns.DueDateHasCome, _l("回答の期限を、明日以降にしてください。"))
errors.say(campaigns.PurposeIsMissing, _l("お願いする理由を書いてください。"))
errors.say(
    campaigns.WordsUnknown,
    _l("「ひとこと」のかっこの中に、置き換えられない言葉があります。直してください。"),
)
errors.say(campaigns.NotOpen, _l("この調査は実施中ではないので、メールを送ったり期限を変えたりできません。"))
errors.say(campaigns.NotClosed, _l("この調査は終了していません。"))
errors.say(
    asking.RepeatReasonWanted,
    _l("12か月以内に別の調査をお願いした取引先があります。もう一度お願いする理由を書いてください。"),
)


@blueprint.get("/campaigns/<public_id>/check")
def campaign_check(public_id: str) -> str:
    """Show what would be sent to whom, what is missing, and the way on."""
    found = load_campaign(db.session(), public_id)
    return _check_page(found, RepeatReasonForm(reason=found.repeat_reason), ApprovalForm())


@blueprint.get("/campaigns/<public_id>/print")
def campaign_print(public_id: str) -> str:
    """Give the list of whom it goes to, to print."""
    found = load_campaign(db.session(), public_id)
    condition = campaign_rows.matching(found, RowFilter(), scope=supplier_scope(), today=today())
    rows = campaign_rows.all_rows(db.session(), found, condition, unit_ids=actor().unit_ids, today=today())
    content = questionnaires.published(db.session(), found.version_id).content
    titles = {axis.key: filters.text(axis.title) for axis in content.axes}
    return render_template(
        "procurement/campaign_print.html",
        campaign=found,
        rows=[(row, [titles[axis] for axis in row.assessment.axes]) for row in rows],
        count=len(rows),
        printed_on=today(),
    )


@blueprint.post("/campaigns/<public_id>/test-mail")
def campaign_test_mail(public_id: str) -> Response:
    """Send the mail to oneself."""
    found = load_campaign(db.session(), public_id)
    inviting.send_test(db.session(), found, now=clock.now(), by=myself())
    db.session().commit()
    tasks.wake_dispatcher()
    flash(_("%(email)sにテストメールを送ります。", email=actor().email), "success")
    return redirect(url_for("procurement.campaign_check", public_id=public_id))


@blueprint.post("/campaigns/<public_id>/repeat-reason")
def campaign_repeat_reason(public_id: str) -> Response | tuple[str, int]:
    """Keep why some are asked again."""
    found, form = load_whole(public_id), RepeatReasonForm()
    if not form.validate_on_submit():
        return _check_page(found, form, ApprovalForm()), REFUSED
    campaigns.give_repeat_reason(db.session(), found, form.reason.data or "", now=clock.now(), by=myself())
    return _done(found, _("保存しました。"), then="procurement.campaign_check")


@blueprint.post("/campaigns/<public_id>/request-approval")
def campaign_request_approval(public_id: str) -> Response | tuple[str, int]:
    """Ask a second person."""
    found, form = load_whole(public_id), ApprovalForm()
    if _problems(found) or not form.validate_on_submit():
        return _check_page(found, RepeatReasonForm(), form), REFUSED
    note = form.note.data or ""
    campaigns.request_approval(db.session(), found, note=note, now=clock.now(), by=myself())
    words = _("承認を依頼しました。ほかの購買担当者がこの画面で承認すると、送れるようになります。")
    return _done(found, words, then="procurement.campaign_check")


@blueprint.post("/campaigns/<public_id>/approve")
def campaign_approve(public_id: str) -> Response | tuple[str, int]:
    """Let it go, as the second person."""
    found, form = load_whole(public_id), ApprovalForm()
    if not form.validate_on_submit():
        return _check_page(found, RepeatReasonForm(), form), REFUSED
    asked, note = form.asked.data, form.note.data or ""
    try:
        campaigns.approve(db.session(), found, asked=asked, note=note, now=clock.now(), by=myself())
    except campaigns.AskedAnew:
        form.form_errors.append(_("依頼の内容が変わりました。あらためてご確認ください。"))
        form.asked.data = None
        return _check_page(found, RepeatReasonForm(), form), errors.CONFLICT
    words = _("承認しました。まだ送っていません。この画面から送れます。")
    return _done(found, words, then="procurement.campaign_check")


@blueprint.post("/campaigns/<public_id>/send-back")
def campaign_send_back(public_id: str) -> Response | tuple[str, int]:
    """Make it a draft again."""
    found, form = load_whole(public_id), ApprovalForm()
    if not form.validate_on_submit():
        return _check_page(found, RepeatReasonForm(), form), REFUSED
    campaigns.send_back(db.session(), found, note=form.note.data or "", now=clock.now(), by=myself())
    return _done(found, _("下書きに戻しました。直せます。"), then="procurement.campaign_check")


@blueprint.post("/campaigns/<public_id>/open")
def campaign_open(public_id: str) -> Response | tuple[str, int]:
    """Send it to everybody: the work is a job, mail leaves when the last invitation stands."""
    found = load_whole(public_id)
    if _problems(found):
        return _check_page(found, RepeatReasonForm(), ApprovalForm()), REFUSED
    job = campaigns.open_(db.session(), found, now=clock.now(), by=myself())
    db.session().commit()
    tasks.wake_job(job.id)
    return redirect(url_for("procurement.campaign", public_id=public_id))


@blueprint.post("/campaigns/<public_id>/invite")
def campaign_invite(public_id: str) -> Response:
    """Invite those who have an address by now."""
    found, person = load_whole(public_id), myself()
    invited = campaign_work.invite_ready(db.session(), settings(), found, by=person)
    tasks.wake_dispatcher()
    return _done(found, _("%(count)sに依頼を送ります。", count=filters.companies(invited)))


@blueprint.get("/campaigns/<public_id>/remind")
def campaign_remind(public_id: str) -> str:
    """Say how many would be reminded, and show whom."""
    found = load_campaign(db.session(), public_id)
    chosen = _chosen(found)
    every, reached = (
        inviting.remindable(found, [chosen], with_talks=with_talks, now=clock.now()).with_only_columns(
            Assessment.id
        )
        for with_talks in (True, _is_single())
    )
    willing, all_of_them = (db.session().scalars(one).all() for one in (reached, every))
    shown = and_(chosen, Assessment.id.in_(reached))
    rows = campaign_rows.page(
        db.session(),
        found,
        shown,
        sort="name",
        number=1,
        unit_ids=actor().unit_ids,
        today=today(),
    )
    return render_template(
        "procurement/campaign_remind.html",
        campaign=found,
        rows=rows,
        count=len(willing),
        left_out=campaign_rows.count(db.session(), chosen) - len(all_of_them),
        talking=len(all_of_them) - len(willing),
        more=len(willing) - len(rows),
        send_url=campaign_words.address_of("procurement.campaign_send_reminders", found),
        may_write=may_write() and found.state is CampaignState.OPEN,
    )


@blueprint.post("/campaigns/<public_id>/remind")
def campaign_send_reminders(public_id: str) -> Response:
    """Remind those shown, as far as they may be reminded now."""
    found, person = load_campaign(db.session(), public_id), myself()
    reminded = campaign_work.remind(db.session(), found, _chosen(found), with_talks=_is_single(), by=person)
    tasks.wake_dispatcher()
    return _done(found, _("%(count)sに締切前のご案内を送ります。", count=filters.companies(reminded)))


@blueprint.get("/campaigns/<public_id>/extend")
def campaign_extend(public_id: str) -> str:
    """Show the form of a later due date."""
    found = load_campaign(db.session(), public_id)
    form = _due_form(found)
    form.due_on.data = form.earliest + TWO_WEEKS - A_DAY
    return _extend_page(found, form)


@blueprint.post("/campaigns/<public_id>/extend")
def campaign_change_due(public_id: str) -> Response | tuple[str, int]:
    """Move the due date; a closed campaign is taken up again."""
    found = load_whole(public_id)
    form = _due_form(found)
    if not form.validate_on_submit():
        return _extend_page(found, form), REFUSED
    if found.state is CampaignState.CLOSED:
        office = calendar.of_buyer(db.session())
        waves.reopen(db.session(), found, form.due, office, today=today(), now=clock.now(), by=myself())
    else:
        campaigns.extend(db.session(), found, form.due, today=today(), now=clock.now(), by=myself())
    return _done(found, _("期限を%(day)sにしました。", day=filters.day(found.due_on)))


@blueprint.get("/campaigns/<public_id>/close")
def campaign_close(public_id: str) -> str:
    """Say what closing does."""
    found = load_campaign(db.session(), public_id)
    counted = campaign_counts.counts(db.session(), found, today=today(), scope=supplier_scope())
    return render_template(
        "procurement/campaign_close.html",
        campaign=found,
        counts=counted,
        may_close=may_write() and sees_whole(found) and found.state is CampaignState.OPEN,
    )


@blueprint.post("/campaigns/<public_id>/close")
def campaign_close_now(public_id: str) -> Response:
    """Stop taking answers."""
    found = load_whole(public_id)
    campaigns.close(db.session(), found, now=clock.now(), by=myself())
    return _done(found, _("調査を終了しました。期限を延ばすと、続きから再開できます。"))


def _check_page(found: Campaign, reason: RepeatReasonForm, approval: ApprovalForm) -> str:
    content = questionnaires.published(db.session(), found.version_id).content
    needs_approval = g.organisation.needs_campaign_approval
    course, taken = courses.of(db.session(), found), courses.steps(db.session(), found)
    if approval.asked.data is None:
        approval.asked.data = courses.times_asked(taken)
    return render_template(
        "procurement/campaign_check.html",
        campaign=found,
        steps=campaign_words.steps(found),
        content=content,
        check=_check(found),
        timing=draft_timing.timing(db.session(), found, of_buyer(db.session()), now=clock.now()),
        notice_before=campaign_notice.shown(found),
        reason=reason,
        approval=approval,
        plan=campaign_course_words.sentences(courses.plan_of(course)),
        starts_at=course.starts_at if course else None,
        history=campaign_course_words.history(taken),
        needs_approval=needs_approval is not False,
        is_own=actor().user_id in {found.created_by_id, found.approval_requested_by_id},
        may_act_on_whole=may_write() and sees_whole(found),
        may_write=may_write(),
    )


def _extend_page(found: Campaign, form: DueDateForm) -> str:
    counted = campaign_counts.counts(db.session(), found, today=today(), scope=supplier_scope())
    return render_template(
        "procurement/campaign_extend.html",
        campaign=found,
        form=form,
        counts=counted,
        is_closed=found.state is CampaignState.CLOSED,
        may_extend=may_write() and sees_whole(found),
    )


def _due_form(found: Campaign) -> DueDateForm:
    form = DueDateForm()
    latest: date = max(today(), found.due_on) if found.state is CampaignState.OPEN else today()
    form.earliest = latest + A_DAY
    return form


def _check(found: Campaign) -> draft_check.DraftCheck:
    return draft_check.check(db.session(), found, scope=supplier_scope(), now=clock.now(), today=today())


def _problems(found: Campaign) -> tuple[str, ...]:
    return _check(found).problems


def _is_single() -> bool:
    """Tell whether one supplier was ticked by itself: then a person has thought of it."""
    return "all_matching" not in request.args and len(request.args.getlist("assessment")) == 1


def _chosen(found: Campaign) -> ColumnElement[bool]:
    """Give the condition on Assessment of the rows ticked, or of all that fit the filter."""
    people = campaign_rows.owners(db.session(), found, unit_ids=actor().unit_ids)
    wanted = rows_filter(rows_form(people, campaign_words.situations()))
    ticked = request.args.getlist("assessment")
    if "all_matching" in request.args:
        return campaign_rows.matching(found, wanted, scope=supplier_scope(), today=today())
    mine = campaign_rows.matching(found, RowFilter(), scope=supplier_scope(), today=today())
    return and_(mine, Assessment.public_id.in_(ticked))


def _done(found: Campaign, words: str, *, then: str = "procurement.campaign") -> Response:
    db.session().commit()
    flash(words, "success")
    return redirect(url_for(then, public_id=found.public_id))
