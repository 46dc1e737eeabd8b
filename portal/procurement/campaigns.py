"""Campaigns: the list, the page of one with its suppliers, and the list of those to telephone."""

from collections import defaultdict
from typing import Any

from flask import Response, redirect, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response as BaseResponse

from assessments import (
    campaign_counts,
    campaign_drafts,
    campaign_rows,
    campaigns,
    contact_notes,
    courses,
    declining,
    settling,
    waves,
)
from assessments.campaign_counts import Answers, Counts
from assessments.campaign_rows import PAGE_SIZE, CampaignRow, RowFilter
from assessments.models import AssessmentState, Campaign, CampaignState, Job
from portal import clock, db, job_progress
from portal.access import actor, campaign_scope, load_campaign, supplier_scope
from portal.paging import Page, page_number
from portal.procurement import campaign_course_words, campaign_decline, campaign_words, mail_words
from portal.procurement.campaign_scope import may_write, rows_filter, rows_form, sees_whole, today
from portal.procurement.mails import mails_scope
from portal.procurement.routes import blueprint
from portal.spreadsheets import Sheet, csv_response, xlsx_response

RUNNING = (CampaignState.OPENING, CampaignState.OPEN, CampaignState.CLOSED)
NEWEST = 50


@blueprint.get("/campaigns", endpoint="campaigns")
def campaign_list() -> str:
    """List campaigns with how far each is."""
    query = select(Campaign).where(campaign_scope()).order_by(Campaign.created_at.desc(), Campaign.id.desc())
    found = list(db.session().scalars(query.limit(NEWEST)))
    running = [one for one in found if _is_open(one)]
    others = [one for one in found if not _is_open(one)]
    counted = campaign_counts.counts_of(db.session(), _ids(running), today=today(), scope=supplier_scope())
    # Of a campaign whose mail does not leave yet, or no longer, it is enough who is asked and has submitted.
    answers = campaign_counts.answers_of(db.session(), _ids(others), scope=supplier_scope())
    told = [(one, answers.get(one.id, Answers())) for one in others]
    return render_template(
        "procurement/campaigns.html",
        drafts=[(one, counts) for one, counts in told if one.state not in RUNNING],
        opening=[(one, counts) for one, counts in told if one.state is CampaignState.OPENING],
        running=[_in_list(one, counted.get(one.id, Counts())) for one in running],
        closed=[(one, counts) for one, counts in told if one.state is CampaignState.CLOSED],
        may_write=may_write(),
    )


@blueprint.get("/campaigns/<public_id>")
def campaign(public_id: str) -> str | BaseResponse:
    """Show one campaign: how far it is, and its suppliers; a draft leads to its last step."""
    found = load_campaign(db.session(), public_id)
    if found.state not in RUNNING:
        return redirect(url_for("procurement.campaign_check", public_id=public_id))
    if found.state is CampaignState.OPENING:
        return _opening(found)
    people = campaign_rows.owners(db.session(), found, unit_ids=actor().unit_ids)
    form = rows_form(people, campaign_words.situations())
    wanted = rows_filter(form)
    condition = campaign_rows.matching(found, wanted, scope=supplier_scope(), today=today())
    total = campaign_rows.count(db.session(), condition)
    page = Page(_within(page_number(), total), PAGE_SIZE, total, "procurement.campaign")
    rows = campaign_rows.page(
        db.session(),
        found,
        condition,
        sort=campaign_words.sort_key(tuple(campaign_rows.SORTS), "name"),
        number=page.number,
        unit_ids=actor().unit_ids,
        today=today(),
    )
    counted = campaign_counts.counts(db.session(), found, today=today(), scope=supplier_scope())
    return render_template(
        "procurement/campaign.html",
        form=form,
        is_filtered=wanted != RowFilter(unit_ids=wanted.unit_ids),
        page=page,
        rows=rows,
        notes=contact_notes.latest(db.session(), [row.supplier.id for row in rows]),
        to_settle=settling.count_to_settle(db.session(), found, scope=mails_scope()),
        reasons=_reasons(rows),
        declined=_declined(rows),
        columns=campaign_words.row_columns(with_choice=_is_open(found) and may_write()),
        may_remind=_is_open(found) and may_write(),
        **_facts(found, counted),
    )


@blueprint.get("/campaigns/<public_id>/unanswered.csv")
def campaign_unanswered_csv(public_id: str) -> Response:
    """Give those who have not submitted, with telephone numbers, by owner, as CSV."""
    found = load_campaign(db.session(), public_id)
    rows = [cells for _owner, cells in _to_telephone(found)]
    return csv_response(
        _("未回答-%(title)s", title=found.title), Sheet("", campaign_words.unanswered_headings(), rows)
    )


