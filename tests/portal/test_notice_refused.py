"""A notice is refused: shown at the contact, the invitation behind it kept back until it is corrected."""

import dataclasses
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from assessments import genuine, inviting, outbox, settling
from assessments.models import (
    Assessment,
    Contact,
    Invitation,
    Lane,
    Message,
    MessageState,
    Organisation,
    Role,
)
from portal import clock, dispatcher, mail
from portal.db import Database
from portal.dispatcher import Office
from portal.settings import Settings
from tests import answering, factories
from tests.faulty_mail import faulty_mail_sink
from tests.fixtures_app import KEYS, Visitor

SignIn = Callable[..., Visitor]
ADDRESS, REFUSAL = "nobody@aoba.example", "550 5.1.1 no such user"
HELD = "依頼は送らずに止めています"


@pytest.fixture
def invitation(session: Session, buyer: Organisation) -> Invitation:
    """An invitation to 青葉鋳造, and a notice that leaves two business days before it."""
    campaign, aoba = factories.campaign(session), factories.supplier(session)
    contact: Contact = factories.contact(session, aoba, email=ADDRESS)
    assessment = factories.assessment(session, campaign, aoba)
    made = answering.invitation(session, assessment, ADDRESS, contact_id=contact.id)
    genuine.give_numbers(session, [(assessment.id, assessment.supplier_id)], now=clock.now())
    for kind, wait in ((genuine.NOTICE, timedelta(0)), (inviting.INVITATION, timedelta(days=4))):
        draft = outbox.Draft(
            kind=kind,
            send_key=f"{kind}:{made.public_id}:1",
            lane=Lane.CAMPAIGN,
            to_email=ADDRESS,
            invitation_id=made.id,
            campaign_id=campaign.id,
            facts={"generation": 1},
            due_at=clock.now() + wait,
        )
        outbox.queue_all(session, [draft], now=clock.now())
    session.commit()
    return made


def _mail(session: Session, kind: str) -> Message:
    newest = select(Message).where(Message.kind == kind).order_by(Message.id.desc())
    return session.scalars(newest.execution_options(populate_existing=True)).first() or pytest.fail(kind)


def _bounced(session: Session) -> None:
    notice = _mail(session, genuine.NOTICE)
    notice.state, notice.sent_at, notice.attempts = MessageState.SENT, clock.now(), 1
    session.flush()
    assert settling.bounce(session, notice, REFUSAL, now=clock.now(), by="operator")
    session.commit()


def test_a_refusal_of_the_notice_keeps_the_invitation_back(
    database: Database, settings: Settings, session: Session, invitation: Invitation
) -> None:
    with faulty_mail_sink() as sink:
        reached = dataclasses.replace(settings, mail_url=sink.url)
        dispatcher.deliver(Office(database, reached, mail.line(reached), "w"))
    session.rollback()

    notice, request = _mail(session, genuine.NOTICE), _mail(session, inviting.INVITATION)
    assert (notice.state, request.state, request.attempts) == ("failed", "failed", 0)
    assert "5.1.1" in request.failure
    assert settling.was_held(request)


def test_a_notice_that_comes_back_later_keeps_it_back_too(session: Session, invitation: Invitation) -> None:
    _bounced(session)

    assert (_mail(session, inviting.INVITATION).state, _mail(session, inviting.INVITATION).failure) == (
        "failed",
        REFUSAL,
    )


def test_an_invitation_that_has_left_is_not_touched(session: Session, invitation: Invitation) -> None:
    request = _mail(session, inviting.INVITATION)
    request.state, request.sent_at, request.attempts = MessageState.SENT, clock.now(), 1
    session.flush()

    _bounced(session)

    assert _mail(session, inviting.INVITATION).state is MessageState.SENT


def test_the_pages_say_so_and_a_corrected_address_is_invited(
    session: Session, invitation: Invitation, as_buyer: SignIn
) -> None:
    _bounced(session)
    assessment = session.get_one(Assessment, invitation.assessment_id)
    keiko, campaign = as_buyer(Role.PROCUREMENT), f"/procurement/campaigns/{assessment.campaign.public_id}"
    supplier = f"/procurement/suppliers/{assessment.supplier.public_id}"
    address = f"/procurement/campaigns/assessments/{assessment.public_id}/address"
    session.commit()

    for page in (campaign, f"{campaign}/mails", address, supplier):
        assert HELD in keiko.get(page).get_text(), page
    assert "届かなかった 1社" in keiko.get(campaign).get_text(" ", strip=True)

    form = {"name": "青葉 花子", "email": "hanako@aoba.example", "language": "ja"}
    assert keiko.post(address, form).status_code == 302

    session.expire_all()
    newest = _mail(session, inviting.INVITATION)
    assert (newest.to_email, newest.state) == ("hanako@aoba.example", MessageState.QUEUED)
    assert HELD not in keiko.get(f"{campaign}/mails").get_text()


def test_the_same_address_is_tried_where_a_person_says_so(session: Session, invitation: Invitation) -> None:
    _bounced(session)

    inviting.send_again(
        session, invitation, generation=1, keys=KEYS, now=clock.now(), by=factories.user(session)
    )

    newest = _mail(session, inviting.INVITATION)
    assert (newest.state, newest.facts["generation"]) == (MessageState.QUEUED, 2)
