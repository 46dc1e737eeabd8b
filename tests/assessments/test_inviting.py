"""The mail of a campaign: invitations, reminders, another address, the same one again."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from assessments import campaigns, inviting
from assessments.models import (
    Assessment,
    AssessmentState,
    AuditEvent,
    Campaign,
    CampaignState,
    Contact,
    Invitation,
    Message,
    MessageState,
    Role,
    User,
)
from assessments.suppliers import ContactFacts
from assessments.tokens import Keys, fingerprint, link_token
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.database
KEYS = Keys(current=b"a secret of the tests, long enough to be one")
TOMORROW = NOW + timedelta(hours=25)
HANAKO = ContactFacts(name="青葉 花子", email="hanako@aoba.example", department="総務", phone="052-000-0001")


@pytest.fixture
def sato(session: Session) -> User:
    """Who sends."""
    return factories.user(session, Role.PROCUREMENT)


def _asked(session: Session, campaign: Campaign, **contact: Any) -> Assessment:
    aoba = factories.supplier(session)
    factories.contact(session, aoba, **contact)
    return factories.assessment(session, campaign, aoba)


def _invited(session: Session, campaign: Campaign, state: MessageState = MessageState.SENT) -> Assessment:
    """A supplier whose invitation has left the house."""
    assessment = _asked(session, campaign)
    contact = session.scalars(select(Contact).where(Contact.supplier_id == assessment.supplier_id)).one()
    invitation = factories.invitation(session, assessment, contact_id=contact.id, email=contact.email)
    sent_at = NOW if state is MessageState.SENT else None
    factories.mail(session, invitation, state=state, sent_at=sent_at, lane=2, attempts=1)
    return assessment


def test_an_invitation_freezes_the_main_contact_and_queues_one_mail(session: Session) -> None:
    campaign = factories.campaign(session, state=CampaignState.OPENING, opened_at=None)
    assessment = _asked(session, campaign, email="taro@aoba.example", language="en")

    done = inviting.invite(session, campaign, keys=KEYS, now=NOW)

    assert (done.count, done.last_id) == (1, None)
    invitation = session.scalars(select(Invitation)).one()
    assert (invitation.assessment_id, invitation.email) == (assessment.id, "taro@aoba.example")
    assert (invitation.name, invitation.language, invitation.generation) == ("青葉 太郎", "en", 1)
    mail = session.scalars(select(Message)).one()
    assert mail.send_key == f"invitation:{invitation.public_id}:1"
    assert (mail.kind, mail.lane, mail.campaign_id, mail.facts) == (
        "invitation",
        2,
        campaign.id,
        {"generation": 1},
    )


def test_the_database_holds_the_fingerprint_of_the_link_alone(session: Session) -> None:
    campaign = factories.campaign(session)
    _asked(session, campaign)

    inviting.invite(session, campaign, keys=KEYS, now=NOW)

    invitation = session.scalars(select(Invitation)).one()
    token = link_token(KEYS, "invitation", invitation.public_id, 1)
    assert invitation.token_hash == fingerprint(token)


def test_inviting_twice_gives_nothing_new(session: Session) -> None:
    campaign = factories.campaign(session)
    for _ in range(3):
        _asked(session, campaign)

    first = inviting.invite(session, campaign, keys=KEYS, limit=2, now=NOW)
    inviting.invite(session, campaign, keys=KEYS, after_id=first.last_id or 0, now=NOW)
    again = inviting.invite(session, campaign, keys=KEYS, now=NOW)

    assert again.count == 0
    assert len(session.scalars(select(Message)).all()) == 3


@pytest.mark.parametrize("contact", [{"email": None}, {"email": ""}, {"retired_at": NOW}])
def test_a_supplier_without_an_address_waits_until_it_has_one(
    session: Session, contact: dict[str, Any]
) -> None:
    campaign = factories.campaign(session)
    assessment = _asked(session, campaign, **contact)

    assert inviting.invite(session, campaign, keys=KEYS, now=NOW).count == 0
    factories.contact(session, assessment.supplier)
    assert inviting.invite(session, campaign, keys=KEYS, now=NOW).count == 1


@pytest.mark.parametrize("state", [CampaignState.DRAFT, CampaignState.APPROVED, CampaignState.CLOSED])
def test_nobody_is_invited_to_what_does_not_run(session: Session, state: CampaignState) -> None:
    closed = {"closed_at": NOW} if state is CampaignState.CLOSED else {}
    campaign = factories.campaign(session, state=state, **closed)

    with pytest.raises(campaigns.NotOpen):
        inviting.invite(session, campaign, keys=KEYS, now=NOW)


def test_those_that_have_not_answered_are_reminded_once_a_day(session: Session) -> None:
    campaign = factories.campaign(session)
    _invited(session, campaign)

    assert inviting.remind(session, campaign, now=NOW).count == 1
    assert inviting.remind(session, campaign, now=NOW).count == 0
    _deliver_all(session)
    assert inviting.remind(session, campaign, now=TOMORROW).count == 1

    keys = session.scalars(
        select(Message.send_key).where(Message.kind == "reminder").order_by(Message.id)
    ).all()
    public_id = session.scalars(select(Invitation.public_id)).one()
    assert keys == [f"reminder:{public_id}:1:1", f"reminder:{public_id}:1:2"]


@pytest.mark.parametrize(
    ("state", "is_reminded"),
    [
        (AssessmentState.NOT_STARTED, True),
        (AssessmentState.IN_PROGRESS, True),
        (AssessmentState.RETURNED, True),
        (AssessmentState.SUBMITTED, False),
        (AssessmentState.ACCEPTED, False),
        (AssessmentState.DECLINED, False),
        (AssessmentState.WITHDRAWN, False),
    ],
)
def test_only_the_incomplete_are_reminded(
    session: Session, state: AssessmentState, is_reminded: bool
) -> None:
    campaign = factories.campaign(session)
    assessment = _invited(session, campaign)
    assessment.submitted_at = assessment.returned_at = NOW
    assessment.accepted_at = NOW if state is AssessmentState.ACCEPTED else None
    assessment.state = state
    session.flush()

    assert inviting.remind(session, campaign, now=NOW).count == int(is_reminded)


@pytest.mark.parametrize(
    ("state", "is_reminded"),
    [
        (MessageState.SENT, True),
        (MessageState.UNKNOWN, True),
        (MessageState.QUEUED, False),
        (MessageState.FAILED, False),
    ],
)
def test_who_was_not_reached_yet_is_not_reminded(
    session: Session, state: MessageState, is_reminded: bool
) -> None:
    campaign = factories.campaign(session)
    _invited(session, campaign, state)

    assert inviting.remind(session, campaign, now=NOW).count == int(is_reminded)


def test_only_the_chosen_are_reminded(session: Session) -> None:
    campaign = factories.campaign(session)
    chosen = _invited(session, campaign)
    _invited(session, campaign)

    assert inviting.remind(session, campaign, chosen=[Assessment.id == chosen.id], now=NOW).count == 1


def test_another_person_is_invited_in_place_of_the_first(session: Session, sato: User) -> None:
    campaign = factories.campaign(session)
    assessment = _asked(session, campaign)
    inviting.invite(session, campaign, keys=KEYS, now=NOW)
    older = session.scalars(select(Invitation)).one()

    newer = inviting.re_address(session, assessment, HANAKO, keys=KEYS, now=NOW, by=sato)

    session.refresh(older)
    assert older.revoked_at == NOW
    assert (newer.email, newer.revoked_at) == ("hanako@aoba.example", None)
    states = dict(session.execute(select(Message.to_email, Message.state)).all())
    assert states == {older.email: MessageState.CANCELLED, newer.email: MessageState.QUEUED}
    former, present = session.scalars(select(Contact).order_by(Contact.id)).all()
    assert former.retired_at == NOW
    assert (present.id, present.name, present.phone) == (newer.contact_id, "青葉 花子", "052-000-0001")
    assert "invitation.re_addressed" in session.scalars(select(AuditEvent.action)).all()


def test_a_colleague_the_first_person_named_is_cut_off_as_well(session: Session, sato: User) -> None:
    campaign = factories.campaign(session)
    assessment = _invited(session, campaign)
    first = session.scalars(select(Invitation)).one()
    colleague = factories.invitation(session, assessment, delegated_from_id=first.id)

    inviting.re_address(session, assessment, HANAKO, keys=KEYS, now=NOW, by=sato)

    session.refresh(colleague)
    assert colleague.revoked_at == NOW
    assert len(inviting.live_invitations(session, assessment)) == 1


def test_a_supplier_without_an_address_is_invited_by_giving_one(session: Session, sato: User) -> None:
    campaign = factories.campaign(session)
    assessment = factories.assessment(session, campaign, factories.supplier(session))

    inviting.re_address(session, assessment, HANAKO, keys=KEYS, now=NOW, by=sato)

    assert session.scalars(select(Message.to_email)).all() == ["hanako@aoba.example"]


def test_the_same_address_is_refused_as_another(session: Session, sato: User) -> None:
    campaign = factories.campaign(session)
    assessment = _asked(session, campaign, email=HANAKO.email)
    inviting.invite(session, campaign, keys=KEYS, now=NOW)

    with pytest.raises(inviting.SameAddress):
        inviting.re_address(session, assessment, HANAKO, keys=KEYS, now=NOW, by=sato)


def test_sending_again_makes_a_new_link_and_ends_the_old(session: Session, sato: User) -> None:
    campaign = factories.campaign(session)
    _asked(session, campaign)
    inviting.invite(session, campaign, keys=KEYS, now=NOW)
    invitation = session.scalars(select(Invitation)).one()
    before = invitation.token_hash

    assert inviting.send_again(session, invitation, generation=1, keys=KEYS, now=NOW, by=sato)

    assert invitation.generation == 2
    assert invitation.token_hash == fingerprint(link_token(KEYS, "invitation", invitation.public_id, 2))
    assert invitation.token_hash != before
    states = session.scalars(select(Message.state).order_by(Message.id)).all()
    assert states == [MessageState.CANCELLED, MessageState.QUEUED]


def test_pressing_send_again_twice_sends_once(session: Session, sato: User) -> None:
    campaign = factories.campaign(session)
    _invited(session, campaign)
    invitation = session.scalars(select(Invitation)).one()

    assert inviting.send_again(session, invitation, generation=1, keys=KEYS, now=NOW, by=sato)
    assert not inviting.send_again(session, invitation, generation=1, keys=KEYS, now=NOW, by=sato)

    assert len(session.scalars(select(Message)).all()) == 2


def test_nothing_is_sent_again_where_nothing_is_left_to_answer(session: Session, sato: User) -> None:
    campaign = factories.campaign(session)
    assessment = _invited(session, campaign)
    assessment.state = AssessmentState.WITHDRAWN
    session.flush()

    with pytest.raises(inviting.NothingToAnswer):
        inviting.re_address(session, assessment, HANAKO, keys=KEYS, now=NOW, by=sato)


def _deliver_all(session: Session) -> None:
    for message in session.scalars(select(Message)):
        message.state, message.sent_at = MessageState.SENT, NOW
    session.flush()
