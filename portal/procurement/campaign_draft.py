"""Making a campaign, step by step: what it is, whom it asks, for what, in which words."""

from datetime import timedelta
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import and_, select
from werkzeug.wrappers import Response

from assessments import (
    asking,
    campaign_rows,
    campaigns,
    courses,
    draft_check,
    fairness,
    parts,
    placeholders,
    questionnaires,
    register,
)
from assessments.campaign_rows import PAGE_SIZE, CampaignRow, RowFilter
from assessments.exposures import exposure
from assessments.models import Assessment, Campaign, QuestionnaireVersion, Supplier
from assessments.questionnaire_content import AxisContent, Content
from portal import campaign_work, clock, db, errors, filters, mail_render
from portal.access import actor, load_assessment, load_campaign, supplier_scope
from portal.paging import Page, page_number
from portal.procurement import campaign_words
from portal.procurement.campaign_forms import FactsForm, MessageForm, NewCampaignForm, PartsForm
from portal.procurement.campaign_scope import (
    load_whole,
    may_write,
    myself,
    sees_whole,
    settings,
    today,
    whom_filter,
    whom_form,
)
from portal.procurement.routes import blueprint

REFUSED = 422
FOUR_WEEKS, A_DAY = timedelta(weeks=4), timedelta(days=1)
errors.say(campaigns.CampaignIsFixed, _l("この調査は、もう下書きではないので変えられません。"))
errors.say(asking.NotADraft, _l("この調査の相手と聞く内容は、もう下書きではないので変えられません。"))
errors.say(asking.PartsRefused, _l("聞く内容を読み取れませんでした。画面を読み込みなおしてください。"))


@blueprint.get("/campaigns/new")
def campaign_new() -> str:
    """Show the form of a new campaign."""
    form = _new_form()
    form.due_on.data = today() + FOUR_WEEKS
    return _page("new", None, form=form)


@blueprint.post("/campaigns/new")
def campaign_create() -> Response | tuple[str, int]:
    """Start a draft and go on to whom it asks."""
    form = _new_form()
    if not form.validate_on_submit():
        return _page("new", None, form=form), REFUSED
    version = (
        db.session()
        .scalars(select(QuestionnaireVersion).where(QuestionnaireVersion.public_id == form.version.data))
        .one()
    )
    made = campaigns.create(
        db.session(),
        version,
        title=form.title.data or "",
        due_on=form.due,
        purpose=form.purpose.data or "",
        now=clock.now(),
        by=myself(),
    )
    usual = courses.usual(reminds=True)
    courses.set_plan(db.session(), made, usual, now=clock.now(), by=myself())
    db.session().commit()
    return redirect(url_for("procurement.campaign_suppliers", public_id=made.public_id))


@blueprint.get("/campaigns/<public_id>/facts")
def campaign_facts(public_id: str) -> str:
    """Show what a draft says of itself."""
    found = load_campaign(db.session(), public_id)
    return _page("facts", found, form=_facts_form(found), content=_content(found))


@blueprint.post("/campaigns/<public_id>/facts")
def campaign_change_facts(public_id: str) -> Response | tuple[str, int]:
    """Keep what a draft says of itself."""
    found = load_whole(public_id)
    form = _facts_form(found)
    if not form.validate_on_submit():
        return _page("facts", found, form=form, content=_content(found)), REFUSED
    campaigns.edit_facts(
        db.session(),
        found,
        title=form.title.data or "",
        due_on=form.due,
        purpose=form.purpose.data or "",
        now=clock.now(),
        by=myself(),
    )
    return _saved(found, "procurement.campaign_suppliers")


@blueprint.get("/campaigns/<public_id>/suppliers")
def campaign_suppliers(public_id: str) -> str:
    """Show the suppliers that fit a filter, and how many of them would be added."""
    found, form = load_campaign(db.session(), public_id), whom_form()
    wanted = whom_filter(form)
    listed = register.page(db.session(), supplier_scope(), wanted, sort="name", number=page_number())
    shown = [row.supplier.id for row in listed.rows]
    asked = select(Assessment.supplier_id).where(
        Assessment.campaign_id == found.id, Assessment.supplier_id.in_(shown)
    )
    fitting = and_(supplier_scope(), register.matching(wanted))
    already = campaign_rows.count(
        db.session(),
        and_(Assessment.campaign_id == found.id, Assessment.supplier_id.in_(_suppliers_where(fitting))),
    )
    return _page(
        "suppliers",
        found,
        form=form,
        listed=listed,
        page=Page(listed.number, register.PAGE_SIZE, listed.total, "procurement.campaign_suppliers"),
        asked=set(db.session().scalars(asked)),
        to_add=listed.total - already,
        already=already,
        chosen=_chosen(found),
        add_url=campaign_words.address_of("procurement.campaign_add", found),
    )


