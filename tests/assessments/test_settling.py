"""Mails whose end is not known: a person settles each once, and nothing is sent again by itself."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from assessments import campaigns, invitations, inviting, settling
from assessments.models import (
    Assessment,
    AssessmentState,
    AuditEvent,
    Campaign,
    CampaignState,
    Invitation,
    Lane,
    Message,
    MessageSettlement,
    MessageState,
    Settled,
    Supplier,
    User,
)
from tests import factories
from tests.factories import NOW
from tests.fixtures_app import KEYS

pytestmark = pytest.mark.database
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def campaign(session: Session) -> Campaign:
    """An open campaign."""
    return factories.campaign(session)


@pytest.fixture
def invitation(session: Session, campaign: Campaign) -> Invitation:
    """An invitation of 青葉鋳造."""
    return factories.invitation(session, factories.assessment(session, campaign, factories.supplier(session)))


@pytest.fixture
def keiko(session: Session) -> User:
    """Who settles."""
    return factories.user(session)


def test_a_mail_that_had_arrived_is_sent(session: Session, invitation: Invitation, keiko: User) -> None:
    mail = _unknown(session, invitation)

    settling.settle_as_delivered(session, mail, now=LATER, by=keiko)

    assert (mail.state, mail.sent_at) == (MessageState.SENT, LATER)
    noted = session.scalars(select(MessageSettlement)).one()
    assert (noted.verdict, noted.settled_by_id, noted.settled_at) == (Settled.DELIVERED, keiko.id, LATER)
    assert settling.count_to_settle(session) == 0
    assert "mail.settled_as_delivered" in session.scalars(select(AuditEvent.action)).all()


def test_an_invitation_sent_again_has_a_new_link_and_the_old_mail_stays(
    session: Session, invitation: Invitation, keiko: User
) -> None:
    mail, before = _unknown(session, invitation), invitation.token_hash

    successor = settling.send_again(session, mail, keys=KEYS, now=LATER, by=keiko)

    assert successor.send_key == f"invitation:{invitation.public_id}:2"
    assert (successor.state, mail.state) == (MessageState.QUEUED, MessageState.UNKNOWN)
    assert invitation.token_hash != before
    assert settling.count_to_settle(session) == 0


def test_a_reminder_sent_again_keeps_its_link(
    session: Session, campaign: Campaign, invitation: Invitation, keiko: User
) -> None:
    key = f"reminder:{invitation.public_id}:1:1"
    facts = {"kind": "reminder", "send_key": key, "campaign_id": campaign.id, "lane": Lane.CAMPAIGN}
    mail = _unknown(session, invitation, **facts)

    successor = settling.send_again(session, mail, keys=KEYS, now=LATER, by=keiko)

    assert (successor.send_key, invitation.generation) == (f"{key}:again", 1)
    assert successor.to_email == mail.to_email


def test_a_mail_is_settled_once(session: Session, invitation: Invitation, keiko: User) -> None:
    mail = _unknown(session, invitation)
    settling.send_again(session, mail, keys=KEYS, now=LATER, by=keiko)

    with pytest.raises(settling.NotUnknown):
        settling.settle_as_delivered(session, mail, now=LATER, by=keiko)
    with pytest.raises(settling.NotUnknown):
        settling.send_again(session, mail, keys=KEYS, now=LATER, by=keiko)


def test_what_has_arrived_cannot_be_settled(session: Session, invitation: Invitation, keiko: User) -> None:
    mail = factories.mail(session, invitation, state=MessageState.SENT, sent_at=NOW)

    with pytest.raises(settling.NotUnknown):
        settling.send_again(session, mail, keys=KEYS, now=LATER, by=keiko)


def test_nothing_is_sent_again_for_a_closed_campaign(
    session: Session, campaign: Campaign, invitation: Invitation, keiko: User
) -> None:
    mail = _unknown(session, invitation)
    campaign.state, campaign.closed_at = CampaignState.CLOSED, NOW
    session.flush()

    with pytest.raises(campaigns.NotOpen):
        settling.send_again(session, mail, keys=KEYS, now=LATER, by=keiko)


def test_a_code_and_a_replaced_link_need_nobody(session: Session, invitation: Invitation) -> None:
    _unknown(session, invitation, kind="code")
    _unknown(session, invitation)
    assert settling.count_to_settle(session) == 1

    factories.mail(session, invitation)

    assert settling.count_to_settle(session) == 0


@pytest.mark.parametrize(("after", "waits"), [(timedelta(minutes=1), 0), (-timedelta(minutes=1), 1)])
def test_a_link_by_which_somebody_entered_has_arrived(
    session: Session, invitation: Invitation, keiko: User, after: timedelta, waits: int
) -> None:
    mail = _unknown(session, invitation)
    invitation.opened_at = NOW - timedelta(days=1)
    invitations.ask_code(session, invitation, browser_hash="x", now=NOW + after)

    assert settling.count_to_settle(session) == waits
    if not waits:
        with pytest.raises(settling.NotUnknown):
            settling.send_again(session, mail, keys=KEYS, now=LATER, by=keiko)


@pytest.mark.parametrize("kind", ["invitation", "reminder", "advance_notice"])
@pytest.mark.parametrize(
    ("state", "waits"),
    [
        (AssessmentState.SUBMITTED, 0),
        (AssessmentState.ACCEPTED, 0),
        (AssessmentState.DECLINED, 0),
        (AssessmentState.RETURNED, 1),
    ],
)
def test_who_has_answered_is_asked_no_more_whether_a_link_arrived(
    session: Session, invitation: Invitation, kind: str, state: AssessmentState, waits: int
) -> None:
    _unknown(session, invitation, kind=kind)
    _move(session, invitation, state)

    assert settling.count_to_settle(session) == waits


def test_a_receipt_of_unknown_end_still_waits_after_the_answer(
    session: Session, invitation: Invitation
) -> None:
    _unknown(session, invitation, kind="submitted_receipt")
    _move(session, invitation, AssessmentState.SUBMITTED)

    assert settling.count_to_settle(session) == 1


@pytest.mark.parametrize("state", inviting.ANSWERED)
def test_who_has_submitted_gets_no_new_link(
    session: Session, invitation: Invitation, keiko: User, state: AssessmentState
) -> None:
    _move(session, invitation, state)

    with pytest.raises(inviting.AlreadyAnswered):
        inviting.send_again(session, invitation, generation=1, keys=KEYS, now=LATER, by=keiko)


@pytest.mark.parametrize(("state", "waits"), [(MessageState.QUEUED, 1), (MessageState.SENT, 0)])
def test_a_notice_needs_nobody_once_the_invitation_it_spoke_of_has_left(
    session: Session, invitation: Invitation, state: MessageState, waits: int
) -> None:
    factories.mail(session, invitation, kind="advance_notice", state=MessageState.UNKNOWN)
    factories.mail(session, invitation, state=state, sent_at=NOW if state is MessageState.SENT else None)

    assert settling.count_to_settle(session) == waits


def test_only_one_s_own_suppliers_are_listed(session: Session, invitation: Invitation) -> None:
    _unknown(session, invitation)
    ours, others = Supplier.id == invitation.supplier_id, Supplier.id != invitation.supplier_id

    assert settling.to_settle(session, scope=ours).total == 1
    assert settling.to_settle(session, scope=others).total == 0
    assert [one.supplier.id for one in settling.to_settle(session).mails if one.supplier] == [
        invitation.supplier_id
    ]


def test_a_mail_of_the_buyer_s_own_is_listed_for_who_sees_all(session: Session, keiko: User) -> None:
    session.add(
        Message(
            send_key="enrolment:x:1",
            kind="enrolment",
            lane=Lane.URGENT,
            state=MessageState.UNKNOWN,
            to_email=keiko.email,
            user_id=keiko.id,
            created_at=NOW,
            due_at=NOW,
        )
    )
    session.flush()

    [listed] = settling.to_settle(session).mails
    assert listed.supplier is None
    assert settling.count_to_settle(session, scope=Supplier.id > 0) == 0
    assert settling.send_again(session, listed.message, keys=KEYS, now=LATER, by=keiko).lane == Lane.URGENT


def test_a_bounce_makes_a_sent_mail_undelivered(session: Session, invitation: Invitation) -> None:
    mail = factories.mail(session, invitation, state=MessageState.SENT, sent_at=NOW)

    assert settling.bounce(session, mail, "550 5.1.1\n no such user", now=LATER, by="operator")

    assert (mail.state, mail.failure) == (MessageState.FAILED, "550 5.1.1 no such user")
    assert settling.undelivered_of(session, [invitation.assessment_id]) == {invitation.assessment_id: mail}
    assert not settling.bounce(session, mail, "again", now=LATER, by="operator")


def test_what_did_not_arrive_is_listed_until_a_newer_link_leaves(
    session: Session, invitation: Invitation
) -> None:
    factories.mail(session, invitation, state=MessageState.FAILED, failure="550 5.1.1 no such user")
    supplier = session.get_one(Supplier, invitation.supplier_id)
    assert settling.undelivered(session).total == 1
    assert len(settling.undelivered_to(session, supplier)) == 1

    factories.mail(session, invitation)

    assert settling.undelivered(session).total == 0
    assert settling.undelivered_to(session, supplier) == []


def _unknown(session: Session, invitation: Invitation, **changes: object) -> Message:
    return factories.mail(session, invitation, state=MessageState.UNKNOWN, **changes)


def test_all_whose_mail_failed_and_who_have_not_answered_get_a_fresh_link(
    session: Session, campaign: Campaign, invitation: Invitation, keiko: User
) -> None:
    answered = factories.assessment(
        session, campaign, factories.supplier(session), state=AssessmentState.SUBMITTED, submitted_at=NOW
    )
    arrived = factories.assessment(session, campaign, factories.supplier(session))
    sent = {"state": MessageState.SENT, "sent_at": NOW}
    for assessment, facts in ((answered, {"state": MessageState.FAILED}), (arrived, sent)):
        told = factories.invitation(session, assessment)
        factories.mail(session, told, campaign_id=campaign.id, lane=2, **facts)
    failed = factories.mail(session, invitation, state=MessageState.FAILED, failure="451 later", lane=2)
    failed.campaign_id, before = campaign.id, invitation.token_hash
    session.flush()
    assert settling.failures(session, campaign) == [("451 later", 1)]

    counts = [settling.failed_again(session, campaign, keys=KEYS, now=LATER).count for _ in range(2)]

    assert counts == [1, 0]
    waiting = session.scalars(select(Message).where(Message.state == MessageState.QUEUED)).one()
    assert waiting.send_key == f"invitation:{invitation.public_id}:2"
    assert invitation.token_hash != before
    assert settling.failures(session, campaign) == []


def test_what_failed_is_sent_again_chunk_by_chunk(session: Session, campaign: Campaign) -> None:
    for _ in range(3):
        assessment = factories.assessment(session, campaign, factories.supplier(session))
        told = factories.invitation(session, assessment)
        factories.mail(session, told, state=MessageState.FAILED, campaign_id=campaign.id, lane=2)

    first = settling.failed_again(session, campaign, keys=KEYS, limit=2, now=LATER)
    assert (first.count, first.last_id is None) == (2, False)
    rest = settling.failed_again(
        session, campaign, keys=KEYS, after_id=first.last_id or 0, limit=2, now=LATER
    )

    assert (rest.count, rest.last_id) == (1, None)


def test_nothing_is_sent_again_of_a_campaign_that_does_not_run(session: Session, campaign: Campaign) -> None:
    campaign.state, campaign.closed_at = CampaignState.CLOSED, NOW

    with pytest.raises(campaigns.NotOpen):
        settling.failed_again(session, campaign, keys=KEYS, now=LATER)


def _move(session: Session, invitation: Invitation, state: AssessmentState) -> None:
    assessment = session.get_one(Assessment, invitation.assessment_id)
    assessment.state = state
    if state is not AssessmentState.DECLINED:
        assessment.started_at = assessment.submitted_at = NOW
    assessment.accepted_at = NOW if state is AssessmentState.ACCEPTED else None
    assessment.returned_at = NOW if state is AssessmentState.RETURNED else None
    session.flush()
