"""What a supplier may see of itself, in allow-listed records. Nothing of the buyer's grading has a field."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from assessments import consultations, declining, parts, questionnaires, responses, results
from assessments.models import (
    Answer,
    Assessment,
    AssessmentResult,
    AssessmentState,
    Campaign,
    CampaignState,
    Decision,
    Invitation,
    Review,
    ReviewComment,
)
from assessments.questionnaire_content import Content, QuestionContent, meaning_hash
from assessments.questionnaires import Published
from assessments.text import Text


@dataclass(frozen=True, slots=True)
class OwnAssessment:
    """One of the supplier's own assessments: what is asked, by when, how far it is."""

    public_id: str
    title: str
    questionnaire: Text
    due_on: date
    state: str
    may_answer: bool
    answered: int
    total: int
    minutes: int
    submitted_at: datetime | None
    has_result: bool


@dataclass(frozen=True, slots=True)
class OwnSection:
    """A page of the questionnaire: how much of it is answered, how many remarks the reader made on it."""

    key: str
    title: Text
    axis: str | None
    answered: int
    total: int
    remarks: int
    first_missing: str | None


@dataclass(frozen=True, slots=True)
class OwnPart:
    """A part that is asked, and why."""

    title: Text
    reason: Text


@dataclass(frozen=True, slots=True)
class OwnReview:
    """What the reader asks about the last submission; `remarks` by question key."""

    message: str
    reviewed_at: datetime
    remarks: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class OwnColleague:
    """Somebody at the supplier who was asked as well; `entered` once they asked for a code."""

    name: str
    email: str
    entered: bool


@dataclass(frozen=True, slots=True)
class OwnTalk:
    """A talk about cost or timing, and its answer if there is one."""

    topic: str
    message: str
    opened_at: datetime
    answer: str
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class OwnDecline:
    """That the supplier does not answer this time, in its own words."""

    reason: str
    remark: str
    declined_at: datetime
    may_take_back: bool


@dataclass(frozen=True, slots=True)
class OwnEarlierAnswer:
    """What was submitted last time to a question that still means the same."""

    code: str
    submitted_at: datetime


@dataclass(frozen=True, slots=True)
class OwnCheck:
    """The whole before submitting: answers by code, what is missing, what is not known."""

    counts: Mapping[str, int]
    missing: tuple[QuestionContent, ...]
    unknown: tuple[QuestionContent, ...]


@dataclass(frozen=True, slots=True)
class OwnOverview:
    """One assessment with its pages and everything said around it."""

    assessment: OwnAssessment
    sections: tuple[OwnSection, ...]
    parts: tuple[OwnPart, ...]
    parts_changed: str
    review: OwnReview | None
    people: tuple[OwnColleague, ...]
    talks: tuple[OwnTalk, ...]
    may_decline: bool
    decline: OwnDecline | None


def home(session: Session, *, email: str, supplier_id: int) -> tuple[OwnAssessment, ...]:
    """Give the assessments this person was invited to, those that can be answered first."""
    invited = select(Invitation.assessment_id).where(
        Invitation.email == email,
        Invitation.supplier_id == supplier_id,
        Invitation.revoked_at.is_(None),
    )
    found = session.scalars(
        select(Assessment)
        .join(Campaign)
        .where(Assessment.supplier_id == supplier_id, Assessment.id.in_(invited))
        .order_by(Campaign.due_on.desc(), Assessment.id.desc())
        .options(joinedload(Assessment.campaign))
    ).all()
    given = _answered(session, found)
    versions = {one.version_id: questionnaires.published(session, one.version_id) for one in found}
    return tuple(
        _own(one, versions[one.version_id].content, _count_required(versions[one.version_id], given[one.id]))
        for one in sorted(found, key=lambda one: not may_answer(one))
    )


def overview(session: Session, assessment: Assessment) -> OwnOverview:
    """Give one assessment with its pages, and what was said around it."""
    published = questionnaires.published(session, assessment.version_id)
    content, review = published.content, latest_review(session, assessment, published)
    answers = responses.answers_of(session, assessment)
    given = {key for key, row in answers.items() if responses.given_of(row).is_answer}
    pages = sections(content, assessment.axes, given, review.remarks if review else {})
    return OwnOverview(
        assessment=_own(assessment, content, sum(1 for key in given if content.by_key[key].required)),
        sections=pages,
        parts=tuple(OwnPart(*pair) for pair in parts.reasons(content, assessment.axes)),
        parts_changed=assessment.axes_reason,
        review=review,
        people=people(session, assessment),
        talks=talks(session, assessment),
        may_decline=declining.may_decline(assessment),
        decline=decline(session, assessment),
    )


def sections(
    content: Content, axes: Sequence[str], given: set[str], remarks: Mapping[str, str]
) -> tuple[OwnSection, ...]:
    """Give the pages that are asked; counts are of the questions that must be answered."""
    return tuple(
        OwnSection(
            key=page.key,
            title=page.title,
            axis=page.axis,
            answered=sum(1 for question in page.questions if question.required and question.key in given),
            total=sum(1 for question in page.questions if question.required),
            remarks=sum(1 for question in page.questions if question.key in remarks),
            first_missing=next(
                (
                    question.key
                    for question in page.questions
                    if question.required and question.key not in given
                ),
                None,
            ),
        )
        for page in content.asked(list(axes))
    )


