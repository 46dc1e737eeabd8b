"""Answers are kept with every revision; a submission is complete, immutable and scored at once."""

import hashlib
import json
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from assessments import results
from assessments.answers import Fault, Given, Refused
from assessments.models import (
    Answer,
    AnswerRevision,
    Assessment,
    AssessmentResult,
    AssessmentState,
    AuditEvent,
    CampaignState,
    Message,
    RecordIsFixed,
    Submission,
)
from assessments.questionnaire_content import QuestionContent
from assessments.responses import (
    AlreadySubmitted,
    Changed,
    Incomplete,
    NoLongerOpen,
    NotAsked,
    NoticeFirst,
    answer,
    submit,
)
from tests import factories
from tests.answering import answer_all, content_of, invited, person, plain, submitted
from tests.factories import NOW

pytestmark = pytest.mark.database
LATER = NOW + timedelta(minutes=5)


def item(session: Session, of: Assessment, number: int) -> QuestionContent:
    return next(one for one in content_of(session, of).scored if one.official_item == number)


def say(session: Session, of: Assessment, question: QuestionContent, given: Given, expected: int = 0) -> int:
    return answer(session, of, question.key, given, expected=expected, now=LATER, by=person(session).id)


def test_an_answer_is_kept_with_its_revision(session: Session) -> None:
    aoba, _ = invited(session)

    version = say(session, aoba, item(session, aoba, 1), Given("partial", comment="一部だけ"))

    row = session.scalars(select(Answer)).one()
    revision = session.scalars(select(AnswerRevision)).one()
    assert (version, row.code, row.comment, row.revision) == (1, "partial", "一部だけ", 1)
    assert json.loads(revision.content)["code"] == "partial"


def test_the_first_answer_starts_the_assessment(session: Session) -> None:
    aoba, _ = invited(session)

    say(session, aoba, item(session, aoba, 1), Given("partial"))

    assert (aoba.state, aoba.started_at) == (AssessmentState.IN_PROGRESS, LATER)


def test_every_earlier_text_is_kept(session: Session) -> None:
    aoba, _ = invited(session)
    first = item(session, aoba, 1)

    say(session, aoba, first, Given("unknown"))
    say(session, aoba, first, Given("partial"), expected=1)

    codes = [json.loads(row.content)["code"] for row in session.scalars(select(AnswerRevision))]
    assert codes == ["unknown", "partial"]
    assert session.scalars(select(Answer)).one().revision == 2


def test_the_same_answer_again_changes_nothing(session: Session) -> None:
    aoba, _ = invited(session)
    first = item(session, aoba, 1)
    say(session, aoba, first, Given("partial"))

    assert say(session, aoba, first, Given("partial"), expected=0) == 1
    assert session.scalar(select(func.count()).select_from(AnswerRevision)) == 1


def test_an_answer_changed_elsewhere_is_not_overwritten(session: Session) -> None:
    aoba, _ = invited(session)
    first = item(session, aoba, 1)
    say(session, aoba, first, Given("partial"))

    with pytest.raises(Changed) as refused:
        say(session, aoba, first, Given("unknown"), expected=0)

    assert refused.value.standing.code == "partial"


def test_reason_and_supports_belong_to_what_is_not_done(session: Session) -> None:
    aoba, _ = invited(session)
    first, second = item(session, aoba, 1), item(session, aoba, 2)

    say(session, aoba, first, Given("not_planned", "obstacle", ("subsidy", "training")))
    say(session, aoba, second, Given("implemented", "obstacle", ("subsidy",)))

    rows = {row.code: row for row in session.scalars(select(Answer))}
    assert rows["not_planned"].reason == "obstacle"
    assert sorted(rows["not_planned"].supports) == ["subsidy", "training"]
    assert (rows["implemented"].reason, rows["implemented"].supports) == (None, [])


def test_absent_wants_a_comment_as_its_reason(session: Session) -> None:
    aoba, _ = invited(session)
    allowed = next(one for one in content_of(session, aoba).scored if one.allows_absent)

    with pytest.raises(Refused) as refused:
        say(session, aoba, allowed, Given("absent"))
    say(session, aoba, allowed, Given("absent", comment="無線LANはありません"))

    assert refused.value.fault is Fault.ABSENT_WANTS_A_COMMENT
    assert session.scalars(select(Answer)).one().code == "absent"


def test_absent_is_refused_where_it_is_not_offered(session: Session) -> None:
    aoba, _ = invited(session)

    with pytest.raises(Refused) as refused:
        say(session, aoba, item(session, aoba, 1), Given("absent", comment="ありません"))

    assert refused.value.fault is Fault.NO_SUCH_CHOICE


@pytest.mark.parametrize(
    ("typed", "kept"), [("１２", 12), ("1,200", 1200), ("12人", 12), (" 7 ", 7), ("1", 1), ("", None)]
)
def test_a_head_count_may_be_typed_in_many_ways(session: Session, typed: str, kept: int | None) -> None:
    aoba, _ = invited(session)
    people = next(one for one in content_of(session, aoba).questions() if one.kind == "number")

    say(session, aoba, people, Given(value=typed))

    assert session.scalar(select(Answer.value)) == kept


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ("十二", Fault.NOT_A_NUMBER),
        ("-3", Fault.NOT_A_NUMBER),
        ("0", Fault.OUT_OF_RANGE),
        ("1.5", Fault.NOT_A_NUMBER),
    ],
)
def test_what_is_no_head_count_is_refused(session: Session, typed: str, fault: Fault) -> None:
    aoba, _ = invited(session)
    people = next(one for one in content_of(session, aoba).questions() if one.kind == "number")

    with pytest.raises(Refused) as refused:
        say(session, aoba, people, Given(value=typed))

    assert refused.value.fault is fault


