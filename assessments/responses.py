"""Answering and submitting: each answer with its revisions, then the whole as one immutable submission."""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, bindparam, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from assessments import audit, outbox, questionnaires, reminding, results
from assessments.answers import Given, checked
from assessments.models import (
    Answer,
    AnswerRevision,
    Assessment,
    AssessmentState,
    Campaign,
    CampaignState,
    Invitation,
    Lane,
    Submission,
    User,
)
from assessments.questionnaire_content import Content, QuestionContent, canonical

FORMAT = 1
RECEIPT_KIND = "submitted_receipt"
EDITABLE = (AssessmentState.NOT_STARTED, AssessmentState.IN_PROGRESS, AssessmentState.RETURNED)
SUBMITTED = (AssessmentState.SUBMITTED, AssessmentState.ACCEPTED)
_answers, _revisions = cast(Table, Answer.__table__), cast(Table, AnswerRevision.__table__)
_assessments, _campaigns = cast(Table, Assessment.__table__), cast(Table, Campaign.__table__)

# A save is what people wait for all day: its statements are built once.
_TOUCH = (
    update(_assessments)
    .where(
        _assessments.c.id == bindparam("of"),
        _assessments.c.state.in_(EDITABLE),
        _assessments.c.campaign_id.in_(
            select(_campaigns.c.id).where(_campaigns.c.state == CampaignState.OPEN)
        ),
    )
    .values(last_activity_at=bindparam("now"))
    .returning(_assessments.c.id)
)
_START = _TOUCH.values(state=AssessmentState.IN_PROGRESS, started_at=bindparam("now"))
_CHANGED = ("code", "reason", "supports", "comment", "value", "revision", "answered_at", "answered_by_id")
_CHANGE = (
    update(_answers)
    .where(
        _answers.c.assessment_id == bindparam("of"),
        _answers.c.question_id == bindparam("asked"),
        _answers.c.revision == bindparam("seen"),
    )
    .values({name: bindparam(f"new_{name}", type_=_answers.c[name].type) for name in _CHANGED})
    .returning(_answers.c.revision)
)
_ADD: Mapping[str, Any] = {
    "sqlite": sqlite.insert(_answers).on_conflict_do_nothing().returning(_answers.c.revision),
    "postgresql": postgresql.insert(_answers).on_conflict_do_nothing().returning(_answers.c.revision),
}
_REVISE = insert(_revisions)
_COUNT = select(func.count()).where(
    _answers.c.assessment_id == bindparam("of"),
    _answers.c.question_id.in_(bindparam("asked", expanding=True)),
    _answers.c.code.is_not(None) | _answers.c.value.is_not(None),
)


class NotAsked(Exception):
    """The question is not among those this supplier is asked."""


class NoticeFirst(Exception):
    """The promises of the first screen have not been read yet."""


class AlreadySubmitted(Exception):
    """What was submitted is not edited; the buyer may ask for another look."""


class NoLongerOpen(Exception):
    """The campaign is closed, or this part of it was withdrawn."""


class HasDeclined(Exception):
    """The supplier has said that it does not answer this time; it may take that back first."""


class Changed(Exception):
    """Somebody else changed the answer in between; `standing` is what stands now."""

    def __init__(self, standing: Answer) -> None:
        """Keep what stands."""
        super().__init__(standing.question_id)
        self.standing = standing


class Incomplete(Exception):
    """Questions are still without an answer; `keys` names them in order."""

    def __init__(self, keys: tuple[str, ...]) -> None:
        """Keep which."""
        super().__init__(len(keys))
        self.keys = keys


def see_notice(session: Session, assessment: Assessment, *, version: str, now: datetime) -> None:
    """Note that the promises of this version were read."""
    assessment.notice_version = version
    assessment.notice_seen_at = now
    session.flush()


