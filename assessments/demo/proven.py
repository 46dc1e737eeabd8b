"""The demo's proof: a handful of firms with evidence, a certificate or a visit behind their answers."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessments import confirmations, evidence, proof
from assessments.confirmations import Scope
from assessments.content_files import read_yaml
from assessments.evidence import Document
from assessments.models import (
    Assessment,
    AssessmentResult,
    AssessmentState,
    Campaign,
    CampaignState,
    Evidence,
    Submission,
    Supplier,
    User,
)
from assessments.proof_content import certificates
from assessments.questionnaires import Published

AGO = timedelta(days=2)
A_YEAR = timedelta(days=365)
READ = (AssessmentState.ACCEPTED, AssessmentState.SUBMITTED)


@cache
def rules() -> Mapping[str, Any]:
    """Read how many firms have proof, and the words of it."""
    found: Mapping[str, Any] = read_yaml("demo/proof.yaml")
    return found


def prove(session: Session, published: Published, reviewer: User, *, now: datetime) -> None:
    """Put proof behind answers of some firms that came to level 3 by their word, as the pages do."""
    found, at, start = _at_level_3(session, published, now=now), now - AGO, 0
    for kind, act in (
        ("verified", _confirm),
        ("evidenced", _accept),
        ("refused", _refuse),
        ("waiting", _give),
    ):
        chosen = found[start : start + rules()[kind]]
        start += len(chosen)
        for number, (assessment, submission) in enumerate(chosen):
            act(session, published, assessment, submission, reviewer, number=number, at=at)


def _at_level_3(
    session: Session, published: Published, *, now: datetime
) -> Sequence[tuple[Assessment, Submission]]:
    axis = published.content.axes[0].key
    query = (
        select(Assessment, Submission, AssessmentResult)
        .join(AssessmentResult, AssessmentResult.id == Assessment.current_result_id)
        .join(Submission, Submission.id == AssessmentResult.submission_id)
        .join(Campaign, Campaign.id == Assessment.campaign_id)
        .where(
            Campaign.state == CampaignState.OPEN,
            Assessment.state.in_(READ),
            Submission.submitted_at < now - AGO - timedelta(days=1),
        )
        .order_by(Assessment.id)
    )
    return [
        (assessment, submission)
        for assessment, submission, result in session.execute(query)
        if result.levels[axis] == 3  # noqa: PLR2004  the level a word alone can reach
    ]


def _give(
    session: Session,
    published: Published,
    assessment: Assessment,
    submission: Submission,
    _reviewer: User,
    *,
    number: int,
    at: datetime,
) -> Evidence:
    """The supplier says where its essential answers of the first axis can be seen."""
    axis = published.content.axes[0].key
    essential = [one.key for one in published.content.scored if one.essential and one.axis == axis]
    document = Document(
        title=rules()["title"],
        whereabouts=rules()["whereabouts"],
        note="",
        dated_on=proof.day(session, submission.submitted_at) - timedelta(days=10 + 25 * number),
        valid_until=None,
    )
    by = session.get_one(User, submission.submitted_by_id)
    return evidence.give(session, assessment, document, keys=essential, now=at, by=by)


def _accept(
    session: Session,
    published: Published,
    assessment: Assessment,
    submission: Submission,
    reviewer: User,
    *,
    number: int,
    at: datetime,
) -> None:
    made = _give(session, published, assessment, submission, reviewer, number=number, at=at)
    evidence.accept(session, made, seen=0, valid_until=None, now=at, by=reviewer)


def _refuse(
    session: Session,
    published: Published,
    assessment: Assessment,
    submission: Submission,
    reviewer: User,
    *,
    number: int,
    at: datetime,
) -> None:
    made = _give(session, published, assessment, submission, reviewer, number=number, at=at)
    evidence.refuse(session, made, seen=0, reason=rules()["refusal"], now=at, by=reviewer)


def _confirm(
    session: Session,
    published: Published,
    assessment: Assessment,
    submission: Submission,
    reviewer: User,
    *,
    number: int,
    at: datetime,
) -> None:
    """By a certificate and by a visit in turn."""
    supplier, by_key = session.get_one(Supplier, assessment.supplier_id), rules()["certificate"]
    kind = certificates().find(by_key)
    covered = frozenset(kind.covers) if kind else frozenset()
    day = proof.day(session, submission.submitted_at)
    words = rules()["visit_reference" if number % 2 else "certificate_reference"]
    scope = Scope(published.version_id, covered, day - A_YEAR, day + A_YEAR, words)
    if number % 2:
        confirmations.record_visit(session, supplier, scope, now=at, by=reviewer)
    else:
        confirmations.record_certificate(session, supplier, scope, certificate=by_key, now=at, by=reviewer)
