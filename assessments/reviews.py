"""Reading what was submitted: 確認済み, or 確認のお願い with comments by question; once a submission."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from assessments import audit, outbox, questionnaires
from assessments.models import (
    Assessment,
    AssessmentState,
    CampaignState,
    Decision,
    Invitation,
    Lane,
    Review,
    ReviewComment,
    Submission,
    User,
)

LONGEST_COMMENT = 2_000


class AlreadyReviewed(Exception):
    """This submission has been decided, by whomever; nobody reviews twice."""


class NewerSubmission(Exception):
    """The supplier has submitted again since this page was opened."""


class NothingToReview(Exception):
    """The assessment is not waiting for a reader."""


class NothingAsked(Exception):
    """確認のお願い without a message and without a comment would leave the supplier guessing."""


class CommentBesideTheAssessment(Exception):
    """A comment stands on a question that this supplier was not asked."""


class CampaignHasEnded(Exception):
    """The supplier could not answer any more: the campaign must be reopened first."""


def newest_submission(session: Session, assessment: Assessment) -> Submission | None:
    """Give the newest submission of an assessment, or None."""
    mine = select(Submission).where(
        Submission.assessment_id == assessment.id, Submission.supplier_id == assessment.supplier_id
    )
    return session.scalar(mine.order_by(Submission.number.desc()).limit(1))


def accept(
    session: Session,
    submission: Submission,
    *,
    message: str = "",
    comments: Mapping[str, str],
    now: datetime,
    by: User,
) -> Review:
    """Decide that a submission was read and is clear (確認済み), and tell the supplier.

    `comments` are by question key; blank ones are left out. Raises AlreadyReviewed, NewerSubmission,
    NothingToReview, CommentBesideTheAssessment.
    """
    assessment = _held(session, submission)
    review = _decide(session, submission, Decision.ACCEPTED, message, comments, now=now, by=by)
    assessment.state, assessment.accepted_at = AssessmentState.ACCEPTED, now
    _tell(session, assessment, submission, review, now=now, by=by)
    return review


def return_(
    session: Session,
    submission: Submission,
    *,
    message: str = "",
    comments: Mapping[str, str],
    now: datetime,
    by: User,
) -> Review:
    """Ask the supplier to look at a submission once more (確認のお願い). Its result stays the current one.

    `comments` are by question key; blank ones are left out. Raises NothingAsked, CampaignHasEnded,
    AlreadyReviewed, NewerSubmission, NothingToReview, CommentBesideTheAssessment.
    """
    if not message.strip() and not _given(comments):
        raise NothingAsked
    assessment = _held(session, submission)
    if assessment.campaign.state is not CampaignState.OPEN:
        raise CampaignHasEnded
    review = _decide(session, submission, Decision.RETURNED, message, comments, now=now, by=by)
    assessment.state, assessment.returned_at = AssessmentState.RETURNED, now
    _tell(session, assessment, submission, review, now=now, by=by)
    return review


def reviews_of(session: Session, assessment: Assessment) -> list[Review]:
    """Give the decisions about an assessment with their comments, the newest first."""
    mine = select(Review).where(
        Review.assessment_id == assessment.id, Review.supplier_id == assessment.supplier_id
    )
    return list(session.scalars(mine.order_by(Review.id.desc()).options(selectinload(Review.comments))))


def _held(session: Session, submission: Submission) -> Assessment:
    """Hold the assessment for this decision; a second reader waits here and then finds it decided."""
    assessment = session.get_one(Assessment, submission.assessment_id)
    session.refresh(assessment, with_for_update=True)
    if session.scalar(select(Review.id).where(Review.submission_id == submission.id)) is not None:
        raise AlreadyReviewed
    newest = newest_submission(session, assessment)
    if newest is None or newest.id != submission.id:
        raise NewerSubmission
    if assessment.state is not AssessmentState.SUBMITTED:
        raise NothingToReview
    return assessment


def _decide(
    session: Session,
    submission: Submission,
    decision: Decision,
    message: str,
    comments: Mapping[str, str],
    *,
    now: datetime,
    by: User,
) -> Review:
    assessment = session.get_one(Assessment, submission.assessment_id)
    published = questionnaires.published(session, assessment.version_id)
    asked = {
        question.key for section in published.content.asked(assessment.axes) for question in section.questions
    }
    given = _given(comments)
    if not set(given) <= asked:
        raise CommentBesideTheAssessment
    review = Review(
        submission_id=submission.id,
        assessment_id=submission.assessment_id,
        supplier_id=submission.supplier_id,
        decision=decision,
        message=message.strip(),
        reviewed_by_id=by.id,
        reviewed_at=now,
        comments=[ReviewComment(question_id=published.ids[key], comment=text) for key, text in given.items()],
    )
    session.add(review)
    session.flush()
    return review


def _given(comments: Mapping[str, str]) -> dict[str, str]:
    return {key: text.strip() for key, text in comments.items() if text.strip()}


def _tell(
    session: Session,
    assessment: Assessment,
    submission: Submission,
    review: Review,
    *,
    now: datetime,
    by: User,
) -> None:
    decision = review.decision.value
    invitation = _invitation(session, submission)
    if invitation is not None:
        outbox.queue(
            session,
            kind=decision,
            send_key=f"{decision}:{submission.public_id}",
            lane=Lane.NOTICE,
            to_email=invitation.email,
            language=invitation.language,
            now=now,
            invitation_id=invitation.id,
            campaign_id=assessment.campaign_id,
            facts={"submission_id": submission.id, "number": submission.number},
        )
    counts = {"number": submission.number, "comments": len(review.comments)}
    audit.note(session, assessment, f"assessment.{decision}", now=now, by=by, **counts)


def _invitation(session: Session, submission: Submission) -> Invitation | None:
    """The living invitation of whoever submitted, else the newest one; None where all were revoked."""
    living = select(Invitation).where(
        Invitation.assessment_id == submission.assessment_id,
        Invitation.supplier_id == submission.supplier_id,
        Invitation.revoked_at.is_(None),
    )
    theirs = select(User.email).where(User.id == submission.submitted_by_id).scalar_subquery()
    return session.scalar(living.order_by((Invitation.email == theirs).desc(), Invitation.id.desc()).limit(1))