@blueprint.post("/campaigns/<public_id>/suppliers/add")
def campaign_add(public_id: str) -> Response:
    """Ask every supplier that fits the filter."""
    found, wanted = load_campaign(db.session(), public_id), whom_filter(whom_form())
    fitting, person = and_(supplier_scope(), register.matching(wanted)), myself()
    added = campaign_work.add_suppliers(db.session(), found, fitting, by=person)
    flash(_("%(count)sを対象に加えました。", count=filters.companies(added)), "success")
    return redirect(campaign_words.address_of("procurement.campaign_suppliers", found))


@blueprint.post("/campaigns/<public_id>/suppliers/remove")
def campaign_remove(public_id: str) -> Response:
    """Leave out the suppliers ticked, or all."""
    found = load_campaign(db.session(), public_id)
    if "everybody" in request.form:
        gone = asking.remove_all(db.session(), found, scope=supplier_scope(), now=clock.now(), by=myself())
    else:
        visible = select(Supplier.public_id).where(
            supplier_scope(), Supplier.public_id.in_(request.form.getlist("supplier"))
        )
        ticked = db.session().scalars(visible).all()
        gone = asking.remove(db.session(), found, ticked, now=clock.now(), by=myself())
    db.session().commit()
    flash(_("%(count)sを対象から外しました。", count=filters.companies(gone)), "success")
    return redirect(url_for("procurement.campaign_parts", public_id=public_id))