@blueprint.get("/campaigns/<public_id>/unanswered.xlsx")
def campaign_unanswered_xlsx(public_id: str) -> Response:
    """Give the same as a workbook: everybody, then a sheet an owner."""
    found, headings = load_campaign(db.session(), public_id), campaign_words.unanswered_headings()
    by_owner: dict[str, list[list[Any]]] = defaultdict(list)
    everybody = _to_telephone(found)
    for owner, cells in everybody:
        by_owner[owner].append(cells)
    sheets = [Sheet(_("全員"), headings, [cells for _owner, cells in everybody])]
    sheets += [Sheet(owner or _("担当なし"), headings, rows) for owner, rows in by_owner.items()]
    return xlsx_response(_("未回答-%(title)s", title=found.title), sheets)


def _opening(found: Campaign) -> str:
    job = db.session().scalar(
        select(Job)
        .where(Job.kind == campaigns.OPEN_JOB, Job.subject_id == found.id)
        .order_by(Job.id.desc())
        .limit(1)
    )
    progress = job_progress.of(job) if job else None
    return render_template(
        "procurement/campaign_opening.html",
        campaign=found,
        job=job,
        progress=progress,
        is_paused=courses.is_paused(db.session(), found),
    )


def _ids(found: list[Campaign]) -> list[int]:
    return [one.id for one in found]


def _in_list(found: Campaign, counted: Counts) -> dict[str, Any]:
    return {
        "campaign": found,
        "counts": counted,
        "funnel": campaign_words.funnel(found, counted),
    }


def _facts(found: Campaign, counted: Counts) -> dict[str, Any]:
    return {
        "campaign": found,
        "counts": counted,
        "funnel": campaign_words.funnel(found, counted),
        "is_overdue": _is_open(found) and found.due_on < today(),
        "is_open": _is_open(found),
        "is_closed": found.state is CampaignState.CLOSED,
        **_course(found),
        "may_write": may_write(),
        "may_act_on_whole": may_write() and sees_whole(found),
        "address_of": campaign_words.address_of,
    }


def _reasons(rows: list[CampaignRow]) -> dict[int, str]:
    """Say by assessment why its last link did not arrive."""
    ids = [row.assessment.id for row in rows if row.delivery == "failed"]
    missed = settling.undelivered_of(db.session(), ids) if ids else {}
    return {assessment_id: mail_words.why(mail) for assessment_id, mail in missed.items()}


def _declined(rows: list[CampaignRow]) -> dict[int, str]:
    """Say by assessment why the supplier does not answer this time."""
    ids = [row.assessment.id for row in rows if row.assessment.state is AssessmentState.DECLINED]
    found = declining.reasons(db.session(), ids)
    return {assessment_id: campaign_decline.reason(reason) for assessment_id, reason in found.items()}


def _course(found: Campaign) -> dict[str, Any]:
    course = courses.of(db.session(), found)
    return {
        "paused_at": course.paused_at if course else None,
        "leaves_from": waves.leaves_from(db.session(), found, now=clock.now()) if _is_open(found) else None,
        "plan": campaign_course_words.sentences(courses.plan_of(course)),
        "history": campaign_course_words.history(courses.steps(db.session(), found)),
        "next_year": campaign_drafts.follower(db.session(), found),
    }


def _is_open(found: Campaign) -> bool:
    return found.state is CampaignState.OPEN


def _within(number: int, total: int) -> int:
    return min(number, max(1, -(-total // PAGE_SIZE)))


def _to_telephone(found: Campaign) -> list[tuple[str, list[Any]]]:
    """Give (owner, cells) of everybody who has not submitted: once for each of their owners, by owner."""
    wanted = RowFilter(situation="unanswered", unit_ids=actor().unit_ids)
    condition = campaign_rows.matching(found, wanted, scope=supplier_scope(), today=today())
    rows = campaign_rows.all_rows(db.session(), found, condition, unit_ids=actor().unit_ids, today=today())
    listed = [
        (owner, campaign_words.unanswered_cells(row, owner, phone))
        for row in rows
        for owner, phone in _owners_of(row)
    ]
    return sorted(listed, key=lambda one: (not one[0], one[0]))


def _owners_of(row: CampaignRow) -> list[tuple[str, str]]:
    phones = {person.name: person.phone for person in row.owners}
    return [(name, phones.get(name, "")) for name in row.owner_names] or [("", "")]
