"""Reading a submission: decided once, told to the supplier, its result kept."""

from dataclasses import dataclass

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from assessments import questionnaires, reviews
from assessments.models import (
    Assessment,
    AssessmentState,
    AuditEvent,
    CampaignState,
    Decision,
    Invitation,
    Message,
    Submission,
    User,
)
from assessments.questionnaire_content import Content
from assessments.reviews import (
    AlreadyReviewed,
    CampaignHasEnded,
    CommentBesideTheAssessment,
    NewerSubmission,
    NothingAsked,
    NothingToReview,
)
from tests import factories, supply_chain
from tests.factories import NOW

pytestmark = pytest.mark.database


@dataclass
class Cast:
    """A submitted assessment, its submission and a reader."""

    assessment: Assessment
    submission: Submission
    invitation: Invitation
    content: Content
    reader: User

    @property
    def key(self) -> str:
        """The key of the first question that counts."""
        return self.content.scored[0].key


@pytest.fixture
def cast(session: Session) -> Cast:
    campaign = factories.campaign(session)
    aoba = factories.supplier(session)
    assessment = factories.assessment(session, campaign, aoba, axes=["cyber"])
    content = questionnaires.published(session, campaign.version_id).content
    supply_chain.submit(session, assessment, supply_chain.say(content))
    submission = session.scalars(select(Submission)).one()
    invitation = supply_chain.invitation(assessment, NOW)
    session.add(invitation)
    session.flush()
    return Cast(assessment, submission, invitation, content, factories.user(session))


def test_accepting_closes_the_reading_and_tells_the_supplier(session: Session, cast: Cast) -> None:
    review = reviews.accept(session, cast.submission, comments={}, now=NOW, by=cast.reader)

    assert review.decision is Decision.ACCEPTED
    assert (cast.assessment.state, cast.assessment.accepted_at) == (AssessmentState.ACCEPTED, NOW)
    mail = session.scalars(select(Message)).one()
    assert (mail.kind, mail.to_email, mail.invitation_id) == (
        "accepted",
        cast.invitation.email,
        cast.invitation.id,
    )


def test_returning_keeps_the_result_and_each_comment_at_its_question(session: Session, cast: Cast) -> None:
    result = cast.assessment.current_result_id
    published = questionnaires.published(session, cast.assessment.version_id)

    review = reviews.return_(
        session, cast.submission, comments={cast.key: " いつ確認しましたか。 "}, now=NOW, by=cast.reader
    )

    assert (cast.assessment.state, cast.assessment.current_result_id) == (AssessmentState.RETURNED, result)
    assert [(one.question_id, one.comment) for one in review.comments] == [
        (published.ids[cast.key], "いつ確認しましたか。")
    ]
    assert session.scalars(select(Message.kind)).all() == ["returned"]


def test_the_trail_counts_comments_and_holds_none(session: Session, cast: Cast) -> None:
    reviews.return_(session, cast.submission, comments={cast.key: "ひみつ"}, now=NOW, by=cast.reader)

    line = session.scalars(select(AuditEvent).order_by(AuditEvent.sequence.desc())).first()
    assert line is not None
    assert (line.action, line.object_id) == ("assessment.returned", cast.assessment.public_id)
    assert line.details == {"number": 1, "comments": 1}


def test_nobody_reviews_twice(session: Session, cast: Cast) -> None:
    reviews.accept(session, cast.submission, comments={}, now=NOW, by=cast.reader)

    with pytest.raises(AlreadyReviewed):
        reviews.return_(session, cast.submission, message="もう一度", comments={}, now=NOW, by=cast.reader)
    assert cast.assessment.state is AssessmentState.ACCEPTED


def test_an_older_submission_is_not_decided_any_more(session: Session, cast: Cast) -> None:
    supply_chain.submit(session, cast.assessment, supply_chain.say(cast.content), number=2)

    with pytest.raises(NewerSubmission):
        reviews.accept(session, cast.submission, comments={}, now=NOW, by=cast.reader)


def test_what_is_not_submitted_is_not_decided(session: Session, cast: Cast) -> None:
    cast.assessment.state = AssessmentState.IN_PROGRESS
    session.flush()

    with pytest.raises(NothingToReview):
        reviews.accept(session, cast.submission, comments={}, now=NOW, by=cast.reader)


def test_a_return_must_say_what_it_wants(session: Session, cast: Cast) -> None:
    with pytest.raises(NothingAsked):
        reviews.return_(
            session, cast.submission, message=" ", comments={cast.key: " "}, now=NOW, by=cast.reader
        )


def test_after_the_end_of_a_campaign_nothing_is_returned(session: Session, cast: Cast) -> None:
    cast.assessment.campaign.state, cast.assessment.campaign.closed_at = CampaignState.CLOSED, NOW
    session.flush()

    with pytest.raises(CampaignHasEnded):
        reviews.return_(session, cast.submission, message="確認", comments={}, now=NOW, by=cast.reader)


def test_a_comment_on_a_part_that_was_not_asked_is_refused(session: Session, cast: Cast) -> None:
    other = next(question for question in cast.content.scored if question.axis != "cyber")

    with pytest.raises(CommentBesideTheAssessment):
        reviews.accept(session, cast.submission, comments={other.key: "？"}, now=NOW, by=cast.reader)


def test_without_a_living_invitation_the_decision_stands_and_no_mail_leaves(
    session: Session, cast: Cast
) -> None:
    cast.invitation.revoked_at = NOW
    session.flush()

    reviews.accept(session, cast.submission, comments={}, now=NOW, by=cast.reader)

    assert session.scalars(select(Message)).all() == []