def test_a_question_of_a_part_that_is_not_asked_is_refused(session: Session) -> None:
    aoba, _ = invited(session, axes=["cyber"])
    other = next(one for one in content_of(session, aoba).scored if one.axis == "executive")

    with pytest.raises(NotAsked):
        say(session, aoba, other, Given("implemented"))


def test_nothing_is_answered_before_the_promises_are_read(session: Session) -> None:
    aoba, _ = invited(session, notice_seen_at=None, notice_version=None)

    with pytest.raises(NoticeFirst):
        say(session, aoba, item(session, aoba, 1), Given("implemented"))


def test_a_closed_campaign_takes_no_answer(session: Session) -> None:
    closed = factories.campaign(session, state=CampaignState.CLOSED, closed_at=NOW)
    aoba, _ = invited(session, campaign=closed)

    with pytest.raises(NoLongerOpen):
        say(session, aoba, item(session, aoba, 1), Given("implemented"))


def test_a_submission_is_scored_in_the_same_step(session: Session) -> None:
    aoba, _ = invited(session)

    submission = submitted(session, aoba)

    result = session.scalars(select(AssessmentResult)).one()
    assert aoba.state is AssessmentState.SUBMITTED
    assert (aoba.current_result_id, result.submission_id) == (result.id, submission.id)
    assert (result.official_score, result.levels["cyber"], result.scores["cyber"]) == (100, 3, 100.0)
    assert submission.sha256 == hashlib.sha256(submission.content.encode()).hexdigest()


def test_a_submission_holds_reasons_and_comments(session: Session) -> None:
    aoba, _ = invited(session)

    def choose(question: QuestionContent) -> Given:
        if question.official_item == 8:
            return Given("not_planned", "obstacle", ("expert",), "詳しい者がいません")
        return plain(question)

    said = json.loads(submitted(session, aoba, choose).content)

    assert said["answers"][item(session, aoba, 8).key] == {
        "code": "not_planned", "reason": "obstacle", "supports": ["expert"], "comment": "詳しい者がいません",
    }  # fmt: skip
    assert said["axes"] == ["cyber", "secrets", "executive"]
    assert len(said["answers"]) == len(content_of(session, aoba).scored)


def test_submitting_queues_one_receipt_and_one_line_of_the_trail(session: Session) -> None:
    aoba, invitation = invited(session)

    submitted(session, aoba)

    receipt = session.scalars(select(Message).where(Message.kind == "submitted_receipt")).one()
    line = session.scalars(select(AuditEvent).where(AuditEvent.action == "assessment.submitted")).one()
    assert (receipt.to_email, receipt.invitation_id) == (invitation.email, invitation.id)
    assert line.details["number"] == 1


def test_a_second_submission_is_refused(session: Session) -> None:
    aoba, _ = invited(session)
    submitted(session, aoba)

    with pytest.raises(AlreadySubmitted):
        submit(session, aoba, now=LATER, by=person(session))
    with pytest.raises(AlreadySubmitted):
        say(session, aoba, item(session, aoba, 1), Given("unknown"), expected=1)


def test_an_incomplete_assessment_is_not_submitted(session: Session) -> None:
    aoba, _ = invited(session)
    say(session, aoba, item(session, aoba, 1), Given("implemented"))

    with pytest.raises(Incomplete) as refused:
        submit(session, aoba, now=LATER, by=person(session))

    required = [one for one in content_of(session, aoba).questions() if one.required]
    assert len(refused.value.keys) == len(required) - 1
    assert session.scalar(select(func.count()).select_from(Submission)) == 0


def test_only_what_is_asked_is_scored(session: Session) -> None:
    aoba, _ = invited(session, axes=["cyber"])

    submitted(session, aoba)

    result = session.scalars(select(AssessmentResult)).one()
    assert (result.levels["cyber"], result.levels["secrets"]) == (3, None)
    assert len(results.answers_of(content_of(session, aoba), result)) == 25


def test_a_returned_assessment_is_answered_and_submitted_again(session: Session) -> None:
    aoba, _ = invited(session)
    first = submitted(session, aoba)
    aoba.state, aoba.returned_at = AssessmentState.RETURNED, LATER

    say(session, aoba, item(session, aoba, 25), Given("unknown"), expected=1)
    second = submit(session, aoba, now=LATER, by=person(session))

    current = session.get_one(AssessmentResult, aoba.current_result_id)
    assert (first.number, second.number) == (1, 2)
    assert (current.submission_id, current.official_score) == (second.id, 95)
    assert aoba.state is AssessmentState.SUBMITTED


def test_a_submission_is_never_edited(session: Session) -> None:
    aoba, _ = invited(session)
    submission = submitted(session, aoba)

    submission.content = "{}"

    with pytest.raises(RecordIsFixed):
        session.flush()


def test_many_submissions_scored_together_score_as_one_alone(session: Session) -> None:
    first, _ = invited(session)
    second, _ = invited(session, factories.stranger(session), campaign=first.campaign, axes=["cyber"])
    submissions = [submitted(session, one) for one in (first, second)]

    again = results.score_all(session, submissions, now=LATER)

    assert [row.judgement for row in again] == [2, 2]
    assert [row.levels["secrets"] for row in again] == [3, None]
    assert first.current_result_id == again[0].id


def test_an_answer_cannot_be_kept_for_a_stranger(session: Session) -> None:
    aoba, _ = invited(session)
    answer_all(session, aoba, person(session))

    assert {row.supplier_id for row in session.scalars(select(Answer))} == {aoba.supplier_id}