def check(content: Content, assessment: Assessment, answers: Mapping[str, Answer]) -> OwnCheck:
    """Give what a person looks over before submitting."""
    given = {key: responses.given_of(row) for key, row in answers.items()}
    asked = [question for page in content.asked(assessment.axes) for question in page.questions]
    scored = [(question, given[question.key].code) for question in asked if question.key in given]
    return OwnCheck(
        counts={
            choice.code: sum(1 for _, code in scored if code == choice.code) for choice in content.answers
        },
        missing=responses.missing(content, assessment.axes, given),
        unknown=tuple(question for question, code in scored if code == "unknown"),
    )


def latest_review(session: Session, assessment: Assessment, published: Published) -> OwnReview | None:
    """Give what the reader asked about the last submission; None unless it was returned."""
    if assessment.state is not AssessmentState.RETURNED:
        return None
    review = session.scalar(
        select(Review)
        .where(Review.assessment_id == assessment.id, Review.decision == Decision.RETURNED)
        .order_by(Review.id.desc())
        .limit(1)
    )
    if review is None:
        return None
    said = session.execute(
        select(ReviewComment.question_id, ReviewComment.comment).where(ReviewComment.review_id == review.id)
    )
    remarks = {published.keys[question_id]: comment for question_id, comment in said}
    return OwnReview(review.message, review.reviewed_at, remarks)


def people(session: Session, assessment: Assessment) -> tuple[OwnColleague, ...]:
    """Give everybody at the supplier whose invitation to this assessment works."""
    found = session.scalars(
        select(Invitation)
        .where(
            Invitation.assessment_id == assessment.id,
            Invitation.supplier_id == assessment.supplier_id,
            Invitation.revoked_at.is_(None),
        )
        .order_by(Invitation.id)
    )
    return tuple(OwnColleague(one.name, one.email, one.opened_at is not None) for one in found)


def talks(session: Session, assessment: Assessment) -> tuple[OwnTalk, ...]:
    """Give the talks opened from this assessment, the newest first."""
    return tuple(
        OwnTalk(one.topic.value, one.message, one.opened_at, one.answer, one.answered_at)
        for one in consultations.of_assessment(session, assessment)
    )


def decline(session: Session, assessment: Assessment) -> OwnDecline | None:
    """Give the word that stands not to answer this time, or None."""
    if assessment.state is not AssessmentState.DECLINED:
        return None
    said = declining.standing(session, assessment)
    may_take_back = declining.may_take_back(assessment)
    return OwnDecline(said.reason.value, said.remark, said.declined_at, may_take_back) if said else None


def earlier_answers(
    session: Session, assessment: Assessment, published: Published
) -> dict[str, OwnEarlierAnswer]:
    """Give the answers last submitted in an earlier campaign, where a question means the same."""
    last = session.scalar(
        select(AssessmentResult)
        .join(Assessment, Assessment.id == AssessmentResult.assessment_id)
        .where(
            AssessmentResult.supplier_id == assessment.supplier_id,
            AssessmentResult.assessment_id != assessment.id,
            AssessmentResult.submitted_at < assessment.created_at,
            Assessment.scope == assessment.scope,
        )
        .order_by(AssessmentResult.submitted_at.desc(), AssessmentResult.id.desc())
        .limit(1)
    )
    if last is None:
        return {}
    before = questionnaires.published(session, last.version_id).content
    return {
        key: OwnEarlierAnswer(code, last.submitted_at)
        for key, code in results.answers_of(before, last).items()
        if _means_the_same(before, published.content, key)
    }


def may_answer(assessment: Assessment) -> bool:
    """Tell whether answers may be changed now: not submitted, and the campaign runs."""
    return assessment.state in responses.EDITABLE and assessment.campaign.state is CampaignState.OPEN


def _own(assessment: Assessment, content: Content, answered: int) -> OwnAssessment:
    asked = [question for page in content.asked(assessment.axes) for question in page.questions]
    return OwnAssessment(
        public_id=assessment.public_id,
        title=assessment.campaign.title,
        questionnaire=content.title,
        due_on=assessment.campaign.due_on,
        state=assessment.state.value,
        may_answer=may_answer(assessment),
        answered=answered,
        total=sum(1 for question in asked if question.required),
        minutes=parts.minutes(content, assessment.axes),
        submitted_at=assessment.submitted_at,
        has_result=assessment.current_result_id is not None,
    )


def _answered(session: Session, found: Sequence[Assessment]) -> dict[int, set[int]]:
    """The ids of the questions that have an answer, by assessment."""
    given: dict[int, set[int]] = {one.id: set() for one in found}
    has_answer = Answer.code.is_not(None) | Answer.value.is_not(None)
    rows = session.execute(
        select(Answer.assessment_id, Answer.question_id).where(Answer.assessment_id.in_(given), has_answer)
    )
    for assessment_id, question_id in rows:
        given[assessment_id].add(question_id)
    return given


def _count_required(published: Published, given: set[int]) -> int:
    return sum(1 for question_id in given if published.question(question_id).required)


def _means_the_same(before: Content, now: Content, key: str) -> bool:
    question = now.by_key.get(key)
    if question is None or before is now:
        return question is not None
    return meaning_hash(before.by_key[key]) == meaning_hash(question)
