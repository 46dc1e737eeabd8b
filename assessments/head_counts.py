"""How many people a firm has for its costs: as it said when it answered, else as the register knows it."""

import json
from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessments import questionnaires, reading
from assessments.models import Assessment, AssessmentResult, Submission
from assessments.questionnaire_content import Content

FEW = 500


def counted(said: int | None, *, registered: int | None) -> int | None:
    """Give the head count to reckon with: the firm's own, where it told one, goes before the register's."""
    return registered if said is None else said


def said_in(content: Content, submission: Submission) -> int | None:
    """Give the head count that a submission tells; None where it tells none."""
    return _said(content, submission.content)


def said_behind(session: Session, result_ids: Collection[int]) -> dict[int, int]:
    """Give the head counts told with those of these results that are current, by result.

    One query; submissions are long, so few are held at once.
    """
    wanted, found = frozenset(result_ids), {}
    query = (
        select(AssessmentResult.id, AssessmentResult.version_id, Submission.content)
        .join(Submission, Submission.id == AssessmentResult.submission_id)
        .join(Assessment, Assessment.current_result_id == AssessmentResult.id)
    )
    for result_id, version_id, text in session.execute(query.execution_options(yield_per=FEW)):
        if result_id not in wanted:
            continue
        said = _said(questionnaires.published(session, version_id).content, text)
        if said is not None:
            found[result_id] = said
    return found


def _said(content: Content, submitted: str) -> int | None:
    return reading.head_count(content, json.loads(submitted)["profile"])
