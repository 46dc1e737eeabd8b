"""A supplier's own proof, in allow-listed records: its references, what came of them, what was confirmed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from assessments import confirmations, evidence, questionnaires
from assessments.models import Assessment, Confirmation, Evidence, GivenBy, Verdict
from assessments.proof_content import certificates
from assessments.questionnaire_content import QuestionContent
from assessments.text import Text

WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class OwnReference:
    """A reference: `state` is `waiting` or the verdict; `reason` says why it could not be accepted yet."""

    public_id: str
    title: str
    whereabouts: str
    comment: str
    dated_on: date
    valid_until: date | None
    is_mine: bool
    given_at: datetime
    questions: tuple[QuestionContent, ...]
    state: str
    reason: str
    judged_at: datetime | None


@dataclass(frozen=True, slots=True)
class OwnConfirmation:
    """What was confirmed; `name` is the kind of certificate or report, None for a visit."""

    name: Text | None
    reference: str
    starts_on: date
    ends_on: date
    questions: tuple[QuestionContent, ...]


@dataclass(frozen=True, slots=True)
class OwnProof:
    """Everything the page of proof tells."""

    references: tuple[OwnReference, ...]
    confirmations: tuple[OwnConfirmation, ...]


def own_proof(session: Session, assessment: Assessment) -> OwnProof:
    """Give what stands behind an assessment's answers."""
    return OwnProof(
        references=tuple(_reference(session, one) for one in evidence.references(session, assessment)),
        confirmations=tuple(
            _confirmation(session, one)
            for one in confirmations.confirmations(session, assessment.supplier_id)
            if one.withdrawal is None
        ),
    )


def as_record(session: Session, assessment: Assessment) -> list[dict[str, Any]]:
    """Give the references as plain values for the supplier's own file."""
    return [
        {
            "title": one.title,
            "whereabouts": one.whereabouts,
            "comment": one.comment,
            "dated_on": one.dated_on.isoformat(),
            "valid_until": one.valid_until.isoformat() if one.valid_until else None,
            "given_by": "supplier" if one.is_mine else "buyer",
            "given_at": one.given_at.isoformat(),
            "questions": [question.key for question in one.questions],
            "state": one.state,
            "reason": one.reason,
        }
        for one in own_proof(session, assessment).references
    ]


def _reference(session: Session, one: Evidence) -> OwnReference:
    last = evidence.judgement(one)
    return OwnReference(
        public_id=one.public_id,
        title=one.title,
        whereabouts=one.whereabouts,
        comment=one.note if one.given_by is GivenBy.SUPPLIER else "",
        dated_on=one.dated_on,
        valid_until=(last.valid_until if last else None) or one.valid_until,
        is_mine=one.given_by is GivenBy.SUPPLIER,
        given_at=one.given_at,
        questions=_questions(session, one.version_id, (row.question_id for row in one.questions)),
        state=last.verdict.value if last else WAITING,
        reason=last.reason if last and last.verdict is Verdict.REFUSED else "",
        judged_at=last.judged_at if last else None,
    )


def _confirmation(session: Session, one: Confirmation) -> OwnConfirmation:
    kind = certificates().find(one.certificate) if one.certificate else None
    return OwnConfirmation(
        name=kind.name if kind else None,
        reference=one.reference,
        starts_on=one.starts_on,
        ends_on=one.ends_on,
        questions=_questions(session, one.version_id, (row.question_id for row in one.questions)),
    )


def _questions(session: Session, version_id: int, ids: Iterable[int]) -> tuple[QuestionContent, ...]:
    published = questionnaires.published(session, version_id)
    return tuple(sorted((published.question(one) for one in ids), key=lambda one: one.position))
