"""A supplier does not answer this time: what stops, who is told, what comes back; and it happens once."""

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from assessments import campaigns, declining, inviting, responses
from assessments.answers import Given
from assessments.campaign_counts import counts
from assessments.declining import AskedAgainAlready, NotDeclined
from assessments.models import (
    Assessment,
    AssessmentState,
    AuditEvent,
    Consultation,
    Decline,
    DeclineEnd,
    DeclineReason,
    Invitation,
    Message,
    MessageState,
    Role,
    Submission,
    User,
)
from assessments.responses import AlreadySubmitted, HasDeclined, NoLongerOpen
from portal.db import Database
from tests import factories
from tests.answering import answer_all, content_of, invited, person, submitted
from tests.factories import NOW
from tests.fixtures_app import KEYS

pytestmark = pytest.mark.database
TODAY = NOW.date()
WRONG, TALK = DeclineReason.WRONG_COMPANY, DeclineReason.OVERLOADED
AT_ONCE = 50


@pytest.fixture
def owner(session: Session) -> User:
    """Who looks after 青葉鋳造."""
    return factories.user(session, Role.PROCUREMENT, name="鈴木 一郎")


@pytest.fixture
def aoba(session: Session, owner: User) -> Assessment:
    """青葉鋳造, invited, its mail sent."""
    made, invitation = invited(session)
    factories.relationship(session, made.supplier, owner_id=owner.id)
    factories.mail(
        session, invitation, state=MessageState.SENT, sent_at=NOW, campaign_id=made.campaign_id, lane=2
    )
    return made


def _decline(session: Session, of: Assessment, reason: DeclineReason = WRONG, remark: str = "") -> bool:
    by = person(session)
    return declining.decline(session, of, reason=reason, remark=remark, talk="話したい", now=NOW, by=by)


def _mails(session: Session, kind: str) -> list[Message]:
    return list(session.scalars(select(Message).where(Message.kind == kind).order_by(Message.id)))


def test_the_owner_is_told_once_and_nothing_is_lost(session: Session, aoba: Assessment, owner: User) -> None:
    answer_all(session, aoba, person(session))
    aoba.state, aoba.started_at = AssessmentState.IN_PROGRESS, NOW

    assert _decline(session, aoba, remark=" 別の会社です ")
    assert not _decline(session, aoba)

    said = declining.standing(session, aoba)
    assert said is not None
    assert (aoba.state, said.number, said.reason, said.remark) == ("declined", 1, WRONG, "別の会社です")
    (note,) = _mails(session, declining.NOTE)
    assert (note.to_email, note.user_id, "別の会社" in str(note.facts)) == (owner.email, owner.id, False)
    assert len(responses.answers_of(session, aoba)) > 50
    assert session.scalar(select(func.count(Decline.id))) == 1


def test_without_an_owner_whoever_made_the_campaign_is_told(session: Session) -> None:
    keiko = factories.user(session, Role.PROCUREMENT)
    aoba, _ = invited(session, campaign=factories.campaign(session, created_by_id=keiko.id))

    _decline(session, aoba)

    assert [note.to_email for note in _mails(session, declining.NOTE)] == [keiko.email]


@pytest.mark.parametrize(("remark", "message"), [("来月なら", "来月なら"), ("", "話したい")])
def test_who_wants_to_talk_gets_a_talk_instead_of_a_note(
    session: Session, aoba: Assessment, owner: User, remark: str, message: str
) -> None:
    _decline(session, aoba, TALK, remark)

    talk = session.scalars(select(Consultation)).one()
    assert (talk.message, talk.owner_id, talk.assessment_id) == (message, owner.id, aoba.id)
    assert not _mails(session, declining.NOTE)
    assert [mail.to_email for mail in _mails(session, "consultation_opened")] == [owner.email]


def test_reminders_stop_at_once_and_start_again(session: Session, aoba: Assessment) -> None:
    _decline(session, aoba)

    assert inviting.remind(session, aoba.campaign, now=NOW).count == 0

    declining.take_back(session, aoba, now=NOW, by=person(session))
    for note in _mails(session, declining.NOTE):
        note.state, note.sent_at = MessageState.SENT, NOW
    session.flush()
    assert inviting.remind(session, aoba.campaign, now=NOW).count == 1


def test_it_counts_as_declined_and_neither_as_answered_nor_as_late(
    session: Session, aoba: Assessment
) -> None:
    _decline(session, aoba)

    found = counts(session, aoba.campaign, today=aoba.campaign.due_on + timedelta(days=9))

    assert (found.declined, found.submitted, found.late, found.not_started) == (1, 0, 0, 0)
    assert declining.reasons(session, [aoba.id]) == {aoba.id: WRONG}