def answer(
    session: Session,
    assessment: Assessment,
    key: str,
    given: Given,
    *,
    expected: int,
    now: datetime,
    by: int,
) -> int:
    """Keep one answer and give its new version; the same again changes nothing.

    `expected` is the version the person saw, 0 for none; `by` is the user's id. Raises NotAsked, NoticeFirst,
    AlreadySubmitted, HasDeclined, NoLongerOpen, Refused, Changed.
    """
    published = questionnaires.published(session, assessment.version_id)
    question = _asked(published.content, assessment, key)
    said = checked(published.content, question, given)
    standing = session.get(Answer, (assessment.id, published.ids[key]))
    version = standing.revision if standing else 0
    if said == (given_of(standing) if standing else Given()):
        return version
    if standing and version != expected:
        raise Changed(standing)
    _touch(session, assessment, now=now)
    _write(session, assessment, published.ids[key], said, revision=version + 1, now=now, by=by)
    return version + 1


def answers_of(session: Session, assessment: Assessment) -> dict[str, Answer]:
    """Give the answers of an assessment by question key."""
    published = questionnaires.published(session, assessment.version_id)
    found = session.scalars(select(Answer).where(Answer.assessment_id == assessment.id))
    return {published.keys[row.question_id]: row for row in found}


def count_answered(session: Session, assessment: Assessment, question_ids: Collection[int]) -> int:
    """Count those of these questions that have an answer."""
    return session.scalar(_COUNT, {"of": assessment.id, "asked": list(question_ids)}) or 0


def given_of(row: Answer) -> Given:
    """Give what an answer says."""
    return Given(row.code, row.reason, tuple(row.supports), row.comment, row.value)


def missing(content: Content, axes: list[str], given: Mapping[str, Given]) -> tuple[QuestionContent, ...]:
    """Give the questions asked that still want an answer, in order."""
    return tuple(
        question
        for section in content.asked(axes)
        for question in section.questions
        if question.required and not given.get(question.key, Given()).is_answer
    )


def submit(session: Session, assessment: Assessment, *, now: datetime, by: User) -> Submission:
    """Submit all answers as one immutable record, score it, and queue the receipt.

    Raises AlreadySubmitted, HasDeclined, NoLongerOpen, Incomplete.
    """
    _hold(session, assessment)
    published = questionnaires.published(session, assessment.version_id)
    given = {key: given_of(row) for key, row in answers_of(session, assessment).items()}
    wanting = missing(published.content, assessment.axes, given)
    if wanting:
        raise Incomplete(tuple(question.key for question in wanting))
    text = submission_content(published.content, assessment.axes, given)
    submission = Submission(
        assessment_id=assessment.id,
        supplier_id=assessment.supplier_id,
        number=_next_number(session, assessment),
        submitted_at=now,
        submitted_by_id=by.id,
        content=text,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        industry=assessment.supplier.industry,
        employees=assessment.supplier.employees,
    )
    session.add(submission)
    assessment.state, assessment.submitted_at = AssessmentState.SUBMITTED, now
    assessment.started_at, assessment.last_activity_at = assessment.started_at or now, now
    session.flush()
    reminding.stop(session, assessment)
    results.score(session, submission, now=now)
    _tell(session, assessment, submission, now=now, by=by)
    return submission


def submission_content(content: Content, axes: Iterable[str], given: Mapping[str, Given]) -> str:
    """Give the canonical JSON of a submission: what was asked and said, reasons and comments included."""
    asked = content.asked(list(axes))
    questions = [question for section in asked for question in section.questions]
    said = [(question, given[question.key]) for question in questions if question.key in given]
    return canonical(
        {
            "format": FORMAT,
            "questionnaire": content.name,
            "version": content.version,
            "content_checksum": content.content_checksum,
            "axes": [axis.key for axis in content.axes if axis.key in set(axes)],
            "profile": {
                question.key: one.value
                for question, one in said
                if not question.is_scored and one.value is not None
            },
            "answers": {question.key: _scored_part(one) for question, one in said if question.is_scored},
        }
    )


