"""Reminding by hand leaves suppliers that wait for the buyer's answer in peace, unless one is meant."""

from collections.abc import Callable

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from assessments.models import (
    Assessment,
    Campaign,
    Consultation,
    ConsultationTopic,
    Message,
    MessageState,
    Role,
)
from tests import factories
from tests.answering import person
from tests.fixtures_app import Visitor
from tests.pages import main_words

SignIn = Callable[..., Visitor]


@pytest.fixture
def at_desk(as_buyer: SignIn, session: Session) -> Visitor:
    """The browser of somebody in procurement."""
    return as_buyer(user=factories.user(session, Role.PROCUREMENT))


@pytest.fixture
def talking(session: Session) -> Assessment:
    """One of two invited suppliers, which has asked for a talk."""
    campaign = factories.campaign(session)
    _quiet, talking = (_invited(session, campaign) for _ in range(2))
    session.add(
        Consultation(
            supplier_id=talking.supplier_id,
            assessment_id=talking.id,
            topic=ConsultationTopic.COST,
            message="費用について相談したいです。",
            opened_by_id=person(session).id,
            opened_at=factories.NOW,
        )
    )
    session.commit()
    return talking


def test_of_many_those_in_a_talk_are_left_out_and_counted(
    at_desk: Visitor, session: Session, talking: Assessment
) -> None:
    here = _address(session, talking, "all_matching=2")

    page = main_words(at_desk.get(here))
    assert "1社に締切前のご案内を送る" in page
    assert "相談への返事を待っている1社には送りません" in page
    assert "選んだうち" not in page
    at_desk.post(here)

    assert _reminded(session) == 1


def test_one_chosen_by_itself_is_reminded_in_a_talk_as_well(
    at_desk: Visitor, session: Session, talking: Assessment
) -> None:
    here = _address(session, talking, f"assessment={talking.public_id}")

    assert "相談への返事を待っている" not in main_words(at_desk.get(here))
    at_desk.post(here)

    assert _reminded(session) == 1


def _address(session: Session, of: Assessment, query: str) -> str:
    campaign = session.get_one(Campaign, of.campaign_id).public_id
    session.commit()
    return f"/procurement/campaigns/{campaign}/remind?{query}"


def _invited(session: Session, campaign: Campaign) -> Assessment:
    supplier = factories.supplier(session)
    factories.relationship(session, supplier)
    assessment = factories.assessment(session, campaign, supplier)
    invitation = factories.invitation(session, assessment)
    factories.mail(
        session, invitation, state=MessageState.SENT, sent_at=factories.NOW, lane=2, campaign_id=campaign.id
    )
    return assessment


def _reminded(session: Session) -> int:
    return session.scalar(select(func.count(Message.id)).where(Message.kind == "reminder")) or 0
