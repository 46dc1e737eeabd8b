"""References behind answers as a reader judges them: what waits, and those of one assessment."""

from dataclasses import dataclass

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from werkzeug.wrappers import Response

from assessments import confirmations, evidence, own_proof, questionnaires, reviews
from assessments.models import (
    Assessment,
    AssessmentResult,
    Campaign,
    Evidence,
    EvidenceJudgement,
    Role,
    Supplier,
    User,
    Verdict,
)
from assessments.questionnaire_content import QuestionContent
from portal import clock, db, filters, proof_form
from portal.access import actor, load_assessment, load_evidence, supplier_scope
from portal.errors import say
from portal.paging import Page, page_number
from portal.proof_form import EvidenceForm, blank_evidence_form, evidence_form
from portal.risk import words
from portal.risk.evidence_forms import JudgementForm, blank_judgement_form, judgement_form
from portal.risk.routes import blueprint, may_read_answers

PAGE_SIZE = 50
REFUSED = 422

say(evidence.AlreadyJudged, _l("この証跡は、ほかの方がすでに確認したか、取引先が取り下げています。"))
say(evidence.NothingSubmitted, _l("この回答票は、まだ提出されていません。"))


@dataclass(frozen=True, slots=True)
class Shown:
    """A reference with the questions it backs, the judgement that holds and the form to judge it."""

    evidence: Evidence
    questions: tuple[QuestionContent, ...]
    state: str
    judgement: EvidenceJudgement | None
    form: JudgementForm


