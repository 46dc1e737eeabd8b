"""All mails of a campaign whose end is not known, settled alike by one person at once."""

from collections.abc import Callable

import pytest
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from assessments import jobs, settling
from assessments.models import (
    AssessmentState,
    Campaign,
    CampaignState,
    Job,
    JobState,
    Message,
    MessageSettlement,
    MessageState,
    Role,
)
from portal import mail_work, tasks
from portal.db import Database
from portal.settings import Settings
from tests import factories
from tests.factories import NOW
from tests.fixtures_app import Visitor

SignIn = Callable[..., Visitor]
MAILS = mail_work.AT_ONCE + 5


@pytest.fixture
def campaign(session: Session) -> Campaign:
    """A campaign with many mails whose end is not known, and one in another campaign."""
    made = factories.campaign(session)
    for _number in range(MAILS):
        _unknown(session, made)
    _unknown(session, factories.campaign(session))
    session.commit()
    return made


@pytest.mark.parametrize(
    ("verdict", "state", "queued"),
    [("delivered", MessageState.SENT, 0), ("again", MessageState.UNKNOWN, MAILS)],
)
def test_all_of_a_campaign_are_settled_alike(
    database: Database,
    settings: Settings,
    session: Session,
    campaign: Campaign,
    as_buyer: SignIn,
    verdict: str,
    state: MessageState,
    queued: int,
) -> None:
    keiko, path = as_buyer(Role.PROCUREMENT), f"/procurement/campaigns/{campaign.public_id}/mails"
    assert keiko.get(path).find("a", href=f"{path}/{verdict}") is not None
    assert f"{MAILS}通を" in keiko.get(f"{path}/{verdict}").text

    assert keiko.post(f"{path}/{verdict}").status_code == 302
    job_id = session.scalars(select(Job.id)).one()
    session.rollback()
    assert tasks.run(database, settings, job_id) is JobState.DONE

    assert session.get_one(Job, job_id).result == {"settled": MAILS}
    assert _count(session, Message.state == state, Message.campaign_id == campaign.id) == MAILS
    assert _count(session, Message.state == MessageState.QUEUED) == queued
    assert settling.count_to_settle(session) == 1
    session.rollback()
    assert f"処理したメール：{MAILS}" in keiko.get("/procurement/jobs").text


def test_what_was_settled_meanwhile_is_left_alone_and_running_twice_adds_nothing(
    database: Database, settings: Settings, session: Session, campaign: Campaign
) -> None:
    keiko = factories.user(session, Role.PROCUREMENT)
    first, second = settling.to_settle(session, campaign).mails[:2]
    assert second.assessment is not None
    settling.settle_as_delivered(session, first.message, now=NOW, by=keiko)
    second.assessment.state = AssessmentState.DECLINED
    for _time in range(2):
        job = mail_work.request(session, campaign, "again", by=keiko)
        session.commit()
        assert tasks.run(database, settings, job.id) is JobState.DONE

    session.expire_all()
    assert session.scalar(select(func.count(MessageSettlement.id))) == MAILS - 1
    assert _count(session, Message.state == MessageState.QUEUED) == MAILS - 2


def test_a_job_that_was_stopped_goes_on_with_the_rest(
    database: Database, settings: Settings, session: Session, campaign: Campaign
) -> None:
    keiko = factories.user(session, Role.PROCUREMENT)
    job = mail_work.request(session, campaign, "delivered", by=keiko)
    jobs.cancel(session, job.id, now=NOW)
    for mail in settling.to_settle(session, campaign).mails[:3]:
        settling.settle_as_delivered(session, mail.message, now=NOW, by=keiko)
    again = jobs.take_up_again(session, job, now=job.requested_at, by=keiko.id)
    session.commit()

    assert tasks.run(database, settings, again.id) is JobState.DONE

    session.expire_all()
    assert again.result == {"settled": MAILS - 3}


def test_nothing_is_sent_again_for_a_closed_campaign(
    session: Session, campaign: Campaign, as_buyer: SignIn
) -> None:
    campaign.state, campaign.closed_at = CampaignState.CLOSED, NOW
    session.commit()
    keiko, path = as_buyer(Role.PROCUREMENT), f"/procurement/campaigns/{campaign.public_id}/mails/again"

    assert "通をもう一度送る" not in [one.text.strip() for one in keiko.get(path)("button")]
    assert keiko.post(path).status_code == 409
    session.rollback()
    assert session.scalar(select(func.count(Job.id))) == 0


def test_only_who_may_act_on_the_whole_settles_all(
    session: Session, campaign: Campaign, as_buyer: SignIn
) -> None:
    unit = factories.unit(session, "医療機器事業部")
    umeda = factories.stranger(session)
    factories.relationship(session, umeda, business_unit_id=unit.id)
    factories.assessment(session, campaign, umeda)
    narrow = as_buyer(user=factories.user(session, Role.PROCUREMENT, unit=unit))
    path = f"/procurement/campaigns/{campaign.public_id}/mails/delivered"

    for person, refusal in ((as_buyer(Role.AUDITOR), 403), (narrow, 409)):
        assert not person.get(path).select("main form")
        assert person.post(path).status_code == refusal
    session.rollback()
    assert session.scalar(select(func.count(Job.id))) == 0


def _unknown(session: Session, campaign: Campaign) -> None:
    invitation = factories.invitation(
        session, factories.assessment(session, campaign, factories.supplier(session))
    )
    factories.mail(session, invitation, state=MessageState.UNKNOWN, campaign_id=campaign.id)


def _count(session: Session, *conditions: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count(Message.id)).where(*conditions)) or 0
