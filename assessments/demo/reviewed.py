"""What the demo's reader decided about the submissions of a campaign."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from assessments.demo.answering import rules
from assessments.demo.register import insert_all
from assessments.models import (
    Assessment,
    AssessmentState,
    Campaign,
    CampaignState,
    Decision,
    Question,
    Review,
    ReviewComment,
    Submission,
    User,
)

DECIDED = {AssessmentState.ACCEPTED: Decision.ACCEPTED, AssessmentState.RETURNED: Decision.RETURNED}
ASKED_ABOUT = (11, 24)


def review(session: Session, campaign: Campaign, reviewer: User, *, now: datetime) -> None:
    """Write a review for each assessment of the campaign that was accepted or returned."""
    decided = session.execute(
        select(Assessment, Submission.id)
        .join(Submission, Submission.assessment_id == Assessment.id)
        .where(Assessment.campaign_id == campaign.id, Assessment.state.in_(DECIDED))
        .order_by(Assessment.id)
    ).all()
    rows = [_review(assessment, submission_id, reviewer) for assessment, submission_id in decided]
    review_ids = insert_all(session, Review, rows)
    returned = [
        review_id
        for review_id, row in zip(review_ids, rows, strict=True)
        if row["decision"] is Decision.RETURNED
    ]
    asked = session.scalars(
        select(Question.id).where(
            Question.version_id == campaign.version_id, Question.official_item.in_(ASKED_ABOUT)
        )
    ).all()
    comment = rules()["return_comment"]
    insert_all(
        session,
        ReviewComment,
        [
            {"review_id": review_id, "question_id": question_id, "comment": comment}
            for review_id in returned
            for question_id in asked
        ],
    )


def somebody_submitted() -> Select[*tuple[Any, ...]]:
    """Select assessments of an open campaign that wait for a reader, with who submitted them."""
    return (
        select(Assessment.id, Assessment.supplier_id, Submission.submitted_by_id)
        .join(Submission, Submission.assessment_id == Assessment.id)
        .join(Campaign, Campaign.id == Assessment.campaign_id)
        .where(Assessment.state == AssessmentState.SUBMITTED, Campaign.state == CampaignState.OPEN)
        .order_by(Assessment.id)
    )


def _review(assessment: Assessment, submission_id: int, reviewer: User) -> dict[str, Any]:
    decision = DECIDED[assessment.state]
    at = assessment.accepted_at or assessment.returned_at or (assessment.created_at + timedelta(days=1))
    return {
        "submission_id": submission_id,
        "assessment_id": assessment.id,
        "supplier_id": assessment.supplier_id,
        "decision": decision,
        "message": rules()["return_message"] if decision is Decision.RETURNED else "",
        "reviewed_by_id": reviewer.id,
        "reviewed_at": at,
    }
