"""Scores again what proof changes: a new judgement of the newest submissions, where it makes a difference."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessments import constants, proof, questionnaires, results
from assessments.models import Assessment, AssessmentResult, Submission, Supplier
from assessments.proof import Piece, Submitted
from assessments.questionnaire_content import QuestionContent
from scoring import maturity
from scoring.scale import Assurance, Codes, unpack_assurance


@dataclass(frozen=True, slots=True)
class Preview:
    """What a confirmation would do to a result: the questions it lifts, and axis levels now and then."""

    questions: tuple[QuestionContent, ...]
    levels: Mapping[str, tuple[int | None, int | None]]


def hold(session: Session, supplier_id: int) -> None:
    """Hold a supplier's assessments: nobody submits, judges or confirms for it meanwhile."""
    theirs = select(Assessment.id).where(Assessment.supplier_id == supplier_id).order_by(Assessment.id)
    session.scalars(theirs.with_for_update()).all()


def renew(session: Session, supplier_id: int, *, now: datetime) -> list[AssessmentResult]:
    """Score a supplier's current submissions again where what stands behind them has changed.

    Each gives a new judgement that becomes the current one; the old stays. Call `hold` first.
    """
    found = session.execute(
        select(Submission, AssessmentResult)
        .join(AssessmentResult, AssessmentResult.submission_id == Submission.id)
        .join(Assessment, Assessment.current_result_id == AssessmentResult.id)
        .where(Assessment.supplier_id == supplier_id)
        .order_by(Submission.id)
    ).all()
    changed = [
        submission for submission, result in found if _is_proven_otherwise(session, submission, result)
    ]
    return results.score_all(session, changed, now=now) if changed else []


def preview(
    session: Session,
    of: Supplier,
    result: AssessmentResult,
    keys: Iterable[str],
    *,
    starts_on: date,
    ends_on: date,
) -> Preview:
    """Give what a confirmation of these questions between these days would do to a result."""
    content = questionnaires.published(session, result.version_id).content
    wanted, codes = set(keys), results.codes_of(result)
    added = [
        Piece(of.id, column, Assurance.VERIFIED, starts_on, ends_on)
        for column, question in enumerate(content.scored)
        if question.key in wanted
    ]
    submitted = Submitted(of.id, proof.day(session, result.submitted_at))
    days = proof.evidence_days(content, constants.of(session, result.constants_checksum))
    standing = proof.pieces(session, content, [of.id], days=days)
    then = proof.assured(codes[None], [submitted], [*standing, *added])[0]
    now = _packed(result)
    lifted = [
        question
        for question, before, after in zip(content.scored, now, then, strict=True)
        if after == Assurance.VERIFIED and before != after
    ]
    rubric = results.rubric_behind(content, result)
    was, becomes = (
        maturity.summary(maturity.score(rubric, [codes], [assurance])) for assurance in (now, then)
    )
    return Preview(
        questions=tuple(lifted),
        levels={
            axis.key: (was.sets[axis.key].level, becomes.sets[axis.key].level)
            for axis in content.axes
            if was.sets[axis.key].asked
        },
    )


def _is_proven_otherwise(session: Session, submission: Submission, result: AssessmentResult) -> bool:
    """Whether its proof differs; where evidence counts longer or shorter by now, it is all looked at anew."""
    content = questionnaires.published(session, result.version_id).content
    codes = results.codes_of(result)
    days = proof.evidence_days(content, constants.current(session))
    if days != proof.evidence_days(content, constants.of(session, result.constants_checksum)):
        return True
    assurance = proof.of_submissions(session, content, [submission], codes[None], days=days)[0]
    return bool(assurance.tobytes() != result.assurance)


def _packed(result: AssessmentResult) -> Codes:
    assurance: Codes = unpack_assurance([result.assurance], questions=len(result.assurance))[0]
    return assurance