@blueprint.get("/campaigns/<public_id>/parts")
def campaign_parts(public_id: str) -> str:
    """Show whom a draft asks, for which parts and why."""
    found = load_campaign(db.session(), public_id)
    condition = campaign_rows.matching(found, RowFilter(), scope=supplier_scope(), today=today())
    total = campaign_rows.count(db.session(), condition)
    page = Page(
        min(page_number(), max(1, -(-total // PAGE_SIZE))), PAGE_SIZE, total, "procurement.campaign_parts"
    )
    rows = campaign_rows.page(
        db.session(),
        found,
        condition,
        sort="name",
        number=page.number,
        unit_ids=actor().unit_ids,
        today=today(),
    )
    content = _content(found)
    return _page(
        "parts",
        found,
        rows=[_asked(content, row) for row in rows],
        page=page,
        rules=_rules(content),
        check=_check(found),
    )


@blueprint.get("/campaigns/assessments/<public_id>/parts")
def campaign_assessment_parts(public_id: str) -> str:
    """Show the parts one supplier is asked."""
    assessment = load_assessment(db.session(), public_id)
    return _parts_page(assessment, PartsForm.of(_content(assessment.campaign), assessment))


@blueprint.post("/campaigns/assessments/<public_id>/parts")
def campaign_change_assessment_parts(public_id: str) -> Response | tuple[str, int]:
    """Ask one supplier other parts, with a reason."""
    assessment = load_assessment(db.session(), public_id)
    content = _content(assessment.campaign)
    form = PartsForm.of(content, assessment)
    if not form.validate_on_submit():
        return _parts_page(assessment, form), REFUSED
    wanted = [*parts.always_asked(content), *(form.axes.data or [])]
    try:
        asking.change_parts(
            db.session(), assessment, wanted, reason=form.reason.data or "", now=clock.now(), by=myself()
        )
    except asking.PartsReasonWanted:
        form.reason.errors = [_("規則と違う内容を聞くときは、理由を書いてください。")]
        return _parts_page(assessment, form), REFUSED
    return _saved(assessment.campaign, "procurement.campaign_parts")


@blueprint.get("/campaigns/<public_id>/message")
def campaign_message(public_id: str) -> str:
    """Show the buyer's own words, the mail as it will be, and the questions behind its link."""
    found = load_campaign(db.session(), public_id)
    return _message_page(found, MessageForm(message=found.message))


@blueprint.post("/campaigns/<public_id>/message")
def campaign_change_message(public_id: str) -> Response | tuple[str, int]:
    """Keep the buyer's own words and show the mail with them."""
    found, form = load_whole(public_id), MessageForm()
    if not form.validate_on_submit():
        return _message_page(found, form), REFUSED
    campaigns.edit_message(db.session(), found, message=form.message.data or "", now=clock.now(), by=myself())
    return _saved(found, "procurement.campaign_message")


def _new_form() -> NewCampaignForm:
    form = NewCampaignForm()
    form.earliest = today() + A_DAY
    newest = select(QuestionnaireVersion).order_by(QuestionnaireVersion.id.desc())
    form.version.choices = [
        (version.public_id, f"{version.title}（{version.version}）")
        for version in db.session().scalars(newest)
    ]
    return form


def _facts_form(found: Campaign) -> FactsForm:
    form = FactsForm(title=found.title, due_on=found.due_on, purpose=found.purpose)
    form.earliest = today() + A_DAY
    return form


def _message_page(found: Campaign, form: MessageForm) -> str:
    content = _content(found)
    asked = draft_check.parts_asked(db.session(), found, scope=supplier_scope())
    real = draft_check.first_asked(db.session(), found, scope=supplier_scope())
    mails = {
        language: mail_render.preview(db.session(), found, settings(), language=language, real=real)
        for language in ("ja", "en")
    }
    return _page(
        "message",
        found,
        form=form,
        mails=mails,
        shown_for=real.get("supplier"),
        offered=[f"{{{word}}}" for word in placeholders.names(filters.language())],
        promises=[filters.text(one.title) for one in fairness.fairness().paragraphs],
        content=content,
        axes=[axis for axis in content.axes if axis.key in asked or axis.always],
        sections=content.asked([*asked, *parts.always_asked(content)]),
    )


def _parts_page(assessment: Assessment, form: PartsForm) -> str:
    content = _content(assessment.campaign)
    highest = asking.highest_exposures(db.session(), assessment.supplier_id)
    return _page(
        "assessment_parts",
        assessment.campaign,
        assessment=assessment,
        form=form,
        rule=parts.reasons(content, parts.asked_axes(content, highest)),
        always=parts.reasons(content, parts.always_asked(content)),
    )


def _page(view: str, found: Campaign | None, **values: Any) -> str:
    return render_template(
        f"procurement/campaign_{view}.html",
        campaign=found,
        steps=campaign_words.steps(found),
        may_write=may_write(),
        may_act_on_whole=found is None or (may_write() and sees_whole(found)),
        is_draft=found is None or found.state == "draft",
        **values,
    )


def _saved(found: Campaign, then: str) -> Response:
    db.session().commit()
    flash(_("保存しました。"), "success")
    return redirect(url_for(then, public_id=found.public_id))


def _content(found: Campaign) -> Content:
    return questionnaires.published(db.session(), found.version_id).content


def _check(found: Campaign) -> draft_check.DraftCheck:
    return draft_check.check(db.session(), found, scope=supplier_scope(), now=clock.now(), today=today())


def _chosen(found: Campaign) -> int:
    mine = campaign_rows.matching(found, RowFilter(), scope=supplier_scope(), today=today())
    return campaign_rows.count(db.session(), mine)


def _suppliers_where(condition: Any) -> Any:
    return select(Supplier.id).where(condition)


def _rules(content: Content) -> list[dict[str, Any]]:
    """Give each part with whom it is asked of, in the words of the rule, and its reason."""
    return [
        {"axis": axis, "of_whom": _("すべての取引先") if axis.always else _("、").join(_reached(axis))}
        for axis in content.axes
    ]


def _reached(axis: AxisContent) -> list[str]:
    return [
        _("重要度のどれかが%(step)d以上の取引先", step=step)
        if name == "any"
        else _("%(exposure)sが%(step)d以上の取引先", exposure=filters.text(exposure(name).title), step=step)
        for name, step in axis.when.items()
    ]


def _asked(content: Content, row: CampaignRow) -> dict[str, Any]:
    axes = row.assessment.axes
    return {
        "row": row,
        "titles": [filters.text(axis.title) for axis in content.axes if axis.key in axes],
        "questions": parts.question_count(content, axes),
        "minutes": parts.minutes(content, axes),
    }
