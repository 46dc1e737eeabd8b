"""Everything a supplier said in one assessment, to take along: answers, submissions, results, talks."""

import json
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessments import declarations, own_proof, own_view, questionnaires, responses
from assessments.answers import Given
from assessments.models import Assessment, AssessmentResult, Submission

FORMAT = 1


def as_json(session: Session, assessment: Assessment, *, supplier_name: str) -> str:
    """Give the record as JSON text: allow-listed fields alone, moments in UTC."""
    content = questionnaires.published(session, assessment.version_id).content
    answers = responses.answers_of(session, assessment)
    record = {
        "format": FORMAT,
        "supplier": supplier_name,
        "campaign": assessment.campaign.title,
        "questionnaire": {"name": content.name, "version": content.version, "title": content.title.ja},
        "state": assessment.state.value,
        "answers": [
            _answer(question.key, question.prompt.ja, responses.given_of(answers[question.key]))
            for page in content.asked(assessment.axes)
            for question in page.questions
            if question.key in answers
        ],
        "submissions": _submissions(session, assessment),
        "evidence": own_proof.as_record(session, assessment),
        "security_action": declarations.as_record(session, assessment.supplier_id),
        "talks": [
            {
                "topic": talk.topic,
                "message": talk.message,
                "opened_at": talk.opened_at.isoformat(),
                "answer": talk.answer,
            }
            for talk in own_view.talks(session, assessment)
        ],
    }
    return json.dumps(record, ensure_ascii=False, indent=2) + "\n"


def _answer(key: str, prompt: str, given: Given) -> dict[str, Any]:
    return {"question": key, "prompt": prompt, **given.as_map()}


def _submissions(session: Session, assessment: Assessment) -> list[dict[str, Any]]:
    submissions = session.scalars(
        select(Submission)
        .where(Submission.assessment_id == assessment.id, Submission.supplier_id == assessment.supplier_id)
        .order_by(Submission.number)
    )
    results = session.scalars(
        select(AssessmentResult)
        .where(AssessmentResult.assessment_id == assessment.id)
        .order_by(AssessmentResult.judgement)
    )
    newest = {result.submission_id: result for result in results}
    return [
        {
            "number": submission.number,
            "submitted_at": submission.submitted_at.isoformat(),
            "sha256": submission.sha256,
            "content": json.loads(submission.content),
            "result": _result(newest[submission.id]),
        }
        for submission in submissions
    ]


def _result(result: AssessmentResult) -> dict[str, Any]:
    return {
        "official_score": result.official_score,
        "levels": {name: level for name, level in result.levels.items() if level is not None},
    }
