"""References behind answers: given by the supplier or noted by a reader; judging them scores again."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, select
from sqlalchemy.orm import Session, selectinload

from assessments import audit, constants, proof, proving, questionnaires, reading
from assessments.models import (
    Assessment,
    Evidence,
    EvidenceJudgement,
    EvidenceQuestion,
    GivenBy,
    Submission,
    User,
    Verdict,
)
from assessments.questionnaire_content import QuestionContent

LONGEST_TITLE, LONGEST_TEXT = 100, 1_000
MOST = 100
IMPLEMENTED = "implemented"


class NothingSubmitted(Exception):
    """Evidence stands behind a submission; there is none yet."""


class BesideTheAnswers(Exception):
    """A reference backs no question, or one that was not answered 実施している."""


class DatedInTheFuture(Exception):
    """A document cannot be dated later than today."""


class NotValidAnyMore(Exception):
    """Its validity ends before its own date, or before the day it is accepted."""


class TooOld(Exception):
    """It is dated longer before the submission than evidence may be. Its argument is the earliest date."""


class TooManyReferences(Exception):
    """More references for one assessment than anybody could read."""


class ReasonWanted(Exception):
    """The supplier must be told why a reference could not be accepted."""


class AlreadyJudged(Exception):
    """Somebody has judged this reference, or the supplier took it back, since the page was opened."""


@dataclass(frozen=True, slots=True)
class Document:
    """What a reference says: what it is, where it can be seen, its date and the end of its validity."""

    title: str
    whereabouts: str
    note: str
    dated_on: date
    valid_until: date | None


def give(
    session: Session,
    assessment: Assessment,
    document: Document,
    *,
    keys: Iterable[str],
    now: datetime,
    by: User,
) -> Evidence:
    """Add a reference of the supplier's own to its newest submission; voluntary, and nothing is scored yet.

    `keys` are questions answered 実施している in it. Raises NothingSubmitted, BesideTheAnswers,
    DatedInTheFuture, NotValidAnyMore, TooManyReferences.
    """
    made = _reference(session, assessment, document, GivenBy.SUPPLIER, keys=keys, now=now, by=by)
    audit.note(session, made, "evidence.given", now=now, by=by, questions=len(made.questions))
    return made


def note_down(
    session: Session,
    assessment: Assessment,
    document: Document,
    *,
    keys: Iterable[str],
    now: datetime,
    by: User,
) -> Evidence:
    """Note what a reader of the buyer was shown (by mail, on a visit); judging it is an act of its own.

    Raises what `give` raises.
    """
    made = _reference(session, assessment, document, GivenBy.BUYER, keys=keys, now=now, by=by)
    audit.note(session, made, "evidence.noted", now=now, by=by, questions=len(made.questions))
    return made


def accept(
    session: Session, evidence: Evidence, *, seen: int, valid_until: date | None, now: datetime, by: User
) -> EvidenceJudgement:
    """Decide that a reference shows what was answered, and score again where that changes something.

    `seen` is how many judgements the reader had before them; `valid_until` narrows the document's own limit.
    Raises AlreadyJudged, TooOld, NotValidAnyMore.
    """
    proving.hold(session, evidence.supplier_id)
    today = proof.day(session, now)
    limits = [limit for limit in (evidence.valid_until, valid_until) if limit]
    limit = min(limits, default=None)
    if limit is not None and limit < today:
        raise NotValidAnyMore
    earliest = earliest_date(session, _submission(session, evidence))
    if evidence.dated_on < earliest:
        raise TooOld(earliest)
    made = _judge(session, evidence, Verdict.ACCEPTED, seen=seen, valid_until=limit, now=now, by=by)
    proving.renew(session, evidence.supplier_id, now=now)
    audit.note(session, evidence, "evidence.accepted", now=now, by=by, questions=len(evidence.questions))
    return made


def refuse(
    session: Session, evidence: Evidence, *, seen: int, reason: str, now: datetime, by: User
) -> EvidenceJudgement:
    """Decide that a reference does not show it yet; the supplier reads the reason. Scores again.

    Raises ReasonWanted, AlreadyJudged.
    """
    if not reason.strip():
        raise ReasonWanted
    proving.hold(session, evidence.supplier_id)
    made = _judge(session, evidence, Verdict.REFUSED, seen=seen, reason=reason.strip(), now=now, by=by)
    proving.renew(session, evidence.supplier_id, now=now)
    audit.note(session, evidence, "evidence.refused", now=now, by=by, questions=len(evidence.questions))
    return made


def take_back(session: Session, evidence: Evidence, *, now: datetime, by: User) -> EvidenceJudgement:
    """Take back a reference of the supplier's own that nobody judged. Raises AlreadyJudged."""
    proving.hold(session, evidence.supplier_id)
    made = _judge(session, evidence, Verdict.WITHDRAWN, seen=0, now=now, by=by)
    audit.note(session, evidence, "evidence.taken_back", now=now, by=by, questions=len(evidence.questions))
    return made


