"""How far each answer of a submission is assured: the supplier's word, evidence accepted, or confirmed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeAlias
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import ColumnElement, ScalarSelect, func, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from assessments.constants import Constants
from assessments.models import (
    Confirmation,
    ConfirmationQuestion,
    ConfirmationWithdrawal,
    Evidence,
    EvidenceJudgement,
    EvidenceQuestion,
    Organisation,
    Question,
    Submission,
    Verdict,
)
from assessments.questionnaire_content import Content, meaning_hash
from scoring.scale import AnswerCode, Assurance, Codes

USUAL_ZONE = "Asia/Tokyo"
# More suppliers than this are not named in a statement; what stands behind answers is read whole.
FEW = 500


@dataclass(frozen=True, slots=True)
class Submitted:
    """Whose answers are scored, and on which day of the buyer's they were submitted."""

    supplier_id: int
    on: date


@dataclass(frozen=True, slots=True)
class Piece:
    """What assures one question of the content for submissions from one day to another, both included."""

    supplier_id: int
    column: int
    assurance: Assurance
    first: date
    last: date


def zone(session: Session) -> ZoneInfo:
    """Give the zone of the buyer's days."""
    found = session.scalar(select(Organisation.time_zone).order_by(Organisation.id).limit(1))
    return ZoneInfo(found or USUAL_ZONE)


def day(session: Session, moment: datetime) -> date:
    """Give the buyer's day of a moment."""
    return moment.astimezone(zone(session)).date()


def on_days(supplier_ids: Iterable[int], seconds: Iterable[int], buyers: ZoneInfo) -> list[Submitted]:
    """Give whose answers were submitted on which day of the buyer's, from seconds since 1970."""
    return [
        Submitted(supplier_id, datetime.fromtimestamp(moment, buyers).date())
        for supplier_id, moment in zip(supplier_ids, seconds, strict=True)
    ]


def attested(codes: Codes) -> Codes:
    """Give the assurance of answers that rest on the supplier's word alone."""
    return np.where(codes == AnswerCode.NOT_ASKED, Assurance.NONE, Assurance.ATTESTED).astype(np.int8)


def evidence_days(content: Content, chosen: Constants) -> int:
    """Give how many days before a submission evidence may be dated, by the buyer's constants."""
    return int(chosen.applied(content.model)["evidence_days"])


def of_submissions(
    session: Session, content: Content, submissions: Sequence[Submission], codes: Codes, *, days: int
) -> Codes:
    """Give the assurance (A×Q) of submissions with these answers, as `scoring` wants it.

    `days` are those of `evidence_days`.
    """
    buyers = zone(session)
    submitted = [
        Submitted(one.supplier_id, one.submitted_at.astimezone(buyers).date()) for one in submissions
    ]
    suppliers = {one.supplier_id for one in submitted}
    return assured(codes, submitted, pieces(session, content, suppliers, days=days))


def assured(codes: Codes, submitted: Sequence[Submitted], standing: Iterable[Piece]) -> Codes:
    """Give the assurance (A×Q) of answers (A×Q), a submission a row, from what stands behind them.

    Proof counts where the answer is implemented, and nowhere else (scoring.md §2).
    """
    proof = attested(codes)
    rows: dict[int, list[int]] = {}
    for row, one in enumerate(submitted):
        rows.setdefault(one.supplier_id, []).append(row)
    for piece in standing:
        for row in rows.get(piece.supplier_id, ()):
            is_done = codes[row, piece.column] == AnswerCode.IMPLEMENTED
            if is_done and piece.first <= submitted[row].on <= piece.last:
                proof[row, piece.column] = max(proof[row, piece.column], piece.assurance)
    return proof


def pieces(session: Session, content: Content, supplier_ids: Iterable[int], *, days: int) -> list[Piece]:
    """Give what stands behind answers to the content's questions for these suppliers.

    Evidence counts for submissions up to `days` after its date. What was given for another version counts
    where the question still means the same.
    """
    wanted = set(supplier_ids)
    columns = _columns(content)
    found = [*_evidenced(session, wanted, days), *_confirmed(session, wanted)]
    return [
        Piece(supplier_id, columns[meaning], assurance, first, last)
        for supplier_id, meaning, assurance, first, last in found
        if supplier_id in wanted and meaning in columns
    ]


Meaning: TypeAlias = tuple[str, str]
Found: TypeAlias = tuple[int, Meaning, Assurance, date, date]
_kept: dict[str, Mapping[Meaning, int]] = {}


def _columns(content: Content) -> Mapping[Meaning, int]:
    """The place of each scored question by key and meaning."""
    found = _kept.get(content.content_checksum)
    if found is None:
        found = {(one.key, meaning_hash(one)): place for place, one in enumerate(content.scored)}
        _kept[content.content_checksum] = found
    return found


def _evidenced(session: Session, wanted: set[int], days: int) -> list[Found]:
    """Accepted evidence counts from the submission it backs until it is too old or no longer valid.

    A reference is dated on the day of its judgement at the latest, and valid on that day; both are seen to
    when it is accepted.
    """
    query = (
        select(
            Evidence.supplier_id,
            Question.key,
            Question.meaning_hash,
            Submission.submitted_at,
            Evidence.dated_on,
            EvidenceJudgement.valid_until,
        )
        .join(Submission, Submission.id == Evidence.submission_id)
        .join(EvidenceJudgement, EvidenceJudgement.evidence_id == Evidence.id)
        .join(EvidenceQuestion, EvidenceQuestion.evidence_id == Evidence.id)
        .join(Question, Question.id == EvidenceQuestion.question_id)
        .where(
            EvidenceJudgement.number == _newest_judgement(),
            EvidenceJudgement.verdict == Verdict.ACCEPTED,
            _is_wanted(Evidence.supplier_id, wanted),
        )
    )
    days_of = zone(session)
    return [
        (
            supplier_id,
            (key, meaning),
            Assurance.EVIDENCED,
            submitted_at.astimezone(days_of).date(),
            min(dated_on + timedelta(days=days), valid_until or date.max),
        )
        for supplier_id, key, meaning, submitted_at, dated_on, valid_until in session.execute(query)
    ]


def _newest_judgement() -> ScalarSelect[int]:
    newest = select(func.max(EvidenceJudgement.number)).where(EvidenceJudgement.evidence_id == Evidence.id)
    return newest.correlate(Evidence).scalar_subquery()


def _confirmed(session: Session, wanted: set[int]) -> list[Found]:
    query = (
        select(
            Confirmation.supplier_id,
            Question.key,
            Question.meaning_hash,
            Confirmation.starts_on,
            Confirmation.ends_on,
        )
        .join(ConfirmationQuestion, ConfirmationQuestion.confirmation_id == Confirmation.id)
        .join(Question, Question.id == ConfirmationQuestion.question_id)
        .outerjoin(ConfirmationWithdrawal, ConfirmationWithdrawal.confirmation_id == Confirmation.id)
        .where(ConfirmationWithdrawal.id.is_(None), _is_wanted(Confirmation.supplier_id, wanted))
    )
    return [
        (supplier_id, (key, meaning), Assurance.VERIFIED, starts_on, ends_on)
        for supplier_id, key, meaning, starts_on, ends_on in session.execute(query)
    ]


def _is_wanted(column: InstrumentedAttribute[int], wanted: set[int]) -> ColumnElement[bool]:
    """Narrow to these suppliers where they are few; who is not wanted is left out afterwards."""
    return column.in_(wanted) if len(wanted) <= FEW else true()