def test_it_is_answered_and_submitted_after_being_taken_back(session: Session, aoba: Assessment) -> None:
    by = person(session)
    answer_all(session, aoba, by)
    _decline(session, aoba)
    with pytest.raises(HasDeclined):
        responses.submit(session, aoba, now=NOW, by=by)
    question = content_of(session, aoba).scored[0]
    with pytest.raises(HasDeclined):
        responses.answer(session, aoba, question.key, Given(code="partial"), expected=1, now=NOW, by=by.id)

    declining.take_back(session, aoba, now=NOW, by=by)
    responses.submit(session, aoba, now=NOW, by=by)

    ended = declining.history(session, aoba)
    assert [(one.ending, one.ended_by_id) for one in ended] == [(DeclineEnd.TAKEN_BACK, by.id)]
    assert declining.standing(session, aoba) is None
    with pytest.raises(NotDeclined):
        declining.take_back(session, aoba, now=NOW, by=by)


def test_what_was_begun_goes_on_where_it_was(session: Session, aoba: Assessment) -> None:
    aoba.state, aoba.started_at = AssessmentState.IN_PROGRESS, NOW
    _decline(session, aoba)

    declining.take_back(session, aoba, now=NOW, by=person(session))

    assert aoba.state is AssessmentState.IN_PROGRESS


def test_what_was_submitted_is_not_declined(session: Session, aoba: Assessment) -> None:
    submitted(session, aoba)

    with pytest.raises(AlreadySubmitted):
        _decline(session, aoba)


@pytest.mark.parametrize("state", [AssessmentState.WITHDRAWN, AssessmentState.EXPIRED])
def test_what_is_no_longer_asked_is_not_declined(
    session: Session, aoba: Assessment, state: AssessmentState
) -> None:
    aoba.state = state
    session.flush()

    with pytest.raises(NoLongerOpen):
        _decline(session, aoba)


def test_a_closed_campaign_keeps_it_and_takes_nothing_back(
    session: Session, aoba: Assessment, owner: User
) -> None:
    _decline(session, aoba)

    campaigns.close(session, aoba.campaign, now=NOW, by=owner)

    session.refresh(aoba)
    assert (aoba.state, declining.may_take_back(aoba)) == (AssessmentState.DECLINED, False)
    with pytest.raises(NoLongerOpen):
        declining.take_back(session, aoba, now=NOW, by=person(session))
    with pytest.raises(campaigns.NotOpen):
        declining.ask_again(session, aoba, keys=KEYS, now=NOW, by=owner)


def test_the_buyer_asks_once_more_and_only_once(session: Session, aoba: Assessment, owner: User) -> None:
    _decline(session, aoba)

    declining.ask_again(session, aoba, keys=KEYS, now=NOW, by=owner)

    newest = _mails(session, "invitation")[-1]
    assert (newest.state, newest.facts) == (MessageState.QUEUED, {"generation": 2, "asked_again": 1})
    assert newest.to_email == session.scalars(select(Invitation.email)).one()
    assert aoba.state == "not_started"
    with pytest.raises(NotDeclined):
        declining.ask_again(session, aoba, keys=KEYS, now=NOW, by=owner)
    _decline(session, aoba)
    with pytest.raises(AskedAgainAlready):
        declining.ask_again(session, aoba, keys=KEYS, now=NOW, by=owner)
    assert aoba.state == "declined"
    assert [one.number for one in declining.history(session, aoba)] == [2, 1]


def test_it_stands_in_the_trail_without_the_words(session: Session, aoba: Assessment) -> None:
    _decline(session, aoba, remark="担当が退職しました")

    line = session.scalars(select(AuditEvent).where(AuditEvent.action == "assessment.declined")).one()
    assert "退職" not in str(line.details)


@pytest.mark.parametrize("is_complete", [False, True])
def test_of_fifty_at_once_one_has_an_effect(
    database: Database, session: Session, aoba: Assessment, is_complete: bool
) -> None:
    by = person(session)
    if is_complete:
        answer_all(session, aoba, by)
    session.commit()
    assessment_id, user_id, together = aoba.id, by.id, Barrier(AT_ONCE)
    submits = [is_complete and number % 2 == 0 for number in range(AT_ONCE)]
    random.Random(1).shuffle(submits)  # noqa: S311  a test wants the same order every time

    def one(is_submission: bool) -> str:
        together.wait()
        try:
            with database.writer.begin() as mine:
                same, user = mine.get_one(Assessment, assessment_id), mine.get_one(User, user_id)
                if is_submission:
                    responses.submit(mine, same, now=NOW, by=user)
                    return "submitted"
                is_new = declining.decline(mine, same, reason=WRONG, now=NOW, by=user)
                return "declined" if is_new else "stands"
        except Exception as error:
            return type(error).__name__

    with ThreadPoolExecutor(AT_ONCE) as threads:
        ended = Counter(threads.map(one, submits))

    session.expire_all()
    declines = session.scalar(select(func.count(Decline.id)))
    submissions = session.scalar(select(func.count(Submission.id)))
    notes = len(_mails(session, declining.NOTE))
    assert (ended["declined"], ended["submitted"]) == (declines, submissions)
    assert (declines or 0) + (submissions or 0) == 1
    assert notes == declines
    losers = {"stands", "HasDeclined"} if declines else {"AlreadySubmitted"}
    assert set(ended) - losers <= {"declined", "submitted"}
    assert aoba.state == ("declined" if declines else "submitted")