def judgement(evidence: Evidence) -> EvidenceJudgement | None:
    """Give the judgement that holds, or None while the reference waits for one."""
    return evidence.judgements[-1] if evidence.judgements else None


def references(session: Session, assessment: Assessment) -> list[Evidence]:
    """Give the references of an assessment with their questions and judgements, the newest first."""
    mine = select(Evidence).where(
        Evidence.assessment_id == assessment.id, Evidence.supplier_id == assessment.supplier_id
    )
    loaded = (selectinload(Evidence.questions), selectinload(Evidence.judgements))
    return list(session.scalars(mine.options(*loaded).order_by(Evidence.id.desc())))


def is_waiting() -> ColumnElement[bool]:
    """Give the condition on Evidence that holds for what nobody has judged."""
    return ~exists().where(EvidenceJudgement.evidence_id == Evidence.id)


def provable(session: Session, assessment: Assessment) -> list[QuestionContent]:
    """Give the questions answered 実施している in the newest submission. Raises NothingSubmitted."""
    said = reading.said_in(_newest(session, assessment))
    content = questionnaires.published(session, assessment.version_id).content
    return [one for one in content.scored if said.get(one.key, {}).get("code") == IMPLEMENTED]


def earliest_date(session: Session, submission: Submission) -> date:
    """Give the earliest date that evidence for a submission may carry, by the constants that hold now."""
    version_id = session.scalars(
        select(Assessment.version_id).where(
            and_(Assessment.id == submission.assessment_id, Assessment.supplier_id == submission.supplier_id)
        )
    ).one()
    content = questionnaires.published(session, version_id).content
    days = proof.evidence_days(content, constants.current(session))
    return proof.day(session, submission.submitted_at) - timedelta(days=days)


def _reference(
    session: Session,
    assessment: Assessment,
    document: Document,
    given_by: GivenBy,
    *,
    keys: Iterable[str],
    now: datetime,
    by: User,
) -> Evidence:
    submission = _newest(session, assessment)
    wanted = set(keys)
    if not wanted or not wanted <= {one.key for one in provable(session, assessment)}:
        raise BesideTheAnswers
    _check(document, today=proof.day(session, now))
    if len(references(session, assessment)) >= MOST:
        raise TooManyReferences
    ids = questionnaires.published(session, assessment.version_id).ids
    made = Evidence(
        supplier_id=assessment.supplier_id,
        submission_id=submission.id,
        assessment_id=assessment.id,
        version_id=assessment.version_id,
        **asdict(document),
        given_by=given_by,
        given_by_id=by.id,
        given_at=now,
    )
    made.questions = [EvidenceQuestion(question_id=ids[key]) for key in sorted(wanted, key=ids.__getitem__)]
    session.add(made)
    session.flush()
    return made


def _check(document: Document, *, today: date) -> None:
    if document.dated_on > today:
        raise DatedInTheFuture
    if document.valid_until is not None and document.valid_until < document.dated_on:
        raise NotValidAnyMore


def _judge(
    session: Session,
    evidence: Evidence,
    verdict: Verdict,
    *,
    seen: int,
    reason: str = "",
    valid_until: date | None = None,
    now: datetime,
    by: User,
) -> EvidenceJudgement:
    session.refresh(evidence, ["judgements"])
    last = judgement(evidence)
    if len(evidence.judgements) != seen or (last and last.verdict is Verdict.WITHDRAWN):
        raise AlreadyJudged
    made = EvidenceJudgement(
        evidence_id=evidence.id,
        supplier_id=evidence.supplier_id,
        number=seen + 1,
        verdict=verdict,
        reason=reason,
        valid_until=valid_until,
        judged_on=proof.day(session, now),
        judged_by_id=by.id,
        judged_at=now,
    )
    session.add(made)
    session.flush()
    session.refresh(evidence, ["judgements"])
    return made


def _newest(session: Session, assessment: Assessment) -> Submission:
    found = session.scalar(
        select(Submission)
        .where(Submission.assessment_id == assessment.id, Submission.supplier_id == assessment.supplier_id)
        .order_by(Submission.number.desc())
        .limit(1)
    )
    if found is None:
        raise NothingSubmitted
    return found


def _submission(session: Session, evidence: Evidence) -> Submission:
    return session.scalars(
        select(Submission).where(
            Submission.id == evidence.submission_id, Submission.supplier_id == evidence.supplier_id
        )
    ).one()