@blueprint.get("/evidence", endpoint="evidence")
def waiting() -> str:
    """List the references that wait for a reader, the longest waiting first."""
    answer_readers_only()
    mine = evidence.is_waiting() & Evidence.supplier_id.in_(select(Supplier.id).where(supplier_scope()))
    total = db.session().scalar(select(func.count()).select_from(Evidence).where(mine)) or 0
    page = Page(min(page_number(), max(1, -(-total // PAGE_SIZE))), PAGE_SIZE, total, "risk.evidence")
    rows = db.session().execute(
        select(Evidence, Assessment, Supplier, Campaign)
        .join(Assessment, Assessment.id == Evidence.assessment_id)
        .join(Supplier, Supplier.id == Evidence.supplier_id)
        .join(Campaign, Campaign.id == Assessment.campaign_id)
        .where(mine)
        .order_by(Evidence.given_at, Evidence.id)
        .limit(PAGE_SIZE)
        .offset((page.number - 1) * PAGE_SIZE)
    )
    return render_template("risk/evidence.html", page=page, rows=rows.all())


@blueprint.get("/assessments/<public_id>/evidence")
def assessment_evidence(public_id: str) -> str | Response:
    """Show what stands behind the answers of an assessment, with the forms to judge and to note."""
    assessment = _load(public_id)
    if assessment.submitted_at is None:
        return redirect(url_for("risk.supplier", public_id=assessment.supplier.public_id))
    return _page(assessment, evidence_form(evidence.provable(db.session(), assessment)))


@blueprint.post("/assessments/<public_id>/evidence")
def note_evidence(public_id: str) -> Response | tuple[str, int]:
    """Note what was shown; judging it comes after."""
    assessment = _load(public_id)
    form = evidence_form(evidence.provable(db.session(), assessment))
    if not form.validate_on_submit() or not _noted(assessment, form):
        return _page(assessment, form), REFUSED
    db.session().commit()
    flash(_("証跡を記録しました。内容を確かめて、結果をお選びください。"), "success")
    return redirect(url_for("risk.assessment_evidence", public_id=public_id))


@blueprint.post("/assessments/<public_id>/evidence/<evidence_id>")
def judge_evidence(public_id: str, evidence_id: str) -> Response | tuple[str, int]:
    """Take the decision of the button that was pressed; the result is scored again where it changes."""
    assessment = _load(public_id)
    found = load_evidence(db.session(), assessment, evidence_id)
    form = judgement_form(found)
    if not form.validate_on_submit() or not _judged(found, form):
        blank = blank_evidence_form(evidence.provable(db.session(), assessment))
        return _page(assessment, blank, judging=(found, form)), REFUSED
    db.session().commit()
    return redirect(url_for("risk.assessment_evidence", public_id=public_id))


def _judged(found: Evidence, form: JudgementForm) -> bool:
    """Judge by the button pressed; a rule that the reader can mend is said at its field."""
    by = db.session().get_one(User, actor().user_id)
    seen, now = int(form.seen.data or 0), clock.now()
    try:
        if request.form.get("verdict") == Verdict.REFUSED:
            evidence.refuse(db.session(), found, seen=seen, reason=form.reason.data or "", now=now, by=by)
            flash(_("確認できなかった理由を記録しました。取引先の画面に表示されます。"), "success")
        else:
            limit = form.valid_until.data
            evidence.accept(db.session(), found, seen=seen, valid_until=limit, now=now, by=by)
            flash(_("証跡を確認済みにしました。レベルを計算しなおしました。"), "success")
    except evidence.ReasonWanted:
        form.reason.errors = [_("確認できなかった理由をお書きください。取引先の画面に表示されます。")]
    except evidence.NotValidAnyMore:
        form.valid_until.errors = [
            _("有効期限が過ぎているため、確認済みにできません。新しいものをお願いしてください。")
        ]
    except evidence.TooOld as broken:
        form.valid_until.errors = [
            _(
                "日付が古いため、確認済みにできません。%(day)s以後のものがあるかを伺ってください。",
                day=filters.day(broken.args[0]),
            )
        ]
    return not form.errors


def _noted(assessment: Assessment, form: EvidenceForm) -> bool:
    by = db.session().get_one(User, actor().user_id)
    try:
        evidence.note_down(
            db.session(), assessment, form.document(), keys=form.keys(), now=clock.now(), by=by
        )
    except proof_form.MENDABLE as broken:
        proof_form.complain(form, broken)
        return False
    return True


def _page(
    assessment: Assessment, form: EvidenceForm, *, judging: tuple[Evidence, JudgementForm] | None = None
) -> str:
    session = db.session()
    newest = reviews.newest_submission(session, assessment)
    earliest = evidence.earliest_date(session, newest) if newest else None
    standing = confirmations.confirmations(session, assessment.supplier_id)
    return render_template(
        "risk/assessment_evidence.html",
        assessment=assessment,
        form=form,
        references=[_shown(one, judging) for one in evidence.references(session, assessment)],
        earliest=earliest,
        confirmed=sum(one.withdrawal is None for one in standing),
        levels=_levels(assessment),
        may_judge=actor().has_role(Role.RISK),
        words=words,
    )


def _shown(one: Evidence, judging: tuple[Evidence, JudgementForm] | None) -> Shown:
    published = questionnaires.published(db.session(), one.version_id)
    last = evidence.judgement(one)
    is_posted = judging is not None and judging[0].id == one.id
    return Shown(
        evidence=one,
        questions=tuple(published.question(row.question_id) for row in one.questions),
        state=last.verdict.value if last else own_proof.WAITING,
        judgement=last,
        form=judging[1] if judging and is_posted else blank_judgement_form(one),
    )


def _levels(assessment: Assessment) -> list[tuple[str, int | None]]:
    """The axes asked with the levels of the current result."""
    content = questionnaires.published(db.session(), assessment.version_id).content
    result = db.session().scalar(
        select(AssessmentResult).where(
            AssessmentResult.id == assessment.current_result_id,
            AssessmentResult.supplier_id == assessment.supplier_id,
        )
    )
    return [
        (words.set_name(content, axis.key), result.levels.get(axis.key) if result else None)
        for axis in content.axes
        if axis.key in assessment.axes
    ]


def _load(public_id: str) -> Assessment:
    answer_readers_only()
    return load_assessment(db.session(), public_id)


def answer_readers_only() -> None:
    """Refuse whoever may not open what single suppliers answered."""
    if not may_read_answers():
        abort(403)
