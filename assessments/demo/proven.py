"""The demo's proof: a handful of firms with evidence, a certificate or a visit behind their answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Firm:
    """One firm whose answers get proof: who reads it, its number among its kind, and when it happens."""

    published: Published
    assessment: Assessment
    submission: Submission
    reviewer: User
    number: int
    at: datetime


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
            act(session, Firm(published, assessment, submission, reviewer, number, at))


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


def _give(session: Session, firm: Firm) -> Evidence:
    """The supplier says where its essential answers of the first axis can be seen."""
    content = firm.published.content
    axis = content.axes[0].key
    essential = [one.key for one in content.scored if one.essential and one.axis == axis]
    document = Document(
        title=rules()["title"],
        whereabouts=rules()["whereabouts"],
        note="",
        dated_on=proof.day(session, firm.submission.submitted_at) - timedelta(days=10 + 25 * firm.number),
        valid_until=None,
    )
    by = session.get_one(User, firm.submission.submitted_by_id)
    return evidence.give(session, firm.assessment, document, keys=essential, now=firm.at, by=by)


def _accept(session: Session, firm: Firm) -> None:
    made = _give(session, firm)
    evidence.accept(session, made, seen=0, valid_until=None, now=firm.at, by=firm.reviewer)


def _refuse(session: Session, firm: Firm) -> None:
    made = _give(session, firm)
    evidence.refuse(session, made, seen=0, reason=rules()["refusal"], now=firm.at, by=firm.reviewer)


def _confirm(session: Session, firm: Firm) -> None:
    """By a certificate and by a visit in turn."""
    supplier, by_key = session.get_one(Supplier, firm.assessment.supplier_id), rules()["certificate"]
    kind = certificates().find(by_key)
    covered = frozenset(kind.covers) if kind else frozenset()
    day, is_visit = proof.day(session, firm.submission.submitted_at), firm.number % 2 == 1
    words = rules()["visit_reference" if is_visit else "certificate_reference"]
    scope = Scope(firm.published.version_id, covered, day - A_YEAR, day + A_YEAR, words)
    if is_visit:
        confirmations.record_visit(session, supplier, scope, now=firm.at, by=firm.reviewer)
    else:
        confirmations.record_certificate(
            session, supplier, scope, certificate=by_key, now=firm.at, by=firm.reviewer
        )
