"""Reading what was submitted: the list of what waits, one submission, 確認済み or 確認のお願い."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from assessments import questionnaires, reading, reviews
from assessments.chain import loading
from assessments.chain.listing import Line, lines
from assessments.chain.picture import Wanted, view
from assessments.models import (
    Assessment,
    AssessmentState,
    CampaignState,
    Decision,
    Role,
    Submission,
    Supplier,
    User,
)
from assessments.questionnaire_content import QuestionContent
from assessments.questionnaires import Published
from assessments.reviews import (
    AlreadyReviewed,
    CampaignHasEnded,
    NewerSubmission,
    NothingAsked,
    NothingToReview,
)
from portal import clock, db
from portal.access import actor, load_assessment, supplier_scope
from portal.paging import Page, page_number
from portal.risk import words
from portal.risk.review_forms import ReviewForm, field_name, review_form
from portal.risk.routes import blueprint, may_read_answers
from portal.tasks import wake_dispatcher
from scoring.scale import AnswerCode

PAGE_SIZE = 50
REFUSED, CONFLICT = 422, 409
OVERTAKEN = {
    AlreadyReviewed: _l("この回答は、ほかの方がすでに確認しています。書いた内容はこの画面に残っています。"),
    NewerSubmission: _l(
        "取引先が新しい回答を提出しています。新しい回答をご確認ください。書いた内容はこの画面に残っています。"
    ),
    NothingToReview: _l("この回答は、いま確認を待っていません。書いた内容はこの画面に残っています。"),
    CampaignHasEnded: _l(
        "調査が終了しているため、確認のお願いは送れません。期限を延ばして再開すると送れます。書いた内容はこの画面に残っています。"
    ),
}


@blueprint.get("/assessments", endpoint="reviews")
def waiting() -> str:
    """List the submissions that wait for a reader, the longest waiting first."""
    _answer_readers_only()
    condition = (Assessment.state == AssessmentState.SUBMITTED) & Assessment.supplier_id.in_(
        select(Supplier.id).where(supplier_scope())
    )
    total = db.session().scalar(select(func.count()).select_from(Assessment).where(condition)) or 0
    page = Page(min(page_number(), max(1, -(-total // PAGE_SIZE))), PAGE_SIZE, total, "risk.reviews")
    found = (
        db.session()
        .scalars(
            select(Assessment)
            .where(condition)
            .options(joinedload(Assessment.supplier), joinedload(Assessment.campaign))
            .order_by(Assessment.submitted_at, Assessment.id)
            .limit(PAGE_SIZE)
            .offset((page.number - 1) * PAGE_SIZE)
        )
        .all()
    )
    standing = _lines([one.supplier.public_id for one in found])
    return render_template(
        "risk/reviews.html",
        page=page,
        rows=[(one, standing.get(one.supplier.public_id)) for one in found],
    )


@blueprint.get("/assessments/<public_id>", endpoint="review")
def review(public_id: str) -> str:
    """Show the newest submission of an assessment, with the form of the reading where it waits for one."""
    assessment = _load(public_id)
    return _page(assessment, _newest(assessment), None)


@blueprint.post("/assessments/<public_id>", endpoint="decide")
def decide(public_id: str) -> tuple[str, int] | Response:
    """Accept or return the submission that was read; what was typed stays when it cannot be done."""
    assessment = _load(public_id)
    read = _submission(assessment, request.form.get("submission", ""))
    questions = _questions(_published(assessment), read)
    form = review_form(questions, read.public_id)
    if not form.validate_on_submit():
        return _page(assessment, read, form), REFUSED
    try:
        _decided(read, form, questions)
    except NothingAsked:
        form.message.errors = [_("確かめたいことを、ここか質問ごとのコメントにお書きください。")]
        return _page(assessment, read, form), REFUSED
    except tuple(OVERTAKEN) as broken:
        db.session().rollback()
        return _page(assessment, read, form, overtaken=str(OVERTAKEN[type(broken)])), CONFLICT
    db.session().commit()
    wake_dispatcher()
    return redirect(url_for("risk.reviews"))


def _decided(read: Submission, form: ReviewForm, questions: list[QuestionContent]) -> None:
    """Take the decision of the button that was pressed. Raises what the verbs raise."""
    by = db.session().get_one(User, actor().user_id)
    said: dict[str, Any] = {"message": form.message.data or "", "comments": form.comments(questions)}
    if request.form.get("decision") == Decision.RETURNED:
        reviews.return_(db.session(), read, **said, now=clock.now(), by=by)
        flash(_("確認のお願いを送りました。取引先の回答はそのまま残っています。"), "success")
        return
    reviews.accept(db.session(), read, **said, now=clock.now(), by=by)
    flash(_("確認済みにしました。取引先にメールでお知らせします。"), "success")


def _page(
    assessment: Assessment, submission: Submission, form: ReviewForm | None, *, overtaken: str = ""
) -> str:
    published, session = _published(assessment), db.session()
    decisions = reviews.reviews_of(session, assessment)
    is_decided = any(one.submission_id == submission.id for one in decisions)
    is_waiting = assessment.state is AssessmentState.SUBMITTED and not is_decided
    may_decide = actor().has_role(Role.RISK) and (is_waiting or form is not None)
    sections = reading.read(
        published, submission, earlier=_earlier(assessment, submission), reviews=decisions
    )
    return render_template(
        "risk/review.html",
        assessment=assessment,
        submission=submission,
        sections=sections,
        looks=_looks(sections),
        decisions=decisions,
        readers={user.id: user.name for user in _readers([one.reviewed_by_id for one in decisions])},
        form=(form or review_form(_questions(published, submission), submission.public_id))
        if may_decide
        else None,
        may_return=assessment.campaign.state is CampaignState.OPEN,
        field_name=field_name,
        overtaken=overtaken,
        words=words,
    )


def _looks(sections: tuple[reading.SectionRead, ...]) -> dict[str, int]:
    """How many answers want a look, by why."""
    answers = [one for section in sections for one in section.answers]
    return {
        "unknown": sum(one.code == AnswerCode.UNKNOWN.word for one in answers),
        "absent": sum(one.code == AnswerCode.ABSENT.word for one in answers),
        "comments": sum(bool(one.comment) for one in answers),
        "changed": sum(one.before is not None for one in answers),
    }


def _load(public_id: str) -> Assessment:
    _answer_readers_only()
    return load_assessment(db.session(), public_id)


def _answer_readers_only() -> None:
    if not may_read_answers():
        abort(403)


def _newest(assessment: Assessment) -> Submission:
    found = reviews.newest_submission(db.session(), assessment)
    if found is None:
        abort(404)
    return found


def _submission(assessment: Assessment, public_id: str) -> Submission:
    """The submission the reader had before them; of this assessment alone."""
    found = db.session().scalar(
        select(Submission).where(
            Submission.public_id == public_id,
            Submission.assessment_id == assessment.id,
            Submission.supplier_id == assessment.supplier_id,
        )
    )
    if found is None:
        abort(404)
    return found


def _earlier(assessment: Assessment, submission: Submission) -> Submission | None:
    return db.session().scalar(
        select(Submission).where(
            Submission.assessment_id == assessment.id,
            Submission.supplier_id == assessment.supplier_id,
            Submission.number == submission.number - 1,
        )
    )


def _published(assessment: Assessment) -> Published:
    return questionnaires.published(db.session(), assessment.version_id)


def _questions(published: Published, submission: Submission) -> list[QuestionContent]:
    """The scored questions that the submission answers: a comment may stand at each."""
    said = reading.said_in(submission)
    return [question for question in published.content.scored if question.key in said]


def _readers(ids: list[int]) -> list[User]:
    return list(db.session().scalars(select(User).where(User.id.in_(ids))))


def _lines(public_ids: list[str]) -> dict[str, Line]:
    """Where these suppliers stand, by public id."""
    chain = loading.load(db.session())
    if chain is None:
        return {}
    picture = view(chain, Wanted(units=actor().unit_ids), now=clock.now())
    wanted = {chain.row_of[public_id] for public_id in public_ids if public_id in chain.row_of}
    places = [place for place, row in enumerate(picture.suppliers.tolist()) if row in wanted]
    axis = chain.content.axes[0].key
    return {line.public_id: line for line in lines(picture, places, axis=axis)}