def _scored_part(one: Given) -> dict[str, Any]:
    return {
        "code": one.code,
        "reason": one.reason,
        "supports": list(one.supports),
        "comment": one.comment,
    }


def _asked(content: Content, assessment: Assessment, key: str) -> QuestionContent:
    question = content.by_key.get(key)
    if question is None or (question.is_scored and question.axis not in assessment.axes):
        raise NotAsked(key)
    return question


def _touch(session: Session, assessment: Assessment, *, now: datetime) -> None:
    """Hold the assessment for this change: nobody submits or closes it meanwhile."""
    if assessment.notice_seen_at is None:
        raise NoticeFirst
    is_first = assessment.state is AssessmentState.NOT_STARTED
    touched = session.execute(_START if is_first else _TOUCH, {"of": assessment.id, "now": now}).first()
    session.expire(assessment, ["state", "started_at", "last_activity_at"])
    if touched is None:
        raise _refusal(assessment)


def _write(
    session: Session,
    assessment: Assessment,
    question_id: int,
    said: Given,
    *,
    revision: int,
    now: datetime,
    by: int,
) -> None:
    by_whom = {"answered_at": now, "answered_by_id": by}
    values = {**said.as_map(), "revision": revision, **by_whom}
    named = {"assessment_id": assessment.id, "question_id": question_id}
    owned = {**named, "supplier_id": assessment.supplier_id}
    if revision == 1:
        statement = _ADD[session.get_bind().dialect.name]
        row = {**owned, "version_id": assessment.version_id, **values}
    else:
        statement = _CHANGE
        row = {"of": assessment.id, "asked": question_id, "seen": revision - 1}
        row |= {f"new_{name}": value for name, value in values.items()}
    if session.execute(statement, row).first() is None:
        raise Changed(session.get_one(Answer, (assessment.id, question_id), populate_existing=True))
    if standing := session.identity_map.get(session.identity_key(Answer, (assessment.id, question_id))):
        session.expire(standing)
    session.execute(_REVISE, {**owned, "revision": revision, "content": canonical(said.as_map()), **by_whom})


def _refusal(assessment: Assessment) -> Exception:
    if assessment.state in SUBMITTED:
        return AlreadySubmitted()
    is_open = assessment.campaign.state is CampaignState.OPEN
    return HasDeclined() if assessment.state is AssessmentState.DECLINED and is_open else NoLongerOpen()


def _hold(session: Session, assessment: Assessment) -> None:
    session.refresh(assessment, with_for_update=True)
    if assessment.state not in EDITABLE or assessment.campaign.state is not CampaignState.OPEN:
        raise _refusal(assessment)
    if assessment.notice_seen_at is None:
        raise NoticeFirst


def _next_number(session: Session, assessment: Assessment) -> int:
    highest = select(func.max(Submission.number)).where(Submission.assessment_id == assessment.id)
    return (session.scalar(highest) or 0) + 1


def _tell(
    session: Session, assessment: Assessment, submission: Submission, *, now: datetime, by: User
) -> None:
    outbox.queue(
        session,
        kind=RECEIPT_KIND,
        send_key=f"{RECEIPT_KIND}:{submission.public_id}",
        lane=Lane.NOTICE,
        to_email=by.email,
        language=by.language,
        now=now,
        invitation_id=_invitation_of(session, assessment, by.email),
        user_id=by.id,
        campaign_id=assessment.campaign_id,
        facts={"submission_id": submission.id, "number": submission.number},
    )
    what = {"number": submission.number, "sha256": submission.sha256}
    audit.note(session, assessment, "assessment.submitted", now=now, by=by, **what)


def _invitation_of(session: Session, assessment: Assessment, email: str) -> int | None:
    newest = select(func.max(Invitation.id)).where(
        Invitation.assessment_id == assessment.id,
        Invitation.email == email,
        Invitation.revoked_at.is_(None),
    )
    return session.scalar(newest)
